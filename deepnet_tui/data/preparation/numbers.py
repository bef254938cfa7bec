"""The numbers of one column: words, dates and booleans as numbers; what can't be read is refused."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import quoted
from deepnet_tui.data.preparation.entries import Numeric
from deepnet_tui.data.values.date_format import EXAMPLES, YEAR_FIRST, days
from deepnet_tui.data.values.number_format import value_of
from deepnet_tui.data.values.words import FALSE_WORDS, MISSING, TRUE_WORDS, Words, to_word
from engine.arrays import Array

LARGEST = 1e100  # squares of larger numbers would be infinite


def to_numbers(values: Any, entry: Numeric, first_row: int = 1, decimal: str = ".") -> Array:
    """The numbers of one column (m,): NaN where one is missing or infinite; words are refused.

    `decimal` is the decimal mark of numbers written as words, `first_row` numbers the first row in messages.
    Raises InputError, naming the row.
    """
    array = words_and_codes(entry.name, values)
    if isinstance(array, tuple):
        words, codes = array
        different = np.array([*(_number(word, entry, decimal) for word in words), np.nan])
        numbers = different[codes]
    elif array.dtype.kind == "M":
        numbers = _days(array)
    elif array.dtype.kind in "biuf":
        numbers = array.astype(np.float64)
        numbers[np.isinf(numbers)] = np.nan
        if entry.kind == "date":
            numbers[~np.isnan(numbers)] = np.inf
        elif entry.kind == "boolean":
            numbers[~np.isnan(numbers) & (numbers != 0.0) & (numbers != 1.0)] = np.inf
    else:
        found = (_number(value, entry, decimal) for value in array)
        numbers = np.fromiter(found, dtype=np.float64, count=len(array))
    wrong = np.abs(numbers) > LARGEST
    if wrong.any():
        where = int(wrong.argmax())
        value = array[0][array[1][where]] if isinstance(array, tuple) else array[where]
        shown = value.item() if isinstance(value, np.generic) else value
        raise InputError(
            f"column {quoted(entry.name)}, row {first_row + where:,}: {quoted(shown)} "
            f"is not {_expected(entry, numbers[where])}",
            entry.name,
        )
    return numbers


def _expected(entry: Numeric, number: float) -> str:
    """What the entry accepts, for the message about a value that can't be read or is too large."""
    if np.isfinite(number):
        return f"a number up to {LARGEST:g}"
    if entry.kind == "date":
        return f"a date such as {EXAMPLES.get(entry.order, EXAMPLES[YEAR_FIRST])}"
    return f"{entry.words[0]} or {entry.words[1]}" if entry.kind == "boolean" else "a finite number"


def words_and_codes(name: str, values: Any) -> Array | tuple[Any, Array]:
    """An array (m,); or of Words and categories, the different values and the code of each row, -1 if missing."""
    if isinstance(values, Words):
        return values.words, values.codes
    if hasattr(values, "cat"):
        return list(values.cat.categories), np.asarray(values.cat.codes)
    array = np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)
    if array.ndim != 1:
        raise InputError(f"{quoted(name)} holds {array[:1].size:,} numbers a row where a single value belongs", name)
    return array


def _number(value: Any, entry: Numeric, decimal: str) -> float:
    """One number; infinity stands for what can't be read."""
    word = to_word(value)
    if word in MISSING:
        return np.nan
    if entry.kind == "date":
        if isinstance(value, np.datetime64 | datetime.date):
            return float(_days(np.array([value], dtype="datetime64[us]"))[0])
        found = days(word, entry.order)
        return np.inf if found is None else found
    if entry.kind == "boolean":
        lower = word.lower().replace(decimal, ".")
        if word == entry.words[1] or (word != entry.words[0] and lower in TRUE_WORDS):
            return 1.0
        return 0.0 if word == entry.words[0] or lower in FALSE_WORDS else np.inf
    try:
        number = value_of(word, decimal)
        return np.nan if np.isinf(number) else number
    except ValueError:
        return np.inf


def _days(dates: Array) -> Array:
    """Days since 1970-01-01 as numbers, fractions for the time of day."""
    moments = dates.astype("datetime64[us]")
    days: Array = moments.astype(np.int64) / 86_400e6
    return np.where(np.isnat(moments), np.nan, days)
