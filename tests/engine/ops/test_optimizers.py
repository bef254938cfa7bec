"""Every optimizer trains; clipping, decay and L-BFGS do what they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine import OPTIMIZERS, NetworkSpec, Trainer
from tests.engine.runs import make, run
from tests.engine.strategies import TASKS, make_data, small_net, spec


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_every_optimizer_lowers_the_cost(task: str, optimizer: str) -> None:
    rate = {"rmsprop": 0.005, "adam": 0.01, "adamw": 0.01}.get(optimizer, 0.05)
    events, _ = run(make(small_net(task), learning_rate=rate, optimizer=optimizer))
    assert events[-1].cost < 0.99 * events[0].cost


def test_lbfgs_reaches_the_minimum_of_a_convex_problem() -> None:
    net = NetworkSpec(4, (), 2, "regression", "zeros")
    X, Y = make_data(net, 50, 3)
    trainer = Trainer(net, spec(optimizer="lbfgs", iterations=200), X, Y)
    _, end = run(trainer)
    best, *_ = np.linalg.lstsq(np.vstack([X, np.ones(50)]).T, Y.T, rcond=None)
    np.testing.assert_allclose(trainer.parameters["W1"], best[:-1].T, atol=1e-7)
    np.testing.assert_allclose(trainer.parameters["b1"].ravel(), best[-1], atol=1e-7)
    assert end.reason in ("tolerance", "completed")


def test_a_finished_search_makes_no_more_iterations() -> None:
    net = NetworkSpec(4, (), 2, "regression", "zeros")
    counts = []
    for piece in (1, 7, 500):
        trainer = Trainer(net, spec(optimizer="lbfgs", iterations=1000), *make_data(net, 50, 3))
        while trainer.until_report or not trainer.finished():
            trainer.report()
            trainer.advance(min(piece, trainer.until_report))
        counts.append(trainer.iteration)
        trainer.advance(5)
        assert trainer.iteration == counts[-1]
        assert trainer.finished().reason == "tolerance"  # type: ignore[union-attr]
    assert len(set(counts)) == 1
    assert run(Trainer(net, spec(optimizer="lbfgs", iterations=1000), *make_data(net, 50, 3)))[1].iteration == counts[0]


def test_adamw_decays_the_weights_apart_from_the_gradient() -> None:
    plain, decayed = make(optimizer="adam"), make(optimizer="adamw", l2=4.0)
    before = plain.parameters
    plain.advance(1)
    decayed.advance(1)
    for name, value in plain.parameters.items():
        pull = 0.1 * 4.0 / 40 * before[name] if name.startswith("W") else 0
        np.testing.assert_allclose(decayed.parameters[name], value - pull, atol=1e-12)


def test_clipping_bounds_the_step() -> None:
    trainer = make(learning_rate=1.0, clip_norm=0.01)
    before = trainer.parameters
    trainer.advance(1)
    moved = math.sqrt(sum(float(np.square(trainer.parameters[name] - before[name]).sum()) for name in before))
    assert moved == pytest.approx(0.01, rel=1e-9)


def test_clipping_survives_squares_that_overflow() -> None:
    net = small_net("regression", "linear")
    X, Y = make_data(net, 20, 0)
    trainer = Trainer(net, spec(dtype="float32", clip_norm=0.1, learning_rate=1.0), X * 1e12, Y * 1e12)
    before = trainer.parameters
    trainer.advance(1)
    squares = sum(np.square(trainer.parameters[name].astype(float) - before[name]).sum() for name in before)
    assert math.sqrt(float(squares)) == pytest.approx(0.1, rel=1e-3)


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_after_new_parameters_the_first_step_is_as_long_as_ever(optimizer: str) -> None:
    trainer = make(optimizer=optimizer, learning_rate=0.001, iterations=10**6)
    trainer.advance(5000)
    trainer.assign(make(seed=11).parameters)
    before = trainer.parameters
    trainer.advance(1)
    moved = max(float(np.abs(trainer.parameters[name] - before[name]).max()) for name in before)
    assert moved == pytest.approx(0.001, rel=1e-3)
