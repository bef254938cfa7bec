"""Training epoch by epoch, ended by the rules of scikit-learn's networks, which the estimators keep to."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from engine.arrays import Array
from engine.training.trainer import Trainer

KEEP_EVERY = 50  # epochs between the points to which a diverged run goes back
SMALLEST_RATE = 1e-6  # below it, an adaptive rate is lowered no further
ADAPTATION = 5.0  # by which it is divided
FLAT = 2.2e-9  # relative decrease of the cost at which L-BFGS has arrived (Byrd et al., 1995: factr 1e7)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Rules:
    """At most `epochs`; and no longer than `patience` epochs in a row that improve by less than `tolerance`.

    `schedule` is constant, invscaling (the rate divided by (examples seen + 1)^power after each epoch) or
    adaptive (divided by 5 where training would end, until it is 1e-6).
    """

    epochs: int
    tolerance: float
    patience: float
    schedule: str
    rate: float
    power: float


@dataclass
class EpochLog:
    """What came of each epoch: the cost before its updates, and the held-out score after them, if there is one."""

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
    """Train by the rules, and say why it ended: stalled, limit or diverged.

    `score` gives the held-out score of the parameters as they are. A diverged trainer has gone back to its last
    parameters with a finite cost, if there were any.
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
        _count(trainer, rules, log, score, say)
        if rules.schedule == "invscaling":
            trainer.change(learning_rate=rules.rate / (log.examples + 1) ** rules.power)
        if log.waited > rules.patience and not _adapted(trainer, rules, log, say):
            return _end(trainer, "stalled")
    return _end(trainer, "limit")


def search(trainer: Trainer, limit: int, evaluations: int, tolerance: float, say: Say) -> tuple[list[float], str]:
    """L-BFGS until the gradient's largest entry is within `tolerance` or the cost stands still.

    Returns the cost after each iteration, and why it ended: arrived, limit, evaluations or diverged.
    """
    found = trainer.search
    if found is None:
        raise ValueError("the trainer's optimizer is not lbfgs")
    losses: list[float] = []
    for iteration in range(1, limit + 1):
        before = found.cost
        trainer.advance(1)
        if trainer.iteration < iteration:
            return losses, "arrived"
        losses.append(found.cost)
        say(f"Iteration {iteration}, loss = {found.cost:.8f}")
        if not math.isfinite(found.cost):
            return losses, "diverged"
        if found.evaluations >= evaluations:
            return losses, "evaluations"
        still = before - found.cost <= FLAT * max(abs(before), abs(found.cost), 1.0)
        if still or float(np.abs(found.gradient).max()) <= tolerance:
            return losses, "arrived"
    return losses, "limit"


def _count(trainer: Trainer, rules: Rules, log: EpochLog, score: Callable[[], float] | None, say: Say) -> None:
    """Whether the epoch was an improvement by at least the tolerance; the best of all is kept."""
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


def _adapted(trainer: Trainer, rules: Rules, log: EpochLog, say: Say) -> bool:
    """Whether an adaptive rate could be lowered once more instead of ending."""
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
