"""Parquet and Excel, through pyarrow and openpyxl."""

from __future__ import annotations

import datetime
import zipfile
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from deepnet_tui.common.errors import InputError, NoRowsError
from deepnet_tui.common.text import counted, listed, one_line, quoted
from deepnet_tui.data.readers.arrays import check_zip
from deepnet_tui.data.readers.prechecks.excel import SheetFacts, check_workbook
from deepnet_tui.data.readers.table import (
    ProgressCallback,
    ReadRequest,
    Table,
    check_memory,
    check_names,
    import_optional,
    renamed_notes,
)
from deepnet_tui.data.readers.text_header import distinct_names

BATCH = 20_000  # rows
MOST_ABOVE = 50  # rows that are looked at for the header
LAST_ROW = 1_048_576  # of an Excel sheet


def read_parquet(request: ReadRequest) -> Table:
    """The plain columns of a Parquet file; nested ones are left out and noted."""
    path = request.path
    import_optional("pyarrow.parquet", path)
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            words = [field.name for field in file.schema_arrow if _is_words(field.type)]
        with pq.ParquetFile(path, read_dictionary=words) as file:
            schema = file.schema_arrow
            check_names(path, schema.names)
            groups = range(file.metadata.num_row_groups)
            check_memory(path, sum(file.metadata.row_group(group).total_byte_size for group in groups))
            nested = [field.name for field in schema if pa.types.is_nested(field.type)]
            names = [name for name in schema.names if name not in nested]
            check_names(path, names)
            widths = [_width(schema.field(name).type) for name in names]
            check_memory(path, float(file.metadata.num_rows) * sum(widths))
            batches, memory, rows = [], 0, 0
            for batch in file.iter_batches(batch_size=BATCH, columns=names):
                batches.append(batch)
                memory += batch.nbytes
                rows += batch.num_rows
                check_memory(path, memory)
                request.progress(rows / max(file.metadata.num_rows, 1), "reading")
        table = pa.Table.from_batches(batches) if batches else None
        columns = {name: _from_arrow(table.column(name)) for name in names} if table else {}
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{path} can't be read as Parquet: {_one_line(error)}", "source") from None
    if table is None or not table.num_rows:
        raise NoRowsError(path, names)
    notes = [f"Left out, since they hold lists or records: {listed(nested)}."] if nested else []
    if times := [name for name in names if pa.types.is_time(schema.field(name).type)]:
        notes.append(f"The time of day in {listed(times)} is read as seconds since midnight.")
    return Table(columns, notes=tuple(notes), left_out=dict.fromkeys(nested, "it holds lists or records"))


def _is_words(kind: Any) -> bool:
    """Whether cells may be long: they stay coded as in the file, where many may stand for the same long one."""
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind))


def _width(kind: Any) -> int:
    """The bytes of one cell at least; long cells of one length say so in their type."""
    from pyarrow import types

    return int(kind.byte_width) if types.is_fixed_size_binary(kind) else 1


