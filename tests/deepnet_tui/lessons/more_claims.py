"""The numbers in the lessons on softmax, dropout, mini-batches, optimizers, regression and folds, and their answers."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

import numpy as np
import pytest

from deepnet_tui.experiment import Experiment
from deepnet_tui.folds.cross_validation import FoldsObserver, cross_validate
from deepnet_tui.folds.plan import FoldPlan
from deepnet_tui.folds.result import FoldsResult
from deepnet_tui.folds.source import fold_source
from deepnet_tui.lessons.lesson import Lesson
from engine import Progress
from engine.reference import adam, momentum
from tests.deepnet_tui.lessons.claim_tools import dataset, experiment, first_example, near, run


def takes(lesson: Lesson, step: int, value: float) -> None:
    """A step takes this number as right, and none that differs much."""
    number = lesson.step[step].number
    assert number is not None
    assert number.takes(value)
    assert not number.takes(value * 1.07 + 0.001)


def at(reports: list[Progress], iteration: int) -> Progress:
    return next(report for report in reports if report.iteration == iteration)


def claims_of_softmax(lesson: Lesson) -> set[str]:
    setup = experiment(lesson)
    data = dataset(setup)
    start = first_example(setup, setup.trainer(data))
    trainer, reports = run(setup)
    A, dZ = start.find("A2").out.values[:, 0], start.find("dZ2").out.values[:, 0]
    assert data.classes[int(data.train.Y[:, 0].argmax())] == "setosa"
    assert data.train.Y[0, 0] == 1
    assert [value < 0 for value in dZ] == [True, False, False]
    np.testing.assert_allclose(dZ, A - data.train.Y[:, 0])
    takes(lesson, 2, -math.log(A[0]))
    takes(lesson, 3, math.log(3))
    shifted = np.exp(start.find("Z2").out.values + 10)
    np.testing.assert_allclose(shifted / shifted.sum(axis=0), start.find("A2").out.values)
    right = round(trainer.score() * data.train.m)
    assert trainer.score() > lesson.step[5].until["accuracy_above"] == 0.95
    return {
        near(A[0], 4),
        near(dZ[0], 4),
        near(math.log(3), 4),
        near(reports[-1].cost, 4),
        str(right),
        str(data.train.m),
        "3",  # classes
        "10",
        *("95", "100"),
    }


def claims_of_dropout(lesson: Lesson) -> set[str]:
    setup = experiment(lesson)
    units, share = setup.network.hidden[0].units, setup.network.hidden[0].dropout
    takes(lesson, 0, units * (1 - share))
    takes(lesson, 1, 0.8 / (1 - share))
    takes(lesson, 2, 0.8 / (1 - 0.2))
    trainer, dropped = run(setup)
    _, plain = run(setup.replace("network", dropout=0.0))
    assert dropped[-1].cost > plain[-1].cost
    assert trainer.score("validation") > lesson.step[5].until["validation_accuracy_above"] == 0.9
    assert lesson.step[3].vary == {"dropout": [0.0, share]}
    return {str(units), f"{share:g}", "0.8", "0.2", near(dropped[-1].cost, 4), near(plain[-1].cost, 4), "90", "100"}


def claims_of_batches(lesson: Lesson) -> set[str]:
    full, small = experiment(lesson), experiment(lesson, 2)
    examples, iterations = dataset(full).train.m, full.training.iterations
    size = small.training.batch_size
    assert size is not None
    (_, smooth), (trainer, noisy) = run(full), run(small)
    _, single = run(full.replace("training", batch_size=1))
    takes(lesson, 1, examples / size)
    takes(lesson, 3, trainer.epoch)
    assert noisy[-1].cost == pytest.approx(smooth[-1].cost, rel=0.02)
    assert single[-1].cost > 2 * smooth[-1].cost
    rough = [np.abs(np.diff([report.cost for report in reports[10:]], 2)).mean() for reports in (smooth, noisy, single)]
    assert rough[2] > 5 * rough[0]
    return {
        *map(str, (examples, iterations, size)),
        *(near(reports[-1].cost, 4) for reports in (smooth, noisy, single)),
        "10",  # iterations of an epoch
    }


def claims_of_momentum(lesson: Lesson) -> set[str]:
    setup = experiment(lesson)
    costs = {}
    for optimizer in ("gd", "momentum", "adam"):
        _, reports = run(setup.replace("training", optimizer=optimizer))
        costs[optimizer] = at(reports, 300).cost
    _, faster = run(experiment(lesson, 5))
    assert faster[-1].cost < lesson.step[5].until["cost_below"]
    W, V = np.zeros(1), np.zeros(1)
    for _ in range(400):
        W, V = momentum(W, np.ones(1), V, 0.01, setup.training.momentum)
    takes(lesson, 1, float(-V[0] / 0.01))
    takes(lesson, 2, first_adam_step(0.003, setup.training.learning_rate))
    assert lesson.step[3].vary["optimizer"] == list(costs)
    return {
        f"{setup.training.learning_rate:g}",
        f"{setup.training.momentum:g}",
        "0.81",
        "0.003",
        "300",
        *(near(cost, 4) for cost in costs.values()),
        f"{experiment(lesson, 5).training.learning_rate:g}",
        str(lesson.step[5].until["cost_below"]),
        near(faster[-1].cost, 4),
    }


def first_adam_step(gradient: float, rate: float) -> float:
    """How far the textbook's Adam moves a weight at first."""
    W, *_ = adam(np.zeros(1), np.full(1, gradient), np.zeros(1), np.zeros(1), 1, rate)
    return float(-W[0])


