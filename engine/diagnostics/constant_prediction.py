"""The best prediction that is the same for every example, of numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.arrays import Array
from engine.ops.loss import Loss
from engine.ops.losses import losses, squared_error

FARTHEST = 2.0**30
GOLDEN = (5**0.5 - 1) / 2
NARROWINGS = 100  # of the interval, to 1e-20 of its width


def best_constant_loss(loss: Loss, Y: Array, weight: Array) -> float:
    """The least weighted mean loss of one pre-activation z for all labels Y (nL, m), added up over the outputs.

    The loss must be convex in z, as all of them are.
    """
    if loss.values is squared_error:
        mean = Y @ weight / weight.sum()
        return float(np.square(Y - mean[:, None]).sum(axis=0) @ weight / weight.sum() / 2)

    def least(row: Array) -> float:
        return _minimum(lambda z: float(losses(loss, np.full((1, row.size), z), row[None]) @ weight / weight.sum()))

    with np.errstate(all="ignore"):
        return sum(least(row) for row in Y)


def _minimum(function: Callable[[float], float]) -> float:
    """The minimum of a convex function, by golden sections of an interval that is widened until it holds it."""
    low, high = -1.0, 1.0
    while function(2 * low) < function(low) and low > -FARTHEST:
        low *= 2
    while function(2 * high) < function(high) and high < FARTHEST:
        high *= 2
    low, high = 2 * low, 2 * high
    for _ in range(NARROWINGS):
        first, second = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        if function(first) <= function(second):
            high = second
        else:
            low = first
    return function((low + high) / 2)
