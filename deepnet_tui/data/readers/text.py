"""CSV, TSV and the like: pandas reads them in pieces, and what it would let pass is looked at on the way."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from deepnet_tui.common.errors import InputError, counted, quoted
from deepnet_tui.data.preparation.encoding import LEADING_ZERO, MISSING, to_word
from deepnet_tui.data.readers.table import MEMORY, Source, Table, too_large
from deepnet_tui.data.readers.text_dialect import (
    BLANKS,
    LONGEST_CELL,
    TextDialect,
    find_dialect,
    long_cells,
    nul,
    other_encoding,
    ragged,
)
from deepnet_tui.data.values.number_format import GROUPED, is_numeral, value_of

if TYPE_CHECKING:
    import pandas as pd

LONGEST_PIECE = 256 * 1024**2  # characters
ROWS = 20_000
CELLS = 4_000_000  # in one piece


def read_text(source: Source) -> Table:
    """Read a table with a header. Raises InputError, naming row and column where they are known."""
    dialect = find_dialect(source.path, source.settings, source.decimal)
    try:
        return _read(source, dialect)
    except UnicodeDecodeError:
        return _read(source, other_encoding(source.path, dialect, source.settings.encoding))


def _read(source: Source, dialect: TextDialect) -> Table:
    """Read in pieces. A column that is numbers in one piece and words in another is read again as words."""
    words = set(source.words) & set(dialect.names)
    zeros_known = False
    while True:
        pieces = TextPieces(source.path, dialect, words)
        columns, again = _columns(source, pieces)
        if pieces.leading_zeros and not zeros_known:
            again |= _with_leading_zeros(source.path, dialect, words)
            zeros_known = True
        if not again:
            break
        words |= again
        columns.clear()
    if not len(next(iter(columns.values()))):
        raise InputError(f"{source.path} has a header but no rows", "source")
    notes = [*dialect.notes, *pieces.notes()]
    for name in words - source.words:
        columns[name], grouped = _with_marks(columns[name], dialect.decimal)
        if grouped:
            notes.append(f"{quoted(name)}: numbers such as {grouped} are read with marks for thousands.")
    return Table(columns, notes=tuple(notes), decimal=dialect.decimal, decided=dialect.decided)


def _with_marks(column: pd.Series[Any], decimal: str) -> tuple[pd.Series[Any], str]:
    """A column of words as numbers, if decimal and thousands marks are all that kept it from being one; and a number
    with marks for thousands, if there is one."""
    import pandas as pd

    words = [to_word(word) for word in column.cat.categories]
    there = [word for word in words if word]
    if not any("," in word or "." in word for word in there) or any(re.fullmatch(LEADING_ZERO, w) for w in there):
        return column, ""
    if not all(is_numeral(word, decimal) for word in there):
        return column, ""
    numbers = np.array([*(value_of(word, decimal) if word else np.nan for word in words), np.nan])
    values = numbers[column.cat.codes]
    if decimal not in "".join(there) and np.isfinite(values).all() and (np.abs(values) < 2**53).all():
        values = values.astype(np.int64)
    return pd.Series(values), next((word for word in there if _is_grouped(word, decimal)), "")


def _is_grouped(word: str, decimal: str) -> bool:
    return bool(GROUPED["," if decimal == "." else "."].fullmatch(word.partition(decimal)[0]))


def _columns(source: Source, pieces: TextPieces) -> tuple[dict[str, pd.Series[Any]], set[str]]:
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
        expected = memory * source.size / max(pieces.done, 1)
        if not (again and number == 0) and (memory > MEMORY or expected > 1.5 * MEMORY):
            raise too_large(source.path, max(memory, expected))
        if again and number == 0:
            break
        source.progress(min(pieces.done / source.size, 1.0), "reading")
    return ({} if again else {name: _join(parts.pop(name)) for name in names}), again


def _join(parts: list[Any]) -> pd.Series[Any]:
    import pandas as pd
    from pandas.api.types import union_categoricals

    if not parts:
        return pd.Series([], dtype=float)
    if len(parts) == 1:
        return parts[0].reset_index(drop=True)  # type: ignore[no-any-return]
    if isinstance(parts[0].dtype, pd.CategoricalDtype):
        alike = [part.cat.rename_categories(part.cat.categories.astype(object)) for part in parts]
        return pd.Series(union_categoricals(alike))
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


class TextPieces:
    """The rows of a text table, a piece at a time as data frames; the columns in `words` as they are written.

    Raises InputError, naming the row, for rows of another width than the header, quotes that are never closed,
    NUL bytes and rows that never end; UnicodeDecodeError for a wrong encoding.
    """

    def __init__(self, path: Path, dialect: TextDialect, words: Collection[str] = (), rows: int | None = None) -> None:
        self.path, self.dialect, self.words = path, dialect, words
        self.size = max(1, min(rows or ROWS, CELLS // len(dialect.names)))
        self.rows = self.done = 0
        self.leading_zeros = self.blank_lines = False

    def __iter__(self) -> Iterator[Any]:
        import pandas as pd

        widths = _Widths(self.path, self.dialect)
        with _Watched(self.path, self.dialect) as text, widths:
            try:
                for piece in self._parse(text):
                    self.rows += len(piece)
                    self.done = text.done
                    self.leading_zeros, self.blank_lines = text.leading_zeros, text.blank_lines
                    text.since_piece = 0
                    if piece[self.dialect.names[-1]].isna().any():
                        widths.check(self.rows)
                    yield piece
            except pd.errors.EmptyDataError:
                raise InputError(f"{self.path} has a header but no rows", "source") from None
            except pd.errors.ParserError as error:
                if "Expected" in str(error):
                    widths.check(None)
                raise _parser_error(self.path, self.dialect, error) from None
            except _EndlessError:
                widths.check(None)
                rows = f"the rows after row {self.rows:,} are far too long"
                raise InputError(f"{self.path}: {rows}, more than {LONGEST_PIECE:,} characters", "source") from None

    def notes(self) -> tuple[str, ...]:
        """What a user should know once all was read: lines that were skipped."""
        if not self.blank_lines:
            return ()
        with _Widths(self.path, self.dialect) as widths:
            widths.check(self.rows)
        skipped = counted(widths.blank, "blank line")
        return (f"{skipped} {'was' if widths.blank == 1 else 'were'} skipped.",) if widths.blank else ()

    def _parse(self, text: TextIO) -> Any:
        import pandas as pd

        dialect = self.dialect
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                text,
                sep=r"\s+" if dialect.separator == BLANKS else dialect.separator,
                decimal=dialect.decimal,
                names=list(dialect.names),
                header=0 if dialect.header else None,
                index_col=False,
                chunksize=self.size,
                dtype=dict.fromkeys(self.words, "str"),
                keep_default_na=False,
                na_values=sorted(MISSING),
                skipinitialspace=True,
                low_memory=False,
            )


class _EndlessError(Exception):
    """A piece does not end."""


class _Watched(io.TextIOWrapper):
    """The text of a file. It tells how far it was read, refuses NUL bytes and pieces that never end, and notices
    blank lines and numbers that begin with a zero."""

    def __init__(self, path: Path, dialect: TextDialect) -> None:
        self.raw_file = path.open("rb")
        super().__init__(self.raw_file, encoding=dialect.encoding, newline="")
        self.path, self.separator = path, dialect.separator
        self.lines = self.since_piece = self.done = 0
        self.leading_zeros = self.blank_lines = False
        self.end = "\n"
        mark, cell = re.escape(dialect.separator), LEADING_ZERO + rf"(?=\s*(?:$|[\r\n{re.escape(dialect.separator)}]))"
        # one pattern each, since a search for a fixed beginning is many times faster than one for several
        starts = (mark, rf"{mark} +", r"\n *", r"\r *")
        self.zeros = [re.compile(start + cell) for start in starts] + [re.compile(f'"{LEADING_ZERO}"')]
        self.blanks = [re.compile(blank) for blank in (r"\n[ \t]*\r?\n[^\r\n]", r"\r[ \t]*\r[^\r\n]")]

    def read(self, size: int | None = -1) -> str:
        text = super().read(size)
        if "\0" in text:
            raise nul(self.path, self.lines + text.count("\n", 0, text.index("\0")))
        self.lines += text.count("\n")
        self.done = self.raw_file.tell()
        self.since_piece += len(text)
        if self.since_piece > LONGEST_PIECE:
            raise _EndlessError
        seen = self.end + text
        self.leading_zeros = self.leading_zeros or any(zero.search(seen) for zero in self.zeros)
        self.blank_lines = self.blank_lines or any(blank.search(seen) for blank in self.blanks)
        self.end = seen[-100:]
        return text


class _Widths:
    """A second look at a text table, at the number of values in each row: pandas fills up a row that is too short."""

    def __init__(self, path: Path, dialect: TextDialect) -> None:
        self.path, self.dialect = path, dialect
        self.row, self.blank, self.waiting = -dialect.header, 0, 0
        self.text = path.open(encoding=dialect.encoding, newline="")
        self.widths = self._each()

    def __enter__(self) -> _Widths:
        return self

    def __exit__(self, *_: object) -> None:
        self.text.close()

    def check(self, last: int | None) -> None:
        """Look at the rows up to the `last` one (None: all). Raises InputError for the first of another width.

        `blank` counts the blank lines before the last row.
        """
        wanted = len(self.dialect.names)
        with long_cells():
            try:
                while last is None or self.row < last:
                    width = next(self.widths, None)
                    if width is None:
                        return
                    if not width:
                        self.waiting += 1
                        continue
                    self.row += 1
                    self.blank, self.waiting = self.blank + self.waiting, 0
                    if self.row > 0 and width != wanted:
                        raise ragged(self.path, self.row, width, wanted)
            except csv.Error:
                row = f"row {self.row + 1:,}" if self.row >= 0 else "the header"
                long = f"a value is longer than {LONGEST_CELL:,} characters; perhaps a quote is never closed"
                raise InputError(f"{self.path}, {row}: {long}", "source") from None

    def _each(self) -> Iterator[int]:
        """The number of values in each row, 0 for a blank line."""
        mark = self.dialect.separator
        blanks = " \r\n" if mark == "\t" else " \t\r\n"
        for line in self.text:
            if not line.strip(blanks):
                yield 0
            elif '"' in line:
                lines = chain((line,), self.text)
                if mark == BLANKS:
                    lines = chain((re.sub(r"[ \t]+", " ", line.strip(" \t\r\n")) + "\n",), self.text)
                yield len(next(csv.reader(lines, delimiter=mark, skipinitialspace=True)))
            else:
                yield len(line.split()) if mark == BLANKS else line.count(mark) + 1


def _parser_error(path: Path, dialect: TextDialect, error: Exception) -> InputError:
    opened = re.search(r"EOF inside string starting at row (\d+)", str(error))
    if opened:
        row = int(opened[1]) + (not dialect.header)
        where = f"row {row:,}" if row else "the header"
        return InputError(f"{path}: a quote that opens in {where} is never closed", "source")
    return InputError(f"{path} can't be read as a table: {' '.join(str(error).split())}", "source")
