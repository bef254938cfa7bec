"""A network's output over a plane through its inputs: numbers only, no screen.

A plane has two directions in the space of the inputs. The first layer of a network restricted to it needs only two
inputs, W1 D and W1 c + b1, so that a map costs the same whatever the number of features.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from deepnet_tui.data.preparation.encoding import Numeric
from deepnet_tui.drawing.palettes import LEVELS
from engine.arrays import Array
from engine.network import Predictor, forward, layers_of
from engine.spec import NetworkSpec

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset

MARGIN = 0.08  # of the range, left free around the examples
MOST_EXAMPLES = 2_000  # that are drawn, and that the components are found from
WORK = 3e7  # floating-point operations that one map may take
BANDS = 6  # of a number in the discrete mode


@dataclass(frozen=True)
class Plane:
    """`centre` (n0, 1) and `directions` (n0, 2): the point (u, v) of the plane is centre + directions [u; v].

    `low` and `high` are the corners (u, v) of the part that is shown; `names` are those of the two axes. `principal`
    planes mix all features.
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
        """The middles (2, rows * columns) of a raster, from top left line by line."""
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
    few = X[:, _some(X.shape[1])]
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
    """Where each axis begins and ends: in the feature's own unit, where the axis is a number's."""
    scales = {
        entry.name: (entry.scale, entry.mean) for entry in dataset.preparation.entries if isinstance(entry, Numeric)
    }
    found = []
    for name, low, high in zip(plane.names, plane.low, plane.high, strict=True):
        scale, mean = scales.get(name, (1.0, 0.0))
        found.append((low * scale + mean, high * scale + mean))
    return found


def _some(m: int) -> Array:
    return np.arange(m) if m <= MOST_EXAMPLES else np.sort(np.random.default_rng(0).permutation(m)[:MOST_EXAMPLES])


def _framed(plane: Plane, dataset: Dataset) -> Plane:
    """The plane with corners around the training examples."""
    X = dataset.train.X
    at = plane.project(X[:, _some(X.shape[1])])
    low, high = at.min(axis=1), at.max(axis=1)
    room = np.where(high > low, (high - low) * MARGIN, 1.0)
    (left, bottom), (right, top) = low - room, high + room
    return replace(plane, low=(float(left), float(bottom)), high=(float(right), float(top)))


def restricted(
    network: NetworkSpec, parameters: Mapping[str, Array], plane: Plane
) -> tuple[NetworkSpec, dict[str, Array]]:
    """The same network on the plane: two inputs, (u, v)."""
    W, b = np.asarray(parameters["W1"], float), np.asarray(parameters["b1"], float)
    first = {"W1": W @ plane.directions, "b1": W @ plane.centre + b}
    rest = {name: np.asarray(value, float) for name, value in parameters.items() if name not in first}
    return replace(network, inputs=2), first | rest


def coarseness(network: NetworkSpec, points: int) -> int:
    """1, 2, 4 ...: every how many points of a raster the network is asked, so that a map stays affordable."""
    step, cost = 1, 2.0 * points * network.size
    while cost / step**2 > WORK and step < 16:
        step *= 2
    return step


def raster(network: NetworkSpec, parameters: Mapping[str, Array], plane: Plane, columns: int, rows: int) -> Array:
    """The network's outputs (nL, rows, columns) over the plane."""
    small, values = restricted(network, parameters, plane)
    step = coarseness(small, columns * rows)
    wide, tall = -(-columns // step), -(-rows // step)
    out: Array = Predictor(small, layers_of(values))(plane.points(wide, tall)).reshape(-1, tall, wide)
    if step > 1:
        out = out.repeat(step, axis=1).repeat(step, axis=2)[:, :rows, :columns]
    return out


def units(network: NetworkSpec, parameters: Mapping[str, Array], plane: Plane, columns: int, rows: int) -> list[Array]:
    """For every hidden layer the activations (units, rows, columns) over the plane."""
    small, values = restricted(network, parameters, plane)
    with np.errstate(all="ignore"):
        passed = forward(small, values, plane.points(columns, rows))
    return [passed[f"A{layer}"].reshape(-1, rows, columns) for layer in range(1, len(small.layers))]


def levels(task: str, outputs: Array, scale: tuple[float, float] = (0.0, 1.0), *, discrete: bool = False) -> Array:
    """What colour each point (rows, columns) of the outputs (nL, rows, columns) gets: a place in the palette.

    Binary: 0 to LEVELS - 1 from class 0 to class 1. Multiclass: class * LEVELS + how sure. Regression: 0 to LEVELS - 1
    over `scale`. Only the first output of several is shown, except for classes. A value that is not finite gets 0.
    """
    if task == "multiclass":
        best = outputs.argmax(axis=0)
        chance = 1 / len(outputs)
        sure = np.full(best.shape, 0.75) if discrete else 0.15 + 0.85 * (outputs.max(axis=0) - chance) / (1 - chance)
        return np.asarray(best * LEVELS + _places(sure, LEVELS))
    low, high = scale if task == "regression" else (0.0, 1.0)
    share = (outputs[0] - low) / (high - low if high > low else 1.0)
    if discrete and task == "binary":
        return np.where(share > 0.5, int(LEVELS * 0.85), int(LEVELS * 0.15))
    if discrete:
        share = np.floor(np.clip(np.nan_to_num(share), 0, 0.999) * BANDS) / (BANDS - 1)
    return _places(share, LEVELS)


def signed_levels(values: Array) -> Array:
    """Places in a diverging palette: 0 in the middle, the largest size of each map (..., rows, columns) at an end."""
    with np.errstate(invalid="ignore"):
        largest = np.nanmax(np.abs(values), axis=(-2, -1), initial=0.0, keepdims=True)
    largest = np.where(np.isfinite(largest) & (largest > 0), largest, 1.0)
    return _places(0.5 + 0.5 * values / largest, LEVELS)


def _places(share: Array, count: int) -> Array:
    places: Array = np.clip(np.nan_to_num(share, posinf=1.0, neginf=0.0) * (count - 1) + 0.5, 0, count - 1)
    return places.astype(np.int64)


@dataclass(frozen=True)
class DrawnExamples:
    """Examples to be drawn: inputs X (n0, m), the class or colour place of each (m,), and whether it is held out."""

    X: Array
    label: Array
    validation: Array


def drawn_examples(dataset: Dataset) -> DrawnExamples:
    """A bounded sample of the training and the held-out examples."""
    inputs, labels, held = [], [], []
    parts = [(dataset.train, False)] + ([(dataset.validation, True)] if dataset.validation is not None else [])
    for part, apart in parts:
        some = _some(part.m)
        inputs.append(part.X[:, some])
        labels.append(part.Y[:, some])
        held.append(np.full(some.size, apart))
    Y = np.concatenate(labels, axis=1)
    if dataset.task == "multiclass":
        label = Y.argmax(axis=0)
    elif dataset.task == "binary":
        label = (Y[0] > 0.5).astype(int)
    else:
        low, high = value_range(dataset)
        label = _places((Y[0] - low) / (high - low), LEVELS)
    return DrawnExamples(np.concatenate(inputs, axis=1), label, np.concatenate(held))


def value_range(dataset: Dataset) -> tuple[float, float]:
    """The range of a regression's target in the training part."""
    values = dataset.train.Y[0]
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 1.0, high + 1.0)
