"""Labels as the network learns them, and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deepnet_tui.data.targets.scale import PLAIN, TargetScale
from engine.arrays import Array
from engine.ops.losses import LOSSES


def label_matrix(y: Array, task: str, classes: int, scaling: TargetScale = PLAIN) -> Array:
    """The matrix Y (nL, m): 0/1 or one-hot from class numbers (m,), or the outputs for values (m,)."""
    labels = LOSSES[task].labels
    if labels == "numbers":
        return scaling.outputs(y)[np.newaxis, :]
    if labels == "binary":
        return y[np.newaxis, :].astype(np.float64)
    hot: Array = (np.arange(classes)[:, np.newaxis] == y).astype(np.float64)
    return hot


def labels_of(targets: Sequence[Array], task: str, classes: int, scalings: Sequence[TargetScale]) -> Array:
    """The matrix Y (nL, m) of one target (m,), or the rows of several, each with its scale."""
    each = zip(targets, scalings, strict=True)
    return np.concatenate([label_matrix(y, task, classes, scaling) for y, scaling in each])


def amounts(Y: Array, scaling: TargetScale) -> Array:
    """The targets in their own unit again, whole numbers and 0 without the rounding of the way there."""
    values = scaling.unbounded(Y)
    whole, largest = np.round(values), np.abs(values).max(initial=0.0)
    return np.asarray(np.where(np.abs(values - whole) <= 1e-12 * largest, whole, values))


def label_names(y: Array, classes: tuple[str, ...]) -> Array:
    """The class names of class numbers (m,); values as they are."""
    return np.array(classes, dtype=object)[y] if classes else y
