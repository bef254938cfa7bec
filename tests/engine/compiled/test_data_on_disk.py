"""Data in a file are trained on without being copied whole, whatever type and order they are stored in."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import LayerSpec, NetworkSpec, Trainer, checks, network, predictor
from engine.compiled.batching import streamed
from engine.compiled.batching.streamed import Streamed
from tests.engine.strategies import spec

NET = NetworkSpec(64, (LayerSpec(4),), initializer="he")
EXAMPLES = 20_000


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "BLOCK", 50_000)
    monkeypatch.setattr(streamed, "BLOCK_BYTES", 200_000)
    monkeypatch.setattr(network, "INPUT_ELEMENTS", 50_000)
    monkeypatch.setattr(predictor, "INPUT_ELEMENTS", 50_000)


@pytest.mark.parametrize("kind", ["<f8", ">f8", "<f4", ">f4", "<f2", "?", "u1", ">i4"])
@pytest.mark.parametrize("batch_size", [None, 50])
@pytest.mark.parametrize("layout", ["rows", "columns"])
def test_data_on_disk_are_never_copied_whole(kind: str, batch_size: int | None, layout: str, tmp_path: Path) -> None:
    values = (np.random.default_rng(0).integers(0, 2, (EXAMPLES, 64))).astype(kind)
    Y = values[:, :1].T.astype(float)
    np.save(tmp_path / "x.npy", values if layout == "rows" else values.T)
    stored = np.load(tmp_path / "x.npy", mmap_mode="r")
    X = stored.T if layout == "rows" else stored
    training: Any = spec(batch_size=batch_size, learning_rate=0.5)
    memory = Trainer(NET, training, values.T.astype(float), Y)
    tracemalloc.start()
    disk = Trainer(NET, training, X, Y, (X[:, :100], Y[:, :100]))
    disk.advance(3)
    disk.cost()
    disk.gradients()
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(disk._loop.batching, Streamed) == (batch_size is None)
    assert highest < EXAMPLES * 64 * 8 / 3
    memory.advance(3)
    for name, value in memory.parameters.items():
        np.testing.assert_allclose(disk.parameters[name], value, rtol=1e-10, atol=1e-13)
