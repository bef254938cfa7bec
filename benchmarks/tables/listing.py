"""The tables of a folder: its CSV files and `tables.json`, a list of {file, target, task}."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

LIST = "tables.json"
TASKS = ("classification", "regression")


class ListingError(Exception):
    """What is wrong with a folder of tables, in one sentence."""


@dataclass(frozen=True)
class Table:
    """A CSV file, the column to predict, and whether that is a class or a number."""

    path: Path
    target: str
    task: str

    @property
    def name(self) -> str:
        return self.path.stem


def tables(folder: Path) -> list[Table]:
    """The tables that are listed in the folder. Raises ListingError for a list or a file that cannot be used."""
    path = folder / LIST
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise ListingError(f"{path}: cannot be read; the folder needs a list of {{file, target, task}} there") from None
    except ValueError as error:
        raise ListingError(f"{path}: not JSON: {error}") from None
    if not isinstance(entries, list) or not entries:
        raise ListingError(f"{path}: a list of {{file, target, task}} is expected")
    found = [_table(folder, entry, f"{path}, entry {number}") for number, entry in enumerate(entries, start=1)]
    names = [table.name for table in found]
    for name in names:
        if names.count(name) > 1:
            raise ListingError(f"{path}: two files are named {name}")
    return found


def _table(folder: Path, entry: object, where: str) -> Table:
    if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in ("file", "target", "task")):
        raise ListingError(f"{where}: file, target and task are needed")
    table = Table(folder / entry["file"], entry["target"], entry["task"])
    if table.task not in TASKS:
        raise ListingError(f"{where}: the task {table.task!r} is unknown; choose from {', '.join(TASKS)}")
    try:
        with table.path.open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file), [])
    except (OSError, UnicodeDecodeError):
        raise ListingError(f"{where}: {table.path} cannot be read as a UTF-8 text") from None
    if table.target not in header:
        raise ListingError(f"{where}: {table.path} has no column {table.target!r}")
    return table
