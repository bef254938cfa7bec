"""How a text table is written, found from its beginning: encoding, separator, decimal mark and column names."""

from __future__ import annotations

import codecs
import csv
import io
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from deepnet_tui.common.errors import InputError, NoRowsError
from deepnet_tui.common.text import counted, quoted
from deepnet_tui.data.readers.table import check_names, renamed_notes
from deepnet_tui.data.readers.text_header import (
    COMMENT_MARKS,
    TableStart,
    distinct_names,
    find_preamble,
    find_start,
    preamble_lines,
    table_lines,
    wide_encoding,
)
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.data.values.number_format import is_plain_numeral, likely_mark, shown_mark

SAMPLE = 256 * 1024
FEWEST_LINES = 5  # that are looked at, however long they are
LONGEST_HEADER = 16 * 1024**2
LONGEST_CELL = 16 * 1024**2
SEPARATORS = (",", ";", "\t", "|")
BLANKS = " "  # as a separator: any run of blanks
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
FALLBACK = "cp1252"


@dataclass(frozen=True)
class TextDialect:
    """How a text file is written; `header` is False where the first row is no header.

    `decimal_known` says that the decimal mark was given or the cells show it; else it is assumed. `skip` lines stand
    above the header, and lines that begin with `comment` are none of the table. Rows may have `trailing` empty cells
    more than there are names. `missing` are words that are said to mean a missing value, None if nothing is said.
    """

    encoding: str
    separator: str
    decimal: str
    names: tuple[str, ...]
    header: bool = True
    notes: tuple[str, ...] = ()
    decimal_known: bool = False
    skip: int = 0
    comment: str = ""
    trailing: int = 0
    missing: frozenset[str] | None = None

    @property
    def with_fallback_encoding(self) -> TextDialect:
        """The same dialect for a file that turned out not to be UTF-8."""
        return replace(self, encoding=FALLBACK, notes=(*self.notes, _fallback_note()))


def find_dialect(path: Path, settings: DataSettings, decimal: str = "") -> TextDialect:
    """Encoding, separator, decimal mark and column names, as given or found in the first 256 KiB.

    `decimal` is the mark to assume where no cell shows it. Raises InputError for what is no table.
    """
    try:
        with long_cells():
            return _find_dialect(path, settings, decimal)
    except csv.Error as error:
        raise InputError(f"{path} can't be read as a table: {error}", "source") from None


def _find_dialect(path: Path, settings: DataSettings, decimal: str) -> TextDialect:
    with path.open("rb") as raw:
        sample = raw.read(SAMPLE)
        whole = len(sample) < SAMPLE
        if b"\n" not in sample and b"\r" not in sample and not whole:
            sample += raw.readline(LONGEST_HEADER)
            if not sample.endswith(b"\n") and len(sample) >= LONGEST_HEADER:
                raise InputError(f"the first row of {path} is longer than {LONGEST_HEADER:,} bytes", "source")
        elif not whole and max(sample.count(b"\n"), sample.count(b"\r")) < FEWEST_LINES:
            sample += b"".join(raw.readline(LONGEST_HEADER) for _ in range(FEWEST_LINES))
            whole = not raw.read(1)
    encoding, text, notes = _decode(path, sample, settings.encoding)
    lines = list(io.StringIO(text, newline=""))  # ends at \n, \r and \r\n only, as in a table
    if not whole and len(lines) > 1:
        lines.pop()
    if not "".join(lines).strip():
        raise InputError(f"{path} is empty", "source")
    given = settings.separator
    if given is not None and (len(given) != 1 or given in '"\r\n\0' or not given.isascii()):
        said = "the separator must be one character of ASCII, and no quote or line end"
        raise InputError(f"{said}, not {quoted(given)}", "separator")
    mark = settings.comment
    if mark is not None and (mark != mark.strip() or set(mark) & set('"\r\n')):
        raise InputError(f"a comment mark has no quotes, line ends or blanks around it, not {mark!r}", "comment")
    start = find_start(lines, _split, settings.skip, mark, given)
    separator, rows = _separator_and_rows(path, lines, start, whole)
    may_be_below = settings.skip is None and not start.header and _misfit(rows[0], rows[1:])
    if may_be_below and (below := _below_preamble(lines, start)):
        start = below
        separator, rows = _separator_and_rows(path, lines, start, whole)
    notes += start.notes
    heads = list(_split(start.header, separator))[:1] if start.header else rows[:1]
    names = [name.strip() for name in heads[0]]
    body = rows if start.header else rows[1:]
    cells = [cell.strip() for row in body for cell in row]
    shown = settings.decimal or shown_mark(cells, separator)
    decimal = shown or decimal or likely_mark(cells, separator)
    if decimal == "," and settings.decimal is None:
        notes.append("Numbers are read with a decimal comma.")
    header = not start.header
    if header and all(is_plain_numeral(name, decimal) for name in names):
        header, body = False, rows
        names = [f"column{number}" for number in range(1, len(names) + 1)]
        notes.append("The first row holds numbers, so the columns are called column1, column2, ...")
    elif "" in names:
        notes.append("A column without a name is called after its place.")
        names = [name or f"column{number}" for number, name in enumerate(names, start=1)]
    distinct = distinct_names(names)
    notes += renamed_notes(names, distinct)
    names = distinct
    check_names(path, names)
    if header and len(rows) < 2:
        raise NoRowsError(path, names)
    for number, row in enumerate(body, start=1):
        if not _fits(row, len(names)):
            raise row_width_error(path, number, len(row), len(names), row[0])
    trailing = max((len(row) for row in body), default=0) - len(names)
    skip = start.skip
    if trailing > 0:
        skip, header = preamble_lines(lines, start, _header_lines(lines, start, separator)) if header else skip, False
        notes.append(f"Rows end with {counted(trailing, 'separator')} more than the header; no value stands there.")
    return TextDialect(
        encoding=encoding,
        separator=separator,
        decimal=decimal,
        names=tuple(names),
        header=header,
        notes=tuple(notes),
        decimal_known=bool(shown),
        skip=skip,
        comment=start.comment,
        trailing=max(trailing, 0),
        missing=settings.missing_words,
    )


