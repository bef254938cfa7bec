"""CSV, TSV and the like: pieces joined to a table, each column as numbers or as words."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import quoted
from deepnet_tui.data.readers.table import MEMORY, ReadRequest, Table, too_large
from deepnet_tui.data.readers.text_dialect import (
    TextDialect,
    find_dialect,
    other_encoding,
)
from deepnet_tui.data.readers.text_pieces import TextPieces
from deepnet_tui.data.values.number_format import GROUPED, is_numeral, value_of
from deepnet_tui.data.values.words import LEADING_ZERO, to_word

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
    notes = [*dialect.notes, *pieces.notes()]
    for name in words - request.words:
        columns[name], grouped = _without_thousands_marks(columns[name], dialect.decimal)
        if grouped:
            notes.append(f"{quoted(name)}: numbers such as {grouped} are read with thousands separators.")
    return Table(columns, notes=tuple(notes), decimal=dialect.decimal, decimal_known=dialect.decimal_known)


def _without_thousands_marks(column: pd.Series[Any], decimal: str) -> tuple[pd.Series[Any], str]:
    """A column of words as numbers if only decimal and thousands marks kept pandas from reading them, and an example of
    a number with thousands marks, if there is one."""
    import pandas as pd

    words = [to_word(word) for word in column.cat.categories]
    present = [word for word in words if word]
    if not any("," in word or "." in word for word in present) or any(re.fullmatch(LEADING_ZERO, w) for w in present):
        return column, ""
    if not all(is_numeral(word, decimal) for word in present):
        return column, ""
    numbers = np.array([*(value_of(word, decimal) if word else np.nan for word in words), np.nan])
    values = numbers[column.cat.codes]
    if decimal not in "".join(present) and np.isfinite(values).all() and (np.abs(values) < 2**53).all():
        values = values.astype(np.int64)
    return pd.Series(values), next((word for word in present if _is_grouped(word, decimal)), "")


def _is_grouped(word: str, decimal: str) -> bool:
    return bool(GROUPED["," if decimal == "." else "."].fullmatch(word.partition(decimal)[0]))


def _columns(request: ReadRequest, pieces: TextPieces) -> tuple[dict[str, pd.Series[Any]], set[str]]:
    """The columns, and the names of those that have to be read again as words."""
    names = pieces.dialect.names
    parts: dict[str, list[Any]] = {name: [] for name in names}
    again: set[str] = set()
    memory = 0
    for number, piece in enumerate(pieces):
        for name in names:
            if name in pieces.words:
                piece[name] = piece[name].astype("category")
            elif piece[name].dtype.kind not in "iuf":
                again.add(name)
            parts[name].append(piece[name])
        memory += int(piece.memory_usage(index=False, deep=True).sum())
        expected = memory * request.size / max(pieces.done, 1)
        if not (again and number == 0) and (memory > MEMORY or expected > 1.5 * MEMORY):
            raise too_large(request.path, max(memory, expected))
        if again and number == 0:
            break
        request.progress(min(pieces.done / request.size, 1.0), "reading")
    return ({} if again else {name: _join(parts.pop(name)) for name in names}), again


def _join(parts: list[Any]) -> pd.Series[Any]:
    import pandas as pd
    from pandas.api.types import union_categoricals

    if not parts:
        return pd.Series([], dtype=float)
    if len(parts) == 1:
        return parts[0].reset_index(drop=True)  # type: ignore[no-any-return]
    if isinstance(parts[0].dtype, pd.CategoricalDtype):
        same_type = [part.cat.rename_categories(part.cat.categories.astype(object)) for part in parts]
        return pd.Series(union_categoricals(same_type))
    return pd.Series(np.concatenate([part.to_numpy() for part in parts]))


def _with_leading_zeros(path: Path, dialect: TextDialect, words: Collection[str]) -> set[str]:
    """The columns in which a number begins with a zero, as a postcode does: they are words, not numbers."""
    found: set[str] = set()
    for piece in TextPieces(path, dialect, dialect.names):
        for name in set(dialect.names) - found - set(words):
            zeros = piece[name][piece[name].str.startswith("0", na=False)]
            if zeros.str.fullmatch(LEADING_ZERO + r"\s*").any():
                found.add(name)
    return found
