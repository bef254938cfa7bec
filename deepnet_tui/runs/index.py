"""A list of all runs in SQLite, so that thousands are listed without reading a file of each.

The folders stay the truth. An entry counts only while the files that it was read from are the same, so an index that
is old, incomplete or gone gives the same list, only later. Nothing here raises: what can't be read is read from the
folders, what can't be written is left.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import sqlite3

FILE = "index.sqlite"  # beside the runs' folders
VERSION = 2
COLUMNS = "kind TEXT, name BLOB, mark TEXT, content TEXT, sum INT"
CREATE = f"CREATE TABLE entries ({COLUMNS}, PRIMARY KEY (kind, name)) WITHOUT ROWID"
SELECT = "SELECT name, mark, content, sum FROM entries WHERE kind = ?"
DELETE = "DELETE FROM entries WHERE kind = ? AND name = ?"
INSERT = "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?)"
PATIENCE = 0.5  # seconds to wait for another process
UNSETTLED = 2 * 10**9  # nanoseconds in which a file may change again without its times telling
DAMAGED = (1, 11, 26)  # SQLite's codes for other tables than expected, a corrupt file, and one that is no database

Kind = Literal["runs", "settings"]
Rows = Sequence[tuple[object, ...]]
Entry = tuple[str, Any]  # the mark of the files, and what they hold


def mark_of(folder: str, file: str, *others: str) -> str:
    """What tells whether files of a run have changed; "" where the first is not there, or one was just written.

    Times alone are too coarse, so the number and the size of the files are part of it.
    """
    newest, mark = 0, ""
    for name in (file, *others):
        try:
            status = os.stat(f"{folder}/{name}")  # noqa: PTH116  of thousands
        except (OSError, ValueError):
            if name == file:
                return ""
            continue
        newest = max(newest, status.st_mtime_ns)
        mark += f"{name} {status.st_mtime_ns} {status.st_ino} {status.st_size} "
    return "" if abs(time.time_ns() - newest) < UNSETTLED else mark


class Index:
    """What the index of the runs in `folder` holds of one kind: what run.json says, or the settings."""

    def __init__(self, folder: Path, kind: Kind) -> None:
        self._path = folder / FILE
        self._kind = kind
        self._usable = True

    def read(self) -> dict[str, Entry]:
        """What is known of the runs, by the names of their folders; {} where the index can't be read."""
        try:
            with _opened(self._path) as connection:
                if connection is None:
                    return {}
                if connection.execute("PRAGMA user_version").fetchone() != (VERSION,):
                    return {}
                rows = connection.execute(SELECT, (self._kind,)).fetchall()
            rows = [row for row in rows if _sum(*row[:3]) == row[3]]  # a disk that flips a bit says nothing of it
            contents = json.loads(f"[{','.join(row[2] for row in rows)}]")  # at once, which is twice as fast
            return {os.fsdecode(row[0]): (row[1], content) for row, content in zip(rows, contents, strict=True)}
        except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
            self._recover(error)
        return {}

    def update(self, changed: Mapping[str, Entry], gone: Iterable[str]) -> None:
        """Write what was read anew, and forget the runs that are gone."""
        if not self._usable:
            return
        entries = ((os.fsencode(name), mark, json.dumps(content)) for name, (mark, content) in changed.items())
        rows = [(self._kind, *entry, _sum(*entry)) for entry in entries]
        names = [(self._kind, os.fsencode(name)) for name in gone]
        if not (rows or names):
            return
        try:
            with _opened(self._path) as connection:
                if connection is not None:
                    _write(connection, rows, names)
        except (OSError, ValueError, TypeError) as error:
            self._recover(error)

    def _recover(self, error: Exception) -> None:
        """An index that is no database is deleted, so that the next update makes a new one; others are let be."""
        cause = error.__cause__
        damaged = cause is None or getattr(cause, "sqlite_errorcode", 0) & 0xFF in DAMAGED
        self._usable = damaged
        if damaged:
            for name in (FILE, f"{FILE}-journal"):
                with contextlib.suppress(OSError):
                    self._path.with_name(name).unlink()


def _sum(name: bytes, mark: str, content: str) -> int:
    """The checksum of an entry."""
    return zlib.crc32(b"\0".join((name, mark.encode(), content.encode("utf-8", "surrogatepass"))))


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection | None]:
    """The database, None for a Python without SQLite. Raises OSError for whatever goes wrong in it."""
    try:
        import sqlite3
    except ImportError:
        yield None
        return
    try:
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
        with contextlib.closing(connection):
            yield connection
    except sqlite3.Error as error:
        raise OSError(str(error)) from error


def _write(connection: sqlite3.Connection, rows: Rows, gone: Rows) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if connection.execute("PRAGMA user_version").fetchone() != (VERSION,):
            connection.execute("DROP TABLE IF EXISTS entries")
            connection.execute(CREATE)
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.executemany(DELETE, gone)
        connection.executemany(INSERT, rows)
    except BaseException:
        with contextlib.suppress(Exception):
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
