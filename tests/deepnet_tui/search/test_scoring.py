"""Scores: of training rows only, each by a network that has not seen it; and the rule of the pruner."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.trial import TrialState
from sklearn.metrics import log_loss

from deepnet_tui.common.errors import InputError
from deepnet_tui.search.pruning import FEWEST, WARM_UP, bar_of
from deepnet_tui.search.scoring import TrainingRows, falls_behind, parts_for, score
from deepnet_tui.search.search import Case
from engine.training.internal_part import kept_aside
from engine.training.trainer import Trainer
from tests.deepnet_tui.search.cases import small_case


def test_every_training_row_is_scored_once_by_a_network_that_has_not_seen_it() -> None:
    case = small_case()
    task, rows = case.task({}), case.rows
    folds = kept_aside(task.network, task.training, rows.Y, None)
    assert folds is not None
    assert sorted(folds.ravel().tolist()) == list(range(rows.X.shape[1]))
    found = score(task, rows)
    trainer = Trainer(task.network, task.training, rows.X, rows.Y)
    trainer.advance(task.training.iterations)
    for number, fold in enumerate(folds):
        own = trainer.internal_predictions()[0, fold]
        assert found.parts[number] == pytest.approx(log_loss(rows.Y[0, fold], own, labels=[0, 1]), rel=1e-9)
    assert found.score == pytest.approx(float(np.mean(found.parts)))


def test_held_out_rows_have_no_part_in_a_score() -> None:
    case = small_case()
    part = case.dataset.validation
    assert part is not None
    broken = replace(part, X=np.full_like(part.X, np.nan), Y=1 - part.Y)
    other = Case(case.experiment, replace(case.dataset, validation=broken))
    assert score(other.task({}), other.rows).parts == score(case.task({}), case.rows).parts
    assert case.rows.X.shape[1] == case.dataset.train.m


def test_a_run_that_keeps_its_best_parameters_is_scored_by_them(tmp_path: Path) -> None:
    case = small_case()
    last, rows = score(case.task({"learning_rate": 0.3}), case.rows), case.rows.write(tmp_path)
    for setting in ({"internal": 0.1}, {"patience": 100}):
        kept = Case(case.experiment.replace("training", **setting), case.dataset)
        best = score(kept.task({"learning_rate": 0.3}), rows)
        assert best.score <= last.score
        assert best.reports == tuple(np.minimum.accumulate(best.reports))
    assert best.score == pytest.approx(min(last.reports))


def test_a_trial_that_diverges_says_so() -> None:
    case = small_case("diabetes")
    values = {"learning_rate": 1e12, "optimizer": "gd", "l2": 1e12}
    assert score(case.task(values), case.rows).state == "diverged"


def test_what_trains_one_network_at_a_time_is_scored_by_one_part() -> None:
    case = small_case()
    assert score(case.task({"optimizer": "lbfgs"}), case.rows).state == "done"
    task = case.task({"optimizer": "lbfgs"})
    assert task.network.ensemble == 1
    assert [parts_for(case.task({}).network, task.training, 10)] == [1]
    adam = case.task({})
    assert [parts_for(adam.network, adam.training, m) for m in (100, 5_000, 50_000)] == [5, 3, 1]


def test_too_few_rows_are_refused() -> None:
    case = small_case()
    few = TrainingRows(case.rows.X[:, :4], case.rows.Y[:, :4])
    part = replace(case.dataset.train, X=few.X, Y=few.Y)
    with pytest.raises(InputError, match="too few training rows"):
        Case(case.experiment, replace(case.dataset, train=part)).check()


curves = st.lists(st.lists(st.floats(0, 10), min_size=1, max_size=12), min_size=0, max_size=9)


@settings(max_examples=30)
@given(curves, st.lists(st.floats(0, 10), min_size=1, max_size=12))
def test_a_trial_is_pruned_where_optunas_median_pruner_would(finished: list[list[float]], running: list[float]) -> None:
    length = max(map(len, finished), default=0)
    first = int(np.ceil(length * WARM_UP))
    pruner = optuna.pruners.MedianPruner(n_startup_trials=FEWEST, n_warmup_steps=first)
    study = optuna.create_study(pruner=pruner)
    for reports in finished:
        values = dict(enumerate(reports))
        study.add_trial(optuna.trial.create_trial(value=1.0, intermediate_values=values, state=TrialState.COMPLETE))
    trial, bar = study.ask(), bar_of([tuple(reports) for reports in finished])
    for step, value in enumerate(running):
        trial.report(value, step)
        if step < length:
            assert trial.should_prune() == falls_behind(running[: step + 1], bar)
