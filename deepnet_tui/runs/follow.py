"""Runs that are looked at while other processes train, label and delete them: what has changed since the last look.

A look is cheap however many runs there are: the folder of the store is looked at, the files of the runs that are
watched or being trained, and those of some others in turn; of costs only what has been added is read.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from deepnet_tui.runs.index import UNSETTLED
from deepnet_tui.runs.labels import FILE as LABELS
from deepnet_tui.runs.record import StoredRun, read_run
from deepnet_tui.runs.writer import COSTS

if TYPE_CHECKING:
    from deepnet_tui.runs.store import Store
    from engine.arrays import Array

DAMAGED = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)  # by a line that is none
IN_TURN = 200  # runs that are looked at in one look though nobody watches them
PIECE = 1 << 18  # bytes, some 2,000 reports: ten milliseconds
FIELDS = ("iteration", "epoch", "seconds", "cost", "validation_cost")


@dataclass(frozen=True)
class RunCurve:
    """The reports of a run in their order, each array (n,); `seconds` are those spent in training, nan is no value."""

    iteration: Array
    epoch: Array
    seconds: Array
    cost: Array
    validation_cost: Array

    def __len__(self) -> int:
        return len(self.iteration)

    @classmethod
    def of(cls, table: Array) -> RunCurve:
        """Out of a table (n, 5) with the columns FIELDS."""
        return cls(*table.T)


class CostsFile:
    """The costs of the run in `folder`, which are read on as they grow. To be used from one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / COSTS
        self._clear(0)

    def _clear(self, file: int) -> None:
        import numpy as np

        self._file = file  # the number of the file in its file system: a run that goes on from a checkpoint has another
        self._read = 0  # bytes
        self._damaged = False
        self._table = np.empty((0, len(FIELDS)))
        self._curve = RunCurve.of(self._table)

    def curve(self) -> RunCurve:
        """Every whole report so far, up to the first line that is none; no report where the file can't be read.

        While nothing is new it is the same object.
        """
        import numpy as np

        try:
            with self._path.open("rb") as file:
                status = os.fstat(file.fileno())
                if status.st_ino != self._file or status.st_size < self._read:
                    self._clear(status.st_ino)
                if status.st_size > self._read and not self._damaged:
                    file.seek(self._read)
                    if tables := list(self._tables(file)):
                        self._table = np.concatenate([self._table, *tables])
                        self._curve = RunCurve.of(self._table)
        except OSError:
            if self._read:
                self._clear(0)
        return self._curve

    def _tables(self, file: BinaryIO) -> Iterator[Array]:
        """What follows in the file, a piece after the other: other threads stand still while one is taken apart."""
        import numpy as np

        rest = b""
        while not self._damaged and (piece := file.read(PIECE)):
            *lines, rest = (rest + piece).split(b"\n")  # what follows the last line's end is torn, or yet to come
            self._read += sum(len(line) + 1 for line in lines)
            if rows := self._rows(lines):
                yield np.array(rows)

    def _rows(self, lines: list[bytes]) -> list[tuple[float, ...]]:
        try:
            return [_row(report) for report in json.loads(b"[" + b",".join(lines) + b"]")]  # at once, twice as fast
        except DAMAGED:
            pass
        rows = []
        for line in lines:
            try:
                rows.append(_row(json.loads(line)))
            except DAMAGED:
                self._damaged = True
                break
        return rows


def _row(report: dict[str, Any]) -> tuple[float, ...]:
    iteration = float(report["iteration"])
    rest = (report.get(name) for name in FIELDS[1:])
    return (iteration, *(math.nan if value is None else float(value) for value in rest))


@dataclass(frozen=True)
class RunChanges:
    """Runs by id that are new or differ from what was known of them, and the ids of those that are no longer there."""

    changed: Mapping[str, StoredRun]
    gone: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.changed or self.gone)


class RunsWatch:
    """Looks at the runs of `store`. To be used from one thread at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folder_seen: object = None
        self._seen: dict[str, object] = {}
        self._begun: set[str] = set()  # folders that are no runs yet
        self._turn = 0

    def changes(self, known: Mapping[str, StoredRun], watched: Iterable[str]) -> RunChanges:
        """What is no longer as in `known`, by id; of runs that are neither watched nor trained it may be seen later."""
        changed: dict[str, StoredRun] = {}
        gone: set[str] = set()
        if (seen := _status(self._store.folder)) != self._folder_seen or self._begun:
            self._folder_seen = seen
            names = set(self._store.names())
            gone |= known.keys() - names
            self._begun = set()
            for name in names - known.keys():
                if (record := read_run(self._store.folder / name)) is None:
                    self._begun.add(name)
                else:
                    changed[name] = record
        running = {name for name, record in known.items() if record.state == "running"}
        self._seen = {name: seen for name, seen in self._seen.items() if name in known}
        for name in running.union(watched, self._others(known)).intersection(known) - gone:
            folder = self._store.folder / name
            seen = (_status(folder / "run.json"), _status(folder / LABELS))
            if name in running or seen != self._seen.get(name):
                self._seen[name] = seen
                record = read_run(folder)
                if record is None and not folder.exists():
                    gone.add(name)
                elif record is not None and record != known[name]:
                    changed[name] = record
        return RunChanges(changed, frozenset(gone))

    def _others(self, known: Mapping[str, StoredRun]) -> list[str]:
        """The runs whose turn it is, so that after a while all have been looked at."""
        names = list(known)
        first = self._turn if self._turn < len(names) else 0
        self._turn = first + IN_TURN
        return names[first : self._turn]


def _status(path: Path) -> object:
    """Differs where the file or folder has changed; where it was changed just now, it always differs."""
    try:
        status = path.stat()
    except OSError:
        return None
    if abs(time.time_ns() - status.st_mtime_ns) < UNSETTLED:
        return object()
    return status.st_mtime_ns, status.st_ino, status.st_size
