"""One part of the data in detail: every class, the calibration, the worst mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.parts import DatasetPart
from deepnet_tui.evaluate.baselines import naive_model
from deepnet_tui.evaluate.metrics import TINY, Metrics, actual_values, class_numbers, measure, probabilities
from engine.arrays import Array

BINS = 10


@dataclass(frozen=True)
class ClassReport:
    """One class: the share of its predictions that are right, the share of its examples that are found, their F1, and
    the number of its examples."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class CalibrationBin:
    """Of `count` examples the mean predicted probability, and the observed share for which it was right."""

    predicted: float
    observed: float
    count: int


@dataclass(frozen=True)
class PartReport:
    """One part in detail.

    `naive` has the same metrics for the best prediction that ignores the features: the majority class with the
    frequencies of the training part, or its mean. `confusion[i, j]` counts examples of class i predicted as j;
    `calibration` is that of class 1 (binary) or of the predicted class (multiclass), and
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
    """One example: its place in the part, its row in the source, the actual and the predicted target, and the loss.

    `loss` is the cross-entropy, or the absolute error for a regression; `confidence` the predicted class's probability.
    `values` are the columns of the source as read.
    """

    place: int
    row: int
    actual: str
    predicted: str
    confidence: float | None
    loss: float
    values: dict[str, Any]


def part_report(dataset: Dataset, part: DatasetPart, A: Array) -> PartReport:
    """One part in detail from its predictions A (nL, m)."""
    metrics = measure(dataset, part, A)
    naive = measure(dataset, part, naive_model(dataset)(part.X))
    if dataset.labels == "numbers":
        return PartReport(metrics, naive, np.empty((0, 0), dtype=np.int64))
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    truth, P = class_numbers(dataset, part), probabilities(dataset, A)
    predicted, numbers = P.argmax(axis=1), list(range(len(dataset.classes)))
    scores = precision_recall_fscore_support(truth, predicted, labels=numbers, zero_division=0.0)
    classes = tuple(
        ClassReport(name, float(precision), float(recall), float(f1), int(support))
        for name, precision, recall, f1, support in zip(dataset.classes, *scores, strict=True)
    )
    if dataset.labels == "binary":
        bins = _calibration(P[:, 1], truth == 1)
    else:
        bins = _calibration(P.max(axis=1), predicted == truth)
    error = sum(entry.count * abs(entry.predicted - entry.observed) for entry in bins) / max(len(truth), 1)
    return PartReport(metrics, naive, confusion_matrix(truth, predicted, labels=numbers), classes, bins, error)


def mistakes(dataset: Dataset, part: DatasetPart, A: Array, count: int = 10) -> tuple[Mistake, ...]:
    """The `count` examples of one part with the largest loss, worst first."""
    rows: list[tuple[str, str, float | None]]
    if dataset.labels == "numbers":
        truth, values = actual_values(dataset, part), dataset.scaling.values(A[0])
        loss = np.abs(truth - values)
        order = np.argsort(-loss, kind="stable")[:count]
        rows = [(f"{truth[place]:.6g}", f"{values[place]:.6g}", None) for place in order]
    else:
        numbers, P = class_numbers(dataset, part), probabilities(dataset, A)
        every = np.arange(part.m)
        loss = -np.log(np.maximum(P[every, numbers], TINY))
        predicted = P.argmax(axis=1)
        order = np.argsort(-loss, kind="stable")[:count]
        rows = [
            (dataset.classes[numbers[place]], dataset.classes[predicted[place]], float(P[place, predicted[place]]))
            for place in order
        ]
    table = dataset.test_table if part is dataset.test else dataset.table
    return tuple(
        Mistake(int(place), row, actual, predicted_as, confidence, float(loss[place]), _values(table, row))
        for place, (actual, predicted_as, confidence) in zip(order, rows, strict=True)
        for row in (int(part.rows[place]),)
    )


def _values(table: Any, row: int) -> dict[str, Any]:
    return {name: values.iloc[row] if hasattr(values, "iloc") else values[row] for name, values in table.items()}


def _calibration(probability: Array, observed: Array) -> tuple[CalibrationBin, ...]:
    """Ten bins of equal width; empty ones are left out."""
    places = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    return tuple(
        CalibrationBin(float(probability[inside].mean()), float(observed[inside].mean()), int(inside.sum()))
        for inside in (places == number for number in range(BINS))
        if inside.any()
    )
