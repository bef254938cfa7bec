"""What every kind of batching offers to the loop, and what all of them share.

Each computes the gradient of one iteration into the same flat vector, divided by the number of its examples times the
mean weight of all examples: a short last batch counts as much as it holds, and weights mean the same in every batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from engine.arrays import Array
from engine.compiled.flat_parameters import FlatParameters
from engine.compiled.gradient_program import Buffers, GradientProgram, Inputs
from engine.ops.losses import losses
from engine.predictor import Predictor
from engine.spec import NetworkSpec

Piece = tuple[Array, Array, Array | None]  # Z[L], Y, and the weight of each example


class Batching(Protocol):
    """Computes the gradient of each iteration.

    `calls` is the whole gradient as a flat list of calls where it is the same in every iteration, else None.
    """

    calls: list[Callable[[], object]] | None
    examples: int  # used in one iteration

    def describe(self) -> str:
        """The formulas of one iteration's gradient, one a line."""

    def set_scale(self, factor: float) -> None:
        """Multiply every gradient by `factor` from now on."""

    def gradient(self) -> None:
        """Compute the gradient of the next iteration into the flat gradient."""

    def loss(self) -> float:
        """The mean loss with the current parameters, without dropout or penalty."""

    def state(self) -> dict[str, Any]:
        """What `restore` needs to continue with the same examples: plain values."""

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from where `state()` was taken."""


@dataclass
class BatchingContext:
    """What every kind of batching needs: the network, its flat parameters, and the training data.

    X is (n0, m), Y (nL, m), `weight` (m,) or None; dropout draws its masks from `generator`.
    """

    network: NetworkSpec
    flat: FlatParameters
    X: Array
    Y: Array
    weight: Array | None
    generator: np.random.Generator
    _predictor: Predictor | None = None

    @property
    def m(self) -> int:
        """The number of training examples."""
        return int(self.X.shape[1])

    @property
    def dtype(self) -> np.dtype[Any]:
        """The floating-point type of training."""
        return self.flat.dtype

    @property
    def total(self) -> float:
        """The weight of all examples: their number, unless they are weighted."""
        return float(self.m) if self.weight is None else float(self.weight.sum())

    def record(
        self,
        inputs: Inputs,
        Y: Array,
        weight: Array | None,
        buffers: Buffers,
        *,
        fixed: bool,
        into: Array | None = None,
    ) -> GradientProgram:
        """The gradient program for these examples; it writes to the flat gradient, or to the flat vector `into`."""
        blocks, gradients = self.flat.blocks, self.flat.gradients
        if into is not None:
            gradients = self.flat.layout.blocks(into)
        return GradientProgram(self.network, blocks, gradients, inputs, Y, weight, buffers, self.generator, fixed=fixed)

    def predictor(self) -> Predictor:
        """Predictions with the parameters as they are now; its buffers are allocated once."""
        if self._predictor is None:
            self._predictor = Predictor(self.network, self.flat.layers())
        self.flat.update_first_layer()
        return self._predictor

    def mean_loss(self, pieces: Iterator[Piece]) -> float:
        """The weighted mean of the loss over all `pieces`; 0 if their weights are all 0."""
        loss = total = 0.0
        for Z, Y, weight in pieces:
            each = losses(self.network.task, Z, Y).astype(np.float64)
            loss += float(each.sum() if weight is None else each @ weight)
            total += each.size if weight is None else float(weight.sum())
        return loss / total if total else 0.0
