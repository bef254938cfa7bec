"""Parameters in a file beside the ONNX file, as PyTorch's exporter writes them; from nowhere else are they read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.export import load

from .graphs import Builder, run

DATA = "model.onnx.data"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    random = np.random.default_rng(3)
    graph = Builder(4)
    graph.add("MatMul", graph.constant(random.standard_normal((4, 6))))
    graph.add("Add", graph.constant(random.standard_normal(6)))
    graph.add("Relu")
    graph.add("MatMul", graph.constant(random.standard_normal((6, 2))))
    path = tmp_path / "model.onnx"
    onnx.save(graph.model(), str(path), save_as_external_data=True, location=DATA, size_threshold=0)
    return path


def test_they_are_read_from_beside_the_model(outside: Path) -> None:
    assert (outside.parent / DATA).stat().st_size > 0
    X = np.random.default_rng(1).standard_normal((5, 4)).astype(np.float32)
    np.testing.assert_allclose(load(outside).outputs(X.T.astype(float)).T, run(outside, X), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "place", ["../model.onnx.data", "/etc/passwd", "sub/model.onnx.data", "..", "", "no.data", "link"]
)
def test_no_other_file_is_read(outside: Path, place: str) -> None:
    (outside.parent / "link").symlink_to("/etc/passwd")
    whole = onnx.load(str(outside), load_external_data=False)
    for entry in whole.graph.initializer[0].external_data:
        if entry.key == "location":
            entry.value = place
    outside.write_bytes(whole.SerializeToString())
    with pytest.raises(InputError, match="in another file"):
        load(outside)


@pytest.mark.parametrize(("key", "value"), [("offset", "100000"), ("offset", "-8"), ("length", "7"), ("offset", "x")])
def test_a_file_that_does_not_hold_them_is_refused(outside: Path, key: str, value: str) -> None:
    whole = onnx.load(str(outside), load_external_data=False)
    entries = {entry.key: entry for entry in whole.graph.initializer[0].external_data}
    entries[key].value = value
    outside.write_bytes(whole.SerializeToString())
    with pytest.raises(InputError, match=r"does not hold that many|can.t be read"):
        load(outside)


def test_a_data_file_that_is_cut_short_is_refused(outside: Path) -> None:
    data = outside.parent / DATA
    data.write_bytes(data.read_bytes()[:5])
    with pytest.raises(InputError, match="does not hold that many numbers"):
        load(outside)
