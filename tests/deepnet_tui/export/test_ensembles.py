"""Ensembles and thresholds in every format, against the app's own answers on rows that try the preparation."""

from __future__ import annotations

import csv
import json
import re
import runpy
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.export import FORMATS, export, load
from deepnet_tui.export.model_json import model_to_json
from deepnet_tui.model import Model
from engine.parameters import member, stack
from tests.deepnet_tui.export.models import PREPARATION, ROWS, make
from tests.deepnet_tui.export.rich_models import RICH, RICH_ROWS
from tests.deepnet_tui.export.test_formats import TASKS, able

PREPARATIONS = {"plain": (PREPARATION, ROWS), "rich": (RICH, RICH_ROWS)}
COMPLETE = [suffix for suffix, entry in FORMATS.items() if entry.load]


def ensemble(task: str = "binary", kind: str = "plain", dtype: str = "float64", members: int = 3) -> Model:
    """An ensemble of random networks with test vectors that are averaged here."""
    preparation, rows = PREPARATIONS[kind]
    each = [make(task, dtype=dtype, preparation=preparation, rows=rows, seed=seed) for seed in range(members)]
    first, parameters = each[0], stack([model.parameters for model in each])
    vectors = first.test_vectors
    assert vectors is not None
    mean = np.mean([model.outputs(vectors.prepared) for model in each], axis=0)
    network = replace(first.network, ensemble=members)
    test_vectors = replace(vectors, outputs=mean)
    return replace(first, network=network, parameters=parameters, test_vectors=test_vectors, best=1)


def answers(model: Model, rows: Any) -> Any:
    found = model.predict(list(rows))
    return found.values[:, np.newaxis] if found.values is not None else found.probabilities


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("kind", PREPARATIONS)
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("suffix", FORMATS)
def test_an_ensemble_predicts_like_the_app(tmp_path: Path, suffix: str, task: str, kind: str, dtype: str) -> None:
    model = ensemble(task, kind, dtype)
    receipt = export(model, tmp_path / ("model" + suffix.rstrip("/")))
    assert receipt.verified == able(suffix), receipt.sentence
    assert ", an ensemble of 3 networks, " in receipt.sentence
    if receipt.verified and suffix != ".matrix.onnx":  # float32 holds no time of day
        assert receipt.largest_difference is not None
        assert receipt.largest_difference <= (1e-12 if task != "regression" else 2e-11)
    rows = PREPARATIONS[kind][1]
    if FORMATS[suffix].load:
        again = load(receipt.path)
        assert again.best == 1
        assert np.array_equal(answers(again, rows), answers(model, rows))
    if suffix == ".py":
        found = runpy.run_path(str(receipt.path))["predict"](list(rows))
        found = found["probabilities"] if "probabilities" in found else found["prediction"][:, np.newaxis]
        assert np.abs(found - answers(model, rows)).max() <= 1e-12


@pytest.mark.parametrize("hidden", [(), ("gelu",), ("softplus", "elu", "silu")])
def test_other_depths_and_activations(tmp_path: Path, hidden: tuple[str, ...]) -> None:
    each = [make("multiclass", hidden, seed=seed) for seed in range(2)]
    network, vectors = replace(each[0].network, ensemble=2), each[0].test_vectors
    assert vectors is not None
    model = replace(each[0], network=network, parameters=stack([one.parameters for one in each]), test_vectors=None)
    model = replace(model, test_vectors=replace(vectors, outputs=model.outputs(vectors.prepared)))
    for suffix in (".onnx", ".py", ".h"):
        receipt = export(model, tmp_path / f"model{suffix}")
        assert receipt.verified == able(suffix), receipt.sentence


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_best_network_alone(tmp_path: Path, suffix: str) -> None:
    model = ensemble("multiclass")
    receipt = export(model, tmp_path / ("model" + suffix.rstrip("/")), best=True)
    assert receipt.verified == able(suffix), receipt.sentence
    assert ", the best of 3 networks (number 2), " in receipt.sentence
    if FORMATS[suffix].load:
        assert np.array_equal(load(receipt.path).parameters["W1"], model.parameters["W1"][1])


