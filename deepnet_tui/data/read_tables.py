"""Parquet and Excel, through pyarrow and openpyxl."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from deepnet_tui.data.read_arrays import check_zip
from deepnet_tui.data.table import Progress, Source, Table, check_memory, check_names, need
from deepnet_tui.errors import InputError


def read_parquet(source: Source) -> Table:
    """The plain columns of a Parquet file; nested ones are left out and noted."""
    path = source.path
    need("pyarrow.parquet", path)
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            words = [field.name for field in file.schema_arrow if pa.types.is_string(field.type)]
        with pq.ParquetFile(path, read_dictionary=words) as file:
            schema = file.schema_arrow
            check_names(path, schema.names)
            groups = range(file.metadata.num_row_groups)
            check_memory(path, sum(file.metadata.row_group(group).total_byte_size for group in groups))
            nested = [field.name for field in schema if pa.types.is_nested(field.type)]
            names = [name for name in schema.names if name not in nested]
            check_names(path, names)
            check_memory(path, float(file.metadata.num_rows) * len(names))
            batches, memory, rows = [], 0, 0
            for batch in file.iter_batches(batch_size=50_000, columns=names):
                batches.append(batch)
                memory += batch.nbytes
                rows += batch.num_rows
                check_memory(path, memory)
                source.progress(rows / max(file.metadata.num_rows, 1), "reading")
        table = pa.Table.from_batches(batches) if batches else None
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{path} can't be read as Parquet: {_one_line(error)}", "source") from None
    if table is None or not table.num_rows:
        raise InputError(f"{path} has a header but no rows", "source")
    columns = {name: _from_arrow(table.column(name)) for name in names}
    note = (f"Left out, since they hold lists or records: {', '.join(nested)}.",) if nested else ()
    return Table(columns, notes=note)


def _from_arrow(column: Any) -> Any:
    """A pandas Series: numbers, moments, or words as categories."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type):
        return column.unify_dictionaries().to_pandas()
    if pa.types.is_date(kind):
        return column.cast(pa.timestamp("us")).to_pandas()
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64()).to_pandas()
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_timestamp(kind):
        return column.to_pandas()
    if pa.types.is_dictionary(kind):
        return _from_arrow(column.cast(kind.value_type))
    return column.cast(pa.string()).dictionary_encode().to_pandas()


def read_excel(source: Source) -> Table:
    """The first sheet of an .xlsx file, or the one called `sheet`; its first row holds the names."""
    path, wanted = source.path, source.settings.sheet
    openpyxl = need("openpyxl", path)
    import pandas as pd

    try:
        with zipfile.ZipFile(path) as archive:
            check_zip(path, archive.infolist())
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except InputError:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged file makes it raise
        raise InputError(f"{path} can't be read as Excel: {_one_line(error)}", "source") from None
    try:
        names = [sheet.title for sheet in book.worksheets]
        if wanted is not None and wanted not in names:
            raise InputError(f"{path} has no sheet {wanted!r}; it has {', '.join(names)}", "sheet")
        if not names:
            raise InputError(f"{path} has no sheet with cells", "sheet")
        sheet = book[wanted] if wanted else book.worksheets[0]
        header, rows = _sheet_rows(path, sheet, source.progress)
    except InputError:
        raise
    except Exception as error:  # as above: rows are parsed while they are read
        raise InputError(f"{path} can't be read as Excel: {_one_line(error)}", "source") from None
    finally:
        book.close()
    note = (f"Of {len(names)} sheets, {sheet.title!r} was read.",) if len(names) > 1 and not wanted else ()
    columns = {
        name: pd.Series(_plain(list(values))) for name, values in zip(header, zip(*rows, strict=True), strict=True)
    }
    return Table(columns, notes=note)


def _sheet_rows(path: Path, sheet: Any, progress: Progress) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The names and the rows of a sheet, empty rows left out."""
    total = max(sheet.max_row or 1, 1)
    cells = sheet.iter_rows(values_only=True)
    first = next(cells, ())
    header = ["" if value is None else str(value).strip() for value in first]
    while header and not header[-1]:
        header.pop()
    header = [name or f"column{number}" for number, name in enumerate(header, start=1)]
    check_names(path, header)
    width, rows = len(header), []
    for number, row in enumerate(cells, start=1):
        if any(value is not None for value in row[width:]):
            raise InputError(f"{path}, row {number:,}: more values than the header has names ({width:,})", "source")
        if any(value is not None for value in row):
            rows.append((*row[:width], *[None] * (width - len(row))))
            check_memory(path, len(rows) * width * 64.0)
        if number % 1000 == 0:
            progress(min(number / total, 1.0), "reading")
    if not rows:
        raise InputError(f"{path} has a header but no rows", "source")
    return header, rows


def _plain(values: list[Any]) -> Any:
    """Numbers as numbers, moments as moments, and anything mixed as words."""
    given = [value for value in values if value is not None]
    if given and all(isinstance(value, int | float) and not isinstance(value, bool) for value in given):
        return np.array([np.nan if value is None else float(value) for value in values])
    if given and all(isinstance(value, datetime.datetime | datetime.date) for value in given):
        return np.array(values, dtype="datetime64[us]")
    return np.array([None if value is None else str(value) for value in values], dtype=object)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
