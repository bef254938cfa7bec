"""What every tracker is given of a run, and what it does with it."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from deepnet_tui.common.errors import InputError
from deepnet_tui.runs.labels import NONE, Labels
from engine.training.events import Progress

CURVES = ("cost", "validation_cost", "internal_cost", "lowest", "highest", "learning_rate")  # fields of Progress


@dataclass(frozen=True)
class RunAbout:
    """A run at its beginning: `started` in seconds since 1970-01-01, `settings` flat as `training.l2`."""

    id: str
    started: float
    source: str
    settings: Mapping[str, Any]
    task: str = ""
    network: Sequence[int] = ()
    labels: Labels = NONE

    @property
    def title(self) -> str:
        """The name that people gave it, else its id."""
        return self.labels.name or self.id


@dataclass(frozen=True)
class RunEnd:
    """A run at its end: `state` as the store has it, `metrics` by part as `evaluate` gives them, `files` to attach."""

    state: str
    reason: str
    iteration: int
    seconds: float
    metrics: Mapping[str, Any] | None = None
    files: Sequence[Path] = field(default=())


class RunLog(Protocol):
    """One run in a tracker, while it is written. Every method may raise whatever the tracker raises."""

    def report(self, progress: Progress) -> None:
        """Write one report."""

    def finish(self, end: RunEnd) -> None:
        """Write how it ended, and close it."""


class Destination(Protocol):
    """A place that runs are written to."""

    @property
    def hint(self) -> str:
        """How to look at what is there, "" where there is nothing to say."""

    def begin(self, about: RunAbout, *, overwrite: bool = False) -> RunLog:
        """Begin a run; `overwrite` replaces what was written of it before. Raises InputError where that is there."""


@dataclass(frozen=True)
class Tracker:
    """One program. `package` is what Python must be able to import, `place` how its places are called in help."""

    name: str
    package: str
    extra: str
    place: str
    connect: Callable[[str], Destination]

    def check(self) -> None:
        """Raises InputError, saying how to install it, where the package is not there."""
        try:
            there = importlib.util.find_spec(self.package) is not None
        except ValueError:  # a module without a spec
            there = False
        if not there:
            install = f"pip install 'deepnet-tui[{self.extra}]'"
            raise InputError(f"{self.name} needs the package {self.package}, which is not installed: {install}")


def curves_of(progress: Progress) -> dict[str, float]:
    """The numbers of a report that are drawn as curves, without those that it does not have."""
    values = {name: getattr(progress, name) for name in CURVES}
    return {name: float(value) for name, value in values.items() if value is not None}


def flat_metrics(metrics: Mapping[str, Any] | None) -> dict[str, float]:
    """Every metric that is a finite number, by a path such as `validation/accuracy`."""
    return dict(_numbers(metrics or {}, ""))


def setting_text(value: Any) -> str:
    """A setting as text: lists with commas, True and False as `true` and `false`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(map(str, value)) or "none"
    return str(value)


def _numbers(values: Mapping[str, Any], path: str) -> Iterator[tuple[str, float]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, f"{path}{name}/")
        elif isinstance(value, int | float) and math.isfinite(value):
            yield f"{path}{name}", float(value)
