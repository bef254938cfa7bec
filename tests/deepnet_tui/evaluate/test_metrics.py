"""Measures against scikit-learn's own and against numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.data.parts import DatasetPart
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.data.targets.scale import TargetScale
from deepnet_tui.evaluate.baselines import linear_metrics, linear_model, naive_model
from deepnet_tui.evaluate.metrics import evaluate, measure, positive_class
from deepnet_tui.evaluate.part_report import mistakes, part_report
from engine.arrays import Array

METRICS = {
    "binary": ("accuracy", "log_loss", "roc_auc", "f1"),
    "multiclass": ("accuracy", "log_loss", "roc_auc", "f1"),
    "regression": ("r2", "rmse", "mae"),
}


def constant(value: Array) -> Callable[[Array], Array]:
    return lambda X: np.repeat(value, X.shape[1], axis=1)


def small(Y: Array, task: str = "binary", classes: tuple[str, ...] = ("no", "yes")) -> Dataset:
    m = Y.shape[1]
    part = DatasetPart(np.arange(float(m))[np.newaxis, :], Y, np.arange(m) + 10)
    table = {"x": np.arange(m + 10)}
    return Dataset("small", task, ("x",), "y", classes, part, table=table)


def test_two_classes_by_hand() -> None:
    dataset = small(np.array([[1.0, 1.0, 0.0, 0.0]]))
    A = np.array([[0.9, 0.4, 0.2, 0.6]])
    found = measure(dataset, dataset.train, A)
    assert found == pytest.approx(
        {"accuracy": 0.5, "log_loss": -np.log([0.9, 0.4, 0.8, 0.4]).mean(), "roc_auc": 0.75, "f1": 0.5}
    )
    told = part_report(dataset, dataset.train, A)
    np.testing.assert_array_equal(told.confusion, [[1, 1], [1, 1]])
    assert told.naive == pytest.approx({"accuracy": 0.5, "log_loss": np.log(2), "roc_auc": 0.5, "f1": 0.0})
    assert [(entry.name, entry.precision, entry.recall, entry.support) for entry in told.classes] == [
        ("no", 0.5, 0.5, 2),
        ("yes", 0.5, 0.5, 2),
    ]
    assert [(entry.predicted, entry.observed, entry.count) for entry in told.calibration] == [
        (0.2, 0.0, 1),
        (0.4, 1.0, 1),
        (0.6, 0.0, 1),
        (0.9, 1.0, 1),
    ]
    assert told.calibration_error == pytest.approx((0.2 + 0.6 + 0.6 + 0.1) / 4)


@pytest.mark.parametrize(("ones", "name"), [(1, "yes"), (4, "yes"), (6, "yes"), (7, "no"), (9, "no")])
def test_f1_speaks_of_the_class_that_is_rare_in_training(ones: int, name: str) -> None:
    from sklearn.metrics import f1_score

    truth = np.array([1.0] * ones + [0.0] * (10 - ones))
    dataset = small(truth[np.newaxis, :])
    A = np.where(np.arange(10) % 3 == 0, 1.0 - truth, truth)[np.newaxis, :]
    called, named = (A[0] > 0.5).astype(int), dataset.classes.index(name)
    assert positive_class(dataset) == name
    assert measure(dataset, dataset.train, A)["f1"] == pytest.approx(f1_score(truth, called, pos_label=named))
    rest = replace(dataset, validation=DatasetPart(dataset.train.X, 1.0 - dataset.train.Y, dataset.train.rows))
    assert positive_class(rest) == name
    assert positive_class(load(DataSettings(source="iris"))) is None


def test_the_worst_come_first() -> None:
    dataset = small(np.array([[1.0, 1.0, 0.0, 0.0]]))
    worst = mistakes(dataset, dataset.train, np.array([[0.9, 0.3, 0.2, 0.99]]), count=2)
    assert [(entry.place, entry.row, entry.actual, entry.predicted) for entry in worst] == [
        (3, 13, "no", "yes"),
        (1, 11, "yes", "no"),
    ]
    assert worst[0].loss == pytest.approx(-np.log(0.01))
    assert worst[0].confidence == pytest.approx(0.99)
    assert worst[1].values == {"x": 11}


def test_numbers_are_measured_in_their_own_unit() -> None:
    dataset = replace(small(np.array([[-1.0, 0.0, 1.0]]), "regression", ()), scaling=TargetScale(100.0, 10.0))
    A = np.array([[-1.0, 0.0, 0.5]])
    assert measure(dataset, dataset.train, A) == pytest.approx(
        {"r2": 1 - 25 / 200, "rmse": np.sqrt(25 / 3), "mae": 5 / 3}
    )
    told = part_report(dataset, dataset.train, A)
    assert told.naive == pytest.approx({"r2": 0.0, "rmse": np.sqrt(200 / 3), "mae": 20 / 3})
    (worst,) = mistakes(dataset, dataset.train, A, count=1)
    assert (worst.actual, worst.predicted, worst.loss, worst.confidence) == ("110", "105", 5.0, None)


@pytest.mark.parametrize("name", ["breast_cancer", "wine", "diabetes"])
def test_every_part_has_every_measure(name: str) -> None:
    dataset = load(DataSettings(source=name))
    found = evaluate(dataset, linear_model(dataset))
    assert found["test"] is None
    for part in ("train", "validation"):
        metrics = found[part]
        assert metrics is not None
        assert tuple(metrics) == METRICS[dataset.task]
        assert all(isinstance(value, float) for value in metrics.values())
    assert linear_metrics(dataset) == found


def test_the_baseline_is_scikit_learns_logistic_regression() -> None:
    from sklearn.linear_model import LogisticRegression

    dataset = load(DataSettings(source="breast_cancer"))
    assert dataset.validation is not None
    model = LogisticRegression(max_iter=1000).fit(dataset.train.X.T, dataset.train.Y[0])
    found = (linear_metrics(dataset) or {})["validation"]
    assert found is not None
    assert found["accuracy"] == pytest.approx(model.score(dataset.validation.X.T, dataset.validation.Y[0]))
    assert float(found["accuracy"] or 0) > 0.93


def test_a_part_with_one_class_has_no_roc_auc() -> None:
    dataset = small(np.array([[1.0, 1.0]]))
    found = measure(dataset, dataset.train, np.array([[0.9, 0.8]]))
    assert found["roc_auc"] is None
    assert found["accuracy"] == 1.0
    assert np.isfinite(part_report(dataset, dataset.train, np.array([[1.0, 0.0]])).metrics["log_loss"] or np.nan)


@settings(deadline=None, max_examples=50)
@given(st.integers(2, 5), st.integers(6, 60), st.integers(0, 1000))
def test_any_probabilities_give_finite_measures(classes: int, m: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    numbers = random.integers(0, classes, m)
    sharp = np.exp(random.normal(0, 300, (classes, m)).clip(-700, 700))
    A = sharp / sharp.sum(axis=0)
    names = tuple("abcde"[:classes])
    dataset = (
        small(numbers[np.newaxis, :].astype(float), "binary", names)
        if classes == 2
        else small((np.arange(classes)[:, np.newaxis] == numbers).astype(float), "multiclass", names)
    )
    if classes == 2:
        A = A[1:]
    told = part_report(dataset, dataset.train, A)
    assert all(value is None or np.isfinite(value) for value in told.metrics.values())
    assert told.confusion.sum() == m
    assert np.trace(told.confusion) / m == pytest.approx(told.metrics["accuracy"])
    assert sum(entry.count for entry in told.calibration) == m
    assert sum(entry.support for entry in told.classes) == m
    losses = [entry.loss for entry in mistakes(dataset, dataset.train, A, count=m)]
    assert losses == sorted(losses, reverse=True)
    assert np.mean(losses) == pytest.approx(told.metrics["log_loss"], rel=1e-6, abs=1e-9)


def test_the_naive_answer_is_the_training_parts() -> None:
    dataset = load(DataSettings(source="breast_cancer"))
    assert dataset.validation is not None
    share = dataset.train.Y.mean()
    np.testing.assert_allclose(naive_model(dataset)(dataset.validation.X), share)
    metrics = part_report(dataset, dataset.validation, constant(np.array([[share]]))(dataset.validation.X))
    assert metrics.metrics == metrics.naive
    assert metrics.naive["accuracy"] == pytest.approx(dataset.validation.Y.mean())
