"""From the gradient to new parameters: penalties, clipping, and the optimizer's own calls, recorded once."""

from __future__ import annotations

import math

import numpy as np

from engine.optimizers import OPTIMIZERS, SLICE
from engine.spec import TrainingSpec
from engine.tape import Array, Tape
from engine.vectors import Flat


class Update:
    """The calls of one update over the flat vectors, for as long as `training` stays the same.

    `penalties` alone complete the gradient; `calls` are these and the optimizer's. `folds` says that the gradient
    must come multiplied by the rate. `tick`, if any, is to be called with t = 1, 2, ... and the rate before an update.
    """

    def __init__(self, flat: Flat, training: TrainingSpec) -> None:
        self.flat, self.training, self.optimizer = flat, training, OPTIMIZERS[training.optimizer]
        self.folds = self.optimizer.folds_rate and training.clip_norm is None
        penalties = Tape(flat.dtype, max(SLICE, *flat.layout.dims))
        for gradient, weights in flat.weights():
            self._record_penalties(penalties, gradient, weights)
        if training.clip_norm is not None:
            penalties.add("dW = dW / max(1, |dW| / limit)", _clip, flat.vectors.gradient, training.clip_norm)
        updates = penalties.branch()
        for piece in flat.vectors.slices():
            if self.optimizer.folds_rate and not self.folds:
                updates.add("dW = rate dW", np.multiply, piece.gradient, piece.scalar("rate", 0.0), out=piece.gradient)
            self.optimizer.record(updates, piece, training)
        steps = (*penalties.steps, *updates.steps)
        self.penalties = [step.call for step in penalties.steps]
        self.calls = [step.call for step in steps]
        self.formulas = [step.formula for step in steps]
        self.tick = self.optimizer.ticking(flat.vectors, training) if self.optimizer.ticking else None

    def set_rate(self, rate: float, total: float) -> float:
        """Bring the rate and the weight of all examples into the scalars; returns what to multiply the gradient by."""
        fold, training, scalar = rate if self.folds else 1.0, self.training, self.flat.vectors.scalar
        scalar("l2", training.l2 / total * fold)
        scalar("l1", training.l1 / total * fold)
        scalar("keep", 1 - rate * training.l2 / total)
        if self.optimizer.folds_rate:
            scalar("rate", rate)
        return fold

    def _record_penalties(self, tape: Tape, gradient: Array, weights: Array) -> None:
        scalar, pull = self.flat.vectors.scalar, tape.scratch("update", weights.shape)
        if self.training.l2 and self.optimizer.decoupled_decay:
            tape.add("W = (1 - rate lambda/m) W", np.multiply, weights, scalar("keep", 1.0), out=weights)
        elif self.training.l2:
            tape.add("pull = lambda/m W", np.multiply, weights, scalar("l2", 0.0), out=pull)
            tape.add("dW = dW + pull", np.add, gradient, pull, out=gradient)
        if self.training.l1:
            tape.add("pull = sign(W)", np.sign, weights, out=pull)
            tape.add("pull = l1/m pull", np.multiply, pull, scalar("l1", 0.0), out=pull)
            tape.add("dW = dW + pull", np.add, gradient, pull, out=gradient)


def _clip(gradient: Array, limit: float) -> None:
    norm = math.sqrt(float(gradient @ gradient))
    if not math.isfinite(norm):  # the squares have overflowed, though the entries have not
        largest = float(np.abs(gradient).max())
        gradient /= largest
        norm = math.sqrt(float(gradient @ gradient))
        gradient *= limit / norm
    elif norm > limit:
        gradient *= limit / norm
