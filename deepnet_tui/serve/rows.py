"""From the body of a request to the columns of a model. Whatever is in the body, nothing of it is executed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from deepnet_tui.common.text import counted, listed, quoted
from deepnet_tui.data.preparation.entries import Block, Entry, Numeric
from deepnet_tui.model import Model
from deepnet_tui.serve.limits import RefusedError

FORMS = 'a list of rows, {"rows": [...]} or {"columns": {...}}'
CELLS = frozenset((str, int, float, bool, type(None)))
NUMBERS = frozenset((int, float, type(None)))
NAMES = {dict: "an object", list: "a list", str: "a word", bool: "true or false", int: "a number", float: "a number"}


def columns_of(model: Model, body: bytes, most_rows: int) -> dict[str, Any]:
    """The columns that the model needs, (m,) each or, for a block, (m, ...). Raises RefusedError."""
    raw = _parsed(body)
    if isinstance(raw, dict) and len(raw) == 1 and "columns" in raw:
        return _of_columns(model, raw["columns"], most_rows)
    if isinstance(raw, dict) and len(raw) == 1 and "rows" in raw:
        raw = raw["rows"]
    if not isinstance(raw, list):
        found = f"an object with {listed(map(quoted, raw), 5) or 'nothing'}" if isinstance(raw, dict) else _kind(raw)
        raise RefusedError(400, f"the body must be {FORMS}, not {found}")
    return _of_rows(model, raw, most_rows)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise RefusedError(400, f"the body is not text in UTF-8: see byte {error.start + 1:,}") from None
    except RecursionError:
        raise RefusedError(400, "the body is nested too deeply") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno:,}, column {error.colno:,}"
        raise RefusedError(400, f"the body is not JSON: {where}: {error.msg.lower()}") from None
    except ValueError:  # Python reads no whole number of more than some thousand digits
        raise RefusedError(400, "a number in the body has too many digits") from None


def _no_number(name: str) -> NoReturn:
    raise RefusedError(400, f"{name} is no number in JSON; a missing value is null")


def _of_rows(model: Model, rows: list[Any], most_rows: int) -> dict[str, Any]:
    _check_count(len(rows), most_rows)
    for number, row in enumerate(rows, start=1):
        if type(row) is not dict:
            raise RefusedError(400, f"row {number:,} must be an object from column to value, not {_kind(row)}")
    columns: dict[str, Any] = {}
    for entry in model.preparation.entries:
        name = entry.name
        try:
            values = [row[name] for row in rows]
        except KeyError:
            number = next(number for number, row in enumerate(rows, start=1) if name not in row)
            has = listed(rows[number - 1], 10) or "none"
            said = f"row {number:,} has no column {quoted(name)}, which the model needs; it has {has}"
            raise RefusedError(400, f"{said}; a missing value is null") from None
        columns[name] = _column(entry, values)
    return columns


def _of_columns(model: Model, given: Any, most_rows: int) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise RefusedError(400, f"columns must be an object from name to list, not {_kind(given)}")
    columns: dict[str, Any] = {}
    first = ""
    for entry in model.preparation.entries:
        name = entry.name
        if name not in given:
            has = listed(given, 10) or "none"
            raise RefusedError(400, f"there is no column {quoted(name)}, which the model needs; there are {has}")
        values = given[name]
        if not isinstance(values, list):
            raise RefusedError(400, f"column {quoted(name)} must be a list, not {_kind(values)}")
        first = first or name
        if len(values) != len(given[first]):
            lengths = f"{quoted(first)} has {counted(len(given[first]), 'value')}, {quoted(name)} {len(values):,}"
            raise RefusedError(400, f"columns must have the same length: {lengths}")
        _check_count(len(values), most_rows)
        columns[name] = _column(entry, values)
    return columns


def _check_count(count: int, most_rows: int) -> None:
    if not count:
        raise RefusedError(400, "there are no rows to predict")
    if count > most_rows:
        raise RefusedError(413, f"{count:,} rows are too many for one request; at most {most_rows:,} are allowed")


def _column(entry: Entry, values: Sequence[Any]) -> Any:
    if isinstance(entry, Block):
        return _block(entry, values)
    types = set(map(type, values))
    if not types <= CELLS:
        number = next(number for number, value in enumerate(values, start=1) if type(value) not in CELLS)
        said = f"row {number:,}, column {quoted(entry.name)}: a number, a word, true, false or null is needed"
        raise RefusedError(400, f"{said}, not {_kind(values[number - 1])}")
    if float in types:
        for number, value in enumerate(values, start=1):
            if type(value) is float and not math.isfinite(value):
                raise RefusedError(400, f"row {number:,}, column {quoted(entry.name)}: the number is too large")
    if isinstance(entry, Numeric) and entry.kind != "date" and types <= NUMBERS:
        try:
            return np.array([math.nan if value is None else value for value in values], dtype=np.float64)
        except OverflowError:
            raise RefusedError(400, f"column {quoted(entry.name)} has a number that is too large") from None
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _block(entry: Block, values: Sequence[Any]) -> Any:
    try:
        return np.array(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        shape = " x ".join(map(str, entry.shape))
        raise RefusedError(400, f"column {quoted(entry.name)} must have {shape} numbers a row, in lists") from None


def _kind(value: Any) -> str:
    return "null" if value is None else NAMES.get(type(value), "something else")


def example_row(model: Model) -> Mapping[str, Any]:
    """A row of the training part as JSON can hold it, {} if the model has none."""
    vectors = model.test_vectors
    return vectors.raw[0] if vectors is not None and vectors.raw else {}
