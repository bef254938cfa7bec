"""The last steps, the same for every source: label matrices and parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from deepnet_tui.data.dataset import Part
from deepnet_tui.data.preparation.encoding import Preparation, Prepared, Words
from engine.arrays import Array


def labels(y: Array, task: str, classes: int, mean: float = 0.0, scale: float = 1.0) -> Array:
    """The label matrix (nL, m) of class numbers (m,), or of values (m,) standardised."""
    if task == "regression":
        return np.asarray((y - mean) / scale)[np.newaxis, :]
    if task == "binary":
        return y[np.newaxis, :].astype(np.float64)
    hot: Array = (np.arange(classes)[:, np.newaxis] == y).astype(np.float64)
    return hot


def named(y: Array, classes: tuple[str, ...]) -> Array:
    """The class names of class numbers (m,); values as they are."""
    return np.array(classes, dtype=object)[y] if classes else y


def part(preparation: Preparation, columns: Mapping[str, Any], Y: Array, rows: Array) -> Part:
    """The examples in `rows`, prepared."""
    return told_part(preparation, columns, Y, rows)[0]


def told_part(preparation: Preparation, columns: Mapping[str, Any], Y: Array, rows: Array) -> tuple[Part, Prepared]:
    """The examples in `rows`, and what the preparation has to tell about them."""
    taken = {name: take(columns[name], rows) for name in preparation.columns}
    prepared = preparation.apply(taken)
    return Part(prepared.X, np.ascontiguousarray(Y[:, rows]), rows), prepared


def take(values: Any, rows: Array) -> Any:
    """Some rows of one column."""
    if len(rows) == len(values):
        return values
    return Words(values.words, values.codes[rows]) if isinstance(values, Words) else values[rows]