def _separator_and_rows(path: Path, lines: list[str], start: TableStart, whole: bool) -> tuple[str, list[list[str]]]:
    text = "".join(table_lines(lines, start.skip, start.comment))
    if not text.strip():
        skipped = [f"{counted(start.skip, 'line')}"] if start.skip else []
        skipped += [f"lines that begin with {start.comment!r}"] if start.comment else []
        field = "skip" if start.skip else "comment"
        raise InputError(f"{path}: without {' and '.join(skipped)} there is no header", field)
    separator = start.separator or _find_separator(text)
    return separator, _rows(path, text, separator, whole)


def _header_lines(lines: list[str], start: TableStart, separator: str) -> int:
    """The number of lines from the start of the table to the end of its header: pandas takes a header of its own for
    the width of the table, so that it can't have one where rows are wider."""
    reader = csv.reader(table_lines(lines, start.skip, start.comment), delimiter=separator, skipinitialspace=True)
    with long_cells():
        next(row for row in reader if any(cell.strip() for cell in row))
    return reader.line_num


def _misfit(header: list[str], body: list[list[str]]) -> bool:
    """Whether the first row is perhaps no header: it has one cell, or rows below it have another number of cells."""
    return len(header) == 1 or any(not _fits(row, len(header)) for row in body)


def _fits(row: list[str], width: int) -> bool:
    """Whether a row has so many cells; more are no harm if they are empty."""
    return len(row) == width or (len(row) > width > 1 and not any(cell.strip() for cell in row[width:]))


def _below_preamble(lines: list[str], start: TableStart) -> TableStart | None:
    """The start of a table below lines that are none of it; None if no header can be told."""
    separators = (start.separator,) if start.separator else (*SEPARATORS, BLANKS)
    below = list(table_lines(lines, start.skip, start.comment))
    found = find_preamble(below, separators, _split)
    if found is None:
        return None
    top, separator = found
    skip = preamble_lines(lines, start, top)
    first = next(line.strip() for line in below if line.strip())
    were = "was" if top == 1 else "were"
    note = f"{counted(top, 'line')} above the header {were} skipped, the first is {quoted(first)}."
    return replace(start, skip=skip, separator=separator, notes=(*start.notes, note))


def with_checked_encoding(path: Path, dialect: TextDialect) -> TextDialect:
    """The dialect after the whole file was decoded: if it is not UTF-8 to its end, it is read as Windows-1252.

    Raises InputError if another encoding was given, or marked at the beginning, and turns out wrong.
    """
    decoder = codecs.getincrementaldecoder(dialect.encoding)()
    with path.open("rb") as raw:
        try:
            while piece := raw.read(2**20):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeError:
            return other_encoding(path, dialect, None)
    return dialect


def other_encoding(path: Path, dialect: TextDialect, given: str | None) -> TextDialect:
    """The dialect to try after the encoding turned out wrong. Raises InputError if it is what was given or marked."""
    if given or dialect.encoding != "utf-8":
        raise InputError(f"{path} is not written in {dialect.encoding}; give its encoding", "encoding") from None
    return dialect.with_fallback_encoding


