"""The events of a training run: progress, and its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SOMETIMES = ("lowest", "highest", "internal_cost")  # only ensembles, or internal parts, have these


@dataclass(frozen=True)
class Progress:
    """A report: the cost before update `iteration`; the last report has the cost of the final parameters.

    `cost` is the training cost without dropout, regularisation included: of all examples, but with mini-batches
    and more than 10,000 examples of a fixed sample of so many. `validation_cost` is that of the validation data
    without regularisation. `seconds` is the time spent in iterations only.

    Of an ensemble `cost` is the mean of its members' costs, `lowest` and `highest` are the least and the greatest of
    them (None for a single network), and `validation_cost` is that of the averaged prediction. `internal_cost` is the
    mean of each network's loss on its internal part, None without.
    """

    iteration: int
    cost: float
    validation_cost: float | None = None
    learning_rate: float = 0.0
    epoch: float = 0.0
    seconds: float = 0.0
    lowest: float | None = None
    highest: float | None = None
    internal_cost: float | None = None

    def by_name(self) -> dict[str, Any]:
        """Its values by name; what only ensembles or internal parts have is left out where there is none."""
        return {name: value for name, value in vars(self).items() if value is not None or name not in SOMETIMES}


@dataclass(frozen=True)
class Finished:
    """The end of a run.

    `reason` is one of completed, epochs, time, tolerance, early_stopping, diverged, interrupted. `iteration` is how
    many updates were made, also where better parameters of an earlier one were brought back: that one is
    `best_iteration`, the latest of them where each network of an ensemble got back its own, None where nothing was
    brought back. `cost` belongs to the parameters that the trainer has now. `message` is a sentence for people.
    `output_scaled` says that the output layer was scaled after the end, by `Trainer.scale_output`.
    """

    reason: str
    iteration: int
    cost: float
    message: str = ""
    output_scaled: bool = False
    best_iteration: int | None = None

    def by_name(self) -> dict[str, Any]:
        """Its values by name, without those about a scaled output and better parameters where there are none."""
        left_out = {"output_scaled": not self.output_scaled, "best_iteration": self.best_iteration is None}
        return {name: value for name, value in vars(self).items() if not left_out.get(name)}


Event = Progress | Finished
