"""Copies chosen examples, row by row, into the buffers that a gradient program reads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.storage import memmap


class Gatherer:
    """Copies chosen examples of X (n0, m) into rows of a buffer (batch, n0 + 1) whose last column is 1.

    With several `parts` the buffer is (parts, batch, n0 + 1), and each part has its own examples. `weight` is (m,), or
    (K, m) for the members of an ensemble.

    Examples are read as rows of X.T. If a row is not contiguous and X is in memory, X.T is copied once; data on disk
    are never copied whole.
    """

    def __init__(
        self, X: Array, Y: Array, weight: Array | None, batch: int, dtype: np.dtype[Any], parts: int = 1
    ) -> None:
        on_disk = memmap.mapping(X) is not None
        contiguous = X.T.flags.c_contiguous or on_disk
        self.rows = X.T if contiguous else np.ascontiguousarray(X.T, dtype)
        self.disk = memmap.FileRows(self.rows) if on_disk else None
        self.labels = np.ascontiguousarray(Y.T, dtype)
        self.weight = None if weight is None else weight.astype(dtype)
        self.parts = () if parts == 1 else (parts,)
        self.inputs = np.ones((*self.parts, batch, X.shape[0] + 1), dtype)
        self.Y = np.empty(parts * batch * Y.shape[0], dtype)
        self._outputs_first = (2, 0, 1) if self.parts else (1, 0)
        members = self.parts if self.weight is None or self.weight.ndim == 1 else (len(self.weight),)
        self.batch_weight = np.empty((1, *members, batch), dtype)
        self._work = np.empty((parts * batch, X.shape[0]), self.rows.dtype)

    def gather(self, indices: Array) -> None:
        """Copy these examples, (count,) or (parts, count), their labels and weights into the first rows of buffers."""
        count = indices.shape[-1]
        work = self._work[: indices.size]
        self.copy_rows(indices.reshape(-1), work)
        self.inputs[..., :count, :-1] = work.reshape(*self.parts, count, -1)
        self.targets(count)[...] = self.labels[indices].transpose(self._outputs_first)
        if self.weight is not None:
            self.batch_weight[0, ..., :count] = self.weight[..., indices]

    def copy_rows(self, indices: Array, out: Array) -> None:
        """Copy the features of these examples into `out` (count, n0)."""
        if self.disk is None:
            np.take(self.rows, indices, axis=0, out=out, mode="clip")
        else:
            self.disk.load(indices, out)

    def targets(self, count: int) -> Array:
        """Y (nL, count) or (nL, parts, count) of the examples gathered last: a view of the buffer."""
        shape = (self.labels.shape[1], *self.parts, count)
        return self.Y[: math.prod(shape)].reshape(shape)
