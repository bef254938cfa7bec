"""What the doctor reads and returns: the record of a run, findings, and the changes of a remedy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.diagnostics.statistics import DataFacts, LayerStatistics, Statistics
from engine.spec import NetworkSpec, TrainingSpec
from engine.training.events import Finished


@dataclass(frozen=True)
class Change:
    """One setting, with its value before and after.

    `section` is network or training; `layers` are the hidden layers (from 1) whose setting it is, otherwise empty.
    """

    section: str
    name: str
    before: Any
    after: Any
    layers: tuple[int, ...] = ()

    def __str__(self) -> str:
        where = f" in layer{'s' if len(self.layers) > 1 else ''} {_listed(self.layers)}" if self.layers else ""
        before, after = (_shown(value, self.name) for value in (self.before, self.after))
        return f"{self.name.replace('_', ' ')} {before} → {after}{where}"


@dataclass(frozen=True)
class Remedy:
    """What to change, and why. `back_to` is the iteration from whose parameters to continue, None for the current."""

    changes: tuple[Change, ...]
    why: str
    back_to: int | None = None

    def __str__(self) -> str:
        start = "" if self.back_to is None else f"from the good parameters of iteration {self.back_to:,}: "
        return start + ", ".join(map(str, self.changes))


@dataclass(frozen=True)
class Finding:
    """A problem: its name and title, a sentence that explains it, the evidence, and a remedy if there is one."""

    name: str
    title: str
    sentence: str
    evidence: tuple[str, ...]
    remedy: Remedy | None = None


@dataclass(frozen=True)
class TrainingRecord:
    """What the rules read: the settings, facts about the data, the statistics in order, and how the run ended."""

    network: NetworkSpec
    training: TrainingSpec
    data: DataFacts
    course: tuple[Statistics, ...]
    finished: Finished | None = None

    @property
    def now(self) -> Statistics:
        """The latest statistics."""
        return self.course[-1]

    @property
    def hidden(self) -> tuple[LayerStatistics, ...]:
        """The latest statistics of the hidden layers."""
        return self.now.layers[:-1]

    @property
    def learns_little(self) -> bool:
        """Whether the loss is still above half of that of a constant prediction."""
        return not self.now.loss < 0.5 * self.data.base


NOTHING = {"class_weight": "none"}  # the word for no value; "off" for the others


def _shown(value: Any, name: str) -> str:
    return (
        NOTHING.get(name, "off")
        if value is False or value is None
        else "on"
        if value is True
        else f"{value:g}"
        if isinstance(value, float)
        else str(value).replace("_", " ")
    )


def _listed(numbers: tuple[int, ...]) -> str:
    if len(numbers) > 2 and numbers == tuple(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers))
