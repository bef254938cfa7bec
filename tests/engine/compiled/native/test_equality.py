"""The compiled path computes what the NumPy path computes."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import ACTIVATIONS, Finished, LayerSpec, NetworkSpec, Trainer
from engine.arrays import Array
from engine.compiled.native import program, shares
from engine.compiled.native.shares import Crew, Share
from engine.compiled.native.sharing_choice import SharingChoice
from engine.parameters import initialize
from tests.engine.runs import assert_same, run
from tests.engine.strategies import make_data, networks, small_net, spec

pytest.importorskip("numba")
OPTIMIZERS = ("gd", "momentum", "nesterov", "rmsprop", "adam", "adamw")
LOSSES = ("default", "huber", "absolute", "quantile", "poisson")
TOLERANCES = {"rmsprop": 1e-7, "adam": 1e-9, "adamw": 1e-9}  # see test_ensemble.py


def pair(net: NetworkSpec, X: Array, Y: Array, weight: Array | None = None, **more: Any) -> tuple[Trainer, Trainer]:
    """The same run on either path, NumPy's first."""
    trainers = [Trainer(net, spec(**more), X, Y, sample_weight=weight, engine=path) for path in ("numpy", "compiled")]
    trainers[1].advance(0)
    return trainers[0], trainers[1]


@given(
    net=networks(),
    loss=st.sampled_from(LOSSES),
    members=st.sampled_from((1, 1, 3)),
    dropout=st.sampled_from((0.0, 0.3)),
    optimizer=st.sampled_from(OPTIMIZERS),
    m=st.sampled_from((3, 40, 300)),
    batch_size=st.sampled_from((None, 3, 16)),
    schedule=st.sampled_from(("constant", "cosine", "step")),
    penalty=st.sampled_from(({}, {"l2": 0.4}, {"l1": 0.02, "l2": 0.1}, {"clip_norm": 0.5})),
    weighted=st.booleans(),
    input_scale_rate=st.sampled_from((0.0, 12.0)),
    more=st.sampled_from(({}, {"internal": 0.25}, {"warmup": 5, "decay_every": 7})),
    tile=st.sampled_from((1, 250_000)),
)
@settings(max_examples=80)
def test_both_paths_train_alike(
    net: NetworkSpec,
    loss: str,
    members: int,
    dropout: float,
    optimizer: str,
    m: int,
    batch_size: int | None,
    schedule: str,
    penalty: dict[str, Any],
    weighted: bool,
    input_scale_rate: float,
    more: dict[str, Any],
    tile: int,
) -> None:
    hidden = tuple(replace(layer, dropout=dropout) for layer in net.hidden)
    loss = loss if net.task == "regression" else "default"
    net = replace(net, hidden=hidden, ensemble=members, loss=loss, quantile=0.3)
    X, Y = make_data(net, m, 1)
    batch = None if batch_size is None else min(batch_size, m)
    chosen = {"optimizer": optimizer, "batch_size": batch, "schedule": schedule, "epsilon": 1e-3, **penalty, **more}
    chosen["input_scale_rate"] = input_scale_rate
    if m == 3:
        chosen.pop("internal", None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "TILE_BYTES", tile)
        weight = np.random.default_rng(0).uniform(0.5, 2, m) if weighted else None
        numpy, compiled = pair(net, X / 3, np.abs(Y), weight, learning_rate=0.002, **chosen)
        for n in (1, 2, 37):
            numpy.advance(n)
            compiled.advance(n)
    assert str(compiled.path) == "one compiled loop"
    assert_same(numpy.parameters, compiled.parameters, TOLERANCES.get(optimizer, 1e-12))
    np.testing.assert_allclose(compiled.costs(), numpy.costs(), rtol=TOLERANCES.get(optimizer, 1e-12))
    assert numpy._loop.position() == compiled._loop.position()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_and_slopes_are_exact_to_the_last_digits(name: str) -> None:
    """Of a layer with a unit for each pre-activation: dW2 has the activations, and dW1 the slopes."""
    sizes = np.concatenate([10.0 ** np.arange(-18, 3), np.linspace(0.01, 40, 400), [300.0, 700.0]])
    z = np.concatenate([-sizes, [0.0], sizes])
    net = NetworkSpec(1, (LayerSpec(z.size, name),), 1, "regression")
    start = {**initialize(net, 0), "W1": z[:, None], "b1": np.zeros((z.size, 1)), "W2": np.full((1, z.size), 1e-3)}
    X, Y = np.ones((1, 1)), np.full((1, 1), 1e4)
    numpy, compiled = (
        Trainer(net, spec(learning_rate=1.0), X, Y, parameters=start, engine=path) for path in ("numpy", "compiled")
    )
    for trainer in (numpy, compiled):
        trainer.advance(1)
    expected, found = numpy._loop.flat.copies(numpy._loop.flat.vectors.gradient), compiled._loop.flat
    gradient = found.copies(found.vectors.gradient)
    for which in ("W2", "W1"):
        largest = np.abs(expected[which]).max()
        np.testing.assert_allclose(gradient[which], expected[which], rtol=4e-15, atol=2e-14 * largest, err_msg=which)


@pytest.mark.parametrize("input_scale_rate", [0.0, 12.0])
@pytest.mark.parametrize("batch_size", [None, 16])
@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_single_precision_is_that_of_numpy(task: str, batch_size: int | None, input_scale_rate: float) -> None:
    net = small_net(task, "relu")
    net = replace(net, hidden=tuple(replace(layer, dropout=0.2) for layer in net.hidden))
    chosen: dict[str, Any] = {"batch_size": batch_size, "optimizer": "adam", "input_scale_rate": input_scale_rate}
    numpy, compiled = pair(net, *make_data(net, 50, 2), dtype="float32", **chosen)
    for trainer in (numpy, compiled):
        trainer.advance(30 if input_scale_rate else 100)  # this rate enlarges what they differ by in rounding
        assert {value.dtype.name for value in trainer.parameters.values()} == {"float32"}
    assert_same(numpy.parameters, compiled.parameters, 2e-4)


