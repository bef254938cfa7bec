"""How a row of a table becomes inputs of a network: fitted on the training part, carried with the model.

Each column of the source that is used has one entry here, in order; the inputs follow in the same order.
Everything is plain data (see `to_dict`), so that every export format can carry it or turn it into code.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from deepnet_tui.common.errors import InputError, quoted
from deepnet_tui.data.values.date_format import EXAMPLES, YEAR_FIRST, days
from deepnet_tui.data.values.number_format import value_of

Column = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

MISSING = frozenset(("", "?", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "<NA>", "n/a", "#N/A", "NaT"))
LEADING_ZERO = r"0\d+"  # written so, a number is a word: a postcode, an account
TRUE_WORDS = frozenset(("true", "yes", "t", "y", "1", "1.0"))
LARGEST = 1e100  # squares of larger numbers would be infinite
FALSE_WORDS = frozenset(("false", "no", "f", "n", "0", "0.0"))


@dataclass(frozen=True)
class Words:
    """A column as words: the different ones, "" for a missing value, and for each row which one it is (m,)."""

    words: tuple[str, ...]
    codes: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def counts(self) -> dict[str, int]:
        """How often each word occurs."""
        counts = np.bincount(self.codes, minlength=len(self.words))
        return {word: int(count) for word, count in zip(self.words, counts, strict=True) if count}


@dataclass(frozen=True)
class Numeric:
    """A number, missing ones replaced by `fill`: one input, (value - mean) / scale.

    A boolean column is a number too, 0 or 1; a date column the days since 1970-01-01: `kind` says which. `order`
    says whether the day or the month comes first where the year comes last, see `dates`.
    """

    name: str
    kind: str = "numeric"  # numeric | boolean | date
    fill: float = 0.0
    mean: float = 0.0
    scale: float = 1.0
    words: tuple[str, str] = ("false", "true")  # of a boolean: what is written for 0 and for 1
    order: str = YEAR_FIRST

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.name,)


@dataclass(frozen=True)
class Categorical:
    """A word out of a known list: one input a category, 1 where it is the word; an unknown word gives zeros.

    A missing value is the word "" and is known if it was seen while fitting.
    """

    name: str
    categories: tuple[str, ...]
    kind: str = "categorical"

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(f"{self.name}={word or '(missing)'}" for word in self.categories)


@dataclass(frozen=True)
class Block:
    """Many numbers under one name, such as an image's pixels: `size` inputs, (value - mean) / scale each."""

    name: str
    shape: tuple[int, ...]
    mean: float = 0.0
    scale: float = 1.0
    kind: str = "block"

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(f"{self.name}[{index}]" for index in range(self.size))


Entry = Numeric | Categorical | Block


