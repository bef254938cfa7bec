"""From the gradient to new parameters: penalties, clipping and the optimizer's calls, recorded once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.compiled.flat_parameters import FlatParameters
from engine.ops.optimizers import OPTIMIZERS, SLICE, OptimizerVectors
from engine.ops.program import Program
from engine.spec import TrainingSpec


@dataclass(frozen=True)
class MemberSettings:
    """What an update reads of the settings: a number where all K networks have the same, else a column (K, 1).

    `clip_norm` is None if no gradient is clipped; the limit of a network that clips none is infinite.
    """

    optimizer: str
    l2: Any
    l1: Any
    clip_norm: Any
    momentum: Any
    beta2: Any
    epsilon: Any

    @classmethod
    def of(cls, trainings: Sequence[TrainingSpec]) -> MemberSettings:
        """Those of networks with one optimizer."""

        def column(name: str) -> Any:
            values = [getattr(training, name) for training in trainings]
            if len(set(values)) == 1:
                return values[0]
            return np.array([[math.inf if value is None else value] for value in values])

        names = ("l2", "l1", "clip_norm", "momentum", "beta2", "epsilon")
        return cls(trainings[0].optimizer, *(column(name) for name in names))


class Update:
    """The calls of one update over the flat vectors, for as long as `training` stays the same.

    `penalties` are the calls that complete the gradient, `calls` these and the optimizer's. Long vectors are updated in
    pieces; `formulas` describe one of them. `folds` says that the gradient must come multiplied by the rate.
    `set_scalars`, unless None, must be called before each update with its number t = 1, 2, ... and the rate.
    """

    def __init__(self, flat: FlatParameters, training: TrainingSpec | MemberSettings) -> None:
        self.flat, self.training, self.optimizer = flat, training, OPTIMIZERS[training.optimizer]
        self.folds = self.optimizer.folds_rate and training.clip_norm is None
        shared = Program(flat.dtype, max(SLICE, flat.network.ensemble * max(flat.layout.dims)))
        penalties = [self._record_penalties(shared.with_same_scratch(), *pair) for pair in flat.weights()]
        clipping = shared.with_same_scratch()
        if training.clip_norm is not None:
            clipping.add("dW = dW / max(1, |dW| / limit)", _clip, flat.vectors.gradient, training.clip_norm)
        updates = [self._record_update(shared.with_same_scratch(), piece) for piece in flat.vectors.slices()]
        self.penalties = [step.call for program in (*penalties, clipping) for step in program.steps]
        self.calls = [*self.penalties, *(step.call for program in updates for step in program.steps)]
        once = [step.formula for program in (penalties[0], clipping) for step in program.steps]  # equal in all pieces
        self.formulas = [*once, *self.optimizer.scalars, *(step.formula for step in updates[0].steps)]
        if not updates[0].steps:
            self.formulas.append(f"W = {self.optimizer.formula}")
        self.set_scalars = (
            self.optimizer.scalar_setter(flat.vectors, training) if self.optimizer.scalar_setter else None
        )

    def set_rate(self, rate: float | Array, total: float | Array) -> float | Array:
        """Put the rate and the weight of all examples into the scalars. Returns what to multiply the gradient by.

        Both are numbers, or (K, 1) for an ensemble whose members have scalars of their own.
        """
        fold, training, scalar = rate if self.folds else 1.0, self.training, self.flat.vectors.scalar
        scalar("l2", training.l2 / total * fold)
        scalar("l1", training.l1 / total * fold)
        scalar("keep", 1 - rate * training.l2 / total)
        if self.optimizer.folds_rate:
            scalar("rate", rate)
        return fold

    def _record_update(self, program: Program, piece: OptimizerVectors) -> Program:
        if self.optimizer.folds_rate and not self.folds:
            program.add("dW = rate dW", np.multiply, piece.gradient, piece.scalar("rate", 0.0), out=piece.gradient)
        self.optimizer.record(program, piece, self.training)
        return program

    def _record_penalties(self, program: Program, gradient: Array, weights: Array) -> Program:
        pull = program.scratch("update", weights.shape)

        def scalar(name: str, value: float) -> Array:
            array = self.flat.vectors.scalar(name, value)
            return array[..., None] if array.ndim else array  # (K, 1, 1) beside weights (K, n, n_prev)

        l2 = np.any(self.training.l2)
        if l2 and self.optimizer.decoupled_decay:
            program.add("W = (1 - rate lambda/m) W", np.multiply, weights, scalar("keep", 1.0), out=weights)
        elif l2:
            program.add("pull = lambda/m W", np.multiply, weights, scalar("l2", 0.0), out=pull)
            program.add("dW = dW + pull", np.add, gradient, pull, out=gradient)
        if np.any(self.training.l1):
            program.add("pull = sign(W)", np.sign, weights, out=pull)
            program.add("pull = l1/m pull", np.multiply, pull, scalar("l1", 0.0), out=pull)
            program.add("dW = dW + pull", np.add, gradient, pull, out=gradient)
        return program


def _clip(gradient: Array, limit: float | Array) -> None:
    """Shorten the gradient (P,), or each row of (K, P), to `limit` if it is longer; a row may have its own (K, 1)."""
    if gradient.ndim > 1:
        for row, own in zip(gradient, np.broadcast_to(limit, (len(gradient), 1)), strict=True):
            _clip(row, own.item())
        return
    norm = math.sqrt(float(gradient @ gradient))
    if not math.isfinite(norm):  # the squares have overflowed, though the entries have not
        largest = float(np.abs(gradient).max())
        gradient /= largest
        norm = math.sqrt(float(gradient @ gradient))
        gradient *= limit / norm
    elif norm > limit:
        gradient *= limit / norm
