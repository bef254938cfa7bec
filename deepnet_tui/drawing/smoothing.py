"""Smoothing of curves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.arrays import Array

SMALLEST = 1e-100  # weight up to which a block of values is smoothed in one go


def exponential_mean(values: Array, weight: float) -> Array:
    """The exponential moving average (n,) of values (n,): each of the former counts `weight` times the next one.

    As in TensorBoard it does not begin at 0: the first value stays as it is. `weight` lies from 0 (which changes
    nothing) to below 1. What is not finite is passed by, and stays.
    """
    import numpy as np

    smooth = np.array(values, dtype=np.float64)
    good = np.isfinite(smooth)
    if not SMALLEST < weight < 1.0 or not good.any():
        return smooth
    y = smooth[good]
    block = max(1, min(len(y), int(math.log(SMALLEST) / math.log(weight))))
    powers = weight ** np.arange(1, block + 1)
    found = np.empty_like(y)
    mean = total = 0.0
    for start in range(0, len(y), block):
        part = y[start : start + block]
        falling = powers[: len(part)]
        sums = falling * (mean + np.cumsum((1 - weight) * part / falling))
        weights = falling * (total + np.cumsum((1 - weight) / falling))
        found[start : start + block] = sums / weights
        mean, total = float(sums[-1]), float(weights[-1])
    smooth[good] = found
    return smooth
