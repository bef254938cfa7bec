"""The rows of a text table a piece at a time: pandas parses them, and what it would let pass is checked here."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted
from deepnet_tui.data.readers.text_dialect import (
    BLANKS,
    LONGEST_CELL,
    TextDialect,
    long_cells,
    nul_byte_error,
    row_width_error,
)
from deepnet_tui.data.readers.text_header import table_lines
from deepnet_tui.data.values.words import LEADING_ZERO, MISSING, SURELY_MISSING

LONGEST_PIECE = 256 * 1024**2  # characters
ROWS = 20_000
CELLS = 4_000_000  # in one piece
LF, CR, SPACE, QUOTE, ZERO, ASCII = b'\n\r "0\x7f'
EXACT_BY_ITSELF = (3, 1)  # from this version on pandas reads a number as Python does, to the last bit


class TextPieces:
    """The rows of a text table, a piece at a time as data frames; the columns in `words` as they are written.

    Raises InputError, naming the row, for rows of another width than the header, quotes that are never closed,
    NUL bytes and rows that never end; UnicodeDecodeError for a wrong encoding.
    """

    def __init__(self, path: Path, dialect: TextDialect, words: Collection[str] = (), rows: int | None = None) -> None:
        self.path, self.dialect, self.words = path, dialect, words
        self.size = max(1, min(rows or ROWS, CELLS // len(dialect.names)))
        self.trailing = [f"\0{place}" for place in range(dialect.trailing)]
        self.rows = self.done = 0
        self.leading_zeros = self.blank_lines = False

    def __iter__(self) -> Iterator[Any]:
        import pandas as pd

        widths = _RowWidths(self.path, self.dialect)
        with _CheckedText(self.path, self.dialect) as text, widths:
            try:
                for piece in self._parse(text):
                    self.rows += len(piece)
                    self.done = text.done
                    self.leading_zeros, self.blank_lines = text.leading_zeros, text.blank_lines
                    text.since_piece = 0
                    if piece[self.dialect.names[-1]].isna().any():
                        widths.check(self.rows)
                    yield self._without_trailing(piece)
            except pd.errors.EmptyDataError:
                raise InputError(f"{self.path} has a header but no rows", "source") from None
            except pd.errors.ParserError as error:
                if text.interrupted:
                    raise KeyboardInterrupt from None
                if "Expected" in str(error):
                    widths.check(None)
                raise _parser_error(self.path, self.dialect, error) from None
            except _EndlessRowError:
                widths.check(None)
                rows = f"the rows after row {self.rows:,} are far too long"
                raise InputError(f"{self.path}: {rows}, more than {LONGEST_PIECE:,} characters", "source") from None

    def notes(self) -> tuple[str, ...]:
        """What a user should know once all was read: lines that were skipped."""
        if not self.blank_lines:
            return ()
        with _RowWidths(self.path, self.dialect) as widths:
            widths.check(self.rows)
        skipped = counted(widths.blank, "blank line")
        return (f"{skipped} {'was' if widths.blank == 1 else 'were'} skipped.",) if widths.blank else ()

    def _missing(self) -> dict[str, list[str]] | list[str]:
        """The words that stand for a missing value; in columns of words those that may be words only if it is said."""
        said = self.dialect.missing
        in_numbers = sorted(MISSING | (said or frozenset()))
        if not self.words and not self.trailing:
            return in_numbers
        in_words = sorted(SURELY_MISSING | (said or frozenset()))
        found = {name: in_words if name in self.words else in_numbers for name in self.dialect.names}
        return found | {name: [""] for name in self.trailing}

    def _without_trailing(self, piece: Any) -> Any:
        """The piece without the cells after the last name. Raises InputError for a row that has something there."""
        if not self.dialect.trailing:
            return piece
        names = len(self.dialect.names)
        beyond = piece.iloc[:, names:].notna().to_numpy().any(axis=1)
        if beyond.any():
            row = self.rows - len(piece) + int(beyond.argmax()) + 1
            raise row_width_error(self.path, row, names + 1, names)
        return piece[list(self.dialect.names)]

    def _parse(self, text: TextIO) -> Any:
        import pandas as pd

        dialect = self.dialect
        version = tuple(int(part) for part in pd.__version__.split(".")[:2])
        exact: dict[str, Any] = {} if version >= EXACT_BY_ITSELF else {"float_precision": "round_trip"}
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                text,
                sep=r"\s+" if dialect.separator == BLANKS else dialect.separator,
                decimal=dialect.decimal,
                names=[*dialect.names, *self.trailing],
                header=0 if dialect.header else None,
                index_col=False,
                chunksize=self.size,
                dtype=dict.fromkeys(self.words, "str"),
                keep_default_na=False,
                na_values=self._missing(),
                skipinitialspace=True,
                low_memory=False,
                **exact,
            )


def _perhaps_zeros_and_blanks(text: str, separator: str) -> tuple[bool, bool]:
    """Whether a number in the text may begin with a zero, and whether a line may be blank.

    It looks at each byte and the next one only, many times faster than a search for either.
    """
    codes = np.frombuffer(text.encode(), np.uint8)
    here, after = codes[:-1], codes[1:]
    ends, blank = (here == LF) | (here == CR), after <= SPACE
    before = ends | (here == SPACE) | (here == QUOTE) | (here == separator.encode()[-1])
    zeros = np.flatnonzero(before & (after == ZERO))
    zeros = zeros[zeros + 2 < len(codes)]
    blanks = ends & blank & ~((here == CR) & (after == LF))
    next_one = codes[zeros + 2]
    return bool(((next_one - ZERO <= 9) | (next_one > ASCII)).any()), bool(blanks.any())


class _EndlessRowError(Exception):
    """A row does not end: perhaps a quote is never closed."""


class _CheckedText(io.TextIOWrapper):
    """The text of a file: knows how far it was read, refuses NUL bytes and rows that never end, and notices blank lines
    and numbers that begin with a zero."""

    def __init__(self, path: Path, dialect: TextDialect) -> None:
        self.raw_file = path.open("rb")
        super().__init__(self.raw_file, encoding=dialect.encoding, newline="")
        self.path, self.separator = path, dialect.separator
        self.lines = int(not dialect.header)
        self.since_piece = self.done = 0
        self.leading_zeros = self.blank_lines = self.interrupted = False
        self.end = "\n"
        mark, cell = re.escape(dialect.separator), LEADING_ZERO + rf"(?=\s*(?:$|[\r\n{re.escape(dialect.separator)}]))"
        # one pattern each, since a search for a fixed beginning is many times faster than one for several
        starts = (mark, rf"{mark} +", r"\n *", r"\r *")
        self.zeros = [re.compile(start + cell) for start in starts] + [re.compile(f'"{LEADING_ZERO}"')]
        self.skip, self.comment, self.quoted = dialect.skip, dialect.comment, False
        self.blanks = [re.compile(blank) for blank in (r"\n[ \t]*\r?\n[^\r\n]", r"\r[ \t]*\r[^\r\n]")]

    def read(self, size: int | None = -1) -> str:
        try:
            return self._read(size)
        except KeyboardInterrupt:  # pandas makes a fault of the file of it
            self.interrupted = True
            raise

    def _read(self, size: int | None) -> str:
        while self.skip:
            self.skip -= 1
            super().readline(LONGEST_PIECE)
        text = super().read(size)
        if self.comment:
            text = self._without_comments(text + super().readline(LONGEST_PIECE))
        if "\0" in text:
            raise nul_byte_error(self.path, self.lines + text.count("\n", 0, text.index("\0")))
        self.lines += text.count("\n")
        self.done = self.raw_file.tell()
        self.since_piece += len(text)
        if self.since_piece > LONGEST_PIECE:
            raise _EndlessRowError
        seen = self.end + text
        if not (self.leading_zeros and self.blank_lines):
            zeros, blanks = _perhaps_zeros_and_blanks(seen, self.separator)
            self.leading_zeros |= zeros and any(zero.search(seen) for zero in self.zeros)
            self.blank_lines |= blanks and any(blank.search(seen) for blank in self.blanks)
        self.end = seen[-100:]
        return text

    def _without_comments(self, text: str) -> str:
        """Whole lines without those that are comments, but at least one more line unless the file has ended."""
        while text:
            lines = list(io.StringIO(text, newline=""))
            kept = []
            for line in lines:
                if self.quoted or not line.startswith(self.comment):
                    self.quoted ^= bool(line.count('"') % 2)
                    kept.append(line)
            if kept:
                return "".join(kept)
            text = super().readline(LONGEST_PIECE)
        return ""


class _RowWidths:
    """A second look at a text table, at the number of values in each row: pandas fills up a row that is too short."""

    def __init__(self, path: Path, dialect: TextDialect) -> None:
        self.path, self.dialect = path, dialect
        self.row, self.blank, self.waiting = -dialect.header, 0, 0
        self.text = path.open(encoding=dialect.encoding, newline="")
        self.lines = table_lines(self.text, dialect.skip, dialect.comment)
        self.beginning = ""
        self.widths = self._each()

    def __enter__(self) -> _RowWidths:
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
                    if self.row > 0 and not wanted <= width <= wanted + self.dialect.trailing:
                        raise row_width_error(self.path, self.row, width, wanted, self.beginning)
            except csv.Error:
                row = f"row {self.row + 1:,}" if self.row >= 0 else "the header"
                long = f"a value is longer than {LONGEST_CELL:,} characters; perhaps a quote is never closed"
                raise InputError(f"{self.path}, {row}: {long}", "source") from None

    def _each(self) -> Iterator[int]:
        """The number of values in each row, 0 for a blank line."""
        mark = self.dialect.separator
        blanks = " \r\n" if mark == "\t" else " \t\r\n"
        for line in self.lines:
            self.beginning = line[:10]
            if not line.strip(blanks):
                yield 0
            elif '"' in line:
                lines = chain((line,), self.lines)
                if mark == BLANKS:
                    lines = chain((re.sub(r"[ \t]+", " ", line.strip(" \t\r\n")) + "\n",), self.lines)
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
