"""Deleted runs. They wait in a folder of the store until it is emptied, and can be restored until then.

Beside that: what processes that died have left in the store.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import is_there
from deepnet_tui.runs.labels import FILE as LABELS
from deepnet_tui.runs.lock import ASKING, Lock, explained, is_held
from deepnet_tui.runs.record import StoredRun, read_run
from deepnet_tui.runs.writer import ABOUT, STATE, WRITTEN
from engine.storage.leftovers import STALE, remove_leftovers

FOLDER = ".trash"


class Trash:
    """The deleted runs of the store in `store`. `refusal` is why something could not be deleted for good, or ""."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self.folder = store / FOLDER
        self.refusal = ""

    def holds(self, name: str) -> bool:
        """Whether a deleted run has this name."""
        return is_there(self.folder / name)

    def list(self) -> list[StoredRun]:
        """The runs in it, the one that was deleted last first."""
        found = [(_time(folder), record) for folder in self._folders() if (record := read_run(folder)) is not None]
        return [record for _, record in sorted(found, key=lambda each: (each[0], each[1].id), reverse=True)]

    def put(self, record: StoredRun) -> None:
        """Delete a run. Raises InputError for one that is being trained, is gone, or can't be moved."""
        with _held(record):
            self._move_in(record)

    def remove(self, record: StoredRun) -> bool:
        """Delete a run for good. False for one that is being trained, already gone, or can't be deleted."""
        try:
            with _held(record):
                try:
                    folder = self._move_in(record)  # first out of sight whole: half a run is in nobody's list then
                except FileNotFoundError:
                    return False
                except OSError:  # a full disk takes no new folder
                    folder = record.folder
                self.refusal = _erase(folder) or self.refusal
        except InputError as error:
            if is_there(path := record.folder / "lock") and not is_held(path):
                self.refusal = str(error)
            return False
        return folder != record.folder or not is_there(folder / "run.json")

    def restore(self, name: str) -> StoredRun:
        """Bring back the deleted run called `name`, by any unambiguous beginning, or `last`. Raises InputError."""
        record = self._find(name)
        target = self._store / record.id
        try:
            if target.exists():
                raise InputError(f"there is a run {record.id} again, so the deleted one stays where it is", "run")
            record.folder.rename(target)
        except OSError as error:
            raise InputError(f"run {record.id} can't be restored: {error.strerror}", "run") from None
        restored = read_run(target)
        if restored is None:
            raise InputError(f"run {record.id} is back in {self._store}, but can't be read", "run")
        return restored

    def empty(self) -> int:
        """Delete everything in it for good, and give the number of runs that were."""
        folders = self._folders()
        for folder in folders:
            self.refusal = _erase(folder) or self.refusal
        return sum(not is_there(folder) for folder in folders)

    def _find(self, name: str) -> StoredRun:
        records = self.list()
        if not records:
            raise InputError("there are no deleted runs", "run")
        if name == "last":
            return records[0]
        exact = [record for record in records if record.id == name]
        found = exact or [record for record in records if name and record.id.startswith(name)]
        if len(found) == 1:
            return found[0]
        shown = ", ".join(record.id for record in (found or records)[:3])
        more = ", ..." if len(found or records) > 3 else ""
        said = f"is the beginning of {len(found)} deleted runs" if found else "is none of the deleted runs"
        raise InputError(f"{name!r} {said}: {shown}{more}", "run")

    def _move_in(self, record: StoredRun) -> Path:
        """Move a run's folder in here, and give its new place. Raises OSError."""
        self.folder.mkdir(exist_ok=True)
        target = self.folder / record.id
        record.folder.rename(target)
        with contextlib.suppress(OSError):
            os.utime(target)  # when it was deleted
        return target

    def _folders(self) -> tuple[Path, ...]:
        try:
            return tuple(path for path in self.folder.iterdir() if path.is_dir())
        except OSError:
            return ()


def tidy(folders: Iterable[Path]) -> None:
    """Remove what processes that died have left in the folders of runs: half files, and runs that never began."""
    for folder in folders:
        if is_held(folder / "lock"):
            continue
        remove_leftovers(folder, *WRITTEN, LABELS)
        with contextlib.suppress(OSError):
            names = {path.name for path in folder.iterdir()}
            if not names & {ABOUT, STATE} and time.time() - _time(folder) > STALE:
                shutil.rmtree(folder)


def _erase(folder: Path) -> str:
    """Delete the folder of a run, run.json first: what is left if that is cut short counts as no run.

    Gives why it could not be deleted, "" if it was.
    """
    try:
        for name in (ABOUT, STATE):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""


@contextlib.contextmanager
def _held(record: StoredRun) -> Iterator[None]:
    """Hold a run's lock, so that nobody trains it meanwhile. Raises InputError where somebody does, or it is gone."""
    path = record.folder / "lock"
    with explained(record.id, "deleted", "is being trained; stop it first"):
        if not is_there(path):  # without one nobody trains it, and a full disk takes no new file
            yield
            return
        with Lock(path, ASKING) as lock:
            if sys.platform == "win32":
                lock.release()  # a folder with an open file can't be moved there
            yield


def _time(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0
