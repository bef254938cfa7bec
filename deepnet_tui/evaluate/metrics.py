"""How good a model is: measures, a baseline beside them, and the examples that it gets most wrong.

`predict` is any function from X (n0, m) to A (nL, m): probabilities, or standardised values for a number.
Everything is measured by scikit-learn, in the unit of the target. A measure that a part can't give, such as the
ROC AUC of a part with one class, is None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from deepnet_tui.data.dataset import Dataset, Part
from engine.arrays import Array

Predict = Callable[[Array], Array]
Metrics = dict[str, float | None]

PARTS = {"train": "train", "validation": "validation", "test": "test"}
METRICS = {
    "binary": ("accuracy", "log_loss", "roc_auc", "f1"),
    "multiclass": ("accuracy", "log_loss", "roc_auc", "f1"),
    "regression": ("r2", "rmse", "mae"),
}
TINY = 1e-15
BINS = 10
MOST_FOR_BASELINE = 20_000_000  # numbers in X
RARE = 0.4  # of the training part: a class below is what F1 speaks of


@dataclass(frozen=True)
class ClassReport:
    """One class: of those called so how many were, of those that are so how many were found, and their number."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class CalibrationBin:
    """Of `count` examples the mean predicted probability, and the share for which it came true."""

    predicted: float
    observed: float
    count: int


@dataclass(frozen=True)
class Report:
    """One part in detail.

    `naive` has the same metrics for the best answer that ignores the features: the majority class with the
    frequencies of the training part, or its mean. `confusion[i, j]` counts examples of class i called j;
    `calibration` is that of class 1 (binary) or of the class that is called (multiclass), and
    `calibration_error` the mean distance between predicted and observed, weighted by the examples.
    """

    metrics: Metrics
    naive: Metrics
    confusion: Array
    classes: tuple[ClassReport, ...] = ()
    calibration: tuple[CalibrationBin, ...] = ()
    calibration_error: float | None = None


@dataclass(frozen=True)
class Mistake:
    """One example: its place in the part, its row in the source, what it is, what was said, and how wrong that is.

    `loss` is the cross-entropy, or the absolute error for a number; `confidence` the probability of what was said.
    `values` are the columns of the source as read.
    """

    place: int
    row: int
    actual: str
    predicted: str
    confidence: float | None
    loss: float
    values: dict[str, Any]


def evaluate(dataset: Dataset, predict: Predict) -> dict[str, Metrics | None]:
    """The metrics of "train", "validation" and "test"; None for a part that is not there."""
    return {
        name: None if part is None else measure(dataset, part, predict(part.X))
        for name, part in ((name, getattr(dataset, attribute)) for name, attribute in PARTS.items())
    }


def measure(dataset: Dataset, part: Part, A: Array) -> Metrics:
    """The metrics of one part from its predictions A (nL, m)."""
    if dataset.task == "regression":
        return _measure_numbers(dataset, part, A)
    from sklearn import metrics

    truth, P = _truth(dataset, part), _probabilities(dataset, A)
    called = P.argmax(axis=1)
    present = np.unique(truth)
    two = dataset.task == "binary"
    roc = None
    if len(present) == len(dataset.classes):
        roc = metrics.roc_auc_score(truth, P[:, 1]) if two else metrics.roc_auc_score(truth, P, multi_class="ovr")
    one = positive(dataset)
    which: dict[str, Any] = {"average": "macro"} if one is None else {"average": "binary", "pos_label": one}
    f1 = metrics.f1_score(truth, called, zero_division=0.0, **which)
    return {
        "accuracy": float(metrics.accuracy_score(truth, called)),
        "log_loss": float(metrics.log_loss(truth, P, labels=list(range(P.shape[1])))),
        "roc_auc": None if roc is None else float(roc),
        "f1": float(f1),
    }


def positive(dataset: Dataset) -> int | None:
    """The class that F1 speaks of where there are two: the rarer one, the second where both are common."""
    if dataset.task != "binary":
        return None
    return 0 if 1.0 - float(dataset.train.Y.mean()) < RARE else 1


def positive_class(dataset: Dataset) -> str | None:
    """The name of the class that F1 speaks of, None where it is the mean over several or there is none."""
    one = positive(dataset)
    return None if one is None else dataset.classes[one]


def _measure_numbers(dataset: Dataset, part: Part, A: Array) -> Metrics:
    from sklearn import metrics

    truth, values = in_units(dataset, part.Y), in_units(dataset, A)
    return {
        "r2": float(metrics.r2_score(truth, values)) if len(truth) > 1 else None,
        "rmse": float(metrics.root_mean_squared_error(truth, values)),
        "mae": float(metrics.mean_absolute_error(truth, values)),
    }


def baseline(dataset: Dataset) -> dict[str, Metrics | None] | None:
    """The metrics of a logistic or linear regression trained on the same examples; None where that takes too long."""
    return evaluate(dataset, linear_model(dataset)) if dataset.train.X.size <= MOST_FOR_BASELINE else None


