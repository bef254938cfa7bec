"""ONNX graphs with one float32 matrix in, against the model on what the matrix holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deepnet_tui.export import export, load

from .models import make
from .rich_models import drawn


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_row_of_numbers_is_predicted(task: str, tmp_path: Path) -> None:
    import onnxruntime

    model = make(task)
    path = tmp_path / "model.matrix.onnx"
    assert export(model, path).verified
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    assert (given.name, given.type, given.shape) == ("X", "tensor(float)", ["N", 12])
    nan = float("nan")
    rows = [
        [22, 2, 0, 1, 1, 17011, 0.5, 1, -2, 0, 3.25, 1],
        [nan, 0, nan, nan, nan, nan, 0, 0, 0, 0, 0, 0],
        [80.25, 7, 1, 0, -3, 17897.25, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5],
    ]
    answers = session.run(None, {"X": np.array(rows, np.float32)})
    found = model.predict(list(model.test_vectors.raw)) if model.test_vectors else None
    assert found is not None
    wanted = np.atleast_2d(found.values).T if found.values is not None else np.array(found.probabilities)
    np.testing.assert_allclose(answers[-1], wanted, rtol=1e-12, atol=1e-12)
    assert load(path).preparation == model.preparation


@pytest.mark.parametrize("seed", range(4))
def test_rich_preparations_are_in_the_graph(seed: int, tmp_path: Path) -> None:
    preparation, rows = drawn(seed)
    assert export(make("multiclass", preparation=preparation, rows=rows), tmp_path / "m.matrix.onnx").verified
