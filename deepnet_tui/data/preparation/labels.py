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


def label_names(y: Array, classes: tuple[str, ...]) -> Array:
    """The class names of class numbers (m,); values as they are."""
    return np.array(classes, dtype=object)[y] if classes else y
