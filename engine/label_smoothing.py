"""Label smoothing: a share of each label is spread evenly over the classes (Szegedy et al. 2016)."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array


def smoothed(Y: Array, share: float, labels: str, dtype: str = "float64") -> Array:
    """y (1 - share) + share / C of labels Y (nL, m) that are 0 and 1, for C classes; Y itself if `share` is 0.

    `labels` is "binary", where each row has two classes, or "one-hot", where each row is a class.
    """
    if not share:
        return Y
    spread = share / (2 if labels == "binary" else len(Y))
    return np.asarray(np.asarray(Y, dtype) * (1 - share) + spread)


def hard_labels(Y: Array) -> Array:
    """0 and 1 again from smoothed labels (nL, m): exactly, for shares up to 1/2."""
    return np.asarray(Y > 0.5, Y.dtype)
