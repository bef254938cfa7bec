"""How the learning rate changes over the iterations: each is a factor on the base rate. To add one, add an entry.

Sources: cosine, Loshchilov and Hutter (2017); warm-up, Goyal et al. (2017).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.spec import TrainingSpec

Schedule = Callable[["TrainingSpec", int], float]


def _constant(_training: TrainingSpec, _iteration: int) -> float:
    return 1.0


def _step(training: TrainingSpec, iteration: int) -> float:
    return float(training.decay ** (iteration // training.decay_every))


def _exponential(training: TrainingSpec, iteration: int) -> float:
    return float(training.decay ** (iteration / training.decay_every))


def _cosine(training: TrainingSpec, iteration: int) -> float:
    share = min(iteration / max(training.iterations, 1), 1.0)
    return (1 + math.cos(math.pi * share)) / 2


SCHEDULES: dict[str, Schedule] = {
    "constant": _constant,
    "step": _step,
    "exponential": _exponential,
    "cosine": _cosine,
    "plateau": _constant,  # the trainer lowers the rate itself when the cost stalls
}


def changes(training: TrainingSpec) -> bool:
    """Whether the rate depends on the iteration at all."""
    return SCHEDULES[training.schedule] is not _constant or training.warmup > 0


def factor(training: TrainingSpec, iteration: int) -> float:
    """The factor on the base rate for the update after `iteration` updates, warm-up included."""
    warm = min((iteration + 1) / training.warmup, 1.0) if training.warmup else 1.0
    return warm * SCHEDULES[training.schedule](training, iteration)
