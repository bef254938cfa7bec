"""Small text tables without pandas, which takes longer to load than they take to read.

What is read here is what pandas would give, bit for bit; whatever is not surely so is left to it: `read_small` gives
None then. That is the case for files that are large, have blank lines, comments, lines above the header, quotes within
cells, decimal commas, blanks around values, rows of different widths or words of their own for missing values.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from pathlib import Path

import numpy as np

from deepnet_tui.data.readers.text_dialect import SEPARATORS, TextDialect
from deepnet_tui.data.values.number_format import EXACT
from deepnet_tui.data.values.word_column import WordColumn
from deepnet_tui.data.values.words import LEADING_ZERO, MISSING, SURELY_MISSING
from engine.arrays import Array

LARGEST = 512 * 1024  # bytes
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252")
WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)

Columns = dict[str, "Array | WordColumn"]


def read_small(path: Path, dialect: TextDialect, words: Collection[str], *, zeros: bool = True) -> Columns | None:
    """The columns of a small table, or None: those in `words`, and those that aren't numbers, as words.

    With `zeros` a column in which a number begins with a zero is words.
    """
    rows = _rows(path, dialect)
    if not rows:
        return None
    columns: Columns = {}
    for name, cells in zip(dialect.names, zip(*rows, strict=True), strict=True):
        column = None
        if name not in words and not (zeros and any(map(re.compile(LEADING_ZERO).fullmatch, cells))):
            try:
                column = _numbers(cells)
            except ArithmeticError:
                return None
        columns[name] = WordColumn.of(cells, SURELY_MISSING) if column is None else column
    return columns


def _rows(path: Path, dialect: TextDialect) -> list[list[str]] | None:
    """The cells of all rows below the header, None if the table is not as simple as that."""
    plain = not (dialect.skip or dialect.comment or dialect.trailing or dialect.missing) and dialect.decimal == "."
    mark = dialect.separator
    if not plain or mark not in SEPARATORS or dialect.encoding not in ENCODINGS or path.stat().st_size > LARGEST:
        return None
    try:
        text = path.read_bytes().decode(dialect.encoding)
    except UnicodeError:
        return None
    text = text.replace("\r\n", "\n").removesuffix("\n")
    edge = re.escape(mark)
    blank = (
        rf"[\r\0]|\n\n|^\n|\n$|[ \t](?:{edge}|\n|$)|(?:^|\n)[ \t]"
        if mark != "\t"
        else r"[\r\0]|\n\n|^\n|\n$| [\t\n]|[\t\n] |^ | $"
    )
    if not text or re.search(blank, text) or (mark != "\t" and "\t" in text):
        return None
    lines = text.split("\n")
    if '"' not in text:
        rows = [line.split(mark) for line in lines]
        if f"{mark} " in text:
            rows = [[cell.lstrip(" ") for cell in row] for row in rows]
    else:
        quoted = rf'(?:"[^"\n]*"|[^"{edge}\n]*)'
        simple = re.compile(rf"{quoted}(?:{edge} *+{quoted})*")
        if not all(map(simple.fullmatch, lines)):
            return None
        try:
            rows = list(csv.reader(lines, delimiter=mark, skipinitialspace=True))
        except csv.Error:
            return None
        if any(cell != cell.strip() for row in rows for cell in row):
            return None
    if any(len(row) != len(dialect.names) for row in rows):
        return None
    return rows[dialect.header :]


def _numbers(cells: tuple[str, ...]) -> Array | None:
    """The numbers, whole ones if all of them are; None for words. Raises ArithmeticError where pandas has to say it."""
    if all(map(WHOLE.fullmatch, cells)):
        return np.array(cells, dtype=object).astype(np.int64)
    found = []
    for cell in cells:
        if cell in MISSING:
            found.append(np.nan)
        elif NUMBER.fullmatch(cell):
            found.append(float(cell))
        elif INFINITE.fullmatch(cell):
            raise ArithmeticError
        else:
            return None
    numbers = np.array(found, dtype=np.float64)
    if np.isinf(numbers).any():
        raise ArithmeticError
    return None if (np.abs(numbers) > EXACT).any() else numbers
