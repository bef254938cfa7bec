"""The metric of a loss for numbers, where that is not the squared error: what the network was trained to make small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from deepnet_tui.data.dataset import Dataset
from engine.arrays import Array
from engine.ops.loss import Loss
from engine.ops.losses import LOSSES


@dataclass(frozen=True)
class LossMetric:
    """`name` is what it is called in JSON, `title` in a table and `sentence` in a sentence.

    `errors(actual, predicted)` gives that of each example, in the unit of the target; their mean is the metric. They
    are not finite where a prediction is not allowed.
    """

    name: str
    title: str
    sentence: str
    errors: Callable[[Array, Array], Array]


def loss_metric(dataset: Dataset) -> LossMetric | None:
    """The metric of the loss that the data are made ready for; None where RMSE is that of the loss, or near it."""
    if (level := quantile_of(dataset)) is not None:
        title, sentence = f"pinball {level:g}", f"pinball loss of the quantile {level:g}"
        return LossMetric("pinball_loss", title, sentence, lambda y, p: pinball_errors(y, p, level))
    if dataset.loss is LOSSES["absolute"]:
        return LossMetric("mae", "MAE", "MAE", lambda y, p: np.asarray(np.abs(y - p)))
    if dataset.loss is LOSSES["poisson"]:
        return LossMetric("poisson_deviance", "Poisson dev.", "mean Poisson deviance", poisson_errors)
    return None


def quantile_of(dataset: Dataset) -> float | None:
    """The quantile that the network predicts, None where it predicts none."""
    loss: Loss | None = dataset.loss
    return None if loss is None else loss.quantile


def pinball_errors(actual: Array, predicted: Array, quantile: float) -> Array:
    """q (y - p) where the actual value y is larger, (1 - q) (p - y) elsewhere: each (m,)."""
    error = predicted - actual
    return np.asarray(np.maximum((1 - quantile) * error, -quantile * error))


def poisson_errors(actual: Array, predicted: Array) -> Array:
    """2 (y log(y / p) - y + p): each (m,); nan where a prediction is not above 0."""
    allowed = predicted > 0
    p = np.where(allowed, predicted, 1.0)
    least = actual * np.log(np.where(actual > 0, actual, 1.0) / p)
    return np.where(allowed, 2 * (least - actual + p), np.nan)