@dataclass(frozen=True)
class Prepared:
    """`X` (n0, m); by column how many words were `unknown` and which one was `first`, how many missing values
    were `filled` in, and how many are `missing` where none was while fitting: they give zeros, as unknown words do."""

    X: Floats
    unknown: dict[str, int] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Preparation:
    """The entries in the order of the inputs. An empty one means that rows are inputs as they are."""

    entries: tuple[Entry, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the network's inputs."""
        return tuple(name for entry in self.entries for name in entry.inputs)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the source's columns that are used."""
        return tuple(entry.name for entry in self.entries)

    def apply(self, raw: Any, first_row: int = 1) -> Prepared:
        """Turn raw columns into inputs: `raw` maps each name in `columns` to m values.

        Values are a 1-D array, a pandas Series, or for a block an array (m, ...); `raw` may be a dictionary
        or a data frame and may hold more columns than are used. `first_row` numbers the first row in messages.
        Raises InputError for a column that is not there and a value that can't be read.
        """
        absent = [name for name in self.columns if name not in raw]
        if absent:
            raise InputError(f"the data have no column {quoted(absent[0])}, which the model needs", absent[0])
        m = len(raw[self.columns[0]])
        X = np.empty((sum(len_inputs(entry) for entry in self.entries), m))
        unknown: dict[str, int] = {}
        filled: dict[str, int] = {}
        missing: dict[str, int] = {}
        first: dict[str, str] = {}
        at = 0
        for entry in self.entries:
            rows = X[at : at + len_inputs(entry)]
            at += len(rows)
            if isinstance(entry, Block):
                _fill_block(entry, raw[entry.name], rows, first_row)
            elif isinstance(entry, Categorical):
                unknown[entry.name], missing[entry.name], word = _fill_one_hot(entry, raw[entry.name], rows)
                if word:
                    first[entry.name] = word
            else:
                filled[entry.name] = _fill_number(entry, raw[entry.name], rows[0], first_row)
        return Prepared(
            X,
            {name: count for name, count in unknown.items() if count},
            {name: count for name, count in filled.items() if count},
            {name: count for name, count in missing.items() if count},
            first,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, numbers and strings, fit for JSON."""
        return {"entries": [asdict(entry) for entry in self.entries]}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Preparation:
        """The inverse of `to_dict`. Raises KeyError or TypeError for what `to_dict` never wrote."""
        return cls(tuple(_entry(item) for item in raw["entries"]))


def len_inputs(entry: Entry) -> int:
    """The number of inputs of one entry, without making their names."""
    if isinstance(entry, Block):
        return entry.size
    return len(entry.categories) if isinstance(entry, Categorical) else 1


def _entry(raw: Mapping[str, Any]) -> Entry:
    kinds: dict[str, Callable[..., Entry]] = {"categorical": Categorical, "block": Block}
    make: Callable[..., Entry] = kinds.get(raw["kind"], Numeric)
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
    return make(**values)


def _fill_block(entry: Block, values: Any, rows: Floats, first_row: int) -> None:
    array = np.asarray(values)
    expected = " x ".join(map(str, entry.shape))
    if array.shape[1:] != entry.shape and array.shape[1:] != (entry.size,):
        raise InputError(f"{quoted(entry.name)} must have {expected} numbers an example", entry.name)
    if array.dtype.kind not in "biuf":
        raise InputError(f"{quoted(entry.name)} must have numbers, {expected} an example, not words", entry.name)
    flat = array.reshape(len(array), -1)
    if array.dtype.kind == "f" and not (good := (np.abs(flat) <= LARGEST).all(axis=1)).all():
        row = int(np.argmin(good))
        wrong = flat[row][~(np.abs(flat[row]) <= LARGEST)][0]
        what = "a number is missing" if np.isnan(wrong) else f"{wrong} is not a number up to {LARGEST:g}"
        raise InputError(f"column {quoted(entry.name)}, row {first_row + row:,}: {what}", entry.name)
    np.subtract(flat.T, entry.mean, out=rows)
    rows /= entry.scale


def _fill_number(entry: Numeric, values: Any, row: Floats, first_row: int) -> int:
    row[:] = to_numbers(values, entry, first_row)
    missing = np.isnan(row)
    count = int(missing.sum())
    if count:
        row[missing] = entry.fill
    row -= entry.mean
    row /= entry.scale
    return count


def _fill_one_hot(entry: Categorical, values: Any, rows: Floats) -> tuple[int, int, str]:
    """Gives the number of unknown words, that of missing values that are no category, and the first such word."""
    unknown, missing = -1, -2
    position = {"": missing} | {word: index for index, word in enumerate(entry.categories)}
    array = _words_and_codes(entry.name, values)
    if isinstance(array, tuple):
        known = [place_of(to_word(word), position, unknown) for word in array[0]]
        places = np.array([*known, position[""]], dtype=np.int32)[array[1]]
    else:
        found = (place_of(to_word(value), position, unknown) for value in array)
        places = np.fromiter(found, dtype=np.int32, count=rows.shape[1])
    for index, row in enumerate(rows):
        np.equal(places, index, out=row)
    strange = np.flatnonzero(places == unknown)
    first = ""
    if len(strange):
        first = to_word(array[0][array[1][strange[0]]] if isinstance(array, tuple) else array[strange[0]])
    return len(strange), int((places == missing).sum()), first


def place_of(word: str, places: Mapping[str, int], unknown: int) -> int:
    """The place of a word, looked up as it is written, then as the number that it may be: 3.0 is found as 3."""
    place = places.get(word)
    if place is not None:
        return place
    if not word[:1].isalpha() and not re.fullmatch(LEADING_ZERO, word):
        try:
            return places.get(to_word(float(word)), unknown)
        except ValueError:
            pass
    return unknown


def to_word(value: Any) -> str:
    """The word of one value: "" for a missing one; 3.0 and 3 are the same word "3"."""
    if isinstance(value, str):
        word = value.strip()
        return "" if word in MISSING else word
    if isinstance(value, bytes):
        return to_word(value.decode("utf-8", "replace"))
    if value is None or value != value or str(value) in MISSING:
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def to_numbers(values: Any, entry: Numeric, first_row: int = 1, decimal: str = ".") -> Floats:
    """The numbers of one column (m,): not-a-number where one is missing; infinities and words are refused.

    `decimal` is the decimal mark in words.
    """
    array = _words_and_codes(entry.name, values)
    if isinstance(array, tuple):
        words, codes = array
        different = np.array([*(_number(word, entry, decimal) for word in words), np.nan])
        numbers = different[codes]
    elif array.dtype.kind == "M":
        numbers = _days(array)
    elif array.dtype.kind in "biuf":
        numbers = array.astype(np.float64)
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
            f"is not {_wanted(entry, numbers[where])}",
            entry.name,
        )
    return numbers


def _wanted(entry: Numeric, number: float) -> str:
    """What should have been there instead of what can't be read, or of a number that is too large."""
    if np.isfinite(number):
        return f"a number up to {LARGEST:g}"
    if entry.kind == "date":
        return f"a date such as {EXAMPLES.get(entry.order, EXAMPLES[YEAR_FIRST])}"
    return f"{entry.words[0]} or {entry.words[1]}" if entry.kind == "boolean" else "a finite number"


def _words_and_codes(name: str, values: Any) -> Column | tuple[Any, Column]:
    """An array (m,), or for Words and categories the different values and for each row its place, -1 if missing."""
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
    if not word:
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
        return value_of(word, decimal)
    except ValueError:
        return np.inf


def _days(dates: Column) -> Floats:
    """Days since 1970-01-01 as numbers, fractions for the time of day."""
    moments = dates.astype("datetime64[us]")
    days: Floats = moments.astype(np.int64) / 86_400e6
    return np.where(np.isnat(moments), np.nan, days)
