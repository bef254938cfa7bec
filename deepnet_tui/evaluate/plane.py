"""Planes through the inputs of a network: two features, or the two principal components."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from deepnet_tui.data.plane.transforms import Transform
from deepnet_tui.data.preparation.encoders import encode_present
from deepnet_tui.data.preparation.entries import Numeric, input_count
from deepnet_tui.data.preparation.inverse import raw_numbers
from engine.arrays import Array
from engine.diagnostics import statistics

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset

MARGIN = 0.08  # of the range, left free around the examples
MOST_EXAMPLES = 2_000  # that are drawn, and that the components are found from


@dataclass(frozen=True)
class Axis:
    """A feature that a plane may show: an input, or the `count` inputs from `first` on of a column of numbers."""

    first: int
    name: str
    count: int = 1
    column: Numeric | None = None


def axes(dataset: Dataset) -> tuple[Axis, ...]:
    """The features of a dataset: a column of numbers is one, whatever the number of its inputs; so is each other
    input."""
    found: list[Axis] = []
    for entry in dataset.preparation.entries:
        at, count = (found[-1].first + found[-1].count if found else 0), input_count(entry)
        if isinstance(entry, Numeric) and (count > 1 or entry.clip):
            found.append(Axis(at, entry.name, count, entry))
        else:
            found += [Axis(place, dataset.inputs[place]) for place in range(at, at + count)]
    return tuple(found) or tuple(Axis(place, name) for place, name in enumerate(dataset.inputs))


@dataclass(frozen=True)
class Plane:
    """`centre` (n0, 1) and `directions` (n0, k): the point (u, v) of the plane is centre + directions lift([u; v]).

    `lift` is the identity, except for a coordinate that is the value of one of the `columns`: it becomes the inputs
    of that column. The last directions are those of the `transforms`, which follow from the coordinates: `scales` has
    for each coordinate the name of its column, and scale and mean of its values.
    `low` and `high` are the corners (u, v) of the part that is shown; `names` are those of the two
    axes. A `principal` plane mixes all features; otherwise there may be `others`, which stay at their mean.
    """

    centre: Array
    directions: Array
    low: tuple[float, float]
    high: tuple[float, float]
    names: tuple[str, str]
    principal: bool = False
    columns: tuple[Numeric | None, Numeric | None] = (None, None)
    others: bool = False
    transforms: tuple[Transform, ...] = ()
    scales: tuple[tuple[str, float, float], ...] = ()

    def project(self, X: Array) -> Array:
        """The coordinates (2, m) of the inputs X (n0, m)."""
        inputs = np.asarray(self.directions.T @ (X - self.centre))
        first, second = self.columns
        u = raw_numbers(first, inputs[0]) if first else inputs[0]
        v = inputs[input_count(first) if first else 1]
        return np.stack([u, raw_numbers(second, v) if second else v])

    def lift(self, points: Array) -> Array:
        """The inputs (k, P) along the directions at points (2, P)."""
        parts = []
        for column, values in zip(self.columns, points, strict=True):
            rows = np.empty((input_count(column) if column else 1, points.shape[1]))
            if column:
                encode_present(column, values, rows)
            else:
                rows[0] = values
            parts.append(rows)
        if self.transforms:
            raw = zip(self.scales, points, strict=True)
            values = {name: each * scale + mean for (name, scale, mean), each in raw}
            parts += [transform.values(values)[np.newaxis] for transform in self.transforms]
        return np.concatenate(parts)

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
    """The plane of two of the `axes`, the others at their mean. A single one is shown along a line."""
    X, known = dataset.train.X, axes(dataset)
    across, up = known[first], known[second] if len(known) > 1 else None
    transforms, scales = _transforms(dataset, [across, up] if up else [across])
    width = across.count + (up.count if up else 1)
    directions = np.zeros((X.shape[0], width + len(transforms)))
    centre = X.mean(axis=1, keepdims=True)
    for axis, at in ((across, 0), *(((up, across.count),) if up else ())):
        here = np.arange(axis.count)
        directions[axis.first + here, at + here] = 1.0
        centre[axis.first + here] = 0.0
    made = len(X) - len(dataset.preparation.transforms)
    for at, transform in enumerate(transforms, start=width):
        row = made + dataset.preparation.transforms.index(transform)
        directions[row, at], centre[row] = 1.0, 0.0
    names, columns = (across.name, up.name if up else ""), (across.column, up.column if up else None)
    plane = Plane(centre, directions, (0, 0), (1, 1), names, columns=columns, others=len(known) > 2)
    plane = replace(plane, transforms=transforms, scales=scales)
    return _framed(plane, dataset)


def _transforms(
    dataset: Dataset, shown: list[Axis]
) -> tuple[tuple[Transform, ...], tuple[tuple[str, float, float], ...]]:
    """The transforms of nothing but the columns that are shown, and name, scale and mean of these."""
    numbers = {entry.name: entry for entry in dataset.preparation.entries if isinstance(entry, Numeric)}
    scales = []
    for axis in shown:
        entry = numbers.get(axis.name)
        if entry is None:
            return (), ()
        scales.append((axis.name, 1.0, 0.0) if axis.column else (axis.name, entry.scale, entry.mean))
    names = {axis.name for axis in shown}
    return tuple(each for each in dataset.preparation.transforms if names >= set(each.columns)), tuple(scales)


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
    for name, column, low, high in zip(plane.names, plane.columns, plane.low, plane.high, strict=True):
        scale, mean = (1.0, 0.0) if column else scales.get(name, (1.0, 0.0))
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
