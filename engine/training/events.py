"""What a trainer tells while it trains."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """One report: the cost before update `iteration`; the last report has the cost of the final parameters.

    `cost` is the training cost without dropout, regularisation included: of all examples, but with mini-batches
    and more than 10,000 examples of a fixed sample of so many. `validation_cost` is the held-out one without
    regularisation. `seconds` counts the time spent in training only.
    """

    iteration: int
    cost: float
    validation_cost: float | None = None
    learning_rate: float = 0.0
    epoch: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True)
class Finished:
    """The end of a run.

    `reason` is one of completed, epochs, time, tolerance, early_stopping, diverged; `iteration` and `cost` belong to
    the parameters that the trainer holds now. `message` is a plain sentence for people.
    """

    reason: str
    iteration: int
    cost: float
    message: str = ""


Event = Progress | Finished
