"""Every format, for every task, on raw rows with missing values and unknown words, against the model's own word."""

from __future__ import annotations

import dataclasses
import importlib.util
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deepnet_tui.data.preparation.entries import Categorical, Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.data.targets.scale import TargetScale
from deepnet_tui.data.values.words import to_word
from deepnet_tui.export import FORMATS, export, load
from deepnet_tui.model import Model
from engine import ACTIVATIONS
from tests.deepnet_tui.export.models import CLASSES, ROWS, by_hand, make

NEEDS = {".pt.py": "torch", ".onnx": "onnxruntime"}
TASKS = tuple(CLASSES)


def able(suffix: str) -> bool:
    if suffix == ".h":
        return any(shutil.which(name) for name in ("gcc", "clang", "cc"))
    return suffix not in NEEDS or importlib.util.find_spec(NEEDS[suffix]) is not None


def run_python(path: Path, _model: Model) -> Any:
    found = runpy.run_path(str(path))["predict"](list(ROWS))
    return found["probabilities"] if "probabilities" in found else found["prediction"]


def run_onnx(path: Path, model: Model) -> Any:
    import onnxruntime

    from deepnet_tui.export.onnx.onnx_file import feed

    training_run = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    answers = training_run.run(None, feed(model, model.as_columns(ROWS), training_run))
    return answers[1] if model.classes else answers[0][:, 0]


RUNNERS = {".py": run_python, ".pt.py": run_python, ".onnx": run_onnx}


def own(model: Model) -> Any:
    prediction = model.predict(list(ROWS))
    return prediction.values if prediction.probabilities is None else prediction.probabilities


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("suffix", FORMATS)
def test_predicts_like_the_app(tmp_path: Path, suffix: str, task: str, dtype: str) -> None:
    model = make(task, dtype=dtype)
    assert np.abs(model.outputs(model.test_vectors.prepared) - by_hand(model)).max() < 1e-12  # type: ignore[union-attr]
    receipt = export(model, tmp_path / ("model" + suffix.rstrip("/")))
    allowed = 1e-12  # for ONNX too: the numbers in ROWS are such that float32 holds them
    assert receipt.verified == able(suffix), receipt.sentence
    if receipt.verified:
        assert receipt.largest_difference is not None
        assert receipt.largest_difference <= allowed
        assert "verified" in receipt.sentence
    else:
        assert "not verified" in receipt.sentence
    if FORMATS[suffix].load:
        again = load(receipt.path)
        assert np.array_equal(own(again), own(model))
        assert again.test_vectors is not None
        assert again.test_vectors.raw == ROWS
        assert [again.version, again.target, again.inputs] == [model.version, model.target, model.inputs]
    if suffix in RUNNERS and able(suffix):
        assert np.abs(RUNNERS[suffix](receipt.path, model) - own(model)).max() <= allowed


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("suffix", [".onnx", ".py", ".h", ".pt.py"])
def test_every_activation(tmp_path: Path, suffix: str, activation: str) -> None:
    if not able(suffix):
        pytest.skip(f"{suffix} can't be run here")
    model = make("binary", (activation, activation), seed=3)
    assert np.abs(model.outputs(model.test_vectors.prepared) - by_hand(model)).max() < 1e-12  # type: ignore[union-attr]
    receipt = export(model, tmp_path / f"model{suffix}")
    if "QuickGelu" in receipt.sentence:
        pytest.skip("this onnxruntime fuses SiLU in float64 to an operator that it can't run, and the sentence says so")
    assert receipt.verified, receipt.sentence


def test_a_network_without_hidden_layers(tmp_path: Path) -> None:
    for suffix in FORMATS:
        receipt = export(make("multiclass", ()), tmp_path / f"model{suffix.strip('/')}")
        assert receipt.verified == able(suffix)


NASTY = [
    '"""\nraise SystemExit("owned")\n"""',
    "'''+__import__('os').abort()+'''",
    "*/ #error owned\n/*",
    "??/\n#error owned",
    '"); abort(); //',
    "\\\n\r\t\\u0041\\",
    "%s %n {0} {model}",
    "日本語 Ω 🦆",
    "\N{LINE SEPARATOR}\N{RIGHT-TO-LEFT OVERRIDE}",
    "int",
    "W1",
    "label",
    "node0",
    "probabilities",
    "x_0_",
]
WORDS = (
    st.one_of(
        st.sampled_from(NASTY),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12),
    )
    .map(to_word)
    .map(lambda word: word or "word")
)  # as columns hold them: "?" and "N/A" are never words


