"""A network's output over a plane through its inputs: numbers only, no screen.

The first layer of a network restricted to a plane needs only the inputs along its directions, W1 D and W1 c + b1 for
directions D and centre c, so that a map costs the same whatever the number of features.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from deepnet_tui.drawing.palettes import LEVELS
from deepnet_tui.evaluate.plane import Plane, sample
from engine.arrays import Array
from engine.network import forward
from engine.ops.losses import LOSSES
from engine.predictor import Predictor, layers_of
from engine.spec import NetworkSpec

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset

WORK = 3e7  # floating-point operations that one map may take
BANDS = 6  # of a number in the discrete mode


def restricted(
    network: NetworkSpec, parameters: Mapping[str, Array], plane: Plane
) -> tuple[NetworkSpec, dict[str, Array]]:
    """The same network on the plane: its inputs are those that `Plane.lift` gives, mostly (u, v)."""
    W, b = np.asarray(parameters["W1"], float), np.asarray(parameters["b1"], float)
    first = {"W1": W @ plane.directions, "b1": W @ plane.centre + b}
    rest = {name: np.asarray(value, float) for name, value in parameters.items() if name not in first}
    return replace(network, inputs=plane.directions.shape[1]), first | rest


def coarseness(network: NetworkSpec, points: int) -> int:
    """1, 2, 4 ...: how many cells of a raster, across and down, share one point, so that a map stays affordable."""
    step, cost = 1, 2.0 * points * network.size
    while cost / step**2 > WORK and step < 16:
        step *= 2
    return step


def raster(network: NetworkSpec, parameters: Mapping[str, Array], plane: Plane, columns: int, rows: int) -> Array:
    """The network's outputs (nL, rows, columns) over the plane."""
    small, values = restricted(network, parameters, plane)
    step = coarseness(small, columns * rows)
    wide, tall = -(-columns // step), -(-rows // step)
    out: Array = Predictor(small, layers_of(values))(plane.lift(plane.points(wide, tall))).reshape(-1, tall, wide)
    if step > 1:
        out = out.repeat(step, axis=1).repeat(step, axis=2)[:, :rows, :columns]
    return out


def units(network: NetworkSpec, parameters: Mapping[str, Array], plane: Plane, columns: int, rows: int) -> list[Array]:
    """For every hidden layer the activations (units, rows, columns) over the plane."""
    small, values = restricted(network, parameters, plane)
    with np.errstate(all="ignore"):
        passed = forward(small, values, plane.lift(plane.points(columns, rows)))
    return [passed[f"A{layer}"].reshape(-1, rows, columns) for layer in range(1, len(small.layers))]


def levels(task: str, outputs: Array, scale: tuple[float, float] = (0.0, 1.0), *, discrete: bool = False) -> Array:
    """The colour of each point (rows, columns), for outputs (nL, rows, columns): a place in the palette.

    Binary: 0 to LEVELS - 1 from class 0 to class 1. Multiclass: class * LEVELS, and more the higher the confidence.
    Regression: 0 to LEVELS - 1 over `scale`. Only the first output of several is shown, except for classes. A value
    that is not finite gets 0.
    """
    labels = LOSSES[task].labels
    if labels == "one-hot":
        best = outputs.argmax(axis=0)
        chance = 1 / len(outputs)
        share = 0.15 + 0.85 * (outputs.max(axis=0) - chance) / (1 - chance)
        share = np.full(best.shape, 0.75) if discrete else share
        return np.asarray(best * LEVELS + _places(share, LEVELS))
    low, high = scale if labels == "numbers" else (0.0, 1.0)
    share = (outputs[0] - low) / (high - low if high > low else 1.0)
    if discrete and labels == "binary":
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
    """Examples to be drawn: inputs X (n0, m), the class or the place in the palette of each (m,), and whether it is of
    the validation part (m,)."""

    X: Array
    label: Array
    validation: Array


def drawn_examples(dataset: Dataset) -> DrawnExamples:
    """A bounded sample of the training and the validation examples."""
    inputs, labels, validation = [], [], []
    parts = [(dataset.train, False)] + ([(dataset.validation, True)] if dataset.validation is not None else [])
    for part, in_validation in parts:
        some = sample(part.m)
        inputs.append(part.X[:, some])
        labels.append(part.Y[:, some])
        validation.append(np.full(some.size, in_validation))
    Y = np.concatenate(labels, axis=1)
    if dataset.labels == "one-hot":
        label = Y.argmax(axis=0)
    elif dataset.labels == "binary":
        label = (Y[0] > 0.5).astype(int)
    else:
        low, high = value_range(dataset)
        label = _places((Y[0] - low) / (high - low), LEVELS)
    return DrawnExamples(np.concatenate(inputs, axis=1), label, np.concatenate(validation))


def value_range(dataset: Dataset) -> tuple[float, float]:
    """The range of a regression's target in the training part."""
    values = dataset.train.Y[0]
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 1.0, high + 1.0)
