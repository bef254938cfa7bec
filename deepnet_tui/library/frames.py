"""What a program has at hand, such as a data frame or a dict of columns, as a table or as the columns of a model."""

from __future__ import annotations

import datetime
import decimal
import numbers
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted, listed, quoted
from deepnet_tui.data.preparation.entries import Block
from deepnet_tui.data.readers.table import Table, check_names
from deepnet_tui.data.readers.word_columns import with_settled_words
from deepnet_tui.data.settings import DataSettings, settings_for
from deepnet_tui.data.values.words import SURELY_MISSING, to_word

if TYPE_CHECKING:
    from pathlib import Path

    from deepnet_tui.model import Model

FORMS = "a data frame, a dict of columns, a list of rows or the path of a file"
NESTED = (list, tuple, set, dict, np.ndarray)


def is_frame(data: object) -> bool:
    """Whether it is a pandas data frame, or one of another library that can become one."""
    return hasattr(data, "to_pandas") or (hasattr(data, "iloc") and hasattr(data, "columns"))


def table_of(data: Any, name: Path, settings: DataSettings) -> Table:
    """A data frame or a dict of columns as a table, as if it had been read from a file called `name`.

    Raises InputError for anything else, for columns of different lengths and for two columns of one name.
    """
    found = _raw_columns(data)
    if found is None:
        raise InputError(f"data to train on must be {FORMS}, not {type(data).__name__}", "frame")
    check_names(name, [column for column, _ in found])
    columns: dict[str, Any] = {}
    left_out: dict[str, str] = {}
    for column, values in found:
        if (as_read := column_of(values)) is None:
            left_out[column] = "it holds lists or records"
        else:
            columns[column] = as_read
    _check_lengths(columns)
    if not columns or not len(next(iter(columns.values()))):
        raise InputError(f"{name} has no rows", "frame")
    notes = (f"Left out, since they hold lists or records: {listed(left_out)}.",) if left_out else ()
    return with_settled_words(Table(columns, notes=notes, left_out=left_out), settings, (), text=False)


def columns_for(model: Model, data: Any) -> dict[str, Any]:
    """The columns that `model` needs out of new data, each (m,) or, for a block, (m, ...).

    `data` is a data frame, a dict of columns, a list of rows (each a dict), or an array (m, columns) in the order of
    the model's columns. Raises InputError for anything else and for a column that is not there.
    """
    entries, names = model.preparation.entries, model.preparation.columns
    if isinstance(data, np.ndarray):
        data = _columns_of_array(model, data)
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        if not data:
            raise InputError("there are no rows to predict", "data")
        if not all(isinstance(row, Mapping) for row in data):
            raise InputError("rows to predict must be dicts, each from the name of a column to its value", "data")
        data = model.as_columns(data)
    found = _raw_columns(data)
    if found is None:
        raise InputError(f"data to predict must be {FORMS}, not {type(data).__name__}", "data")
    given = dict(found)
    for name in names:
        if name not in given:
            has = listed(given, 10) or "none"
            raise InputError(f"the data have no column {quoted(name)}, which the model needs; they have {has}", name)
    columns: dict[str, Any] = {}
    for entry in entries:
        values = given[entry.name]
        converted = np.asarray(values) if isinstance(entry, Block) else column_of(values)
        if converted is None:
            raise InputError(f"column {quoted(entry.name)} holds lists or records, not single values", entry.name)
        columns[entry.name] = converted
    _check_lengths(columns)
    missing = {key: value for key, value in model.reading.items() if key == "missing"}
    if missing:
        words = [entry.name for entry in entries if entry.kind not in ("numeric", "block")]
        columns |= with_settled_words(Table(columns), settings_for("data", missing), words, text=False).columns
    return columns


def column_of(values: Any) -> Any:
    """One column as the preparation takes it: numbers, moments, words as categories; None for lists and records.

    What pandas or NumPy store as numbers stay numbers, also nullable ones; moments are in UTC, lengths of time in
    seconds. Of Python objects, all numbers are numbers, all dates are moments, and everything else is words.
    """
    import pandas as pd

    if isinstance(values, np.ndarray) and values.ndim > 1:
        return values
    series: Any = values if isinstance(values, pd.Series) else pd.Series(_as_list(values))
    series = series.reset_index(drop=True)
    kind = series.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return _words(series.to_numpy(dtype=object, na_value=None))
    if isinstance(kind, pd.ArrowDtype) and kind.kind not in "biuf":
        return _of_objects(series.to_numpy(dtype=object, na_value=None))
    if isinstance(kind, pd.PeriodDtype):
        series = series.dt.to_timestamp()
    elif isinstance(kind, pd.DatetimeTZDtype):
        series = series.dt.tz_convert("UTC").dt.tz_localize(None)
    if pd.api.types.is_timedelta64_dtype(series.dtype):
        return series.dt.total_seconds()
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return series
    if pd.api.types.is_bool_dtype(series.dtype) and not series.hasnans:
        return series.astype(bool)
    if pd.api.types.is_integer_dtype(series.dtype) and not series.hasnans:
        return series.astype("uint64" if series.dtype.kind == "u" else "int64")
    if pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_complex_dtype(series.dtype):
        return pd.Series(series.to_numpy(np.float64, na_value=np.nan))
    return _of_objects(series.to_numpy(dtype=object, na_value=None))


