"""Schema inference: the kind and the role of each column of a table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import did_you_mean, listed, quoted
from deepnet_tui.data.columns import ColumnInfo
from deepnet_tui.data.readers.table import Table
from deepnet_tui.data.settings import ColumnSettings, DataSettings
from deepnet_tui.data.values.date_format import EXAMPLES, YEAR_FIRST, orders
from deepnet_tui.data.values.number_format import EXACT, bare, is_inexact, is_numeral, unit_of
from deepnet_tui.data.values.words import FALSE_WORDS, LEADING_ZERO, TRUE_WORDS, Words, to_word
from engine.arrays import Array

LOOKED_AT = 100_000  # rows in which the different numbers are counted
FEW_WORDS, MANY_WORDS, ROWS_A_WORD = 20, 200, 10
MOSTLY = 0.9
ROUNDING = 1e-12  # of a number: less is noise
SMALLEST = 1e-100  # difference: squares of smaller ones would be 0
SPELLINGS = tuple(
    frozenset((true, false, "1", "0", "1.0", "0.0"))
    for true, false in (("true", "false"), ("yes", "no"), ("t", "f"), ("y", "n"))
)
AMBIGUOUS = ", read with the day first; no cell shows whether it is the month"
UNUSED = ("identifier", "constant", "text")
_ID_NAME = re.compile(
    r"(?i:(^|[_\s.-])(id|ids|uuid|guid|key|index|idx|rownum)$|^(unnamed.*|column1)$)|(?<=[a-z])I[dD]$"
)
_COUNTED_NAME = re.compile(r"(?i:(^|[^a-z])(year|month|week|day|hour|minute|second|time|date)s?([^a-z]|$))")


def words_of(values: Any) -> Words:
    """The words of a Series or an array (m,), in the order in which they first occur."""
    if hasattr(values, "cat"):
        codes, raw = np.asarray(values.cat.codes), np.asarray(values.cat.categories, dtype=object)
    else:
        codes, raw = _different(np.asarray(values))
    position: dict[str, int] = {}
    places = [position.setdefault(to_word(word), len(position)) for word in raw]
    places.append(position.setdefault("", len(position)))
    return Words(tuple(position), np.asarray(places, dtype=np.int32)[codes])


def _different(array: Array) -> tuple[Array, Array]:
    """For each value (m,) which of the different ones it is, -1 for NaN; and those in the order in which they occur."""
    if array.dtype.kind not in "iuf":
        import pandas as pd

        return pd.factorize(array)
    there = array == array
    _, first, codes = np.unique(array[there], return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    found = np.full(len(array), -1, dtype=np.intp)
    found[there] = place[codes]
    return found, array[there][first[order]]


def _first_different(numbers: Array, count: int) -> list[Any]:
    """The first `count` different numbers in the order in which they occur."""
    found: list[Any] = []
    for start in range(0, min(len(numbers), LOOKED_AT), 1000):
        found = list(dict.fromkeys([*found, *numbers[start : min(start + 1000, LOOKED_AT)].tolist()]))
        if len(found) >= count:
            break
    return found[:count]


def date_order(values: Any) -> str:
    """The order of day, month and year in a column of dates; year first where they are stored as moments."""
    if getattr(values.dtype, "kind", "O") == "M" or holds_numbers(values):
        return YEAR_FIRST
    return (orders(word for word in words_of(values).words if word) or (YEAR_FIRST,))[0]


def ambiguous_dates(infos: Iterable[ColumnInfo]) -> list[str]:
    """A sentence for each column of dates that is used and leaves open whether the day or the month comes first."""
    return [
        f"{info.name!r}: dates such as 03/04/2024 are read with the day first; no cell shows the order."
        for info in infos
        if info.role == "feature" and info.kind == "date" and AMBIGUOUS in info.reason
    ]


def holds_numbers(values: Any) -> bool:
    """Whether the values are stored as numbers."""
    kind = getattr(values.dtype, "kind", "O")
    return kind in "iufb" and not hasattr(values, "cat")


def infer_schema(table: Table, settings: DataSettings) -> tuple[ColumnInfo, ...]:
    """The columns in the order of the file; what the settings say comes first.

    Raises InputError for a column in the settings that the table does not have.
    """
    for name in settings.columns:
        if name not in table.columns:
            raise InputError(no_column(name, table, settings), name)
    targets = _targets(table, settings)
    return tuple(
        _column(name, values, settings.columns.get(name, ColumnSettings()), name in targets, table.decimal)
        for name, values in table.columns.items()
    )


def _targets(table: Table, settings: DataSettings) -> tuple[str, ...]:
    chosen = [name for name, column in settings.columns.items() if column.role == "target"]
    first = chosen[0] if chosen else table.target
    targets = settings.targets or (() if first is None else (first,))
    for number, name in enumerate(targets):
        if name not in table.columns:
            raise InputError(no_column(name, table, settings), "target")
        if name in targets[:number]:
            raise InputError(f"{settings.source}: the target {quoted(name)} is named twice", "target")
        role = settings.columns[name].role if name in settings.columns else None
        if len(targets) > 1 and role not in (None, "target"):
            raise InputError(f"{settings.source}: the column {quoted(name)} can't be a target and {role}", "target")
    return targets


def no_column(name: str, table: Table, settings: DataSettings) -> str:
    """The sentence for a column that the table does not have."""
    names = list(table.columns)
    wrong, hint = f"{settings.source}: there is no column {quoted(name)}", table.missing_column_hint(name)
    if name in table.left_out:
        return wrong + hint
    if guess := did_you_mean(name, names, show=quoted):
        return f"{wrong}; {guess}"
    return f"{wrong}; the columns are {listed(names)}{hint}"


def _column(name: str, values: Any, chosen: ColumnSettings, target: bool, decimal: str) -> ColumnInfo:
    kind, reason, missing, distinct, examples = _inspect(name, values, target, decimal)
    sampled = holds_numbers(values) or getattr(values.dtype, "kind", "O") == "M"
    more = sampled and len(values) - missing > LOOKED_AT and kind not in ("constant", "boolean", "block")
    if chosen.kind is not None and chosen.kind != kind:
        kind, reason = chosen.kind, f"set to {chosen.kind}; inferred: {kind}, {reason}"
    role = "target" if target else "ignored" if kind in UNUSED else "feature"
    if chosen.role is not None and not target:
        role = chosen.role
        reason += f"; set to {role}"
    return ColumnInfo(name, kind, role, reason, missing, distinct, examples, more)


class _Inspection(NamedTuple):
    """What the values of a column look like."""

    kind: str
    reason: str
    missing: int
    distinct: int
    examples: tuple[str, ...]


def _inspect(name: str, values: Any, target: bool, decimal: str) -> _Inspection:
    if getattr(values, "ndim", 1) > 1:
        shape = " x ".join(str(length) for length in values.shape[1:])
        return _Inspection("block", f"{shape} numbers an example", 0, len(values), (shape,))
    if getattr(values.dtype, "kind", "O") == "M":
        return _inspect_moments(values)
    return (
        _inspect_numbers(name, np.asarray(values), target)
        if holds_numbers(values)
        else _inspect_words(words_of(values), decimal, target)
    )


def _inspect_moments(values: Any) -> _Inspection:
    array = np.asarray(values).astype("datetime64[us]")
    there = array[~np.isnat(array)]
    distinct = len(np.unique(there[:LOOKED_AT]))
    examples = tuple(str(moment)[:19].removesuffix("T00:00:00") for moment in there[:3])
    missing = len(array) - len(there)
    if distinct < 2:
        reason = f"always {examples[0]}" if examples else "every value is missing"
        return _Inspection("constant", reason, missing, distinct, examples)
    return _Inspection("date", "moments in time", missing, distinct, examples)


def _inspect_numbers(name: str, array: Array, target: bool) -> _Inspection:
    there = array[np.isfinite(array)] if array.dtype.kind == "f" else array
    missing = len(array) - len(there)
    if not len(there):
        return _Inspection("constant", "every value is missing", missing, 0, ())
    ordered = np.sort(there[:LOOKED_AT])
    distinct = 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))
    examples = tuple(f"{number:.6g}" for number in _first_different(there, 3))
    low, high = there.min(), there.max()
    if low == high:
        return _Inspection("constant", f"always {low:.6g}", missing, 1, examples)
    if array.dtype.kind == "f" and float(high) - float(low) <= ROUNDING * max(abs(low), abs(high)):
        return _Inspection("constant", f"always {low:.6g} but for rounding", missing, distinct, examples)
    if array.dtype.kind == "f" and float(high) - float(low) <= SMALLEST:
        reason = f"always {low:.6g} but for differences below {SMALLEST:g}"
        return _Inspection("constant", reason, missing, distinct, examples)
    if array.dtype.kind == "b" or (distinct == 2 and bool(np.isin(there, (0, 1)).all())):
        return _Inspection("boolean", "only 0 and 1", missing, 2, examples)
    whole = array.dtype.kind in "iu"
    if whole and len(array) >= 20 and distinct == min(len(array), LOOKED_AT):
        steps = bool(np.all(np.diff(array) == 1)) and not _COUNTED_NAME.search(name)
        if (steps or (not target and _ID_NAME.search(name))) and len(np.unique(array)) == len(array):
            return _Inspection("identifier", "a different whole number in every row", missing, distinct, examples)
    return _Inspection("numeric", "whole numbers" if whole else "numbers", missing, distinct, examples)


def _inspect_words(column: Words, decimal: str, target: bool) -> _Inspection:
    counts = column.counts
    missing = counts.pop("", 0)
    there = sum(counts.values())
    examples = tuple(word[:40] for word in list(counts)[:3])
    if not counts:
        return _Inspection("constant", "every value is missing", missing, 0, ())
    kind, reason = _kind_of_words(counts, there, missing, decimal, target)
    return _Inspection(kind, reason, missing, len(counts), examples)


def _kind_of_words(counts: dict[str, int], there: int, missing: int, decimal: str, target: bool) -> tuple[str, str]:
    distinct = len(counts)
    if distinct == 1 and not missing:
        return "constant", f"always {next(iter(counts))[:40]!r}"
    if _is_boolean({word.lower() for word in counts}, distinct, target):
        return "boolean", " and ".join(sorted(counts))
    numbers = {word: count for word, count in counts.items() if is_numeral(word, decimal)}
    if unit_of(numbers) is None:
        numbers = {word: count for word, count in numbers.items() if bare(word) == (word, "")}
    share = sum(numbers.values()) / there
    if any(re.fullmatch(LEADING_ZERO, word) for word in numbers):
        numbers, share = {}, 0.0
    if share == 1.0 and distinct == there and any(map(is_inexact, numbers)):
        return "identifier", f"a different whole number in every row, some beyond {EXACT:,}"
    if share == 1.0:
        return "numeric", "numbers"
    if share >= MOSTLY and len(numbers) > FEW_WORDS:
        odd = next(word for word in counts if word not in numbers)
        return "numeric", f"{share:.1%} numbers, but also {odd[:40]!r}"
    if written := orders(counts):
        return "date", f"written like {EXAMPLES[written[0]]}" + (AMBIGUOUS if len(written) > 1 else "")
    if distinct <= FEW_WORDS and distinct <= max(there / 2, 2):
        return "categorical", f"{distinct} different words"
    if distinct <= MANY_WORDS and distinct * ROWS_A_WORD <= there:
        return "categorical", f"{distinct} different words"
    reason = f"{distinct:,} different words in {there:,} rows, too many to be categories"
    solid = not any(" " in word for word in list(counts)[:1000])
    return ("identifier" if distinct == there and solid else "text"), reason


def _is_boolean(lower: set[str], distinct: int, target: bool) -> bool:
    """Whether words in small letters are one for true and one for false; those of a feature in several spellings."""
    if not (lower & TRUE_WORDS and lower & FALSE_WORDS and lower <= TRUE_WORDS | FALSE_WORDS):
        return False
    return distinct == 2 or (not target and any(lower <= spelling for spelling in SPELLINGS))


def cell_text(values: Any, row: int) -> str:
    """One cell as it is shown; "28 x 28 numbers" for a row of a block."""
    value = values.iloc[row] if hasattr(values, "iloc") else values[row]
    if getattr(value, "ndim", 0):
        return " x ".join(str(length) for length in value.shape) + " numbers"
    return to_word(value)
