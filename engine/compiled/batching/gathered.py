"""What mini-batches and streamed blocks share: programs over a buffer into which chosen examples are gathered."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from engine.arrays import Array
from engine.compiled.batching.base import BatchingContext, Gradients, Piece
from engine.compiled.batching.gatherer import Gatherer
from engine.compiled.gradient_program import Buffers
from engine.compiled.inputs import Dense
from engine.predictor import Predictor


class GatheredBatching:
    """Gradient programs over one buffer for `capacity` of `m` examples, and one for a short last batch if there is any.

    The members of an ensemble all read the same examples, or with `own` each has a part of the buffer to itself.
    """

    def __init__(
        self, shared: BatchingContext, capacity: int, m: int, weight: Array | None, *, own: bool = False
    ) -> None:
        self.shared, self.capacity = shared, min(capacity, m)
        self.dtype, parts = shared.dtype, shared.members if own else 1
        self.gatherer = Gatherer(shared.X, shared.Y, weight, self.capacity, self.dtype, parts)
        self.buffers = Buffers(self.dtype)
        self.calls: list[Callable[[], object]] | None = None
        self.programs = {self.capacity: self._record(self.capacity)}
        if m % self.capacity:
            self.programs[m % self.capacity] = self._record(m % self.capacity)
        self._ones_placed_for = 0  # the batch size whose program was the last to use the buffers

    def _record(self, count: int) -> Gradients:
        gatherer = self.gatherer
        A0 = np.moveaxis(gatherer.inputs[..., :count, :], -1, 0)
        weight = None if gatherer.weight is None else gatherer.batch_weight[..., :count]
        return self.shared.record(Dense(A0), gatherer.targets(count), weight, self.buffers, fixed=False)

    def describe(self) -> str:
        """The formulas of the gradient of one batch, one a line."""
        return self.programs[self.capacity].describe()

    def gradient_of(self, indices: Array) -> None:
        """Compute the gradient of these examples, (count,) or (K, count), into the flat gradient."""
        self.gatherer.gather(indices)
        count = indices.shape[-1]
        program = self.programs[count]
        if self._ones_placed_for != count:
            program.restore_ones()
            self._ones_placed_for = count
        for call in program.calls:
            call()

    def pieces(self, predictor: Predictor, chosen: Array) -> Iterator[Piece]:
        """Z[L], Y and weight of the chosen training examples, some at a time."""
        rows = self.gatherer.rows
        X = np.empty((min(predictor.block, chosen.size), rows.shape[1]), rows.dtype)
        for start in range(0, chosen.size, predictor.block):
            indices = chosen[start : start + predictor.block]
            part = X[: indices.size]
            self.gatherer.copy_rows(indices, part)
            weight = None if self.shared.weight is None else self.shared.weight[indices]
            yield predictor.logits(part.T), self.gatherer.labels[indices].T, weight
