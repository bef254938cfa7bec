"""The rules by which scikit-learn's networks end, where the numbers are unusual."""

from __future__ import annotations

import math

from engine import NetworkSpec, Trainer
from engine.estimator.epoch_loop import EpochLog, Rules, search, train_epochs
from tests.engine.strategies import make_data, small_net, spec


def test_a_score_that_is_not_a_number_is_no_improvement() -> None:
    net = small_net()
    trainer = Trainer(net, spec(iterations=10**6), *make_data(net, 20, 0))
    log = EpochLog(scores=[])
    rules = Rules(50, 1e-4, 3, "constant", 0.1, 0.5)
    assert train_epochs(trainer, 20, rules, log, lambda: math.nan, lambda line: None) == "stalled"
    assert log.epochs == 4
    assert log.best is None


def test_a_search_that_starts_at_the_minimum_is_converged() -> None:
    net = NetworkSpec(4, (), 2, "regression", "zeros")
    X, Y = make_data(net, 20, 0)
    trainer = Trainer(net, spec(optimizer="lbfgs"), X, Y * 0)
    assert search(trainer, 10, 1000, 0.0, lambda line: None) == ([], "converged")
