"""Streamed full batch: every example in every iteration, block by block, for data on disk and very large ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrays import Array
from engine.compiled import memory_budget
from engine.compiled.batching.base import BatchingContext
from engine.compiled.batching.gathered import GatheredBatching
from engine.compiled.memory_budget import example_bytes
from engine.spec import NetworkSpec
from engine.storage import memmap

BLOCK_BYTES = 2**23  # inputs, activations and gradients of a block


class Streamed(GatheredBatching):
    """Every example in every iteration, block by block; the gradients of the blocks are added up."""

    def __init__(self, shared: BatchingContext) -> None:
        capacity = max(1, BLOCK_BYTES // example_bytes(shared.network, shared.dtype))
        super().__init__(shared, capacity, shared.m, shared.training_weight)
        self.examples = shared.m
        self.sum = np.zeros_like(shared.flat.vectors.gradient)

    def set_scale(self, factor: float | Array) -> None:
        """Multiply every gradient by `factor` from now on, a number or (K, 1)."""
        for program in self.programs.values():
            program.set_scale(factor / self.shared.total)

    def gradient(self) -> None:
        """Compute the gradient of all examples into the flat gradient."""
        self.sum.fill(0)
        for start in range(0, self.shared.m, self.capacity):
            self.gradient_of(np.arange(start, min(start + self.capacity, self.shared.m)))
            self.sum += self.shared.flat.vectors.gradient
        self.shared.flat.vectors.gradient[...] = self.sum

    def losses(self) -> Array:
        """The mean loss (K,) of all examples trained on with the current parameters, without dropout or penalty."""
        return self.shared.member_losses(self, [self.shared.own(k) for k in range(self.shared.members)])

    def state(self) -> dict[str, Any]:
        """Nothing: all iterations use the same examples."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """There is nothing to restore."""


def needs_streaming(network: NetworkSpec, X: Array, dtype: np.dtype[Any]) -> bool:
    """Whether a full batch of X (n0, m) should be streamed: X is on disk, or its buffers would be very large."""
    on_disk = memmap.mapping(X) is not None and X.nbytes > BLOCK_BYTES
    return on_disk or example_bytes(network, dtype) * X.shape[1] > memory_budget.WHOLE_BYTES
