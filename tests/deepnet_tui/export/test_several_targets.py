"""Several targets in every format: the same predictions to the last digits, and files that lie are refused."""

from __future__ import annotations

import json
import runpy
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.preparation.entries import Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.data.targets.scale import TargetScale
from deepnet_tui.export import FORMATS, export, load
from deepnet_tui.export.model_json import model_from_json, model_to_json, to_text
from deepnet_tui.export.onnx.onnx_file import feed
from deepnet_tui.model import Model
from deepnet_tui.model import TestVectors as Vectors
from deepnet_tui.predict.file import predict_file
from engine.spec import NetworkSpec
from tests.deepnet_tui.export.models import ROWS, make
from tests.deepnet_tui.export.test_formats import able

LOGARITHMIC = TargetScale(2.0, 0.75, log=True, shift=0.5, low=0.25, high=20.0)
PLAIN = TargetScale(-40.0, 1250.0)
FIRST, SECOND = "price, net", 'a "second" one'


def two(first: TargetScale, second: TargetScale, ensemble: int = 1, **about: Any) -> Model:
    """A model with two targets and random parameters."""
    one = make("regression", **about)
    network = replace(one.network, outputs=2, ensemble=ensemble)
    random = np.random.RandomState(3)
    model = replace(
        one,
        network=network,
        parameters={name: random.randn(*shape) * 0.4 for name, shape in network.shapes.items()},
        target=FIRST,
        scaling=first,
        further_targets={SECOND: second},
        test_vectors=None,
    )
    assert one.test_vectors is not None
    raw = one.test_vectors.raw
    prepared = model.preparation.apply(model.as_columns(raw)).X
    return replace(model, test_vectors=Vectors(raw, prepared, model.outputs(prepared)))


def values(model: Model, rows: Any = ROWS) -> Any:
    found = model.predict(list(rows)).values
    assert found is not None
    assert found.shape == (len(rows), 2)
    return found


def test_each_target_has_its_own_scale() -> None:
    model = two(LOGARITHMIC, PLAIN)
    assert model.test_vectors is not None
    first, second = model.test_vectors.outputs
    assert np.array_equal(values(model)[:, 0], np.clip(np.exp(first * 0.75 + 2.0) - 0.5, 0.25, 20.0))
    assert np.array_equal(values(model)[:, 1], second * 1250.0 - 40.0)


@pytest.mark.parametrize("ensemble", [1, 3])
@pytest.mark.parametrize("scalings", [(LOGARITHMIC, PLAIN), (PLAIN, LOGARITHMIC)], ids=["log first", "log second"])
@pytest.mark.parametrize("suffix", FORMATS)
def test_predicts_like_the_app(
    tmp_path: Path, suffix: str, scalings: tuple[TargetScale, TargetScale], ensemble: int
) -> None:
    model = two(*scalings, ensemble=ensemble)
    receipt = export(model, tmp_path / ("model" + suffix.rstrip("/")))
    assert receipt.verified == able(suffix), receipt.sentence
    if FORMATS[suffix].load:
        again = load(receipt.path)
        assert (again.targets, again.scalings) == ((FIRST, SECOND), scalings)
        assert np.array_equal(values(again), values(model))
    if suffix in (".py", ".pt.py") and able(suffix):
        found = runpy.run_path(str(receipt.path))["predict"](list(ROWS))["prediction"]
        assert list(found) == [FIRST, SECOND]
        assert np.allclose(np.stack(list(found.values()), axis=1), values(model), rtol=1e-12, atol=1e-12)
    if suffix == ".onnx" and able(suffix):
        import onnxruntime

        session = onnxruntime.InferenceSession(str(receipt.path), providers=["CPUExecutionProvider"])
        (answer,) = session.run(["prediction"], feed(model, model.as_columns(ROWS), session))
        assert np.allclose(answer, values(model), rtol=1e-12, atol=1e-12)


NUMBERS: tuple[dict[str, Any], ...] = tuple({"a": a, "b": 0.5} for a in (-2.0, 0.0, 1.5, 9.0))


