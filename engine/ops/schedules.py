"""Schedules: how the learning rate changes over the iterations, as a factor of the base rate. To add one, add an entry.

Sources: cosine, Loshchilov and Hutter (2017); warm-up, Goyal et al. (2017); coslog4, Holzmueller et al. (2024).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class ScheduleSettings(Protocol):
    """The settings that schedules read."""

    @property
    def iterations(self) -> int: ...
    @property
    def schedule(self) -> str: ...
    @property
    def warmup(self) -> int: ...
    @property
    def decay(self) -> float: ...
    @property
    def decay_every(self) -> int: ...


@dataclass(frozen=True)
class Schedule:
    """`factor(training, iteration)` multiplies the base rate; `settings` are the fields of TrainingSpec that it reads.

    With `by_cost` the trainer also multiplies the rate by `decay` when the cost stalls.
    """

    formula: str
    factor: Callable[[ScheduleSettings, int], float]
    settings: tuple[str, ...] = ()
    by_cost: bool = False


def _constant(_training: ScheduleSettings, _iteration: int) -> float:
    return 1.0


def _step(training: ScheduleSettings, iteration: int) -> float:
    return float(training.decay ** (iteration // training.decay_every))


def _exponential(training: ScheduleSettings, iteration: int) -> float:
    return float(training.decay ** (iteration / training.decay_every))


def _cosine(training: ScheduleSettings, iteration: int) -> float:
    share = min(iteration / max(training.iterations, 1), 1.0)
    return (1 + math.cos(math.pi * share)) / 2


def _coslog4(training: ScheduleSettings, iteration: int) -> float:
    share = min(iteration / max(training.iterations, 1), 1.0)
    return (1 - math.cos(2 * math.pi * math.log2(1 + 15 * share))) / 2


DECAYING = ("decay", "decay_every")
SCHEDULES: dict[str, Schedule] = {
    "constant": Schedule("rate", _constant),
    "step": Schedule("rate decay^floor(t / every)", _step, DECAYING),
    "exponential": Schedule("rate decay^(t / every)", _exponential, DECAYING),
    "cosine": Schedule("rate (1 + cos(pi t / iterations)) / 2", _cosine),
    "coslog4": Schedule("rate (1 - cos(2 pi log2(1 + 15 t / iterations))) / 2", _coslog4),
    "plateau": Schedule("rate decay, once the cost stalls", _constant, DECAYING, by_cost=True),
}


def changes(training: ScheduleSettings) -> bool:
    """Whether the rate depends on the iteration."""
    return SCHEDULES[training.schedule].factor is not _constant or training.warmup > 0


def factor(training: ScheduleSettings, iteration: int) -> float:
    """The factor of the base rate for the update after `iteration` updates, warm-up included."""
    warm = min((iteration + 1) / training.warmup, 1.0) if training.warmup else 1.0
    return warm * SCHEDULES[training.schedule].factor(training, iteration)
