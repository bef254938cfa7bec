"""What every kind of batching offers to the loop, and what all of them share.

Each computes the gradient of one iteration into the same flat vector, divided by the number of its examples times the
mean weight of all examples: a short last batch counts as much as it holds, and weights mean the same in every batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from engine.arrays import Array
from engine.compiled.batching.member_groups import MemberGroups
from engine.compiled.flat_parameters import FlatParameters
from engine.compiled.gradient_program import Buffers, GradientProgram
from engine.compiled.inputs import Dense, Inputs
from engine.label_smoothing import hard_labels
from engine.ops.losses import losses
from engine.predictor import Predictor
from engine.spec import NetworkSpec

Gradients = GradientProgram | MemberGroups
Piece = tuple[Array, Array, Array | None]  # Z[L], Y, and the weights, (m,) or (K, m)


class Batching(Protocol):
    """Computes the gradient of each iteration.

    `calls` is the whole gradient as a flat list of calls where it is the same in every iteration, else None.
    """

    calls: list[Callable[[], object]] | None
    examples: int  # used in one iteration, by each member of an ensemble

    def describe(self) -> str:
        """The formulas of one iteration's gradient, one a line."""

    def set_scale(self, factor: float | Array) -> None:
        """Multiply every gradient by `factor` from now on, a number or (K, 1)."""

    def gradient(self) -> None:
        """Compute the gradient of the next iteration into the flat gradient."""

    def losses(self) -> Array:
        """The mean loss of each member (K,) on what it trains on, without dropout or penalty."""

    def pieces(self, predictor: Predictor, chosen: Array) -> Iterator[Piece]:
        """Z[L], Y and weight of the chosen training examples, some at a time."""

    def state(self) -> dict[str, Any]:
        """What `restore` needs to continue with the same examples: plain values."""

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from where `state()` was taken."""


@dataclass
class BatchingContext:
    """What every kind of batching needs: the network, its flat parameters, and the training data.

    X is (n0, m), Y (nL, m), `weight` (m,) or None. `kept_aside` (K, size) has the examples of each member's internal
    part, which it does not train on, or is None. Dropout draws the masks of each member from one of `generators`.
    """

    network: NetworkSpec
    flat: FlatParameters
    X: Array
    Y: Array
    weight: Array | None
    kept_aside: Array | None
    generators: Sequence[np.random.Generator]
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
    def members(self) -> int:
        """The number K of networks."""
        return self.network.ensemble

    @property
    def trained_on(self) -> int:
        """The number of examples that each member trains on."""
        return self.m - (0 if self.kept_aside is None else self.kept_aside.shape[1])

    @cached_property
    def training_weight(self) -> Array | None:
        """The weight of each example (m,), or (K, m) if it differs: 0 where a member keeps it aside. None if all 1."""
        if self.kept_aside is None:
            return self.weight
        weight = np.tile(np.ones(self.m) if self.weight is None else self.weight, (self.members, 1))
        np.put_along_axis(weight, self.kept_aside, 0, axis=1)
        return weight if self.members > 1 else weight[0]

    @cached_property
    def total(self) -> float | Array:
        """The weight of all examples trained on, (K, 1) if it differs; their number, unless they are weighted."""
        weight = self.training_weight
        if self.weight is None or weight is None:
            return float(self.trained_on)
        if weight.ndim == 1:
            return float(weight.sum())
        return np.asarray(weight.sum(axis=1, keepdims=True))

    def own(self, k: int) -> Array:
        """The examples that member `k` trains on, in order."""
        every = np.arange(self.m)
        return every if self.kept_aside is None else np.delete(every, self.kept_aside[k])

    def record(
        self,
        inputs: Inputs,
        Y: Array,
        weight: Array | None,
        buffers: Buffers,
        *,
        fixed: bool,
        into: Array | None = None,
    ) -> Gradients:
        """The gradient program for these examples; it writes to the flat gradient, or to the flat vector `into`.

        Y is (nL, m) and `weight` (1, m); for an ensemble also (nL, K, m) and (1, K, m), if the members' differ.
        """
        blocks, gradients, generators = self.flat.blocks, self.flat.gradients, self.generators
        if into is not None:
            gradients = self.flat.layout.blocks(into)
        if isinstance(inputs, Dense) and self.members > 1:
            shape = self.flat.vectors.scalar_shape
            return MemberGroups(
                self.network,
                blocks,
                gradients,
                inputs,
                Y,
                weight,
                buffers,
                generators,
                fixed=fixed,
                scalar_shape=shape,
            )
        return GradientProgram(self.network, blocks, gradients, inputs, Y, weight, buffers, generators, fixed=fixed)

    def predictor(self) -> Predictor:
        """Predictions with the parameters as they are now; its buffers are allocated once."""
        if self._predictor is None:
            self._predictor = Predictor(self.network, self.flat.layers())
        self.flat.update_first_layer()
        return self._predictor

    def mean_loss(self, pieces: Iterator[Piece]) -> Array:
        """The weighted mean of the loss over all `pieces`, () or (K,); 0 where their weights are all 0."""
        loss = total = np.zeros(())
        for Z, Y, weight in pieces:
            each = losses(self.network.loss_function, Z, Y).astype(np.float64)
            if weight is None or each.ndim == weight.ndim == 1:
                loss = loss + (each.sum(axis=-1) if weight is None else each @ weight)
            else:
                loss = loss + (each * weight).sum(axis=-1)
            total = total + (each.shape[-1] if weight is None else weight.sum(axis=-1))
        return np.divide(loss, total, out=np.zeros(np.broadcast(loss, total).shape), where=total > 0)

    def member_losses(self, batching: Batching, examples: Sequence[Array], *, hard: bool = False) -> Array:
        """The mean loss (K,) of each member on the training examples that `examples` has for it.

        With `hard` it is by the labels as they were before smoothing.
        """
        members = zip(self.predictor().members, examples, strict=True)
        return np.array([self.mean_loss(_pieces(batching.pieces(*pair), hard=hard)) for pair in members])


def _pieces(pieces: Iterator[Piece], *, hard: bool) -> Iterator[Piece]:
    return ((Z, hard_labels(Y), weight) for Z, Y, weight in pieces) if hard else pieces