def of_numbers() -> Model:
    preparation = Preparation((Numeric("a"), Numeric("b")))
    return two(LOGARITHMIC, PLAIN, preparation=preparation, rows=NUMBERS)


@pytest.mark.skipif(not shutil.which("gcc"), reason="gcc is not installed")
def test_the_header_predicts_like_the_app(tmp_path: Path) -> None:
    model = of_numbers()
    export(model, tmp_path / "model.h")
    main = '#include "model.h"\n#include <stdio.h>\nint main(void) { deepnet_row row; double y[2]; row.x_b = 0.5;\n'
    each = 'deepnet_predict(&row, y); printf("%.17g %.17g\\n", y[0], y[1]);\n'
    main += "".join(f"row.x_a = {row['a']}; {each}" for row in NUMBERS)
    (tmp_path / "main.c").write_text(main + "return 0; }\n")
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    subprocess.run(["gcc", *flags, "main.c", "-o", "main", "-lm"], cwd=tmp_path, check=True)
    said = subprocess.run(["./main"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    found = np.array([list(map(float, line.split())) for line in said.splitlines()])
    assert np.allclose(found, values(model, NUMBERS), rtol=1e-12, atol=1e-12)


def test_predictions_in_files_have_a_column_for_each_target(tmp_path: Path) -> None:
    model = of_numbers()
    export(model, tmp_path / "model.npz")
    export(model, tmp_path / "own.py")
    (tmp_path / "new.csv").write_text("b,a\n" + "".join(f"0.5,{row['a']}\n" for row in NUMBERS))
    for name in ("found.csv", "found.jsonl"):
        predict_file(tmp_path / "model.npz", tmp_path / "new.csv", tmp_path / name, tell=lambda _: None)
    wanted = values(model, NUMBERS)
    text = (tmp_path / "found.csv").read_text()
    lines = text.splitlines()
    assert lines[0] == '"prediction price, net","prediction a ""second"" one"'
    assert [list(map(float, line.split(","))) for line in lines[1:]] == wanted.tolist()
    answers = [json.loads(line)["prediction"] for line in (tmp_path / "found.jsonl").read_text().splitlines()]
    assert [[answer[FIRST], answer[SECOND]] for answer in answers] == wanted.tolist()
    command = [sys.executable, str(tmp_path / "own.py"), str(tmp_path / "new.csv")]
    own = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert own[0] == lines[0]
    found = [list(map(float, line.split(","))) for line in own[1:]]
    assert np.allclose(found, wanted, rtol=1e-12, atol=1e-12)


def test_one_target_is_written_as_before() -> None:
    assert "further_targets" not in model_to_json(make("regression"))
    assert model_to_json(of_numbers())["format"] == 2


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ([], "one output, not 2"),
        ([{"name": FIRST}], "same name"),
        ([{"name": "b"}, {"name": "b"}], "twice"),
        ([{"name": "b"}, {"name": "c"}], "3 targets but 2 outputs"),
        ([{"name": 5}], "where a text belongs"),
        ([{"log": 1}], "neither true nor false"),
        ([{"scale": "1"}], "where a number belongs"),
        ([{"scale": 1e999}], "not finite"),
        ([{"code": 1.0}], "code"),
        ("targets", "not as it should be"),
        (7, "not as it should be"),
        ([7], "not as it should be"),
    ],
)
def test_a_file_that_lies_is_refused_in_one_sentence(wrong: Any, says: str) -> None:
    model = of_numbers()
    document = json.loads(to_text(model_to_json(model)))
    (own,) = document["further_targets"]
    entries = [own | each if isinstance(each, dict) else each for each in wrong] if isinstance(wrong, list) else wrong
    document["further_targets"] = entries
    with pytest.raises(InputError, match=says):
        model_from_json(document, model.parameters)


def test_classes_have_one_target() -> None:
    with pytest.raises(InputError, match="only if they are numbers"):
        replace(make("binary"), further_targets={"b": PLAIN})
    with pytest.raises(InputError, match="2 targets but 1 outputs"):
        Model(NetworkSpec(3, task="regression"), of_numbers().parameters, further_targets={"b": PLAIN})
