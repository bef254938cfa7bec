"""Writing CSV: the one writer of the program, and how cells that a spreadsheet would compute are kept from it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO

FORMULA_SIGNS = frozenset("=+-@\t\r\n＝＋－＠")  # what a spreadsheet takes a cell for a formula by


class CsvWriter:
    """Writes rows to `file`; with `safe`, cells that begin as a formula does get an apostrophe before them."""

    def __init__(self, file: TextIO, *, safe: bool = False) -> None:
        self._writer = csv.writer(_Lines(file))
        self._cell: Callable[[Any], Any] = not_computed if safe else _as_it_is

    def row(self, cells: Iterable[Any]) -> None:
        """Write one row."""
        self._writer.writerow(map(self._cell, cells))

    def rows(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write several rows."""
        for cells in rows:
            self.row(cells)


class _Lines:
    """Lines that end with a line feed alone. The csv module quotes a carriage return only where lines end with it."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, line: str) -> None:
        self._file.write(line.removesuffix("\r\n") + "\n")


def not_computed(cell: Any) -> Any:
    """A text that begins as a formula does, behind an apostrophe; numbers, also negative ones in letters, stay."""
    if isinstance(cell, str) and cell[:1] in FORMULA_SIGNS and cell and not _is_number(cell):
        return f"'{cell}"
    return cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "\t" not in text and "\r" not in text and "\n" not in text


def _as_it_is(cell: Any) -> Any:
    return cell
