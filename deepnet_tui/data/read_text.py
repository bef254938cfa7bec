"""CSV, TSV and the like: how they are written is found out from their beginning, then pandas reads them in pieces."""

from __future__ import annotations

import codecs
import csv
import io
import re
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deepnet_tui.data.preparation import MISSING
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.data.table import MEMORY, Source, Table, check_names, too_large
from deepnet_tui.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

SAMPLE = 256 * 1024
LONGEST_HEADER = 16 * 1024**2
LONGEST_PIECE = 512 * 1024**2
ROWS = 20_000
SEPARATORS = (",", ";", "\t", "|")
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
FALLBACK = "cp1252"


@dataclass(frozen=True)
class Form:
    """How a text file is written; `header` is False where the first row is numbers already."""

    encoding: str
    separator: str
    decimal: str
    names: tuple[str, ...]
    header: bool = True
    notes: tuple[str, ...] = ()


def read_text(source: Source) -> Table:
    """Read a table with a header. Raises InputError, naming row and column where they are known."""
    path, settings = source.path, source.settings
    form = find_form(path, settings)
    try:
        return _read(source, form)
    except UnicodeDecodeError:
        if settings.encoding or form.encoding != "utf-8":
            raise InputError(f"{path} is not written in {form.encoding}; give its encoding", "encoding") from None
        return _read(source, replace(form, encoding=FALLBACK, notes=(*form.notes, _fallback_note())))


def find_form(path: Path, settings: DataSettings) -> Form:
    """Encoding, separator, decimal mark and column names, as given or found in the first 256 KiB."""
    with path.open("rb") as raw:
        sample = raw.read(SAMPLE)
        whole = len(sample) < SAMPLE
        if b"\n" not in sample and b"\r" not in sample and not whole:
            sample += raw.readline(LONGEST_HEADER)
            if not sample.endswith(b"\n") and len(sample) >= LONGEST_HEADER:
                raise InputError(f"the first row of {path} is longer than {LONGEST_HEADER:,} bytes", "source")
    encoding, text, notes = _decode(path, sample, settings.encoding)
    lines = text.splitlines(keepends=True)
    if not whole and len(lines) > 1:
        lines.pop()
    text = "".join(lines)
    if not text.strip():
        raise InputError(f"{path} is empty", "source")
    if settings.separator is not None and (len(settings.separator) != 1 or settings.separator in '"\r\n\0'):
        raise InputError(
            f"the separator must be one character, and no quote or line end, not {settings.separator!r}", "separator"
        )
    separator = settings.separator or _find_separator(text)
    rows = _rows(path, text, separator, whole)
    decimal = settings.decimal or _find_decimal(rows[1:], separator)
    names = [name.strip() for name in rows[0]]
    header = not all(_is_number(name, decimal) for name in names)
    if not header:
        names = [f"column{number}" for number in range(1, len(names) + 1)]
        notes.append("The first row holds numbers, so the columns are called column1, column2, ...")
    elif "" in names:
        notes.append("A column without a name is called after its place.")
        names = [name or f"column{number}" for number, name in enumerate(names, start=1)]
    check_names(path, names)
    if header and len(rows) < 2:
        raise InputError(f"{path} has a header but no rows", "source")
    for number, row in enumerate(rows[1:] if header else rows, start=1):
        if len(row) != len(names):
            raise _ragged(path, number, len(row), len(names))
    return Form(encoding, separator, decimal, tuple(names), header, tuple(notes))


def _decode(path: Path, sample: bytes, given: str | None) -> tuple[str, str, list[str]]:
    """The encoding, the sample as text, and what to tell about it."""
    encoding = given or next((name for bom, name in BOMS if sample.startswith(bom)), "utf-8")
    try:
        "".encode(encoding)
        decoder = codecs.getincrementaldecoder(encoding)()
    except (LookupError, TypeError, ValueError):
        raise InputError(f"the encoding {encoding!r} is unknown; try utf-8, cp1252 or utf-16", "encoding") from None
    _refuse_nul(path, sample, encoding, 0)
    try:
        return encoding, decoder.decode(sample), []
    except (UnicodeError, ValueError):
        if given or encoding != "utf-8":
            raise InputError(f"{path} is not written in {encoding}; give its encoding", "encoding") from None
    return FALLBACK, sample.decode(FALLBACK, "replace"), [_fallback_note()]