@pytest.mark.parametrize("suffix", [".py", ".h", ".onnx", ".npz", ".safetensors", ".json"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(WORDS, min_size=4, max_size=4, unique=True),
    categories=st.lists(WORDS, min_size=2, max_size=6, unique=True),
    classes=st.lists(WORDS, min_size=3, max_size=3, unique=True),
    target=WORDS,
)
def test_no_text_becomes_code(
    tmp_path: Path, suffix: str, names: list[str], categories: list[str], classes: list[str], target: str
) -> None:
    preparation = Preparation(
        (
            Numeric(names[0], mean=1.0, scale=2.0),
            Categorical(names[1], tuple(sorted(categories))),
            Numeric(names[2], kind="boolean", words=(categories[0], categories[1])),
            Numeric(names[3], fill=4.0),
        )
    )
    rows = tuple(
        {names[0]: 1.5, names[1]: word, names[2]: categories[place % 2], names[3]: None}
        for place, word in enumerate(categories)
    )
    model = make("multiclass", ("relu",), preparation=preparation, rows=rows, classes=tuple(classes), target=target)
    receipt = export(model, tmp_path / f"model{suffix}", overwrite=True)
    assert receipt.verified == able(suffix), receipt.sentence


def test_the_python_file_runs_on_a_table(tmp_path: Path) -> None:
    preparation = Preparation((Numeric("a", fill=2.0), Categorical("b", ("x", "y"))))
    rows: tuple[dict[str, Any], ...] = ({"a": 1.0, "b": "x"}, {"a": None, "b": "never"})
    model = make("binary", preparation=preparation, rows=rows)
    export(model, tmp_path / "model.py")
    (tmp_path / "rows.csv").write_text("extra,b,a\n9,x,1\n9,never,\n")
    command = [sys.executable, "-I", "model.py", "rows.csv"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    lines = [line.split(",") for line in ran.stdout.splitlines()]
    assert lines[0] == ["label", "probability no", "probability yes"]
    expected = model.predict(list(rows))
    assert expected.labels is not None
    assert expected.probabilities is not None
    assert [line[0] for line in lines[1:]] == list(expected.labels)
    found = np.array([[float(x) for x in line[1:]] for line in lines[1:]])
    assert np.abs(found - expected.probabilities).max() < 1e-15


@pytest.mark.skipif(not shutil.which("gcc"), reason="gcc is not installed")
@pytest.mark.parametrize("task", TASKS)
def test_the_header_compiles_without_a_warning(tmp_path: Path, task: str) -> None:
    export(make(task), tmp_path / "model.h")
    call = 'printf("%g", deepnet_predict(&row));' if task == "regression" else 'printf("%d", deepnet_predict(&row, 0));'
    (tmp_path / "main.c").write_text(
        '#include <stdio.h>\n#include "model.h"\n'
        'int main(void) { static const double patch[6] = {0}; deepnet_row row = {0}; row.x_sex = "male";\n'
        f"row.x_patch = patch; row.x_age = NAN; {call} return 0; }}\n"
    )
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-Wno-overlength-strings"]
    subprocess.run(["gcc", *flags, "main.c", "-o", "main", "-lm"], cwd=tmp_path, check=True)
    ran = subprocess.run(["./main"], cwd=tmp_path, capture_output=True, text=True, check=True)
    row: dict[str, Any] = dict.fromkeys(("age", "deck"), None) | {"sex": "male", "alone": "false", "married": "nein"}
    prediction = make(task).predict([{**row, "since": "1970-01-01", "patch": [0] * 6}])
    if prediction.labels is None:
        assert prediction.values is not None
        assert float(ran.stdout) == pytest.approx(prediction.values[0], rel=1e-5)
    else:
        assert CLASSES[task][int(ran.stdout)] == prediction.labels[0]


@pytest.mark.skipif(not shutil.which("g++"), reason="g++ is not installed")
@pytest.mark.parametrize("task", TASKS)
def test_the_header_is_clean_alone_twice_and_in_cpp(tmp_path: Path, task: str) -> None:
    export(make(task), tmp_path / "int.h")
    export(make(task, seed=1), tmp_path / "other.h")
    flags = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-lm"]
    (tmp_path / "main.c").write_text('#include "int.h"\n#include "int.h"\nint main(void) { return 0; }\n')
    for command in (
        ["gcc", "-std=c99", "-DDEEPNET_TEST", "-x", "c", "int.h"],
        ["gcc", "-std=c99", "main.c"],
        ["g++", "-std=c++11", "-x", "c++", "main.c"],
    ):
        subprocess.run([*command, *flags], cwd=tmp_path, check=True)
    (tmp_path / "main.c").write_text('#include "int.h"\n#include "other.h"\nint main(void) { return 0; }\n')
    ran = subprocess.run(["gcc", "main.c"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "one source file can hold only one network" in ran.stderr


def test_onnx_inputs_and_outputs_follow_the_convention(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    export(make("multiclass"), tmp_path / "model.onnx")
    graph = onnx.load(str(tmp_path / "model.onnx")).graph
    assert [item.name for item in graph.input] == [entry.name for entry in make().preparation.entries]
    kinds = {item.name: item.type.tensor_type.elem_type for item in graph.input}
    FLOAT, STRING = onnx.TensorProto.FLOAT, onnx.TensorProto.STRING
    assert (kinds["age"], kinds["sex"], kinds["alone"], kinds["married"]) == (FLOAT, STRING, FLOAT, STRING)
    assert [item.name for item in graph.output] == ["label", "probabilities"]
    export(make("regression"), tmp_path / "number.onnx")
    assert [x.name for x in onnx.load(str(tmp_path / "number.onnx")).graph.output] == ["prediction"]


@pytest.mark.parametrize("task", TASKS)
def test_steep_networks_export_although_rounding_grows(tmp_path: Path, task: str) -> None:
    steep = make(task, ("relu", "relu", "linear"))
    steep = dataclasses.replace(steep, parameters={name: value * 3e3 for name, value in steep.parameters.items()})
    X = np.random.RandomState(0).randn(steep.network.inputs, 3)
    for suffix in (".onnx", ".py", ".h"):
        receipt = export(steep.with_test_vectors(X), tmp_path / f"model{suffix}")
        assert receipt.verified == able(suffix), receipt.sentence


def test_whole_number_labels_stay_numbers_in_onnx(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    preparation = Preparation((Numeric("a"),))
    model = make("binary", preparation=preparation, rows=({"a": 1.0}, {"a": -1.0}), classes=("3", "-7"))
    export(model, tmp_path / "model.onnx")
    training_run = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"))
    labels, probabilities = training_run.run(None, {"a": np.array([[1.0], [-1.0]], dtype=np.float32)})
    assert labels.dtype == np.int64
    assert labels.tolist() == [(3, -7)[place] for place in probabilities.argmax(axis=1)]


def test_large_predictions_get_a_relative_difference_too(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    preparation = Preparation((Numeric("a"), Numeric("b", mean=5.0, scale=2.0)))
    rows: tuple[dict[str, Any], ...] = tuple({"a": place / 7, "b": None} for place in range(5))
    model = make("regression", preparation=preparation, rows=rows)
    model = dataclasses.replace(model, scaling=TargetScale(200_000.0, 30_000.0))
    receipt = export(model, tmp_path / "model.onnx")
    assert receipt.largest_difference is not None
    assert 1e-6 < receipt.largest_difference < 1e-6 * 200_000
    assert receipt.sentence.endswith(" of the largest prediction")


def test_a_column_that_float32_can_not_hold_is_read_as_double(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    preparation = Preparation((Numeric("year", mean=1e9, scale=3.0), Numeric("b")))
    export(make(preparation=preparation, rows=({"year": 1e9 + 1, "b": 0.5},)), tmp_path / "model.onnx")
    kinds = [item.type.tensor_type.elem_type for item in onnx.load(str(tmp_path / "model.onnx")).graph.input]
    assert kinds == [onnx.TensorProto.DOUBLE, onnx.TensorProto.FLOAT]


@pytest.mark.parametrize("suffix", [".py", ".pt.py", ".h", ".onnx"])
def test_a_question_mark_is_a_missing_word_everywhere(suffix: str, tmp_path: Path) -> None:
    missing = {**ROWS[0], "sex": None}
    model = make(rows=({**missing, "sex": "?"}, {**missing, "sex": " ? "}, missing))
    assert np.array_equal(model.test_vectors.prepared[:, 0], model.test_vectors.prepared[:, 2])  # type: ignore[union-attr]
    if suffix == ".onnx":  # its graph does not take spaces away
        model = make(rows=({**missing, "sex": "?"}, missing))
    receipt = export(model, tmp_path / f"model{suffix}")
    assert receipt.verified == able(suffix), receipt.sentence
    assert (receipt.largest_difference or 0.0) <= 1e-12
