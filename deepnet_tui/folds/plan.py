"""What is asked for: how many folds, and what keeps examples together or orders them."""

from __future__ import annotations

from dataclasses import dataclass

from deepnet_tui.common.errors import InputError

FEWEST = 2


@dataclass(frozen=True)
class FoldPlan:
    """`count` folds, drawn at random unless there is a column of groups or of times.

    No `group` is in two folds; with `time` each fold is tested on what comes after all that it is trained on.
    Raises InputError for fewer than two folds, and for both columns at once.
    """

    count: int
    group: str | None = None
    time: str | None = None

    def __post_init__(self) -> None:
        if self.count < FEWEST:
            raise InputError(f"folds must be a whole number from {FEWEST}, not {self.count}", "folds")
        if self.group is not None and self.time is not None:
            raise InputError("folds keep groups whole or go forward in time; give --group or --time, not both", "time")

    def sentence(self, classes: bool) -> str:
        """How the folds are made, for people."""
        if self.group is not None:
            return f"{self.count} folds, no {self.group} in two of them"
        if self.time is not None:
            return f"{self.count} folds forward in time by {self.time}"
        return f"{self.count} folds" + (", every class in each alike" if classes else "")