def test_a_single_network_is_the_best_there_is(tmp_path: Path) -> None:
    export(make(), tmp_path / "a.npz", best=True)
    export(make(), tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with pytest.raises(InputError, match="not known which network"):
        export(replace(ensemble(), best=None), tmp_path / "c.npz", best=True)
    assert not (tmp_path / "c.npz").exists()


def test_csv_names_the_members(tmp_path: Path) -> None:
    model = ensemble()
    export(model, tmp_path / "model.csv")
    with (tmp_path / "model.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["member", "parameter", "row", "column", "value"]
    assert len(rows) == model.network.size
    for row in (rows[0], rows[-1]):
        value = model.parameters[row["parameter"]][int(row["member"]), int(row["row"]), int(row["column"])]
        assert float(row["value"]) == value
    export(model, tmp_path / "folder")
    names = {path.name for path in (tmp_path / "folder").iterdir()}
    assert names == {f"{name}_member{k}.csv" for name in model.parameters for k in range(3)}
    found = np.loadtxt(tmp_path / "folder" / "W2_member2.csv", delimiter=",", ndmin=2)
    assert np.array_equal(found, member(model.parameters, 2)["W2"])
    export(make(), tmp_path / "folder", overwrite=True)
    assert {path.name for path in (tmp_path / "folder").iterdir()} == {f"{name}.csv" for name in model.parameters}


@pytest.mark.skipif(not shutil.which("g++"), reason="g++ is not installed")
@pytest.mark.parametrize("task", TASKS)
def test_the_header_compiles_without_a_warning_and_allocates_nothing(tmp_path: Path, task: str) -> None:
    model = replace(ensemble(task), threshold=0.25 if task == "binary" else 0.5)
    text = export(model, tmp_path / "model.h").path.read_text()
    assert "malloc" not in text
    flags = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wno-overlength-strings", "-lm"]
    (tmp_path / "main.c").write_text('#include "model.h"\nint main(void) { return 0; }\n')
    for command in (
        ["gcc", "-std=c99", "-DDEEPNET_TEST", "-x", "c", "model.h"],
        ["gcc", "-std=c99", "main.c"],
        ["g++", "-std=c++11", "-x", "c++", "main.c"],
    ):
        subprocess.run([*command, *flags], cwd=tmp_path, check=True)


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_every_file_gives_the_labels_of_the_threshold(tmp_path: Path, members: int, place: int) -> None:
    plain = ensemble() if members == 3 else make()
    found = plain.predict(list(ROWS)).probabilities
    assert found is not None
    model = replace(plain, threshold=float(found[place, 1]))  # this row is not above it, any greater one is
    labels = [model.classes[int(p > found[place, 1])] for p in found[:, 1]]
    assert labels[place] == "no"
    for suffix in (*COMPLETE, ".py", ".h"):
        export(model, tmp_path / f"model{suffix}")
        if FORMATS[suffix].load:
            again = load(tmp_path / f"model{suffix}").predict(list(ROWS)).labels
            assert again is not None
            assert list(again) == labels
    ran = runpy.run_path(str(tmp_path / "model.py"))["predict"](list(ROWS))
    assert list(ran["label"]) == labels
    if shutil.which("gcc"):
        main = '#include <stdio.h>\n#define DEEPNET_TEST\n#define main other\n#include "model.h"\n#undef main\n'
        main += "int main(void) { int i; for (i = 0; i < DEEPNET_TESTS; ++i) "
        main += "puts(deepnet_labels[deepnet_predict(&deepnet_test_rows[i], NULL)]); return 0; }\n"
        (tmp_path / "main.c").write_text(main)
        subprocess.run(["gcc", "-std=c99", "main.c", "-o", "main", "-lm"], cwd=tmp_path, check=True)
        said = subprocess.run([str(tmp_path / "main")], capture_output=True, text=True, check=True).stdout.split()
        near = [abs(p - found[place, 1]) < 1e-12 for p in found[:, 1]]  # the last digit may differ
        assert all(a == b for a, b, close in zip(said, labels, near, strict=True) if not close)


def test_onnx_gives_the_labels_of_the_threshold(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    from deepnet_tui.export.onnx.onnx_file import feed

    for threshold in (0.0, 0.2, 0.6, 1.0):
        model = replace(ensemble(), threshold=threshold)
        receipt = export(model, tmp_path / "model.onnx", overwrite=True)
        session = onnxruntime.InferenceSession(str(receipt.path), providers=["CPUExecutionProvider"])
        label, probabilities = session.run(None, feed(model, model.as_columns(ROWS), session))
        assert list(label) == [model.classes[int(p > threshold)] for p in probabilities[:, 1]]


def test_a_single_network_is_written_as_version_0_2_reads_it() -> None:
    document = model_to_json(make())
    assert document["format"] == 1
    assert set(document["network"]) == {"inputs", "hidden", "outputs", "task", "initializer", "scale"}
    assert not {"threshold", "best"} & set(document)
    for model in (ensemble(), replace(make(), threshold=0.3)):
        assert model_to_json(model)["format"] == 2


def changed_text(text: str, name: str, value: str) -> str:
    text, count = re.subn(rf'("{name}"): [^,}}]*', rf"\1: {value}", text, count=1)
    assert count == 1
    return text


def with_document(model: Model, path: Path, change: Callable[[str], str]) -> None:
    """The model as .npz, its JSON changed."""
    export(model, path, overwrite=True)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = str(np.load(path)["model"])
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            if name != "model.npy":
                archive.writestr(name, content)
        with archive.open("model.npy", "w") as stream:
            np.lib.format.write_array(stream, np.array(change(text)))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ensemble", "0", "ensemble"),
        ("ensemble", "65", "ensemble"),
        ("ensemble", "2", "shape"),
        ("ensemble", "1", "shape"),
        ("ensemble", "3.5", "ensemble"),
        ("ensemble", '"3"', "ensemble"),
        ("ensemble", "true", "ensemble"),
        ("best", "3", "no network number 3"),
        ("best", "-1", "no network number -1"),
        ("best", "true", "whole number"),
        ("best", "1.0", "whole number"),
        ("threshold", "1.5", "from 0 to 1"),
        ("threshold", "-0.1", "from 0 to 1"),
        ("threshold", '"f1"', "number belongs"),
        ("threshold", "null", "number belongs"),
    ],
)
def test_files_that_lie_about_the_ensemble(tmp_path: Path, name: str, value: str, said: str) -> None:
    path = tmp_path / "model.npz"
    with_document(replace(ensemble(), threshold=0.3), path, lambda text: changed_text(text, name, value))
    with pytest.raises(InputError, match=said) as caught:
        load(path)
    assert str(path) in str(caught.value)


def test_a_threshold_for_three_classes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    with_document(ensemble("multiclass"), path, lambda text: text.replace('"best":', '"threshold": 0.3, "best":', 1))
    with pytest.raises(InputError, match="a threshold is for two classes"):
        load(path)


def test_json_rows_of_another_shape(tmp_path: Path) -> None:
    path = export(ensemble(), tmp_path / "model.json").path
    document = json.loads(path.read_text())
    for value in (document["parameters"]["W1"][:2], document["parameters"]["W1"][0], [[[1.0], [2.0, 3.0]]]):
        broken = {**document, "parameters": {**document["parameters"], "W1": value}}
        path.write_text(json.dumps(broken))
        with pytest.raises(InputError, match="W1"):
            load(path)
