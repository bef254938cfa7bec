"""Mini-batches: a new batch of shuffled examples in every iteration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.compiled.batching.base import BatchingContext
from engine.compiled.batching.batch_order import BatchOrder
from engine.compiled.batching.gathered import GatheredBatching
from engine.parameters import member_seed
from engine.spec import TrainingSpec

COST_EXAMPLES = 10_000  # the cost is that of so many examples at most


class MiniBatch(GatheredBatching):
    """A new batch of `batch` shuffled examples in every iteration.

    Each member of an ensemble has an order of its own, over the examples that it does not keep aside. `orders` are
    those of the members of a race; where all of them are the same, each batch is gathered once.
    """

    def __init__(
        self,
        shared: BatchingContext,
        batch: int,
        training: TrainingSpec,
        orders: Sequence[BatchOrder] = (),
    ) -> None:
        m, members = shared.trained_on, shared.members
        self.common_order = bool(orders) and shared.kept_aside is None and _all_the_same(orders)
        super().__init__(shared, batch, m, shared.weight, own=not self.common_order)
        self.examples = self.capacity
        seeds = [member_seed(training.seed, k) for k in range(members)]
        self.orders = [*orders] or [BatchOrder(m, self.capacity, seed, shuffle=training.shuffle) for seed in seeds]
        self.chosen = None if shared.kept_aside is None else [shared.own(k) for k in range(members)]
        one_order = self.common_order or (members == 1 and self.chosen is None)
        self._next = self.orders[0].next if one_order else self._next_of_each
        self.cost_examples = [self._cost_examples(k, seed) for k, seed in enumerate(seeds)]

    def _cost_examples(self, k: int, seed: int) -> Array:
        own = self.shared.own(k)
        if own.size <= COST_EXAMPLES:
            return own
        return np.asarray(own[np.sort(np.random.default_rng(seed).permutation(own.size)[:COST_EXAMPLES])])

    def set_scale(self, factor: float | Array) -> None:
        """Multiply every gradient by `factor` from now on, a number or (K, 1)."""
        per_example = self.shared.total / self.shared.trained_on
        for count, program in self.programs.items():
            program.set_scale(factor / (count * per_example))

    def gradient(self) -> None:
        """Compute the gradient of the next batch into the flat gradient."""
        self.gradient_of(self._next())

    def _next_of_each(self) -> Array:
        """The next batch of each member: indices (K, count), or (count,) of one."""
        batches = [order.next() for order in self.orders]
        if self.chosen is not None:
            batches = [own[batch] for own, batch in zip(self.chosen, batches, strict=True)]
        return batches[0] if len(batches) == 1 else np.stack(batches)

    def upcoming(self, n: int) -> tuple[Array, Array]:
        """The examples of the next `n` batches of each member (K, examples in all), and how many each batch has (n,).

        This is where `gradient` would take them from: they are not given again.
        """
        if self.common_order:
            order, counts = self.orders[0].upcoming(n)
            return np.tile(order, (self.shared.members, 1)), np.array(counts, int)
        orders, counts_of_each = zip(*(order.upcoming(n) for order in self.orders), strict=True)
        if self.chosen is not None:
            orders = tuple(own[order] for own, order in zip(self.chosen, orders, strict=True))
        return np.stack(orders), np.array(counts_of_each[0], int)

    def align(self) -> None:
        """Bring all orders to where the common one has come."""
        if self.common_order:
            for order in self.orders[1:]:
                order.follow(self.orders[0])

    def losses(self) -> Array:
        """The mean loss (K,) of all examples trained on, or of a fixed random sample of more than COST_EXAMPLES."""
        return self.shared.member_losses(self, self.cost_examples)

    def state(self) -> dict[str, Any]:
        """The position in the epoch and what its order was drawn from, of each member: plain values."""
        states = [order.state() for order in self.orders]
        return states[0] if len(states) == 1 else {"members": states}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue with the batches that followed when `state()` was taken."""
        states = state["members"] if len(self.orders) > 1 else [state]
        for order, position in zip(self.orders, states, strict=True):
            order.restore(position)


def _all_the_same(orders: Sequence[BatchOrder]) -> bool:
    first = orders[0]
    return all(order.shuffle == first.shuffle and order.state() == first.state() for order in orders[1:])
