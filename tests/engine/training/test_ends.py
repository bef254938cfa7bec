"""How runs end: patience, tolerance, limits, and divergence with its rollback."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine import LayerSpec, NetworkSpec, Progress, Trainer
from tests.engine.runs import assert_same, make, run
from tests.engine.strategies import make_data, small_net, spec


def bounded(trainer: Trainer) -> list[Any]:
    """The events of a run that must end by itself."""
    events = []
    for event in trainer.run():
        events.append(event)
        assert len(events) < 100
    return events


@pytest.mark.usefixtures("each_path")
def test_patience_restores_the_best_parameters() -> None:
    net = small_net()
    X, Y = make_data(net, 40, 1)
    Xv, Yv = make_data(net, 40, 2)
    trainer = Trainer(net, spec(optimizer="adam", iterations=5000, patience=3), X, Y, (Xv, Yv))
    events, end = run(trainer)
    costs = {event.iteration: event.validation_cost or math.nan for event in events}
    assert end.reason == "early_stopping"
    assert end.best_iteration == min(costs, key=lambda iteration: costs[iteration])
    assert end.iteration == trainer.iteration == max(costs) == end.best_iteration + 30
    assert trainer.validation_cost() == pytest.approx(min(costs.values()), rel=1e-12)
    assert f"{end.best_iteration:,}" in end.message


def test_a_run_that_is_stopped_keeps_its_best_parameters_and_can_go_on() -> None:
    net = small_net()
    data, validation = make_data(net, 40, 1), make_data(net, 40, 2)
    settings = spec(optimizer="adam", iterations=5000, patience=1000)
    trainer, whole = (Trainer(net, settings, *data, validation) for _ in range(2))
    costs = {}
    while trainer.iteration < 395:
        if not trainer.until_report:
            progress = trainer.report()
            costs[progress.iteration] = progress.validation_cost or math.nan
        trainer.advance(5)
    best = min(costs, key=lambda iteration: costs[iteration])
    state = trainer.state()
    last = trainer.stop()
    end = trainer.finished()
    assert end is not None
    assert 0 < best < 390
    assert (end.reason, end.iteration, end.best_iteration) == ("interrupted", 395, best)
    assert last.iteration == 395
    assert trainer.validation_cost() == pytest.approx(costs[best], rel=1e-12)
    resumed = Trainer.from_state(state, *data, validation)
    for each in (resumed, whole):
        each.change(iterations=500)
        list(each.run())
    assert_same(resumed.parameters, whole.parameters, 0)


def test_patience_can_monitor_the_score() -> None:
    net = small_net()
    X, Y = make_data(net, 40, 1)
    trainer = Trainer(net, spec(iterations=5000, patience=2, monitor="score"), X, Y, make_data(net, 40, 2))
    _, end = run(trainer)
    assert end.reason == "early_stopping"
    assert 0 <= trainer.score("validation") <= 1


def test_runs_end_by_tolerance_epochs_and_time() -> None:
    assert run(make(tolerance=1e9))[1].reason == "tolerance"
    _, end = run(make(epochs=3, batch_size=8, report_every=4))
    assert (end.reason, end.iteration) == ("epochs", 15)
    _, end = run(make(iterations=10**9, report_every=10**9, seconds=0.05))
    assert end.reason == "time"
    assert 0 < end.iteration < 10**9


def test_the_time_limit_counts_reports() -> None:
    net = NetworkSpec(20, (LayerSpec(50),), initializer="he")
    validation = make_data(net, 60_000, 2)
    training = spec(seconds=0.15, report_every=1, iterations=10**9)
    trainer = Trainer(net, training, *make_data(net, 20, 1), validation)
    started = time.perf_counter()
    _, end = run(trainer)
    assert end.reason == "time"
    assert time.perf_counter() - started < 2
    assert trainer.seconds < 0.15


def test_a_run_ends_after_any_change_at_its_limit() -> None:
    trainer = make(iterations=50)
    bounded(trainer)
    trainer.assign(trainer.parameters)
    assert bounded(trainer)[-1].reason == "completed"
    trainer = make(iterations=500)
    for event in trainer.run():
        if event.iteration == 50 and isinstance(event, Progress):
            trainer.change(iterations=50)
    assert trainer.finished() is not None
    assert trainer.iteration == 50
    trainer = make(iterations=500)
    trainer.report()
    trainer.advance(50)
    trainer.report()
    trainer.change(iterations=20)
    assert bounded(trainer)[-1].reason == "completed"


def test_another_penalty_is_no_reason_to_stop() -> None:
    """Costs before and after a change of l2 can't be compared."""
    trainer = make(iterations=100, tolerance=1e-9, l2=0.0)
    trainer.report()
    trainer.advance(10)
    trainer.change(l2=50.0)
    trainer.report()
    assert trainer.finished() is None
    trainer = make(iterations=200, patience=3, l2=0.0)
    trainer.report()
    trainer.advance(10)
    trainer.report()
    trainer.change(l2=50.0)
    _, end = run(trainer)
    assert end.iteration > 10