def _fallback_note() -> str:
    return "The file is not UTF-8; it was read as Windows-1252."


def _refuse_nul(path: Path, data: bytes, encoding: str, rows_before: int) -> None:
    if b"\0" in data and not encoding.replace("_", "-").lower().startswith(("utf-16", "utf-32")):
        row = rows_before + data.count(b"\n", 0, data.index(b"\0"))
        where = f"row {row:,}" if row else "the header"
        raise InputError(f"{path}, {where}: a NUL byte, so this is not a text table", "source")


def _rows(path: Path, text: str, separator: str, whole: bool) -> list[list[str]]:
    """The rows of the sample, blank ones left out, and a last one that may go on after the sample."""
    limit = csv.field_size_limit(LONGEST_HEADER)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
        rows = [row for row in reader if row and row != [""]]
    except (csv.Error, TypeError, ValueError) as error:
        raise InputError(f"{path} can't be read as a table: {error}", "source") from None
    finally:
        csv.field_size_limit(limit)
    if not whole and text.count('"') % 2 and len(rows) > 1:
        rows.pop()
    if not rows:
        raise InputError(f"{path} is empty", "source")
    return rows


def _find_separator(text: str) -> str:
    """The separator that gives the most columns in the most rows; a comma for a single column."""

    def merit(separator: str) -> float:
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
            widths = [len(row) for _, row in zip(range(500), reader, strict=False) if row]
        except csv.Error:
            return 0.0
        if not widths or widths[0] < 2:
            return 0.0
        width, count = Counter(widths).most_common(1)[0]
        return count / len(widths) + (width == widths[0]) + min(width, 1000) / 10_000

    return max(SEPARATORS, key=merit)


_COMMA_NUMBER = re.compile(r"[-+]?\d+,\d+([eE][-+]?\d+)?")
_POINT_NUMBER = re.compile(r"[-+]?\d*\.\d+([eE][-+]?\d+)?")


def _find_decimal(rows: list[list[str]], separator: str) -> str:
    """A comma, if numbers are written with one and none with a point."""
    if separator == ",":
        return "."
    cells = [cell.strip() for row in rows[:500] for cell in row]
    commas = any(_COMMA_NUMBER.fullmatch(cell) for cell in cells)
    return "," if commas and not any(_POINT_NUMBER.fullmatch(cell) for cell in cells) else "."


def _is_number(word: str, decimal: str) -> bool:
    try:
        float(word.replace(decimal, "."))
    except ValueError:
        return False
    return word.lower() not in ("nan", "inf", "infinity")


def _ragged(path: Path, row: int, found: int, wanted: int) -> InputError:
    return InputError(f"{path}, row {row:,}: {found:,} values where the header has {wanted:,} names", "source")


class _Watched(io.RawIOBase):
    """A file that tells how far it was read, and refuses NUL bytes and pieces that never end."""

    def __init__(self, path: Path, encoding: str) -> None:
        self.path, self.encoding = path, encoding
        self.raw = path.open("rb")
        self.done = self.rows = self.since_piece = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.raw.read(len(buffer))
        _refuse_nul(self.path, data, self.encoding, self.rows)
        self.rows += data.count(b"\n")
        self.done += len(data)
        self.since_piece += len(data)
        if self.since_piece > LONGEST_PIECE:
            raise InputError(f"{self.path}: a row after row {self.rows:,} is far too long", "source")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self.raw.close()
        super().close()