def _of_objects(cells: Any) -> Any:
    """A column of Python objects (m,): numbers, moments or words, by what all of its cells are."""
    import pandas as pd

    there = [cell for cell in cells if cell is not None and cell == cell and cell is not pd.NaT]
    if there and all(isinstance(cell, NESTED) for cell in there):
        return None
    if there and all(isinstance(cell, bool | np.bool_) for cell in there):
        whole = len(there) == len(cells)
        return pd.Series(cells.astype(bool)) if whole else pd.Series([_number(cell) for cell in cells])
    if there and all(isinstance(cell, numbers.Real | decimal.Decimal) for cell in there):
        found = pd.Series([_number(cell) for cell in cells])
        whole = len(there) == len(cells) and all(isinstance(cell, numbers.Integral) for cell in there)
        return found.astype(np.int64) if whole and bool((found.abs() < 2**53).all()) else found
    if there and all(isinstance(cell, datetime.timedelta) for cell in there):
        return pd.Series([np.nan if cell is None else cell.total_seconds() for cell in cells])
    if there and all(isinstance(cell, datetime.date | np.datetime64) for cell in there):
        moments = pd.to_datetime(pd.Series(cells), utc=True, errors="coerce").dt.tz_localize(None)
        if int(moments.notna().sum()) == len(there):  # else a year that pandas has no moment for
            return moments
    return _words(cells)


def _words(cells: Iterable[Any]) -> Any:
    """Words as categories, in the order in which they first occur; a missing one has no category."""
    import pandas as pd

    words = [_word(cell) for cell in cells]
    different = list(dict.fromkeys(word for word in words if word is not None))
    return pd.Series(pd.Categorical(words, categories=different))


def _word(cell: Any) -> str | None:
    if cell is None or isinstance(cell, NESTED):
        return None if cell is None else str(cell)
    word = to_word(cell)
    return word if word not in SURELY_MISSING else None


def _number(cell: Any) -> float:
    try:
        return float(cell) if cell is not None and cell == cell else np.nan
    except (OverflowError, TypeError, ValueError):  # a number beyond all floats, pandas' NA
        return np.inf


def _as_list(values: Any) -> Any:
    if isinstance(values, str | bytes) or not hasattr(values, "__len__"):
        raise InputError(f"a column must be a list or an array of values, not {quoted(values)}", "frame")
    return values if hasattr(values, "dtype") else list(values)


def _raw_columns(data: Any) -> list[tuple[str, Any]] | None:
    """The columns of a frame or a mapping with their names as text, None for anything else."""
    if hasattr(data, "to_pandas"):
        data = data.to_pandas()
    if hasattr(data, "iloc") and hasattr(data, "columns"):
        return [(str(name), data.iloc[:, place]) for place, name in enumerate(data.columns)]
    if isinstance(data, Mapping):
        return [(str(name), values) for name, values in data.items()]
    return None


def _columns_of_array(model: Model, array: Any) -> dict[str, Any]:
    entries = model.preparation.entries
    if len(entries) == 1 and isinstance(entries[0], Block):
        return {entries[0].name: array}
    if array.ndim != 2 or array.shape[1] != len(entries) or any(isinstance(entry, Block) for entry in entries):
        wanted = counted(len(entries), "column")
        raise InputError(f"an array to predict must be (rows, columns), with the {wanted} of the model", "data")
    return {entry.name: array[:, place] for place, entry in enumerate(entries)}


def _check_lengths(columns: Mapping[str, Any]) -> None:
    lengths = {name: len(values) for name, values in columns.items()}
    first = next(iter(lengths), None)
    for name, length in lengths.items():
        if first is not None and length != lengths[first]:
            raise InputError(
                f"columns must have the same length: {quoted(first)} has {counted(lengths[first], 'row')}, "
                f"{quoted(name)} has {length:,}",
                name,
            )
