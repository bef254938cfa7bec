"""The order in which mini-batches take the examples: shuffled anew each epoch, and resumable."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrays import Array


class BatchOrder:
    """Batches of `batch` of the `m` examples, from a new permutation each epoch; in their own order without `shuffle`.

    The permutations come from a generator of its own, started with `seed`.
    """

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

    def upcoming(self, n: int) -> tuple[Array, list[int]]:
        """The indices of the next `n` batches one after the other, and how many each has; as `next` n times."""
        chosen: list[Array] = []
        counts: list[int] = []
        while len(counts) < n:
            if self.position >= self.m:
                self.position = 0
                self._shuffle()
            start = self.position
            batches = min(n - len(counts), -(-(self.m - start) // self.batch))
            self.position = min(start + batches * self.batch, self.m)
            chosen.append(self.permutation[start : self.position])
            counts += [self.batch] * (batches - 1) + [self.position - start - (batches - 1) * self.batch]
        return np.concatenate(chosen) if chosen else np.zeros(0, int), counts

    def _shuffle(self) -> None:
        self._before = self.generator.bit_generator.state
        self.permutation = self.generator.permutation(self.m) if self.shuffle else np.arange(self.m)

    def follow(self, other: BatchOrder) -> None:
        """Continue as `other`, an order of the same examples, does."""
        if self._before is not other._before:
            self._before, self.permutation = other._before, other.permutation
            self.generator.bit_generator.state = other.generator.bit_generator.state
        self.position = other.position

    def state(self) -> dict[str, Any]:
        """The generator as it was before this epoch's shuffle, and the position in the epoch."""
        return {"generator": self._before, "position": self.position}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue exactly as the order that `state()` was taken from."""
        self.generator.bit_generator.state = state["generator"]
        self._shuffle()
        self.position = max(0, min(int(state["position"]), self.m))
