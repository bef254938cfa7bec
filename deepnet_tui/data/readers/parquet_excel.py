"""Parquet and Excel, through pyarrow and openpyxl."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError, NoRowsError
from deepnet_tui.common.text import counted, listed, one_line, quoted
from deepnet_tui.data.readers.arrays import check_zip
from deepnet_tui.data.readers.excel_precheck import check_workbook
from deepnet_tui.data.readers.table import (
    ProgressCallback,
    ReadRequest,
    Table,
    check_memory,
    check_names,
    import_optional,
)

BATCH = 20_000  # rows
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
    note = (f"Left out, since they hold lists or records: {listed(nested)}.",) if nested else ()
    return Table(columns, notes=note, left_out=dict.fromkeys(nested, "it holds lists or records"))


def _is_words(kind: Any) -> bool:
    """Whether cells may be long: they stay coded as in the file, where many may stand for the same long one."""
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind))


def _width(kind: Any) -> int:
    """The bytes of one cell at least; long cells of one length say so in their type."""
    from pyarrow import types

    return int(kind.byte_width) if types.is_fixed_size_binary(kind) else 1


def _from_arrow(column: Any) -> Any:
    """A pandas Series: numbers, moments in UTC, or words as categories."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind) and _is_words(kind.value_type):
        return column.unify_dictionaries().to_pandas()
    if pa.types.is_date(kind):
        return column.cast(pa.timestamp("us")).to_pandas()
    if pa.types.is_timestamp(kind) and kind.tz:
        return column.cast(pa.timestamp("us"), safe=False).to_pandas()
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
            formulas = check_workbook(path, archive)
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
        header, rows, blank = _sheet_rows(path, sheet, others, request.progress)
        uncomputed = formulas.get(sheet._worksheet_path, 0)
    except InputError:
        raise
    except Exception as error:  # as above: rows are parsed while they are read
        raise InputError(f"{path} can't be read as Excel: {_one_line(error)}", "source") from None
    finally:
        book.close()
    notes = [f"Of {len(names)} sheets, {quoted(sheet.title)} was read."] if len(names) > 1 and not wanted else []
    if uncomputed:
        cells, missing = counted(uncomputed, "cell has", "cells have"), "counts" if uncomputed == 1 else "count"
        notes.append(
            f"{cells} a formula without a stored value and {missing} as missing; "
            "open the file in a spreadsheet and save it there to store the values."
        )
    if blank:
        were = "was" if blank == 1 else "were"
        notes.append(f"{counted(blank, 'blank row')} {were} skipped; rows are numbered without them.")
    columns = {
        name: pd.Series(_plain(list(values))) for name, values in zip(header, zip(*rows, strict=True), strict=True)
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


def _sheet_rows(
    path: Path, sheet: Any, others: list[str], progress: ProgressCallback
) -> tuple[list[str], list[tuple[Any, ...]], int]:
    """The names and the rows of a sheet, and how many empty rows between them were left out."""
    total = max(sheet.max_row or 1, 1)
    sheet.reset_dimensions()  # what a file says of its own size may be wrong
    cells = sheet.iter_rows(values_only=True)
    first = next(cells, ())
    header = ["" if value is None else str(value).strip() for value in first]
    while header and not header[-1]:
        header.pop()
    if not header:
        there = f"; name another one with sheet: {listed(others)}" if others else ""
        raise InputError(f"{path}: the first row of the sheet {quoted(sheet.title)} is empty{there}", "sheet")
    header = [name or f"column{number}" for number, name in enumerate(header, start=1)]
    check_names(path, header)
    width, rows, blank, empty = len(header), [], 0, 0
    for number, row in enumerate(cells, start=1):
        if number > LAST_ROW:
            raise InputError(f"{path}: a row after row {LAST_ROW:,}, more than a sheet has", "source")
        if any(value is not None for value in row[width:]):
            names = counted(width, "name")
            raise InputError(f"{path}, row {number:,}: more values than the header, which has {names}", "source")
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
    return header, rows, blank


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