def _read(source: Source, form: Form) -> Table:
    """Read in pieces. A column that is numbers in one piece and words in another is read again as words."""
    path = source.path
    words: set[str] = set()
    while True:
        columns, again = _pieces(source, form, words)
        if not again:
            break
        words |= again
    m = len(next(iter(columns.values())))
    if not m:
        raise InputError(f"{path} has a header but no rows", "source")
    last = columns[form.names[-1]]
    if last.isna().any():
        _check_widths(path, form)
    return Table(columns, notes=form.notes)


def _pieces(source: Source, form: Form, words: set[str]) -> tuple[dict[str, pd.Series[Any]], set[str]]:
    """The columns, and the names of those that have to be read again as words."""
    import pandas as pd

    path, size = source.path, source.size
    parts: dict[str, list[Any]] = {name: [] for name in form.names}
    again: set[str] = set()
    memory = 0
    watched = _Watched(path, form.encoding)
    with io.TextIOWrapper(io.BufferedReader(watched, 2**20), encoding=form.encoding, newline="") as text:
        try:
            for number, piece in enumerate(_parse(text, form, words, ROWS)):
                watched.since_piece = 0
                for name in form.names:
                    if name in words:
                        piece[name] = piece[name].astype("category")
                    elif piece[name].dtype.kind not in "iuf":
                        again.add(name)
                    parts[name].append(piece[name])
                if again and number == 0:
                    break
                memory += int(piece.memory_usage(index=False, deep=True).sum())
                expected = memory * size / max(watched.done, 1)
                if memory > MEMORY or expected > 1.5 * MEMORY:
                    raise too_large(path, max(memory, expected))
                source.progress(min(watched.done / size, 1.0), "reading")
        except pd.errors.EmptyDataError:
            raise InputError(f"{path} has a header but no rows", "source") from None
        except pd.errors.ParserError as error:
            raise _parser_error(path, form, error) from None
    if again:
        return {}, again
    return {name: _join(parts.pop(name)) for name in form.names}, again


def _parse(text: Any, form: Form, words: set[str], rows: int) -> Any:
    """An iterator over pieces of the table, words as categories."""
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(
            text,
            sep=form.separator,
            decimal=form.decimal,
            names=list(form.names),
            header=0 if form.header else None,
            index_col=False,
            chunksize=rows,
            dtype=dict.fromkeys(words, "str"),
            keep_default_na=False,
            na_values=sorted(MISSING),
            skipinitialspace=True,
            low_memory=False,
        )


def _join(parts: list[Any]) -> pd.Series[Any]:
    import pandas as pd
    from pandas.api.types import union_categoricals

    if len(parts) == 1:
        return parts[0].reset_index(drop=True)  # type: ignore[no-any-return]
    if isinstance(parts[0].dtype, pd.CategoricalDtype):
        alike = [part.cat.rename_categories(part.cat.categories.astype(object)) for part in parts]
        return pd.Series(union_categoricals(alike))
    return pd.Series(np.concatenate([part.to_numpy() for part in parts]))


def _parser_error(path: Path, form: Form, error: Exception) -> InputError:
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
    if found:
        return _ragged(path, int(found[2]) - form.header, int(found[3]), int(found[1]))
    opened = re.search(r"EOF inside string starting at row (\d+)", str(error))
    if opened:
        row = int(opened[1]) + (not form.header)
        where = f"row {row:,}" if row else "the header"
        return InputError(f"{path}: a quote that opens in {where} is never closed", "source")
    return InputError(f"{path} can't be read as a table: {' '.join(str(error).split())}", "source")


def _check_widths(path: Path, form: Form) -> None:
    """Tell a row that is too short, which pandas would fill up, from one whose last value is empty."""
    with path.open(encoding=form.encoding, newline="") as text:
        reader = csv.reader(text, delimiter=form.separator, skipinitialspace=True)
        number = -form.header
        for row in reader:
            if not row or row == [""]:
                continue
            number += 1
            if number > 0 and len(row) != len(form.names):
                raise _ragged(path, number, len(row), len(form.names))
