"""Mini-batches: a new batch of shuffled examples in every iteration."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.compiled.batching.base import BatchingContext
from engine.compiled.batching.batch_order import BatchOrder
from engine.compiled.batching.gathered import GatheredBatching
from engine.spec import TrainingSpec

COST_EXAMPLES = 10_000  # the cost is that of so many examples at most


class MiniBatch(GatheredBatching):
    """A new batch of `batch` shuffled examples in every iteration."""

    def __init__(self, shared: BatchingContext, batch: int, training: TrainingSpec) -> None:
        super().__init__(shared, batch)
        self.examples = self.capacity
        seed = training.seed
        self.order = BatchOrder(shared.m, self.capacity, seed, shuffle=training.shuffle)
        chosen = np.random.default_rng(seed).permutation(shared.m)[:COST_EXAMPLES] if shared.m > COST_EXAMPLES else None
        self.cost_examples = np.arange(shared.m) if chosen is None else np.sort(chosen)

    def set_scale(self, factor: float) -> None:
        """Multiply every gradient by `factor` from now on."""
        per_example = self.shared.total / self.shared.m
        for count, program in self.programs.items():
            program.set_scale(factor / (count * per_example))

    def gradient(self) -> None:
        """Compute the gradient of the next batch into the flat gradient."""
        self.gradient_of(self.order.next())

    def loss(self) -> float:
        """The mean loss of all examples, or of a fixed random sample where there are more than COST_EXAMPLES."""
        return self.shared.mean_loss(self.pieces(self.cost_examples))

    def state(self) -> dict[str, Any]:
        """The position in the epoch and what its order was drawn from: plain values."""
        return self.order.state()

    def restore(self, state: dict[str, Any]) -> None:
        """Continue with the batches that followed when `state()` was taken."""
        self.order.restore(state)
