"""Who is ahead: by the validation cost, where there is one, or by the cost of the training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.training.events import Finished, Progress

TRAINING, WAITING = "training", "waiting"


@dataclass(frozen=True)
class Standing:
    """How a racer stands: `number` is its place in the race from 0, the costs are those of its parameters now."""

    number: int
    iteration: int = 0
    cost: float | None = None
    validation_cost: float | None = None
    internal_cost: float | None = None
    finished: Finished | None = None

    @classmethod
    def of(cls, number: int, progress: Progress | None, finished: Finished | None = None) -> Standing:
        """That of the last report, and of the end."""
        if progress is None:
            return cls(number, finished=finished)
        costs = (progress.cost, progress.validation_cost, progress.internal_cost)
        return cls(number, progress.iteration, *costs, finished=finished)

    @property
    def monitored(self) -> float:
        """The cost that it is ranked by; infinite where it is not known, or the racer has diverged."""
        costs = (self.validation_cost, self.internal_cost, self.cost)
        value = next((cost for cost in costs if cost is not None), math.inf)
        return value if math.isfinite(value) and not self.diverged else math.inf

    @property
    def diverged(self) -> bool:
        """Whether its cost became infinite or no number."""
        return self.finished is not None and self.finished.reason == "diverged"

    @property
    def state(self) -> str:
        """In words."""
        if self.finished is None:
            return TRAINING if self.cost is not None else WAITING
        if self.diverged:
            return f"diverged after {self.finished.iteration:,}"
        words = {"completed": "finished", "early_stopping": "stopped early"}
        return words.get(self.finished.reason, self.finished.reason)


def ranked(standings: Sequence[Standing]) -> list[Standing]:
    """The best first; those that are equal in the order of the race, those that diverged last."""
    return sorted(standings, key=lambda standing: (standing.diverged, standing.monitored, standing.number))
