"""How good a model is, in numbers: accuracy, log-loss, ROC AUC and F1, or R², RMSE and MAE, for each part of the data.

A network that was trained with another loss for numbers has the metric of that loss as well (`loss_metrics.py`).

`predict` is any function from X (n0, m) to A (nL, m): probabilities, or standardised values for a regression.
Everything is measured by scikit-learn, in the unit of the target. Of several targets each metric is the mean, and
"targets" has those of each one. A metric that a part can't give, such as the
ROC AUC of a part with one class, is None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.parts import DatasetPart
from deepnet_tui.evaluate.loss_metrics import loss_metric, quantile_of
from deepnet_tui.model import HALF
from engine.arrays import Array

Predict = Callable[[Array], Array]
Metrics = dict[str, Any]  # numbers or None by name; of several targets also "targets", the same for each

PARTS = ("train", "validation", "test")
TINY = 1e-15
RARE = 0.4  # of the training part: F1 is that of a class with a smaller share


def evaluate(dataset: Dataset, predict: Predict, threshold: float = HALF) -> dict[str, Metrics | None]:
    """The metrics of "train", "validation" and "test"; None for a part that is not there.

    Of two classes the second is predicted where its probability is above `threshold`.
    """
    every: dict[str, DatasetPart | None] = {name: getattr(dataset, name) for name in PARTS}
    return {
        name: None if part is None else measure(dataset, part, predict(part.X), threshold)
        for name, part in every.items()
    }


def parts(dataset: Dataset) -> dict[str, DatasetPart]:
    """The parts that there are, by name."""
    return {name: part for name in PARTS if (part := getattr(dataset, name)) is not None}


def measure(
    dataset: Dataset, part: DatasetPart, A: Array, threshold: float = HALF, positive: int | None = None
) -> Metrics:
    """The metrics of one part, from the predictions A (nL, m) of its examples.

    `positive` is the number of the class that F1 is computed for, of two; None for that of `positive_number`.
    """
    if dataset.labels == "numbers":
        with np.errstate(over="ignore"):  # of a network that diverged: the scores are infinite then
            return _measure_regression(dataset, part, A)
    from sklearn import metrics

    truth, P = class_numbers(dataset, part), probabilities(dataset, A)
    predicted = P.argmax(axis=1) if threshold == HALF else (P[:, 1] > threshold).astype(int)
    present = np.unique(truth)
    two = dataset.labels == "binary"
    roc = None
    if len(present) == len(dataset.classes):
        roc = metrics.roc_auc_score(truth, P[:, 1]) if two else metrics.roc_auc_score(truth, P, multi_class="ovr")
    one = positive_number(dataset) if positive is None else positive
    which: dict[str, Any] = {"average": "macro"} if one is None else {"average": "binary", "pos_label": one}
    f1 = float(metrics.f1_score(truth, predicted, zero_division=np.nan, **which))
    return {
        "accuracy": float(metrics.accuracy_score(truth, predicted)),
        "log_loss": float(metrics.log_loss(truth, P, labels=list(range(P.shape[1])))),
        "roc_auc": None if roc is None else float(roc),
        "f1": None if np.isnan(f1) else f1,
    }


def positive_number(dataset: Dataset) -> int | None:
    """The number of the class that F1 is computed for, of two: the rarer one, the second if neither is rare."""
    if dataset.labels != "binary":
        return None
    return rarer_class(float(dataset.train.Y.mean()))


def rarer_class(share: float) -> int:
    """The number of the class that F1 is computed for where `share` of the examples are of the second of two."""
    return 0 if 1.0 - share < RARE else 1


def positive_class(dataset: Dataset) -> str | None:
    """The name of the class that F1 is computed for; None where it is a mean over several, and for a regression."""
    one = positive_number(dataset)
    return None if one is None else dataset.classes[one]


def _measure_regression(dataset: Dataset, part: DatasetPart, A: Array) -> Metrics:
    if not dataset.further_targets:
        return _measure_values(dataset, actual_values(dataset, part), dataset.scaling.values(A[0]))
    each = {
        name: _measure_values(dataset, actual_values(dataset, part, place), dataset.scalings[place].values(A[place]))
        for place, name in enumerate(dataset.targets)
    }
    rows = list(each.values())
    means = {
        name: None if value is None else float(np.mean([row[name] for row in rows])) for name, value in rows[0].items()
    }
    return {**means, "targets": each}


def _measure_values(dataset: Dataset, truth: Array, values: Array) -> Metrics:
    from sklearn import metrics

    found: Metrics = {
        "r2": float(metrics.r2_score(truth, values)) if truth.min() < truth.max() else None,
        "rmse": float(metrics.root_mean_squared_error(truth, values)),
        "mae": float(metrics.mean_absolute_error(truth, values)),
    }
    own = loss_metric(dataset)
    if own is not None and own.name not in found:
        mean = float(own.errors(truth, values).mean())
        found[own.name] = mean if np.isfinite(mean) else None
    if quantile_of(dataset) is not None:
        found["share_below"] = float((truth <= values).mean())
    return found


def actual_values(dataset: Dataset, part: DatasetPart, place: int = 0) -> Array:
    """The values (m,) of a target in a part, in its own unit; `place` counts the targets from 0."""
    return dataset.scalings[place].unbounded(part.Y[place])


def class_numbers(dataset: Dataset, part: DatasetPart) -> npt.NDArray[np.int64]:
    """The class of every example of a part, as numbers (m,)."""
    truth = part.Y[0] if dataset.labels == "binary" else part.Y.argmax(axis=0)
    return np.asarray(truth, dtype=np.int64)


def probabilities(dataset: Dataset, A: Array) -> Array:
    """The predictions A (nL, m) as (m, classes): rows that add up to 1, away from 0 so that no log-loss is infinite."""
    P = np.vstack([1.0 - A[0], A[0]]) if dataset.labels == "binary" else A
    P = np.clip(P.T.astype(np.float64), TINY, 1.0)
    return np.asarray(P / P.sum(axis=1, keepdims=True))