def _decode(path: Path, sample: bytes, given: str | None) -> tuple[str, str, list[str]]:
    """The encoding, the sample as text, and notes on it."""
    encoding = given or next((name for bom, name in BOMS if sample.startswith(bom)), "utf-8")
    try:
        "".encode(encoding)
        decoder = codecs.getincrementaldecoder(encoding)()
    except (LookupError, TypeError, ValueError):
        raise InputError(f"the encoding {encoding!r} is unknown; try utf-8, cp1252 or utf-16", "encoding") from None
    notes: list[str] = []
    try:
        text = decoder.decode(sample)
    except (UnicodeError, ValueError):
        if given or encoding != "utf-8":
            raise InputError(f"{path} is not written in {encoding}; give its encoding", "encoding") from None
        encoding, text, notes = FALLBACK, sample.decode(FALLBACK, "replace"), [_fallback_note()]
    if "\0" in text and not given and (wide := wide_encoding(sample)):
        return wide, sample[: len(sample) // 2 * 2].decode(wide, "replace"), [_no_mark_note(wide)]
    if "\0" in text:
        raise nul_byte_error(path, text.count("\n", 0, text.index("\0")))
    return encoding, text, notes


def _no_mark_note(encoding: str) -> str:
    return f"The file has no mark of its encoding; it was read as {encoding.upper()}."


def _fallback_note() -> str:
    return "The file is not UTF-8; it was read as Windows-1252."


def _rows(path: Path, text: str, separator: str, whole: bool) -> list[list[str]]:
    """The rows of the sample, blank ones left out, and a last one that may go on after the sample."""
    try:
        with long_cells():
            rows = [row for row in _split(text, separator) if row and row != [""]]
    except (csv.Error, TypeError, ValueError) as error:
        raise InputError(f"{path} can't be read as a table: {error}", "source") from None
    if not whole and text.count('"') % 2 and len(rows) > 1:
        rows.pop()
    if not rows:
        raise InputError(f"{path} is empty", "source")
    return rows


def _split(text: str, separator: str) -> Iterator[list[str]]:
    lines: Iterator[str] = io.StringIO(text, newline="")
    if separator == BLANKS:
        lines = (re.sub(r"[ \t]+", BLANKS, line.rstrip(" \t\r\n")) + "\n" for line in lines)
    return csv.reader(lines, delimiter=separator, skipinitialspace=True)


@contextmanager
def long_cells() -> Iterator[None]:
    """The csv module takes cells up to LONGEST_CELL characters for a while."""
    limit = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _find_separator(text: str) -> str:
    """The separator that gives the most columns in the most rows; runs of blanks if nothing else separates numbers;
    a comma for a single column."""

    def first_rows(separator: str) -> list[list[str]]:
        try:
            with long_cells():
                return [row for _, row in zip(range(500), _split(text, separator), strict=False) if row]
        except csv.Error:
            return []

    def merit(separator: str) -> float:
        widths = [len(row) for row in first_rows(separator)]
        if not widths or widths[0] < 2:
            return 0.0
        width, often = Counter(widths).most_common(1)[0]
        return often / len(widths) + (width == widths[0]) + min(width, 1000) / 10_000

    merits = {separator: merit(separator) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: merits[separator])
    if merits[best] < 2 and len(rows := first_rows(BLANKS)) > 1 and len(rows[0]) > 1:
        numbers = sum(any(is_plain_numeral(cell, ".") for cell in row) for row in rows)
        if all(len(row) == len(rows[0]) for row in rows) and numbers * 2 > len(rows):
            return BLANKS
    return best


def row_width_error(path: Path, row: int, found: int, wanted: int, beginning: str = "") -> InputError:
    """The error for a row with more or fewer values than the header, and what it may be, from how it begins."""
    values, names = counted(found, "value"), counted(wanted, "name")
    mark = next((mark for mark in COMMENT_MARKS if beginning.startswith(mark)), "")
    hint = f"; if it is a comment: --comment {shlex.quote(mark)}" if mark else ""
    if wanted == 1 < found:
        hint = "; if the header is not the first line: --skip with the number of lines above it"
    return InputError(f"{path}, row {row:,}: {values} where the header has {names}{hint}", "source")


def nul_byte_error(path: Path, row: int) -> InputError:
    """The error for a NUL byte; row 0 is the header."""
    where = f"row {row:,}" if row else "the header"
    return InputError(f"{path}, {where}: a NUL byte, so this is not a text table", "source")
