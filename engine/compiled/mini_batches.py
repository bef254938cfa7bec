"""Mini-batches: examples in a shuffled order that can be taken up again, copied row by row into one buffer."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrays import Array
from engine.storage import memmap


class Order:
    """A new permutation of the `m` examples each epoch, from a generator whose state is kept; or none of it."""

    def __init__(self, m: int, batch: int, seed: int, *, shuffle: bool = True) -> None:
        self.m, self.batch, self.shuffle = m, min(batch, m), shuffle
        self.generator = np.random.default_rng(seed)
        self.position = 0
        self._shuffle()

    def next(self) -> Array:
        """The indices of the next batch; the last one of an epoch may be short."""
        if self.position >= self.m:
            self.position = 0
            self._shuffle()
        start, self.position = self.position, min(self.position + self.batch, self.m)
        return self.permutation[start : self.position]

    def _shuffle(self) -> None:
        self._before = self.generator.bit_generator.state
        self.permutation = self.generator.permutation(self.m) if self.shuffle else np.arange(self.m)

    def state(self) -> dict[str, Any]:
        """Where the order stands: the generator before this epoch's shuffle, and the position in the epoch."""
        return {"generator": self._before, "position": self.position}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue exactly as the order that `state()` was taken from."""
        self.generator.bit_generator.state = state["generator"]
        self._shuffle()
        self.position = min(int(state["position"]), self.m)


class Gatherer:
    """Copies chosen examples of X (n0, m) into rows of a buffer (batch, n0 + 1) whose last column is 1.

    Examples are read as rows of X.T. Where these do not lie together in memory, and X is in memory, X.T is copied
    once; data on disk are never copied whole.
    """

    def __init__(self, X: Array, Y: Array, weight: Array | None, batch: int, dtype: np.dtype[Any]) -> None:
        on_disk = memmap.mapping(X) is not None
        together = X.T.flags.c_contiguous or on_disk
        self.rows = X.T if together else np.ascontiguousarray(X.T, dtype)
        self.disk = memmap.FileRows(self.rows) if on_disk else None
        self.labels = np.ascontiguousarray(Y.T, dtype)
        self.weight = None if weight is None else weight.astype(dtype)
        self.inputs = np.ones((batch, X.shape[0] + 1), dtype)
        self.Y = np.empty(batch * Y.shape[0], dtype)
        self.shown = np.empty((1, batch), dtype)
        self._work = np.empty((batch, X.shape[0]), self.rows.dtype)

    def load(self, indices: Array) -> None:
        """Bring these examples into the first rows of the buffers."""
        count = indices.size
        work = self._work[:count]
        self.read(indices, work)
        self.inputs[:count, :-1] = work
        self.targets(count)[...] = self.labels[indices].T
        if self.weight is not None:
            self.shown[0, :count] = self.weight[indices]

    def read(self, indices: Array, out: Array) -> None:
        """Copy these examples into `out` (count, n0)."""
        if self.disk is None:
            np.take(self.rows, indices, axis=0, out=out, mode="clip")
        else:
            self.disk.load(indices, out)

    def targets(self, count: int) -> Array:
        """Y (nL, count) of the examples loaded."""
        outputs = self.labels.shape[1]
        return self.Y[: outputs * count].reshape(outputs, count)
