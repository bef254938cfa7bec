"""When a run ends or slows down, and what it keeps: patience, plateau, tolerance."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine import Finished, Progress, Trainer
from engine.training.stopping import EarlyStopping
from tests.engine.strategies import make_data, small_net, spec


def test_what_is_not_a_number_is_no_improvement() -> None:
    stopping = EarlyStopping()
    assert not stopping.update(math.nan, 0)
    assert stopping.waited == 1
    assert stopping.update(2.0, 10)
    assert not stopping.update(math.nan, 20)
    assert not stopping.update(2.0, 30)
    assert (stopping.best, stopping.best_iteration, stopping.waited) == (2.0, 10, 2)
    assert stopping.update(1.0, 40)
    assert stopping.waited == 0


def costs(trainer: Trainer) -> tuple[list[Progress], Finished]:
    events = list(trainer.run())
    end = events.pop()
    assert isinstance(end, Finished)
    return [event for event in events if isinstance(event, Progress)], end


def make(validation: bool = False, **settings: Any) -> Trainer:
    net = small_net()
    return Trainer(net, spec(**settings), *make_data(net, 40, 1), make_data(net, 40, 2) if validation else None)


def test_a_plateau_leaves_the_rate_of_a_falling_cost_alone() -> None:
    trainer = make(schedule="plateau", decay=0.5, decay_every=10, iterations=200, learning_rate=0.05)
    reports, _ = costs(trainer)
    assert all(after.cost < before.cost for before, after in pairwise(reports))
    assert {report.learning_rate for report in reports} == {0.05}


def test_tolerance_ends_a_run_whose_cost_rises() -> None:
    trainer = make(tolerance=0.0, learning_rate=30.0, iterations=1000, report_every=1)
    reports, end = costs(trainer)
    assert end.reason == "tolerance"
    assert reports[-1].cost > reports[-2].cost
    assert all(after.cost <= before.cost for before, after in pairwise(reports[:-1]))


def test_the_monitored_score_is_the_validation_score() -> None:
    trainer = make(validation=True, monitor="score", patience=2, optimizer="adam", iterations=3000)
    same = make(validation=True, optimizer="adam", iterations=3000)
    reports, end = costs(trainer)
    scores = {}
    for report in reports:
        same.advance(report.iteration - same.iteration)
        scores[report.iteration] = same.score("validation")
    assert end.reason == "early_stopping"
    assert end.best_iteration == max(scores, key=lambda iteration: scores[iteration])
    assert trainer.score("validation") == max(scores.values())


def test_the_best_parameters_are_restored_at_the_limit() -> None:
    trainer = make(validation=True, patience=1000, optimizer="adam", learning_rate=0.05, iterations=300)
    reports, end = costs(trainer)
    validation = {report.iteration: report.validation_cost for report in reports}
    best = min(validation, key=lambda iteration: validation[iteration] or math.inf)
    assert end.reason == "completed"
    assert 0 < best < 300
    assert (end.iteration, end.best_iteration) == (300, best)
    assert trainer.validation_cost() == pytest.approx(validation[best], rel=1e-12)
    same = make(optimizer="adam", learning_rate=0.05)
    same.advance(best)
    for name, value in same.parameters.items():
        np.testing.assert_array_equal(trainer.parameters[name], value)


def test_the_time_spent_survives_a_state() -> None:
    net = small_net()
    trainer = make(seconds=100.0, iterations=10**9)
    trainer.report()
    trainer.advance(50)
    trainer.report()
    again = Trainer.from_state(trainer.state(), *make_data(net, 40, 1))
    assert again.seconds == trainer.seconds > 0
    assert again._reports.seconds == trainer._reports.seconds > 0
    again.change(iterations=10**9)
    state = again.state()
    state["meta"]["numbers"]["seconds"] = 99.9999
    nearly = Trainer.from_state(state, *make_data(net, 40, 1))
    assert costs(nearly)[1].reason == "time"
