"""The truth of the examples of a data set."""

from __future__ import annotations

import numpy as np

from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.parts import DatasetPart
from engine.arrays import Array


def truth_of(dataset: Dataset, part: DatasetPart) -> Array:
    """The truth of a part's examples, as `scores.Score` takes it."""
    if dataset.labels == "binary":
        return np.asarray(part.Y[0], dtype=np.int64)
    if dataset.labels == "one-hot":
        return np.asarray(part.Y.argmax(axis=0))
    values = np.stack([scaling.unbounded(row) for scaling, row in zip(dataset.scalings, part.Y, strict=True)], axis=1)
    return values if dataset.further_targets else np.asarray(values[:, 0])
