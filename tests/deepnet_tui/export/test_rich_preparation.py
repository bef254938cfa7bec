"""A rich preparation in every format, against the app's own answers and against the formulas written down."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deepnet_tui.data.preparation.entries import Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.export import FORMATS, export, load
from deepnet_tui.export.model_json import model_to_json
from deepnet_tui.model import Model
from tests.deepnet_tui.export.models import make
from tests.deepnet_tui.export.rich_models import RICH, RICH_ROWS, drawn
from tests.deepnet_tui.export.test_formats import TASKS, able

WITH_CODE = [".py", ".pt.py", ".h", ".onnx"]


def own(model: Model, rows: Any) -> Any:
    prediction = model.predict(list(rows))
    return prediction.values if prediction.probabilities is None else prediction.probabilities


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("suffix", FORMATS)
def test_predicts_like_the_app(tmp_path: Path, suffix: str, task: str, dtype: str) -> None:
    model = make(task, dtype=dtype, preparation=RICH, rows=RICH_ROWS)
    receipt = export(model, tmp_path / ("model" + suffix.rstrip("/")))
    assert receipt.verified == able(suffix), receipt.sentence
    if receipt.verified and suffix != ".matrix.onnx":  # float32 holds no time of day
        assert receipt.largest_difference is not None
        assert receipt.largest_difference <= (1e-12 if task != "regression" else 2e-11)
    if FORMATS[suffix].load:
        again = load(receipt.path)
        assert again.preparation == RICH
        assert np.array_equal(own(again, RICH_ROWS), own(model, RICH_ROWS))


@pytest.mark.parametrize("suffix", WITH_CODE)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1))
def test_any_rich_preparation(tmp_path: Path, suffix: str, seed: int) -> None:
    preparation, rows = drawn(seed)
    model = make("binary", ("tanh",), preparation=preparation, rows=rows, seed=seed)
    largest = 1e-12
    if suffix == ".onnx":
        model, largest = with_rows_that_float32_holds(model), 1e-11
    receipt = export(model, tmp_path / f"model{suffix}", overwrite=True)
    assert receipt.verified == able(suffix), receipt.sentence
    assert (receipt.largest_difference or 0.0) <= largest


def with_rows_that_float32_holds(model: Model) -> Model:
    """The model with test vectors whose numbers are the same in float32."""
    assert model.test_vectors is not None
    numbers = {
        entry.name for entry in model.preparation.entries if isinstance(entry, Numeric) and entry.kind == "numeric"
    }
    largest = float(np.finfo(np.float32).max)
    rows = tuple(
        {
            name: float(np.float32(min(max(value, -largest), largest))) if name in numbers and value else value
            for name, value in row.items()
        }
        for row in model.test_vectors.raw
    )
    prepared = model.preparation.apply(model.as_columns(rows)).X
    return replace(
        model,
        test_vectors=replace(model.test_vectors, raw=rows, prepared=prepared, outputs=model.outputs(prepared)),
    )


@pytest.mark.skipif(not shutil.which("g++"), reason="g++ is not installed")
def test_the_header_compiles_without_a_warning(tmp_path: Path) -> None:
    export(make(preparation=RICH, rows=RICH_ROWS), tmp_path / "model.h")
    flags = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wno-overlength-strings", "-lm"]
    (tmp_path / "main.c").write_text('#include "model.h"\nint main(void) { return 0; }\n')
    for command in (
        ["gcc", "-std=c99", "-DDEEPNET_TEST", "-x", "c", "model.h"],
        ["gcc", "-std=c99", "main.c"],
        ["g++", "-std=c++11", "-x", "c++", "main.c"],
    ):
        subprocess.run([*command, *flags], cwd=tmp_path, check=True)


def test_a_plain_model_is_written_as_before() -> None:
    document = model_to_json(make())
    assert document["format"] == 1
    fields = [set(entry) for entry in document["preparation"]["entries"]]
    assert fields[0] == {"name", "kind", "fill", "mean", "scale", "words", "order"}
    assert fields[1] == {"name", "categories", "kind"}
    assert model_to_json(make(preparation=RICH, rows=RICH_ROWS))["format"] == 2


def test_the_inputs_by_hand() -> None:
    names = RICH.inputs
    X = dict(zip(names, RICH.apply(make(preparation=RICH, rows=RICH_ROWS).as_columns(RICH_ROWS)).X, strict=True))
    assert names[:5] == ("age", "age bin 1", "age bin 2", "age bin 3", "age missing")
    z = (22.0 - 28.0) / 14.5
    assert X["age"][0] == pytest.approx(z / np.sqrt(1 + (z / 3) ** 2))
    assert [X[f"age bin {place}"][0] for place in (1, 2, 3)] == pytest.approx([0.5, 2 / 8.5 - 0.5, -0.5])
    assert X["age"][2:4].tolist() == [3.0, -3.0]
    assert X["age missing"].tolist() == [0, 1, 0, 0, 0]
    assert X["city other"].tolist() == [0, 0, 1, 1, 0]
    assert X["city statistic 2"].tolist() == [0.5, -0.2, 0, 0.7, 0]
    assert X["code other"].tolist() == [1] * 5
    assert X["code statistic 1"].tolist() == [1, 0, 0, -1, -1]
    day = 17897.0 + 6.5 / 24  # a Tuesday; day 0 was a Thursday
    assert X["since sin 7d"][4] == pytest.approx(np.sin(2 * np.pi * day / 7))
    assert X["since cos 1y"][4] == pytest.approx(np.cos(2 * np.pi * day / 365.2425))
    assert X["since sin 1d"][4] == pytest.approx(np.sin(2 * np.pi * 6.5 / 24))


def test_steep_columns_are_read_as_double(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    fine = Preparation((Numeric("fine", scale=1.0, clip=3.0, edges=(0.0, 0.01, 1.0)), Numeric("coarse", clip=3.0)))
    export(make(preparation=fine, rows=({"fine": 0.5, "coarse": 0.5},)), tmp_path / "model.onnx")
    kinds = [item.type.tensor_type.elem_type for item in onnx.load(str(tmp_path / "model.onnx")).graph.input]
    assert kinds == [onnx.TensorProto.DOUBLE, onnx.TensorProto.FLOAT]