def linear_model(dataset: Dataset) -> Predict:
    """A logistic regression, or least squares for a number, fitted on the training part."""
    from sklearn.linear_model import LinearRegression, LogisticRegression

    X = dataset.train.X.T
    if dataset.task == "regression":
        line = LinearRegression().fit(X, dataset.train.Y[0])
        return lambda X: np.asarray(line.predict(X.T))[np.newaxis, :]
    model = LogisticRegression(max_iter=1000).fit(X, _truth(dataset, dataset.train))
    known = model.classes_

    def predict(X: Array) -> Array:
        P = np.zeros((len(dataset.classes), X.shape[1]))
        P[known] = model.predict_proba(X.T).T
        return P[1:] if dataset.task == "binary" else P

    return predict


def naive_model(dataset: Dataset) -> Predict:
    """What is said without looking at the features: the training part's class frequencies, or its mean."""
    mean = dataset.train.Y.mean(axis=1, keepdims=True)
    return lambda X: np.repeat(mean, X.shape[1], axis=1)


def naive(dataset: Dataset) -> dict[str, Metrics | None]:
    """The metrics of the best answer that ignores the features: the majority class, or the mean."""
    return evaluate(dataset, naive_model(dataset))


def report(dataset: Dataset, part: Part, A: Array) -> Report:
    """One part in detail from its predictions A (nL, m)."""
    metrics = measure(dataset, part, A)
    naive = measure(dataset, part, naive_model(dataset)(part.X))
    if dataset.task == "regression":
        return Report(metrics, naive, np.empty((0, 0), dtype=np.int64))
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    truth, P = _truth(dataset, part), _probabilities(dataset, A)
    called, numbers = P.argmax(axis=1), list(range(len(dataset.classes)))
    scores = precision_recall_fscore_support(truth, called, labels=numbers, zero_division=0.0)
    classes = tuple(
        ClassReport(name, float(precision), float(recall), float(f1), int(support))
        for name, precision, recall, f1, support in zip(dataset.classes, *scores, strict=True)
    )
    if dataset.task == "binary":
        bins = _calibration(P[:, 1], truth == 1)
    else:
        bins = _calibration(P.max(axis=1), called == truth)
    error = sum(entry.count * abs(entry.predicted - entry.observed) for entry in bins) / max(len(truth), 1)
    return Report(metrics, naive, confusion_matrix(truth, called, labels=numbers), classes, bins, error)


def mistakes(dataset: Dataset, part: Part, A: Array, count: int = 10) -> tuple[Mistake, ...]:
    """The examples of one part with the largest loss, worst first."""
    told: list[tuple[str, str, float | None]]
    if dataset.task == "regression":
        truth, values = in_units(dataset, part.Y), in_units(dataset, A)
        loss = np.abs(truth - values)
        order = np.argsort(-loss, kind="stable")[:count]
        told = [(f"{truth[place]:.6g}", f"{values[place]:.6g}", None) for place in order]
    else:
        numbers, P = _truth(dataset, part), _probabilities(dataset, A)
        every = np.arange(part.m)
        loss = -np.log(np.maximum(P[every, numbers], TINY))
        called = P.argmax(axis=1)
        order = np.argsort(-loss, kind="stable")[:count]
        told = [
            (dataset.classes[numbers[place]], dataset.classes[called[place]], float(P[place, called[place]]))
            for place in order
        ]
    table = dataset.test_table if part is dataset.test else dataset.table
    return tuple(
        Mistake(int(place), row, actual, said, confidence, float(loss[place]), _cells(table, row))
        for place, (actual, said, confidence) in zip(order, told, strict=True)
        for row in (int(part.rows[place]),)
    )


def in_units(dataset: Dataset, Y: Array) -> Array:
    """Values (m,) of a standardised row (1, m), in the unit of the target."""
    return np.asarray(Y[0] * dataset.target_scale + dataset.target_mean)


def _cells(table: Any, row: int) -> dict[str, Any]:
    return {name: values.iloc[row] if hasattr(values, "iloc") else values[row] for name, values in table.items()}


def _truth(dataset: Dataset, part: Part) -> npt.NDArray[np.int64]:
    """Class numbers (m,)."""
    truth = part.Y[0] if dataset.task == "binary" else part.Y.argmax(axis=0)
    return np.asarray(truth, dtype=np.int64)


def _probabilities(dataset: Dataset, A: Array) -> Array:
    """(m, classes), rows that add up to 1, away from 0 so that no log-loss is infinite."""
    P = np.vstack([1.0 - A[0], A[0]]) if dataset.task == "binary" else A
    P = np.clip(P.T.astype(np.float64), TINY, 1.0)
    return np.asarray(P / P.sum(axis=1, keepdims=True))


def _calibration(probability: Array, came_true: Array) -> tuple[CalibrationBin, ...]:
    """Ten bins of equal width; empty ones are left out."""
    places = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    return tuple(
        CalibrationBin(float(probability[inside].mean()), float(came_true[inside].mean()), int(inside.sum()))
        for inside in (places == number for number in range(BINS))
        if inside.any()
    )
