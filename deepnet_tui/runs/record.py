"""One stored run, as it is read from its folder."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.runs.labels import NONE, Labels, read_labels
from deepnet_tui.runs.lock import is_held
from deepnet_tui.runs.writer import COSTS, check_format, read_costs
from engine.training.events import Progress

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment

TAIL = 4096  # bytes at the end of the costs that hold the newest report
LIVE = ("iteration", "seconds", "cost", "validation_cost")  # what a report says anew


@dataclass(frozen=True)
class StoredRun:
    """What is known about a run. `state` is running, completed, stopped, interrupted or diverged.

    A run whose process is gone before it said how it ended counts as interrupted. `started` is in seconds since
    1970-01-01. `about` holds everything in run.json, metrics included. Of a run that is being trained, iteration and
    costs are those of its newest report.
    """

    id: str
    folder: Path
    state: str
    source: str
    started: float
    iteration: int = 0
    cost: float | None = None
    validation_cost: float | None = None
    about: dict[str, Any] = field(default_factory=dict)
    labels: Labels = NONE

    def experiment(self) -> Experiment:
        """The experiment as it was last trained. Raises InputError."""
        from deepnet_tui.experiment import Experiment

        return Experiment.read(self.folder / "experiment.toml")

    @property
    def has_checkpoint(self) -> bool:
        """Whether there is a state to go on from; without one a run starts from its first iteration."""
        return (self.folder / "state.npz").exists()

    def costs(self) -> list[Progress]:
        """Every whole report."""
        return read_costs(self.folder)

    def checkpoint(self) -> dict[str, Any]:
        """The newest state, for `Trainer.from_state`.

        Raises InputError where there is none, a damaged one, or one that only a newer version can use.
        """
        from engine.storage.state import StateError, load

        check_format(self.id, self.about)
        try:
            return load(self.folder / "state.npz")
        except FileNotFoundError:
            raise InputError(f"run {self.id} ended before its first checkpoint; train it anew", "run") from None
        except (OSError, StateError) as error:
            raise InputError(f"run {self.id} can't be read: {error}", "run") from None

    def plain(self) -> dict[str, Any]:
        """Everything, as JSON has it."""
        return {
            **self.about,
            "run": self.id,
            "state": self.state,
            "folder": str(self.folder),
            **self.labels.plain(),
        }


def read_run(folder: Path) -> StoredRun | None:
    """The run in the folder, None if its run.json can't be used."""
    try:
        return record_of(folder, read_about(folder), read_labels(folder))
    except (OSError, ValueError, RecursionError):
        return None


def read_about(folder: Path) -> Any:
    """What run.json holds. Raises OSError and ValueError."""
    return json.loads((folder / "run.json").read_bytes(), parse_int=_whole)


def _whole(digits: str) -> float:
    """A whole number; one that no counter reaches is a float, which every format can show."""
    return int(digits) if len(digits) < 19 else float(digits)


def record_of(folder: Path, about: Any, labels: Labels) -> StoredRun | None:
    """The run in the folder whose run.json holds `about`; None if that can't be used.

    What only its process knows is looked up in the folder: whether it is still being trained, and its newest cost.
    """
    try:
        state = str(about["state"])
        if state == "running":
            about = _now(folder, about)
            state = str(about["state"])
        return StoredRun(
            id=folder.name,
            folder=folder,
            state=state,
            source=str(about["source"]),
            started=float(about["started"]),
            iteration=int(about.get("iteration", 0)),
            cost=_cost(about.get("cost")),
            validation_cost=_cost(about.get("validation_cost")),
            about=about,
            labels=labels,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _cost(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _now(folder: Path, about: dict[str, Any]) -> dict[str, Any]:
    """A run that was being trained when its run.json was written, as it is now."""
    if is_held(folder / "lock"):
        return {**about, **_newest_report(folder)}
    about = read_about(folder)  # once more: it may have ended properly just now
    return {**about, "state": "interrupted"} if about["state"] == "running" else about


def _newest_report(folder: Path) -> dict[str, Any]:
    """Iteration and costs of the last whole line of the costs, {} where there is none."""
    try:
        with (folder / COSTS).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
            lines = file.read().split(b"\n")[:-1]  # what follows the last line's end is torn
        found = json.loads(lines[-1])
        return {name: found[name] for name in LIVE}
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return {}
