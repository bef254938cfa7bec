"""Batching: full, in pieces, mini-batches and streamed batches train alike, also on data from disk."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import LayerSpec, NetworkSpec, Trainer, network
from engine.compiled.batching.full_batch import FullBatch
from engine.compiled.batching.mini_batch import MiniBatch
from engine.compiled.batching.streamed import Streamed
from tests.engine.runs import assert_same, reference
from tests.engine.strategies import make_data, networks, small_net, spec


@given(net=networks(), m=st.integers(2, 30), batch=st.integers(1, 30), seed=st.integers(0, 99))
@settings(max_examples=60)
def test_an_epoch_of_batches_uses_every_example_once(net: NetworkSpec, m: int, batch: int, seed: int) -> None:
    """One epoch by the trainer equals one by hand over the same order, with every dW a mean over its own batch."""
    batch = min(batch, m)
    X, Y = make_data(net, m, seed)
    trainer = Trainer(net, spec(batch_size=batch, seed=seed, learning_rate=0.05), X, Y)
    order = np.random.default_rng(seed).permutation(m)
    parameters = trainer.parameters
    for start in range(0, m, batch):
        chosen = order[start : start + batch]
        grads = network.backward(net, parameters, X[:, chosen], Y[:, chosen])
        parameters = {name: value - 0.05 * grads[f"d{name}"] for name, value in parameters.items()}
    trainer.advance(-(-m // batch))
    assert trainer.epoch == 1
    assert_same(parameters, trainer.parameters, 1e-8)


@pytest.mark.usefixtures("each_path")
def test_l2_with_batches_is_part_of_the_reported_cost() -> None:
    net = small_net()
    X, Y = make_data(net, 40, 1)
    trainer = Trainer(net, spec(batch_size=40, l2=2.0), X, Y)
    expected = reference(trainer, X, Y, 10, 0.1, l2=2.0)
    trainer.advance(10)
    assert_same(expected, trainer.parameters)
    assert trainer.cost() == pytest.approx(network.cost(net, expected, X, Y, l2=2.0), rel=1e-12)


@pytest.mark.usefixtures("each_path")
@pytest.mark.parametrize("batch_size", [None, 8])
def test_weights_count_like_repeated_examples(batch_size: int | None) -> None:
    net = small_net("multiclass")
    X, Y = make_data(net, 12, 4)
    weight = np.array([1, 2, 3, 1, 1, 2, 1, 4, 1, 1, 2, 1])
    repeated = np.repeat(np.arange(12), weight)
    one = Trainer(net, spec(l2=0.5), X, Y, sample_weight=weight)
    other = Trainer(net, spec(l2=0.5), X[:, repeated], Y[:, repeated])
    assert one.cost() == pytest.approx(other.cost(), rel=1e-12)
    one.advance(30)
    other.advance(30)
    assert_same(one.parameters, other.parameters)
    batched = Trainer(net, spec(batch_size=batch_size), X, Y, sample_weight=np.full(12, 7.0))
    plain = Trainer(net, spec(batch_size=batch_size), X, Y)
    batched.advance(9)
    plain.advance(9)
    assert_same(batched.parameters, plain.parameters)


def test_the_cost_of_many_examples_is_that_of_a_fixed_sample() -> None:
    net = NetworkSpec(2, (LayerSpec(3),), initializer="he")
    X, Y = make_data(net, 12_000, 1)
    often, seldom = (Trainer(net, spec(batch_size=100, report_every=every), X, Y) for every in (1, 1000))
    assert often.cost() == seldom.cost()
    chosen = np.random.default_rng(3).permutation(12_000)[:10_000]
    parameters = often.parameters
    assert often.cost() == pytest.approx(network.cost(net, parameters, X[:, chosen], Y[:, chosen]), rel=1e-11)


def test_a_streamed_batch_trains_like_the_whole_one(monkeypatch: pytest.MonkeyPatch) -> None:
    net = small_net("multiclass", "elu")
    X, Y = make_data(net, 101, 1)
    weight = np.random.default_rng(0).uniform(0.5, 2, 101)
    whole = Trainer(net, spec(l2=0.3, optimizer="momentum"), X, Y, sample_weight=weight)
    monkeypatch.setattr("engine.compiled.memory_budget.WHOLE_BYTES", 1)
    monkeypatch.setattr("engine.compiled.batching.streamed.BLOCK_BYTES", 40 * 8 * 40)
    blocked = Trainer(net, spec(l2=0.3, optimizer="momentum"), X, Y, sample_weight=weight)
    assert isinstance(whole._loop.batching, FullBatch)
    assert isinstance(blocked._loop.batching, Streamed)
    assert len(blocked._loop.batching.programs) == 2
    for _ in range(3):
        assert blocked.cost() == pytest.approx(whole.cost(), rel=1e-12)
        whole.advance(20)
        blocked.advance(20)
    assert_same(whole.parameters, blocked.parameters, 1e-11)


@pytest.mark.parametrize("weighted", [False, True])
def test_a_full_batch_in_pieces_trains_like_the_whole_one(weighted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    net = small_net("binary", "relu")
    X, Y = make_data(net, 101, 1)
    weight = np.random.default_rng(0).uniform(0.5, 2, 101) if weighted else None
    whole = Trainer(net, spec(l2=0.3, optimizer="momentum"), X, Y, sample_weight=weight)
    monkeypatch.setattr("engine.compiled.batching.full_batch.CACHE_BYTES", 20 * 8 * 34)
    pieces = Trainer(net, spec(l2=0.3, optimizer="momentum"), X, Y, sample_weight=weight)
    assert isinstance(whole._loop.batching, FullBatch)
    assert isinstance(pieces._loop.batching, FullBatch)
    assert len(whole._loop.batching.programs) == 1
    assert [program.m for program in pieces._loop.batching.programs] == [20, 20, 20, 20, 20, 1]
    for _ in range(3):
        assert pieces.cost() == pytest.approx(whole.cost(), rel=1e-12)
        whole.advance(20)
        pieces.advance(20)
    assert_same(whole.parameters, pieces.parameters, 1e-11)


def test_data_on_disk_are_read_not_copied(tmp_path: Any) -> None:
    net = small_net(activation="relu")
    X, Y = make_data(net, 500, 1)
    stored = np.memmap(tmp_path / "rows.bin", np.float64, "w+", shape=(500, 4))
    stored[:] = X.T
    stored.flush()
    rows = np.memmap(tmp_path / "rows.bin", np.float64, "r", shape=(500, 4))
    disk = Trainer(net, spec(batch_size=32), rows.T, Y)
    memory = Trainer(net, spec(batch_size=32), X, Y)
    assert isinstance(disk._loop.batching, MiniBatch)
    assert np.shares_memory(disk._loop.batching.gatherer.rows, rows)
    disk.advance(40)
    memory.advance(40)
    assert_same(disk.parameters, memory.parameters, 0)
    assert disk.cost() == pytest.approx(memory.cost(), rel=1e-12)


@pytest.mark.parametrize("layout", ["rows", "columns", "private", "moved"])
def test_every_way_of_reading_from_disk_gives_the_same(layout: str, tmp_path: Any) -> None:
    net = small_net(activation="relu")
    X, Y = make_data(net, 300, 1)
    path = tmp_path / "x.bin"
    np.save(path, X if layout == "columns" else X.T)
    name = f"{path}.npy"
    rows = np.load(name, mmap_mode="c" if layout == "private" else "r")
    if layout == "moved":
        (tmp_path / "x.bin.npy").rename(tmp_path / "elsewhere")
        np.save(path, np.zeros((300, 4)))
    stored = rows if layout == "columns" else rows.T
    disk, memory = (Trainer(net, spec(batch_size=32), data, Y) for data in (stored, X))
    for trainer in (disk, memory):
        trainer.advance(40)
    assert_same(disk.parameters, memory.parameters, 0)
    assert disk.cost() == pytest.approx(memory.cost(), rel=1e-12)
    assert disk.score() == memory.score()