def _from_arrow(column: Any) -> Any:
    """A pandas Series: numbers, moments in UTC, times of day in seconds, or words as categories."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind) and _is_words(kind.value_type):
        return column.unify_dictionaries().to_pandas()
    if pa.types.is_date(kind):
        return column.cast(pa.timestamp("us")).to_pandas()
    if pa.types.is_timestamp(kind) and kind.tz:
        return column.cast(pa.timestamp("us"), safe=False).to_pandas()
    if pa.types.is_time(kind):
        return column.cast(pa.time64("us"), safe=False).cast(pa.int64()).to_pandas() / 1e6
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64()).to_pandas()
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_timestamp(kind):
        return column.to_pandas()
    if pa.types.is_dictionary(kind):
        return _from_arrow(column.cast(kind.value_type))
    return column.cast(pa.string()).dictionary_encode().to_pandas()


def read_excel(request: ReadRequest) -> Table:
    """The first sheet of an .xlsx file, or the one called `sheet`; its first row holds the names."""
    path, wanted = request.path, request.settings.sheet
    import_optional("openpyxl", path)
    import pandas as pd

    try:
        with zipfile.ZipFile(path) as archive:
            check_zip(path, archive.infolist())
            facts = check_workbook(path, archive)
        book = _open(path)
    except InputError:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged file makes it raise
        raise InputError(f"{path} can't be read as Excel: {_one_line(error)}", "source") from None
    try:
        names = [sheet.title for sheet in book.worksheets]
        if wanted is not None and wanted not in names:
            raise InputError(f"{path} has no sheet {quoted(wanted)}; it has {listed(names)}", "sheet")
        if not names:
            raise InputError(f"{path} has no sheet with cells", "sheet")
        sheet = book[wanted] if wanted else book.worksheets[0]
        others = [name for name in names if name != sheet.title]
        found = _sheet_rows(path, sheet, others, request.settings.skip, request.progress)
        known = facts.get(sheet._worksheet_path, SheetFacts())
    except InputError:
        raise
    except Exception as error:  # as above: rows are parsed while they are read
        raise InputError(f"{path} can't be read as Excel: {_one_line(error)}", "source") from None
    finally:
        book.close()
    notes = [f"Of {len(names)} sheets, {quoted(sheet.title)} was read."] if len(names) > 1 and not wanted else []
    notes += [*found.notes, *_sheet_notes(known, found)]
    columns = {
        name: pd.Series(_plain(list(values)))
        for name, values in zip(found.names, zip(*found.rows, strict=True), strict=True)
    }
    return Table(columns, notes=tuple(notes), sheets=tuple(others))


def _open(path: Path) -> Any:
    """The workbook, its sheets of charts left out: openpyxl trips over them."""
    from openpyxl.reader.excel import ExcelReader

    class Reader(ExcelReader):  # type: ignore[misc, unused-ignore]
        def read_chartsheet(self, sheet: Any, rel: Any) -> None:
            pass

    reader = Reader(str(path), read_only=True, data_only=True, keep_links=False)
    reader.read()
    return reader.wb


class _Sheet(NamedTuple):
    """The names in the row `header` of a sheet, the rows below it, and how many `blank` ones were left out."""

    names: list[str]
    rows: list[tuple[Any, ...]]
    header: int
    blank: int
    notes: tuple[str, ...]


def _sheet_notes(known: SheetFacts, found: _Sheet) -> list[str]:
    notes = []
    if known.formulas:
        cells, missing = counted(known.formulas, "cell has", "cells have"), "counts" if known.formulas == 1 else "count"
        notes.append(
            f"{cells} a formula without a stored value and {missing} as missing; "
            "open the file in a spreadsheet and save it there to store the values."
        )
    if merged := sum(row > found.header for row in known.merged):
        notes.append(f"{counted(merged, 'merged range')}: the value is in the first cell, the others count as missing.")
    if known.hidden:
        were = "was" if known.hidden == 1 else "were"
        notes.append(f"{counted(known.hidden, 'hidden row')} {were} read like the others.")
    if found.blank:
        were = "was" if found.blank == 1 else "were"
        notes.append(f"{counted(found.blank, 'blank row')} {were} skipped; rows are numbered without them.")
    return notes


def _rows_above_header(rows: list[tuple[Any, ...]]) -> int:
    """How many of the first rows stand above the header: none, unless the first is narrower than one below it and a
    later one names all columns."""
    widths = [max((place for place, value in enumerate(row, 1) if value is not None), default=0) for row in rows]
    if not widths or widths[0] == max(widths):
        return 0
    top = widths.index(max(widths))
    names = rows[top][: widths[top]]
    return top if all(isinstance(name, str) and name.strip() for name in names) else 0


def _sheet_rows(path: Path, sheet: Any, others: list[str], skip: int | None, progress: ProgressCallback) -> _Sheet:
    """The names and the rows of a sheet. Raises InputError for rows without names."""
    total = max(sheet.max_row or 1, 1)
    sheet.reset_dimensions()  # what a file says of its own size may be wrong
    cells = sheet.iter_rows(values_only=True)
    beginning = list(islice(cells, MOST_ABOVE if skip is None else skip))
    above, notes = skip or 0, list[str]()
    if skip is None and (above := _rows_above_header(beginning)):
        title = next((str(value) for row in beginning for value in row if value is not None), "")
        were = "was" if above == 1 else "were"
        notes.append(f"{counted(above, 'row')} above the header {were} skipped, the first is {quoted(title)}.")
    cells = chain(beginning[above:], cells)
    first = next(cells, ())
    header = ["" if value is None else str(value).strip() for value in first]
    while header and not header[-1]:
        header.pop()
    if not header:
        there = f"; name another one with sheet: {listed(others)}" if others else ""
        raise InputError(f"{path}: the first row of the sheet {quoted(sheet.title)} is empty{there}", "sheet")
    header = [name or f"column{number}" for number, name in enumerate(header, start=1)]
    distinct = distinct_names(header)
    notes += renamed_notes(header, distinct)
    header = distinct
    check_names(path, header)
    width, rows, blank, empty = len(header), [], 0, 0
    for number, row in enumerate(cells, start=1):
        if number > LAST_ROW:
            raise InputError(f"{path}: a row after row {LAST_ROW:,}, more than a sheet has", "source")
        if any(value is not None for value in row[width:]):
            names = counted(width, "name")
            hint = "; if the header is not the first row: --skip with the number of rows above it"
            raise InputError(f"{path}, row {number:,}: more values than the header, which has {names}{hint}", "source")
        if any(value is not None for value in row):
            blank, empty = blank + empty, 0
            rows.append((*row[:width], *[None] * (width - len(row))))
            check_memory(path, len(rows) * width * 64.0)
        else:
            empty += 1
        if number % 1000 == 0:
            progress(min(number / total, 1.0), "reading")
    if not rows:
        raise NoRowsError(path, header)
    return _Sheet(header, rows, above + 1, blank, tuple(notes))


def _plain(values: list[Any]) -> Any:
    """Numbers as numbers, moments as moments, and anything mixed as words."""
    given = [value for value in values if value is not None]
    if given and all(isinstance(value, int | float) and not isinstance(value, bool) for value in given):
        return np.array([np.nan if value is None else float(value) for value in values])
    if given and all(isinstance(value, datetime.datetime | datetime.date) for value in given):
        return np.array(values, dtype="datetime64[us]")
    return np.array([None if value is None else str(value) for value in values], dtype=object)


def _one_line(error: BaseException) -> str:
    return one_line(error) or type(error).__name__
