"""One run on disk, while it is being written.

experiment.toml   what is trained, with absolute paths; it follows settings that are changed meanwhile
costs.jsonl       one report a line, written together every half a second; a torn last line is ignored
state.npz         the newest checkpoint, replaced whole
model.npz         the model at that checkpoint, where training paused or ended there; it needs no data to be read
run.json          state, iteration, cost, metrics, replaced whole
labels.json       name, note, tags and star, where people gave any: see labels.py
lock              held for as long as the process that trains is alive
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.formats.json_values import json_ready
from deepnet_tui.common.text import quoted
from deepnet_tui.common.version import __version__
from deepnet_tui.runs.lock import ASKING, Busy, Lock
from engine.storage.atomic import write_atomically, write_text_atomically
from engine.storage.leftovers import remove_leftovers
from engine.training.events import Progress

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.model import Model

MODEL = "model.npz"
COSTS = "costs.jsonl"
CHECKPOINT_EVERY = 5.0  # seconds between two checkpoints, at least,
STATE = "state.npz"
EXPERIMENT = "experiment.toml"
ABOUT = "run.json"
WRITTEN = (EXPERIMENT, COSTS, STATE, MODEL, ABOUT)  # by whoever holds the lock
FORMAT = 1  # of the folder of a run; run.json says so, but for those of version 0.1 and 0.2.0
FLUSH_EVERY = 0.5  # seconds for which reports wait to be written together
FORMAT_OF_THIS = {"format": FORMAT, "library": __version__}
CHECKPOINT_SHARE = 0.05  # and the share of the time that writing them may take

_ENCODE = json.JSONEncoder(allow_nan=False).encode  # json.dumps makes one for each report


class RunWriter:
    """Writes one run. Once something can't be written, `warning` says why and nothing more is tried.

    One thread at a time may use it. The newest whole checkpoint stays whatever happens.
    """

    def __init__(self, name: str, folder: Path, about: dict[str, Any]) -> None:
        self.id = name
        self.folder = folder
        self.warning = ""
        self._about = about
        self._lock: Lock | None = None
        self._costs: TextIO | None = None
        self._next_checkpoint = time.monotonic() + CHECKPOINT_EVERY
        self._next_flush = 0.0

    @classmethod
    def create(cls, name: str, folder: Path, experiment: Experiment, about: dict[str, Any]) -> RunWriter:
        """Start a run in `folder`, which is there and empty."""
        run = cls(name, folder, about)
        run._try(lambda: run._start(experiment))
        return run

    @classmethod
    def not_written(cls, name: str, folder: Path, why: str) -> RunWriter:
        """A run that is not written anywhere, because the store can't be written."""
        run = cls(name, folder, {})
        run.warning = f"this run is not kept: {why}"
        return run

    @classmethod
    def reopen(cls, name: str, folder: Path, about: dict[str, Any]) -> RunWriter:
        """Open a run for writing again, to `rewind` it and go on; what a process that died had half written is removed.

        Raises InputError where that can't be done, or a newer version of this program has written it.
        """
        check_format(name, about)
        run = cls(name, folder, {**about, **FORMAT_OF_THIS})
        try:
            run._lock = Lock(folder / "lock", ASKING)
        except Busy:
            raise InputError(f"run {name} is still being trained by another process", "run") from None
        except OSError as error:
            raise InputError(f"run {name} can't be continued: {error.strerror}", "run") from None
        remove_leftovers(folder, *WRITTEN, older_than=0.0)
        return run

    def rewind(self, iteration: int) -> None:
        """Go on from a checkpoint: costs reported after `iteration` are dropped, they will come again."""
        self._try(lambda: self._rewind(iteration))

    def record_settings(self, experiment: Experiment) -> None:
        """Write the experiment again: its settings were changed during training."""
        self._try(lambda: experiment.write(self.folder / EXPERIMENT))

    @property
    def kept(self) -> bool:
        """Whether everything so far is on disk."""
        return not self.warning

    def report(self, progress: Progress) -> None:
        """Append one report to the costs."""
        self._about |= {"iteration": progress.iteration, "seconds": progress.seconds}
        self._about |= {"cost": progress.cost, "validation_cost": progress.validation_cost}
        self._try(lambda: self._append(progress))

    @property
    def due(self) -> bool:
        """Whether it is time for another checkpoint."""
        return time.monotonic() >= self._next_checkpoint

    def checkpoint(self, state: Callable[[], Mapping[str, Any]], *, now: bool = False) -> None:
        """Write `state()`, the trainer's, if one is due or `now`."""
        if now or self.due:
            self._try(lambda: self._write_checkpoint(state()))

    def keep_model(self, make: Callable[[], Model]) -> None:
        """Write `make()`, the model at the checkpoint that was just written."""
        with contextlib.suppress(InputError):  # without it the run is still whole
            model = make()
            self._try(lambda: self._write_model(model))

    def finish(self, state: str, reason: str = "", **more: Any) -> None:
        """Close the run as completed, stopped, interrupted or diverged; `more` joins what is known about it."""
        self._try(self._flush_costs)
        self._try(lambda: self._write_about(state=state, reason=reason, **more))
        self.release()

    def amend(self, **more: Any) -> None:
        """Add to what is known about a run that was finished here; nothing where another process has it by now."""
        if self.warning:
            return
        with contextlib.suppress(OSError, ValueError, Busy), Lock(self.folder / "lock", ASKING):
            if json.loads((self.folder / ABOUT).read_bytes()) == json_ready(self._about):
                self._write_about(**more)

    def release(self) -> None:
        """Close the files and the lock. A run that was not finished counts as interrupted from here on."""
        if self._costs is not None:
            with contextlib.suppress(OSError):  # what could not be written before can't be now
                self._costs.close()
            self._costs = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _try(self, write: Callable[[], object]) -> None:
        """Write something; a disk that is full or read-only must not end the training."""
        if self.warning:
            return
        try:
            write()
        except (OSError, Busy) as error:
            self.warning = (
                f"run {self.id} is no longer kept in {self.folder}: {getattr(error, 'strerror', None) or error}"
            )
        except InputError as error:
            self.warning = f"run {self.id} is not kept: {error}"

    def _start(self, experiment: Experiment) -> None:
        self._lock = Lock(self.folder / "lock", ASKING)
        experiment.write(self.folder / EXPERIMENT)
        self._open_costs()
        self._write_about(state="running")

    def _rewind(self, iteration: int) -> None:
        lines = "".join(_line(progress) for progress in read_costs(self.folder) if progress.iteration <= iteration)
        write_text_atomically(self.folder / COSTS, lines)
        self._open_costs()
        self._about.pop("metrics", None)  # they are those of the end before
        self._write_about(state="running", reason="")

    def _open_costs(self) -> None:
        self._costs = (self.folder / COSTS).open("a", encoding="utf-8", newline="\n")

    def _append(self, progress: Progress) -> None:
        if self._costs is not None:
            self._costs.write(_line(progress))
            if time.monotonic() >= self._next_flush:
                self._flush_costs()

    def _flush_costs(self) -> None:
        if self._costs is not None:
            self._costs.flush()
            self._next_flush = time.monotonic() + FLUSH_EVERY

    def _write_checkpoint(self, state: Mapping[str, Any]) -> None:
        from engine.storage.state import save

        began = time.monotonic()
        self._flush_costs()
        if self._costs is not None:
            os.fsync(self._costs.fileno())  # the reports up to a checkpoint are as durable as the checkpoint
        (self.folder / MODEL).unlink(missing_ok=True)  # it belongs to the checkpoint before
        save(self.folder / STATE, state)
        self._write_about()
        ended = time.monotonic()
        self._next_checkpoint = ended + max(CHECKPOINT_EVERY, (ended - began) / CHECKPOINT_SHARE)

    def _write_model(self, model: Model) -> None:
        from deepnet_tui.export.formats.npz_file import save

        write_atomically(self.folder / MODEL, lambda path: save(model, path))

    def _write_about(self, **changes: Any) -> None:
        self._about |= changes
        text = json.dumps(json_ready(self._about), indent=1, allow_nan=False) + "\n"
        write_text_atomically(self.folder / ABOUT, text)


def check_format(name: str, about: Mapping[str, Any]) -> None:
    """Raise InputError for a run that a newer version of this program wrote in a way that this one does not know."""
    found = about.get("format", FORMAT)
    if not isinstance(found, int) or found > FORMAT:
        by = quoted(str(about.get("library", "?")), 20)
        raise InputError(
            f"run {name} was written by a newer version of deepnet-tui, {by}; this one, {__version__}, can't use it",
            "run",
        )


def read_costs(folder: Path) -> list[Progress]:
    """The reports of the run in `folder`, up to the first line that is not whole."""
    try:
        lines = (folder / COSTS).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    reports = []
    for line in lines:
        try:
            progress = Progress(**json.loads(line))
            if not all(value is None or math.isfinite(value) for value in vars(progress).values()):
                break
        except (ValueError, TypeError, OverflowError, RecursionError):
            break
        reports.append(replace(progress, cost=math.nan) if progress.cost is None else progress)
    return reports


def _line(progress: Progress) -> str:
    values = progress.by_name()
    try:
        return _ENCODE(values) + "\n"
    except (TypeError, ValueError):  # not finite, or of NumPy
        return _ENCODE(json_ready(values)) + "\n"
