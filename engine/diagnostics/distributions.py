"""How the numbers of every layer are spread: its weights, its activations and the gradients of its weights.

A spread is a bounded set of order statistics instead of a histogram, so that it can be drawn over any range later.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine import network as passes
from engine.arrays import Array
from engine.diagnostics.statistics import Sample
from engine.spec import NetworkSpec

KINDS = ("weights", "activations", "gradients")
POINTS = 129  # order statistics of a spread, evenly spaced
MOST_VALUES = 50_000  # of one layer that are looked at

Spreads = dict[str, tuple[Array, ...]]  # by kind, for each layer


def spreads(network: NetworkSpec, parameters: Mapping[str, Array], sample: Sample) -> Spreads:
    """For each of KINDS the spread of every layer, 1 to L: at most POINTS numbers, ascending, from least to largest.

    Activations are A, gradients dW, both over the examples of `sample`. Numbers that are not finite are left out.
    """
    values = {name: np.asarray(value, np.float64) for name, value in parameters.items()}
    layers = range(1, len(network.layers) + 1)
    with np.errstate(all="ignore"):
        passed = passes.forward(network, values, sample.X)
        grads = passes.backward(network, values, sample.X, sample.Y, 0, 0, sample.weight, passed)
    return {
        "weights": tuple(spread(values[f"W{layer}"]) for layer in layers),
        "activations": tuple(spread(passed[f"A{layer}"]) for layer in layers),
        "gradients": tuple(spread(grads[f"dW{layer}"]) for layer in layers),
    }


def spread(values: Array) -> Array:
    """At most POINTS of the finite `values`, ascending: the least, the largest, and those evenly between in rank."""
    flat = values.ravel()
    flat = flat[:: max(1, flat.size // MOST_VALUES)]
    ordered = np.sort(flat[np.isfinite(flat)])
    if ordered.size > POINTS:
        ordered = ordered[np.linspace(0, ordered.size - 1, POINTS).round().astype(np.int64)]
    return ordered.astype(np.float32)


def bounds(spreads_: list[Array]) -> tuple[float, float]:
    """The range in which nearly all numbers of these spreads lie; one of width 2 around a single number."""
    inner = [each[each.size // 100 : each.size - each.size // 100] for each in spreads_ if each.size]
    if not inner:
        return -1.0, 1.0
    low, high = float(min(each[0] for each in inner)), float(max(each[-1] for each in inner))
    if high > low:
        return low, high
    return (low - 1.0, high + 1.0) if abs(low) < 1.0 else (low - abs(low), high + abs(high))


def density(spread_: Array, low: float, high: float, bins: int) -> Array:
    """The share (bins,) of a spread's numbers in each of so many equal parts from low to high."""
    if not spread_.size:
        return np.zeros(bins)
    scale = bins / (high - low)
    with np.errstate(all="ignore"):
        places = np.clip((spread_.astype(np.float64) - low) * scale, 0, bins - 1).astype(np.int64)
    inside = (spread_ >= np.float32(low)) & (spread_ <= np.float32(high))
    return np.bincount(places[inside], minlength=bins) / spread_.size
