"""All runs of a user, one folder each."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import runs_folder
from deepnet_tui.runs.lock import is_held
from deepnet_tui.runs.writer import RunWriter, read_costs
from engine.training.events import Progress

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment


@dataclass(frozen=True)
class StoredRun:
    """What is known about a run. `state` is running, completed, stopped, interrupted or diverged.

    A run whose process is gone before it said how it ended counts as interrupted. `started` is in seconds since
    1970-01-01. `about` holds everything in run.json, metrics included.
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
        """The newest state, for `Trainer.from_state`. Raises InputError where there is none, or a damaged one."""
        from engine.storage.state import StateError, load

        try:
            return load(self.folder / "state.npz")
        except FileNotFoundError:
            raise InputError(f"run {self.id} ended before its first checkpoint; train it anew", "run") from None
        except (OSError, StateError) as error:
            raise InputError(f"run {self.id} can't be read: {error}", "run") from None


class Store:
    """The runs in `folder`, by default in the user's data folder or where DEEPNET_TUI_HOME says."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = runs_folder() if folder is None else folder

    def begin(self, experiment: Experiment, **about: Any) -> RunWriter:
        """Start to write a run. It never fails: a run that can't be written has a `warning`.

        `about` is plain data that joins what is known about the run.
        """
        experiment = absolute(experiment)
        started = time.time()
        source = experiment.data.source
        stem = time.strftime("%Y%m%d-%H%M%S", time.gmtime(started)) + f"-{_folder_word(source)}"
        about = {"source": source, "started": started, **about}
        while True:
            name = f"{stem}-{secrets.token_hex(1)}"
            folder = self.folder / name
            try:
                folder.mkdir(parents=True)
            except FileExistsError as error:
                if not self.folder.is_dir():
                    return RunWriter.not_written(name, folder, f"{self.folder}: {error.strerror}")
                if folder.exists():
                    continue
            except OSError as error:
                return RunWriter.not_written(name, folder, f"{self.folder}: {error.strerror}")
            return RunWriter.create(name, folder, experiment, about)

    def resume(self, record: StoredRun) -> RunWriter:
        """Open a run for writing again; then `rewind` it to its checkpoint. Raises InputError where it is in use."""
        return RunWriter.reopen(record.id, record.folder, dict(record.about))

    def list(self) -> list[StoredRun]:
        """Every run that can be read, newest first."""
        return sorted(self._records(), key=lambda record: (record.started, record.id), reverse=True)

    def open(self, name: str) -> StoredRun:
        """The run called `name`, by any beginning that only one run has, or `last`. Raises InputError."""
        records = self.list()
        if not records:
            raise InputError(f"there are no runs in {self.folder} yet", "run")
        if name == "last":
            return records[0]
        found = [record for record in records if record.id == name]
        found = found or [record for record in records if name and record.id.startswith(name)]
        if len(found) == 1:
            return found[0]
        if found:
            shown = ", ".join(record.id for record in found[:3]) + (", ..." if len(found) > 3 else "")
            raise InputError(f"{name!r} is the beginning of {len(found)} runs: {shown}", "run")
        raise InputError(f"there is no run {name!r}; deepnet-tui runs lists them", "run")

    def prune(self, keep: int) -> tuple[str, ...]:
        """Delete all but the `keep` newest runs, never one that is being trained; gives the names deleted."""
        gone = []
        for record in self.list()[keep:]:
            if record.state != "running":
                shutil.rmtree(record.folder, ignore_errors=True)
                gone.append(record.id)
        return tuple(gone)

    def _records(self) -> Iterator[StoredRun]:
        try:
            folders = list(self.folder.iterdir())
        except OSError:
            return
        for folder in folders:
            record = _read(folder)
            if record is not None:
                yield record


def _read(folder: Path) -> StoredRun | None:
    """The run in the folder, None if its run.json can't be used."""
    try:
        about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        state = str(about["state"])
        if state == "running" and not is_held(folder / "lock"):
            about = _read_again(folder, about)
            state = str(about["state"])
        return StoredRun(
            id=folder.name,
            folder=folder,
            state=state,
            source=str(about["source"]),
            started=float(about["started"]),
            iteration=int(about.get("iteration", 0)),
            cost=about.get("cost"),
            validation_cost=about.get("validation_cost"),
            about=about,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _read_again(folder: Path, about: dict[str, Any]) -> dict[str, Any]:
    """run.json of a run whose lock is free, read once more: it may have ended properly just now."""
    about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return {**about, "state": "interrupted"} if about["state"] == "running" else about


def _folder_word(source: str) -> str:
    """A source as a word for a folder's name."""
    return re.sub(r"[^A-Za-z0-9_]+", "_", Path(source).stem).strip("_")[:16] or "data"


def absolute(experiment: Experiment) -> Experiment:
    """The same experiment with absolute paths, so that it can be read from any folder."""
    from deepnet_tui.data.builtin import BUILTIN

    paths = {"source": experiment.data.source, "test": experiment.data.test}
    absolute = {name: str(Path(value).absolute()) for name, value in paths.items() if value and value not in BUILTIN}
    return experiment.replace("data", **absolute) if absolute else experiment