def test_threads_share_the_networks_of_an_ensemble(monkeypatch: pytest.MonkeyPatch) -> None:
    net = small_net(ensemble=5)
    X, Y = make_data(net, 60, 3)
    alone = Trainer(net, spec(batch_size=20), X, Y, engine="compiled")
    monkeypatch.setattr(shares, "processors", lambda: 3)
    monkeypatch.setattr(program, "WORTH_A_THREAD", 0)
    shared = Trainer(net, spec(batch_size=20), X, Y, engine="compiled")
    for trainer in (alone, shared):
        trainer.advance(50)
    assert_same(alone.parameters, shared.parameters, 0)


def in_threads(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Every iteration is shared among so many threads, however small it is, and whatever that takes."""
    monkeypatch.setattr(shares, "processors", lambda: count)
    monkeypatch.setattr(program, "WORTH_SHARING", 0)
    monkeypatch.setattr(SharingChoice, "shared", count > 1)


@given(
    net=networks(),
    dropout=st.sampled_from((0.0, 0.3)),
    optimizer=st.sampled_from(OPTIMIZERS),
    batch_size=st.sampled_from((None, 16)),
    penalty=st.sampled_from(({}, {"l1": 0.02, "l2": 0.1}, {"clip_norm": 0.5})),
    input_scale_rate=st.sampled_from((0.0, 12.0)),
    count=st.sampled_from((2, 3, 4)),
    tile=st.sampled_from((1, 250_000)),
)
@settings(max_examples=40)
def test_threads_that_share_an_iteration_compute_what_one_computes(
    net: NetworkSpec,
    dropout: float,
    optimizer: str,
    batch_size: int | None,
    penalty: dict[str, Any],
    input_scale_rate: float,
    count: int,
    tile: int,
) -> None:
    net = replace(net, hidden=tuple(replace(layer, units=layer.units + 9, dropout=dropout) for layer in net.hidden))
    X, Y = make_data(net, 200, 1)
    chosen = {"optimizer": optimizer, "batch_size": batch_size, "input_scale_rate": input_scale_rate, **penalty}
    trainers = {}
    for threads in (1, count):
        with pytest.MonkeyPatch.context() as patch:
            in_threads(patch, threads)
            patch.setattr(program, "TILE_BYTES", tile)
            trainers[threads] = trainer = Trainer(net, spec(learning_rate=0.002, **chosen), X, Y, engine="compiled")
            for n in (1, 30):
                trainer.advance(n)
            assert len(trainer._loop.path.program.shares) == threads  # type: ignore[union-attr]
    assert_same(trainers[1].parameters, trainers[count].parameters, 0)


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("where", ["before the others", "before the first", "behind"])
def test_an_interrupt_acts_before_a_piece_or_behind(monkeypatch: pytest.MonkeyPatch, where: str, members: int) -> None:
    in_threads(monkeypatch, 2)
    monkeypatch.setattr(program, "WORTH_A_THREAD", 0)
    net = small_net(ensemble=members)
    net = replace(net, hidden=tuple(replace(layer, units=40, dropout=0.2) for layer in net.hidden))
    X, Y = make_data(net, 60, 3)
    trainer, other = (Trainer(net, spec(batch_size=20), X, Y, engine="compiled") for _ in range(2))
    for each in (trainer, other):
        each.advance(5)
    native = trainer.path.program
    assert native is not None
    run_part = native._run

    def interrupted(n: int, share: Share, crew: Crew, *rest: Any) -> None:
        first = crew[2] is native.iterations_run
        if first and where == "before the first":
            raise KeyboardInterrupt
        run_part(n, share, crew, *rest)
        if first:
            raise KeyboardInterrupt

    def refused(_: threading.Thread) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(native, "_run", interrupted)
        if where == "before the others":
            patch.setattr(threading.Thread, "start", refused)
        with pytest.raises(KeyboardInterrupt):
            trainer.advance(20)
    assert (trainer.iteration > 5) == (where == "behind")
    trainer.advance(25 - trainer.iteration)
    other.advance(20)
    assert_same(other.parameters, trainer.parameters, 0)


def test_overflow_and_nan_are_seen_as_a_divergence() -> None:
    net = small_net("regression", "relu")
    X, Y = make_data(net, 40, 1)
    found: dict[str, Finished] = {}
    for path in ("numpy", "compiled"):
        trainer = Trainer(net, spec(learning_rate=40.0, iterations=2000), X, Y, engine=path)
        _, found[path] = run(trainer)
        assert all(np.isfinite(value).all() for value in trainer.parameters.values())
    assert found["numpy"].reason == found["compiled"].reason == "diverged"
    assert found["numpy"].iteration == found["compiled"].iteration


def test_settings_can_be_changed_on_the_way() -> None:
    net = small_net()
    numpy, compiled = pair(net, *make_data(net, 40, 1), optimizer="momentum", batch_size=16)
    for trainer in (numpy, compiled):
        trainer.advance(10)
        trainer.change(learning_rate=0.03, l2=0.2, dropout=0.25)
        trainer.advance(10)
        trainer.change(dropout=0.0)
        trainer.advance(10)
    assert str(compiled.path) == "one compiled loop"
    assert_same(numpy.parameters, compiled.parameters, 1e-12)
