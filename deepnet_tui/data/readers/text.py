"""CSV, TSV and the like: pieces joined to a table, each column as numbers or as words."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.readers.small_text import read_small
from deepnet_tui.data.readers.table import MEMORY, ReadRequest, Table, too_large
from deepnet_tui.data.readers.text_dialect import (
    TextDialect,
    find_dialect,
    other_encoding,
)
from deepnet_tui.data.readers.text_pieces import TextPieces
from deepnet_tui.data.values.number_format import EXACT
from deepnet_tui.data.values.words import LEADING_ZERO
from engine.arrays import Array

if TYPE_CHECKING:
    import pandas as pd


def read_text(request: ReadRequest) -> Table:
    """A text table with or without a header. Raises InputError, naming row and column where they are known."""
    dialect = find_dialect(request.path, request.settings, request.decimal)
    try:
        return _read(request, dialect)
    except UnicodeDecodeError:
        return _read(request, other_encoding(request.path, dialect, request.settings.encoding))


def _read(request: ReadRequest, dialect: TextDialect) -> Table:
    """Read in pieces. A column that is numbers in one piece and words in another is read again as words."""
    words = set(request.words) & set(dialect.names)
    small = read_small(request.path, dialect, words)
    if small is not None:
        request.progress(1.0, "reading")
        return Table(small, notes=dialect.notes, decimal=dialect.decimal, decimal_known=dialect.decimal_known)
    zeros_known = False
    while True:
        pieces = TextPieces(request.path, dialect, words)
        columns, again = _columns(request, pieces)
        if pieces.leading_zeros and not zeros_known:
            again |= _with_leading_zeros(request.path, dialect, words)
            zeros_known = True
        if not again:
            break
        words |= again
        columns.clear()
    if not len(next(iter(columns.values()))):
        raise InputError(f"{request.path} has a header but no rows", "source")
    return Table(
        columns,
        notes=(*dialect.notes, *pieces.notes()),
        decimal=dialect.decimal,
        decimal_known=dialect.decimal_known,
    )


def _columns(request: ReadRequest, pieces: TextPieces) -> tuple[dict[str, Any], set[str]]:
    """The columns, and the names of those that have to be read again as words."""
    names = pieces.dialect.names
    parts: dict[str, list[Any]] = {name: [] for name in names}
    joined: dict[str, _Joined] = {}
    again: set[str] = set()
    kinds: dict[str, set[str]] = {name: set() for name in names}
    large: set[str] = set()
    memory = 0
    for number, piece in enumerate(pieces):
        numbers = _numbers(piece, pieces.words)
        for name in names:
            if name in pieces.words:
                values = piece[name].astype("category")
                memory += int(values.memory_usage(index=False, deep=True))
            elif name not in numbers:
                again.add(name)
                values = piece[name]
                memory += int(values.memory_usage(index=False, deep=True))
            else:
                values = numbers[name]
                memory += values.nbytes
                kinds[name].add(values.dtype.kind)
                if _beyond_floats(values):
                    large.add(name)
                if name in large and kinds[name] not in ({"i"}, {"u"}):
                    again.add(name)
            if name in pieces.words or not number:
                parts[name].append(values)
            elif not again:
                if number == 1:
                    joined[name] = _Joined(parts[name].pop())
                joined[name].append(values, pieces.rows * request.size // max(pieces.done, 1))
        expected = memory * request.size / max(pieces.done, 1)
        if not (again and number == 0) and (memory > MEMORY or expected > 1.5 * MEMORY):
            raise too_large(request.path, max(memory, expected))
        if again and number == 0:
            break
        request.progress(min(pieces.done / request.size, 1.0), "reading")
    if again:
        return {}, again
    return {name: joined.pop(name).array if name in joined else _join(parts.pop(name)) for name in names}, again


class _Joined:
    """The numbers of a column, one piece after the other in one array; no piece is kept."""

    def __init__(self, values: Array) -> None:
        self._array, self._count = values, len(values)

    def append(self, values: Array, expected: int) -> None:
        """Add those of one piece; about so many are `expected` in all."""
        count, dtype = self._count + len(values), np.result_type(self._array, values)
        if count > len(self._array) or dtype != self._array.dtype:
            array = np.empty(max(count, expected + expected // 16), dtype)  # what is not used takes no memory
            array[: self._count] = self._array[: self._count]
            self._array = array
        self._array[self._count : count] = values
        self._count = count

    @property
    def array(self) -> Array:
        """All of them (m,)."""
        return self._array[: self._count]


def _numbers(piece: pd.DataFrame, words: Collection[str]) -> dict[str, Array]:
    """The columns of numbers as arrays (m,), all of one type at a time: thousands of series would take far longer."""
    by_type: dict[Any, list[str]] = {}
    for name, dtype in zip(piece.columns, piece.dtypes, strict=True):
        if name not in words and dtype.kind in "iuf":
            by_type.setdefault(dtype, []).append(name)
    found: dict[str, Array] = {}
    for alike in by_type.values():
        found |= zip(alike, np.ascontiguousarray(piece[alike].to_numpy().T), strict=True)
    return found


def _beyond_floats(values: Array) -> bool:
    """Whether there are numbers so large that not all whole ones of their size are floats."""
    large = (values > EXACT) | (values < -EXACT)
    return bool(large.any() and np.isfinite(values[large]).any())


def _join(parts: list[Any]) -> Array | pd.Series[Any]:
    """One column of all pieces: numbers as an array, for the sake of tables of thousands of them, words as a series."""
    if not parts:
        return np.empty(0)
    if isinstance(parts[0], np.ndarray):
        return parts[0]
    if len(parts) == 1:
        return parts[0].reset_index(drop=True)  # type: ignore[no-any-return]
    import pandas as pd
    from pandas.api.types import union_categoricals

    same_type = [part.cat.rename_categories(part.cat.categories.astype(object)) for part in parts]
    return pd.Series(union_categoricals(same_type))


def _with_leading_zeros(path: Path, dialect: TextDialect, words: Collection[str]) -> set[str]:
    """The columns in which a number begins with a zero, as a postcode does: they are words, not numbers."""
    found: set[str] = set()
    for piece in TextPieces(path, dialect, dialect.names):
        for name in set(dialect.names) - found - set(words):
            zeros = piece[name][piece[name].str.startswith("0", na=False)]
            if zeros.str.fullmatch(LEADING_ZERO + r"\s*").any():
                found.add(name)
    return found
