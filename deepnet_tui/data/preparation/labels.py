"""Labels as the network learns them, and back."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.ops.losses import LOSSES


def label_matrix(y: Array, task: str, classes: int, mean: float = 0.0, scale: float = 1.0) -> Array:
    """The matrix Y (nL, m): 0/1 or one-hot from class numbers (m,), or values (m,) standardised."""
    labels = LOSSES[task].labels
    if labels == "numbers":
        return np.asarray((y - mean) / scale)[np.newaxis, :]
    if labels == "binary":
        return y[np.newaxis, :].astype(np.float64)
    hot: Array = (np.arange(classes)[:, np.newaxis] == y).astype(np.float64)
    return hot


def amounts(Y: Array, mean: float, scale: float) -> Array:
    """Standardised values in their own unit again, whole numbers and 0 without the rounding of the way there."""
    values = Y * scale + mean
    whole = np.round(values)
    return np.asarray(np.where(np.abs(values - whole) <= 1e-12 * (abs(mean) + scale + np.abs(values)), whole, values))


def label_names(y: Array, classes: tuple[str, ...]) -> Array:
    """The class names of class numbers (m,); values as they are."""
    return np.array(classes, dtype=object)[y] if classes else y