@pytest.mark.usefixtures("each_path")
@pytest.mark.parametrize("optimizer", ["gd", "momentum", "adam"])
@pytest.mark.parametrize("batch_size", [None, 16])
def test_divergence_keeps_the_last_finite_parameters(optimizer: str, batch_size: int | None) -> None:
    net = small_net("regression", "linear")
    X, Y = make_data(net, 40, 1)
    training = spec(optimizer=optimizer, learning_rate=1e60, batch_size=batch_size, report_every=50)
    trainer = Trainer(net, training, X, Y)
    events, end = run(trainer)
    assert end.reason == "diverged"
    assert f"iteration {end.iteration + 1:,}" in end.message
    assert trainer.iteration == end.iteration < 60
    assert math.isfinite(end.cost)
    assert math.isfinite(trainer.cost())
    assert all(np.isfinite(value).all() for value in trainer.parameters.values())
    assert all(math.isfinite(event.cost) for event in events)
    again = Trainer(net, training, X, Y)
    again.advance(end.iteration)
    assert_same(again.parameters, trainer.parameters, 0)
    again.advance(1)
    assert not math.isfinite(again.cost())


def test_a_cost_that_is_infinite_from_the_start_is_called_so() -> None:
    net = small_net("regression", "linear")
    X, Y = make_data(net, 10, 0)
    with np.errstate(over="ignore"):
        _, end = run(Trainer(net, spec(), X * 1e200, Y))
    assert end.reason == "diverged"
    assert end.message == "the cost is infinite or not a number from the start"


@pytest.mark.usefixtures("each_path")
@pytest.mark.parametrize("inputs", [4, 300])
def test_divergence_after_early_stopping_restores_the_best(inputs: int) -> None:
    net = replace(small_net("regression", "linear"), inputs=inputs)
    settings = spec(optimizer="momentum", learning_rate=0.02, iterations=500, patience=2, report_every=2)
    trainer = Trainer(net, settings, *make_data(net, 60, 1), make_data(net, 60, 2))
    _, end = run(trainer)
    assert end.reason == "early_stopping"
    best = trainer.parameters
    trainer.change(iterations=10_000, learning_rate=1e300)
    trainer.advance(2)
    trainer.report()
    diverged = trainer.finished()
    assert diverged is not None
    assert diverged.reason == "diverged"
    assert_same(best, trainer.parameters, 1e-9)


def test_rollback_does_not_replay_iterations_before_a_change() -> None:
    net = small_net("regression", "linear")
    trainer = Trainer(net, spec(learning_rate=0.01, iterations=1000, report_every=100), *make_data(net, 40, 1))
    trainer.report()
    trainer.advance(50)
    good = trainer.parameters
    trainer.change(learning_rate=1e300)
    trainer.advance(50)
    progress = trainer.report()
    assert progress.iteration == 50
    end = trainer.finished()
    assert end is not None
    assert "at iteration 51; the parameters of iteration 50 are kept" in end.message
    assert_same(good, trainer.parameters, 0)