def claims_of_regression(lesson: Lesson) -> set[str]:
    setup = experiment(lesson)
    data = dataset(setup)
    start = first_example(setup, setup.trainer(data))
    np.testing.assert_array_equal(start.find("A2").out.values, start.find("Z2").out.values)
    Y = data.train.Y
    assert Y.mean() == pytest.approx(0, abs=1e-9)
    takes(lesson, 1, 10.0**2)
    takes(lesson, 2, float((Y**2).mean() / 2))
    takes(lesson, 4, 1 - 2 * 0.2)
    _, reports = run(setup)
    assert reports[-1].cost < lesson.step[3].until["cost_below"]
    return {"0.5", "10", "0.2", "0.4", "0.6"}


def claims_of_folds(lesson: Lesson) -> set[str]:
    setup, remedied = experiment(lesson), experiment(lesson, 4)
    data = dataset(setup)
    assert data.validation is not None
    (_, plain), (_, penalised) = run(setup), run(remedied)
    lowest = min(plain, key=lambda report: report.validation_cost or math.inf)
    before, after = folded(setup), folded(remedied)
    takes(lesson, 1, data.train.m)
    spread, mean = before.metrics["r2"], after.metrics["r2"].mean
    assert spread.mean is not None
    assert spread.std is not None
    assert mean is not None
    takes(lesson, 5, (mean - spread.mean) / spread.std)
    assert before.linear is not None
    numbers = (spread, after.metrics["r2"])
    return {
        *(str(part.m) for part in (data.train, data.validation)),
        str(data.train.m + data.validation.m),
        str(lowest.iteration),
        "353",
        *(near(value.mean or 0, 3) for value in (*numbers, before.linear["r2"])),
        *(near(value.std or 0, 3) for value in numbers),
        near(plain[-1].validation_cost or 0, 3),
        near(penalised[-1].validation_cost or 0, 3),
        f"{remedied.training.l2:g}",
    }


def folded(experiment: Experiment) -> FoldsResult:
    """The five folds of Evaluate."""
    plan = FoldPlan(5)
    source = fold_source(experiment.data, plan, lambda *_: None)
    return cross_validate(experiment, source, plan, None, FoldsObserver(), threading.Event())


MORE: dict[str, Callable[[Lesson], set[str]]] = {
    "softmax": claims_of_softmax,
    "dropout": claims_of_dropout,
    "batches": claims_of_batches,
    "momentum": claims_of_momentum,
    "regression": claims_of_regression,
    "folds": claims_of_folds,
}
