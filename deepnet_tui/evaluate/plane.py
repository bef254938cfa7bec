"""Planes through the inputs of a network: two features, or the two principal components."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from deepnet_tui.data.preparation.entries import Numeric
from engine.arrays import Array
from engine.diagnostics import statistics

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset

MARGIN = 0.08  # of the range, left free around the examples
MOST_EXAMPLES = 2_000  # that are drawn, and that the components are found from


@dataclass(frozen=True)
class Plane:
    """`centre` (n0, 1) and `directions` (n0, 2): the point (u, v) of the plane is centre + directions [u; v].

    `low` and `high` are the corners (u, v) of the part that is shown; `names` are those of the two axes. A `principal`
    plane mixes all features.
    """

    centre: Array
    directions: Array
    low: tuple[float, float]
    high: tuple[float, float]
    names: tuple[str, str]
    principal: bool = False

    def project(self, X: Array) -> Array:
        """The coordinates (2, m) of the inputs X (n0, m)."""
        return np.asarray(self.directions.T @ (X - self.centre))

    def points(self, columns: int, rows: int) -> Array:
        """The centres (2, rows * columns) of the cells of a raster, row by row from the top left."""
        u = self.low[0] + (np.arange(columns) + 0.5) / columns * (self.high[0] - self.low[0])
        v = self.high[1] - (np.arange(rows) + 0.5) / rows * (self.high[1] - self.low[1])
        return np.stack([np.tile(u, rows), np.repeat(v, columns)])

    def cells(self, X: Array, columns: int, rows: int) -> tuple[Array, Array]:
        """Column and row (m,) of the inputs X (n0, m) in such a raster; -1 for what lies outside."""
        u, v = self.project(X)
        column = np.floor((u - self.low[0]) / (self.high[0] - self.low[0]) * columns).astype(int)
        row = np.floor((self.high[1] - v) / (self.high[1] - self.low[1]) * rows).astype(int)
        outside = (column < 0) | (column >= columns) | (row < 0) | (row >= rows)
        return np.where(outside, -1, column), np.where(outside, -1, row)


def features(dataset: Dataset, first: int, second: int) -> Plane:
    """The plane of two features, the others at their mean. A network of one input is shown along a line."""
    X = dataset.train.X
    n0 = X.shape[0]
    directions = np.zeros((n0, 2))
    directions[first, 0] = 1.0
    if n0 > 1:
        directions[second, 1] = 1.0
    centre = X.mean(axis=1, keepdims=True)
    centre[[first, second]] = 0.0
    names = (dataset.inputs[first], dataset.inputs[second] if n0 > 1 else "")
    return _framed(Plane(centre, directions, (0, 0), (1, 1), names), dataset)


def components(dataset: Dataset) -> Plane:
    """The plane in which the training examples vary most: their first two principal components."""
    X = dataset.train.X
    few = X[:, sample(X.shape[1])]
    centre = few.mean(axis=1, keepdims=True)
    centred = few - centre
    wide = len(centred) > centred.shape[1]
    _, vectors = np.linalg.eigh(centred.T @ centred if wide else centred @ centred.T)
    directions = (centred @ vectors if wide else vectors)[:, :-3:-1]
    norms = np.linalg.norm(directions, axis=0)
    directions = directions / np.where(norms > 0, norms, 1.0)
    signs = np.sign(directions[np.abs(directions).argmax(axis=0), [0, 1]])
    directions = directions * np.where(signs == 0, 1, signs)
    plane = Plane(centre, directions, (0, 0), (1, 1), ("component 1", "component 2"), principal=True)
    return _framed(plane, dataset)


def ends(dataset: Dataset, plane: Plane) -> list[tuple[float, float]]:
    """Where each axis begins and ends: in the feature's own unit, where the axis is a numeric feature."""
    scales = {
        entry.name: (entry.scale, entry.mean) for entry in dataset.preparation.entries if isinstance(entry, Numeric)
    }
    found = []
    for name, low, high in zip(plane.names, plane.low, plane.high, strict=True):
        scale, mean = scales.get(name, (1.0, 0.0))
        found.append((low * scale + mean, high * scale + mean))
    return found


def sample(m: int) -> Array:
    """The places of at most MOST_EXAMPLES of m examples, always the same ones."""
    return statistics.places(m, MOST_EXAMPLES)


def _framed(plane: Plane, dataset: Dataset) -> Plane:
    """The plane with corners around the training examples."""
    X = dataset.train.X
    at = plane.project(X[:, sample(X.shape[1])])
    low, high = at.min(axis=1), at.max(axis=1)
    room = np.where(high > low, (high - low) * MARGIN, 1.0)
    (left, bottom), (right, top) = low - room, high + room
    return replace(plane, low=(float(left), float(bottom)), high=(float(right), float(top)))
