"""Training epoch by epoch, or by line searches, ended by the rules of scikit-learn's networks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from engine.arrays import Array
from engine.training.trainer import Trainer

KEEP_EVERY = 50  # epochs between the points to which a diverged run is rolled back
SMALLEST_RATE = 1e-6  # an adaptive rate is not lowered any more from here on
ADAPTATION = 5.0  # by which an adaptive rate is divided
FLAT = 2.2e-9  # relative decrease of the cost at which L-BFGS has converged (Byrd et al., 1995: factr 1e7)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Rules:
    """When to stop: after `epochs`, or after more than `patience` epochs in a row that improve less than `tolerance`.

    `schedule` is constant, invscaling (the rate divided by (examples seen + 1)^power after each epoch) or
    adaptive (divided by 5 when training would end, until it is 1e-6).
    """

    epochs: int
    tolerance: float
    patience: float
    schedule: str
    rate: float
    power: float


@dataclass
class EpochLog:
    """The record of epochs: the cost before the updates of each, and the validation score after them, if any."""

    losses: list[float] = field(default_factory=list)
    scores: list[float] | None = None
    best_loss: float = math.inf
    best_score: float = -math.inf
    best: dict[str, Array] | None = None  # the parameters of the best score
    epochs: int = 0
    examples: int = 0  # seen so far, every epoch counted
    waited: int = 0  # epochs in a row without improvement


def train_epochs(
    trainer: Trainer, examples: int, rules: Rules, log: EpochLog, score: Callable[[], float] | None, say: Say
) -> str:
    """Train by the rules. Returns why it ended: stalled, limit or diverged.

    `score` gives the validation score of the current parameters, and `say` gets a line about each epoch. A trainer that
    has diverged is rolled back to its last parameters with a finite cost, if there are any.
    """
    per_epoch = -(-examples // trainer.examples_per_iteration)
    for epoch in range(rules.epochs):
        loss = trainer.cost()
        if not math.isfinite(loss):
            trainer.report()
            return "diverged"
        if epoch and epoch % KEEP_EVERY == 0:
            trainer.report()
        trainer.advance(per_epoch)
        log.losses.append(loss)
        log.epochs += 1
        log.examples += examples
        say(f"Iteration {log.epochs}, loss = {loss:.8f}")
        _record_epoch(trainer, rules, log, score, say)
        if rules.schedule == "invscaling":
            trainer.change(learning_rate=rules.rate / (log.examples + 1) ** rules.power)
        if log.waited > rules.patience and not _lowered_rate(trainer, rules, log, say):
            return _end(trainer, "stalled")
    return _end(trainer, "limit")


def search(trainer: Trainer, limit: int, evaluations: int, tolerance: float, say: Say) -> tuple[list[float], str]:
    """Train with L-BFGS until the largest entry of the gradient is within `tolerance`, or the cost no longer falls.

    `limit` bounds the iterations, `evaluations` those of the cost. Returns the cost after each iteration, and why it
    ended: converged, limit, evaluations or diverged. Raises ValueError if the optimizer is another one.
    """
    found = trainer.search
    if found is None:
        raise ValueError("the trainer's optimizer is not lbfgs")
    losses: list[float] = []
    for iteration in range(1, limit + 1):
        before = found.cost
        trainer.advance(1)
        if trainer.iteration < iteration:
            return losses, "converged"
        losses.append(found.cost)
        say(f"Iteration {iteration}, loss = {found.cost:.8f}")
        if not math.isfinite(found.cost):
            return losses, "diverged"
        if found.evaluations >= evaluations:
            return losses, "evaluations"
        flat = before - found.cost <= FLAT * max(abs(before), abs(found.cost), 1.0)
        if flat or float(np.abs(found.gradient).max()) <= tolerance:
            return losses, "converged"
    return losses, "limit"


def _record_epoch(trainer: Trainer, rules: Rules, log: EpochLog, score: Callable[[], float] | None, say: Say) -> None:
    """Count epochs without an improvement of at least the tolerance; keep the best score and its parameters."""
    if score is None or log.scores is None:
        loss = log.losses[-1]
        improved = loss <= log.best_loss - rules.tolerance
        log.best_loss = min(log.best_loss, loss)
    else:
        value = score()
        log.scores.append(value)
        say(f"Validation score: {value:.6f}")
        improved = value >= log.best_score + rules.tolerance
        if value > log.best_score:
            log.best_score, log.best = value, trainer.parameters
    log.waited = 0 if improved else log.waited + 1


def _lowered_rate(trainer: Trainer, rules: Rules, log: EpochLog, say: Say) -> bool:
    """Lower an adaptive rate instead of ending. Whether that was possible."""
    rate = trainer.training.learning_rate
    if rules.schedule != "adaptive" or rate <= SMALLEST_RATE:
        return False
    trainer.change(learning_rate=rate / ADAPTATION)
    say(f"Learning rate set to {rate / ADAPTATION:.6g}")
    log.waited = 0
    return True


def _end(trainer: Trainer, reason: str) -> str:
    trainer.report()
    end = trainer.finished()
    return "diverged" if end is not None and end.reason == "diverged" else reason
