"""What mini-batches and streamed blocks share: programs over a buffer into which chosen examples are gathered."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from engine.arrays import Array
from engine.compiled.batching.base import BatchingContext, Piece
from engine.compiled.batching.gatherer import Gatherer
from engine.compiled.gradient_program import Buffers, Dense, GradientProgram


class GatheredBatching:
    """Gradient programs over one buffer for `capacity` examples, and one for a short last batch if there is any."""

    def __init__(self, shared: BatchingContext, capacity: int) -> None:
        self.shared, self.capacity = shared, min(capacity, shared.m)
        self.dtype = shared.dtype
        self.gatherer = Gatherer(shared.X, shared.Y, shared.weight, self.capacity, self.dtype)
        self.buffers = Buffers(self.dtype)
        self.calls: list[Callable[[], object]] | None = None
        self.programs = {self.capacity: self._record(self.capacity)}
        if shared.m % self.capacity:
            self.programs[shared.m % self.capacity] = self._record(shared.m % self.capacity)
        self._ones_placed_for = 0  # the batch size whose program was the last to use the buffers

    def _record(self, count: int) -> GradientProgram:
        inputs = Dense(self.gatherer.inputs[:count].T)
        weight = None if self.shared.weight is None else self.gatherer.batch_weight[:, :count]
        return self.shared.record(inputs, self.gatherer.targets(count), weight, self.buffers, fixed=False)

    def describe(self) -> str:
        """The formulas of the gradient of one batch, one a line."""
        return self.programs[self.capacity].describe()

    def gradient_of(self, indices: Array) -> None:
        """Compute the gradient of these examples into the flat gradient."""
        self.gatherer.gather(indices)
        program = self.programs[indices.size]
        if self._ones_placed_for != indices.size:
            program.restore_ones()
            self._ones_placed_for = indices.size
        for call in program.calls:
            call()

    def pieces(self, chosen: Array) -> Iterator[Piece]:
        """Z[L], Y and weight of the chosen examples, some at a time."""
        predictor, rows = self.shared.predictor(), self.gatherer.rows
        X = np.empty((min(predictor.block, chosen.size), rows.shape[1]), rows.dtype)
        for start in range(0, chosen.size, predictor.block):
            indices = chosen[start : start + predictor.block]
            part = X[: indices.size]
            self.gatherer.copy_rows(indices, part)
            weight = None if self.shared.weight is None else self.shared.weight[indices]
            yield predictor.logits(part.T), self.gatherer.labels[indices].T, weight
