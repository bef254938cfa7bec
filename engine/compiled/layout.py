"""How the parameters lie in one flat vector, so that one call updates them all.

Layer l has one block of shape (n[l], n[l-1] + 1), the weights with the bias as the last column: [W | b]. With a row of
ones below the activations, one product gives Z including the bias, and one gives dW together with db.

The vectors of an ensemble are (K, P), each row laid out like that of a single network; their blocks have a leading axis
for the members.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from engine.arrays import Array

ALIGNMENT = 64  # bytes: a cache line, and the widest vector registers


def aligned(size: int, dtype: npt.DTypeLike) -> Array:
    """A vector of `size` zeros that starts on a cache line."""
    dtype = np.dtype(dtype)
    raw = np.zeros(size * dtype.itemsize + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + size * dtype.itemsize].view(dtype)


class Layout:
    """The position of each layer's block in a flat vector; `dims` is (n0, n1, ..., nL)."""

    def __init__(self, dims: Sequence[int]) -> None:
        self.dims = tuple(dims)
        self.shapes = [(units, before + 1) for before, units in pairwise(dims)]
        self.size = sum(rows * columns for rows, columns in self.shapes)

    def blocks(self, vector: Array) -> list[Array]:
        """The views [W1 | b1], [W2 | b2], ... into `vector` (P,) or (K, P)."""
        views, start, members = [], 0, vector.shape[:-1]
        for rows, columns in self.shapes:
            views.append(vector[..., start : start + rows * columns].reshape(*members, rows, columns))
            start += rows * columns
        return views

    def fill(self, vector: Array, parameters: Mapping[str, Array]) -> None:
        """Copy W1, b1, ... into `vector`."""
        for layer, block in enumerate(self.blocks(vector), start=1):
            block[..., :-1] = parameters[f"W{layer}"]
            block[..., -1:] = parameters[f"b{layer}"]

    def copies(self, vector: Array) -> dict[str, Array]:
        """W1, b1, ... as copies from `vector`."""
        return {name: np.array(view, order="C") for name, view in self.views(vector).items()}

    def views(self, vector: Array) -> dict[str, Array]:
        """W1, b1, ... as views into `vector`."""
        named = {}
        for layer, block in enumerate(self.blocks(vector), start=1):
            named[f"W{layer}"], named[f"b{layer}"] = block[..., :-1], block[..., -1:]
        return named
