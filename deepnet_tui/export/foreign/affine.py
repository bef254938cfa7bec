"""The values that are followed through a foreign graph: constants are arrays, everything else is an `Affine`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.export.foreign.dense import DenseLayer
from engine.arrays import Array

LARGEST = 100_000_000  # numbers in one array


def check_size(*sizes: int) -> None:
    """Raise InputError for an array of these sizes that is larger than any network here needs."""
    if math.prod(sizes) > LARGEST:
        raise InputError(f"it makes an array of {math.prod(sizes):,} numbers, and {LARGEST:,} are allowed")


@dataclass(frozen=True, eq=False)
class Source:
    """What values are computed from: the inputs of the graph (`layer` is None), or the outputs of a layer."""

    size: int
    layer: DenseLayer | None = None
    before: Affine | None = None


@dataclass(frozen=True, eq=False)
class Affine:
    """A value (N, *dims): (x W) * factor + shift for the numbers x (N, n) of a source.

    `W` is (n, size); None says that the value has the numbers `pick` (size,) of x instead.
    """

    source: Source
    dims: tuple[int, ...]
    factor: Array
    shift: Array
    pick: Array
    W: Array | None = field(default=None)

    @property
    def size(self) -> int:
        return len(self.shift)

    @property
    def is_plain(self) -> bool:
        """Whether it is all numbers of its source, as they are."""
        same = self.W is None and np.array_equal(self.pick, np.arange(self.source.size))
        return bool(same and (self.factor == 1.0).all() and (self.shift == 0.0).all())

    def scaled(self, factor: Array) -> Affine:
        return replace(self, factor=self.factor * factor, shift=self.shift * factor)

    def moved(self, shift: Array) -> Affine:
        return replace(self, shift=self.shift + shift)

    def times(self, V: Array) -> Affine:
        """The product with V (size, k); a value that is a product already is a linear layer from here on."""
        value = self if self.W is None else activated(self, "linear")
        check_size(value.source.size, V.shape[1])
        W = np.zeros((value.source.size, V.shape[1]))
        np.add.at(W, value.pick, value.factor[:, np.newaxis] * V)
        units = V.shape[1]
        return Affine(value.source, (units,), np.ones(units), value.shift @ V, np.arange(0), W)

    def dense(self, activation: str) -> DenseLayer:
        """The layer that computes an activation of this value."""
        W = self.W
        if W is None:
            check_size(self.source.size, self.size)
            W = np.zeros((self.source.size, self.size))
            W[self.pick, np.arange(self.size)] = 1.0
        return DenseLayer(np.ascontiguousarray((W * self.factor).T), self.shift, activation)


def plain(source: Source, dims: tuple[int, ...]) -> Affine:
    """All numbers of a source."""
    return Affine(source, dims, np.ones(source.size), np.zeros(source.size), np.arange(source.size))


def activated(value: Affine, activation: str) -> Affine:
    """The outputs of the layer that computes an activation of `value`."""
    source = Source(value.size, value.dense(activation), value)
    return plain(source, value.dims)


def side_by_side(values: list[Affine]) -> Affine:
    """Values (N, n) of one source next to each other."""
    first = values[0]
    joined = {name: np.concatenate([getattr(value, name) for value in values]) for name in ("factor", "shift")}
    size = len(joined["shift"])
    if any(value.W is not None for value in values):
        check_size(first.source.size, size)
        parts = [value.dense("linear").W for value in values]
        W = np.concatenate(parts).T
        return Affine(first.source, (size,), np.ones(size), joined["shift"], np.arange(0), W)
    pick = np.concatenate([value.pick for value in values])
    return Affine(first.source, (size,), joined["factor"], joined["shift"], pick)


def layers_of(value: Affine) -> list[DenseLayer]:
    """All layers up to a value, the last one linear unless the value is a layer's output as it is."""
    layers: list[DenseLayer] = []
    source = value.source
    if not value.is_plain or source.layer is None:
        layers.append(value.dense("linear"))
    while source.layer is not None and source.before is not None:
        layers.append(source.layer)
        source = source.before.source
    return layers[::-1]
