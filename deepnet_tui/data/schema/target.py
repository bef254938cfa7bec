"""The target of a table: the task that follows from it, and its classes or values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import quoted
from deepnet_tui.data.columns import ColumnInfo
from deepnet_tui.data.preparation.entries import Numeric
from deepnet_tui.data.preparation.fitting import boolean_words
from deepnet_tui.data.preparation.numbers import to_numbers
from deepnet_tui.data.readers.table import Table
from deepnet_tui.data.schema.inference import words_of
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.data.values.words import FALSE_WORDS, Words
from engine.arrays import Array

MAX_CLASSES = 1_000
FEW_NUMBERS, ROWS_A_NUMBER = 10, 20


@dataclass(frozen=True)
class Target:
    """What is predicted: the task, its classes, and for the `rows` (m,) with a target its class number or value `y`.

    Of several targets `y` is (targets, m).
    """

    task: str
    classes: tuple[str, ...]
    y: Array
    rows: Array

    @property
    def each(self) -> tuple[Target, ...]:
        """Every target on its own."""
        return (self,) if self.y.ndim == 1 else tuple(replace(self, y=values) for values in self.y)


def find_targets(path: Path, table: Table, targets: Sequence[ColumnInfo], settings: DataSettings) -> Target:
    """The target, or several, for the rows that have all of them. Raises InputError unless several are all numbers."""
    found = [find_target(path, table, target, settings) for target in targets]
    if len(found) == 1:
        return found[0]
    for info, each in zip(targets, found, strict=True):
        if each.task != "regression":
            why = ' with so few values, unless its kind is set to "numeric"' if info.kind == "numeric" else ""
            found_class = f"{quoted(info.name)} is a class{why}"
            raise InputError(f"{path}: several targets must all be numbers, and {found_class}", "target")
    rows = reduce(np.intersect1d, [each.rows for each in found])
    y = np.stack([each.y[np.isin(each.rows, rows)] for each in found])
    for info, values in zip(targets, y, strict=True):
        if rows.size < 2 or values.min() == values.max():
            what = f"{path}: in the rows that have every target, {quoted(info.name)} has only one value"
            raise InputError(f"{what}, so there is nothing to learn", "target")
    return Target("regression", (), y, rows)


def find_target(path: Path, table: Table, target: ColumnInfo, settings: DataSettings) -> Target:
    """Whether the target is a number, one of two classes or one of several. Raises InputError if it is neither."""
    values, name = table.columns[target.name], target.name
    chosen_kind = settings.columns[name].kind if name in settings.columns else None
    wrong = f"{path}: the target {name!r}"
    if target.kind == "constant":
        _, but, noise = target.reason.partition(" but ")
        raise InputError(f"{wrong} has only one value{but}{noise}, so there is nothing to learn", "target")
    if target.kind in ("block", "date"):
        raise InputError(f"{wrong} is a {target.kind}; a target must be a number or a class", "target")
    if target.kind in ("text", "identifier"):
        raise InputError(f"{wrong} has {target.reason}: neither classes nor numbers to predict", "target")
    if target.kind == "numeric":
        _refuse_infinite(path, values, name)
        numbers = numbers_in_file(path, values, Numeric(name), table.decimal)
        present = np.flatnonzero(~np.isnan(numbers))
        different = np.unique(numbers[present])
        if len(different) < 2:
            raise InputError(f"{wrong} has only one value, so there is nothing to learn", "target")
        few = len(different) <= FEW_NUMBERS and len(different) * ROWS_A_NUMBER <= len(present)
        whole = bool(np.all(different == np.round(different)))
        if chosen_kind == "numeric" or not (whole and (few or len(different) == 2)):
            return Target("regression", (), numbers[present], present)
    words = words_of(values)
    if chosen_kind == "boolean":
        return _boolean_target(path, values, words, name)
    counts = words.counts
    counts.pop("", None)
    classes = sorted(counts, key=_class_order)
    if len(classes) < 2:
        raise InputError(f"{wrong} has only one value, so there is nothing to learn", "target")
    if len(classes) > MAX_CLASSES or len(classes) == sum(counts.values()):
        raise InputError(f"{wrong} has {len(classes):,} classes in {sum(counts.values()):,} rows, too many", "target")
    places = {word: number for number, word in enumerate(classes)}
    numbers_of = np.array([places.get(word, -1) for word in words.words])[words.codes]
    rows = np.flatnonzero(numbers_of >= 0)
    if table.classes and all(word.isdigit() and int(word) < len(table.classes) for word in classes):
        classes = [table.classes[int(word)] for word in classes]
    return Target("binary" if len(classes) == 2 else "multiclass", tuple(classes), numbers_of[rows], rows)


def _refuse_infinite(path: Path, values: Any, name: str) -> None:
    """Raise InputError for the first row with an infinite target: it is none that can be learned, nor a missing one."""
    infinite = np.isinf(values) if values.dtype.kind == "f" else np.zeros(0, bool)
    if infinite.any():
        row = int(np.asarray(infinite).argmax()) + 1
        raise InputError(f"{path}, column {name!r}, row {row:,}: the target is infinite; correct it", "target")


def _boolean_target(path: Path, values: Any, words: Words, name: str) -> Target:
    """The classes of a target that is set to boolean: all spellings of false are one, all of true the other."""
    classes = boolean_words(words)
    truth = numbers_in_file(path, values, Numeric(name, "boolean", words=classes))
    rows = np.flatnonzero(~np.isnan(truth))
    if len(np.unique(truth[rows])) < 2:
        raise InputError(f"{path}: the target {name!r} has only one value, so there is nothing to learn", "target")
    return Target("binary", classes, truth[rows].astype(np.int64), rows)


def _class_order(word: str) -> tuple[int, float, str]:
    """Numbers by size, then false before true, then words by the alphabet."""
    try:
        return 0, float(word), word
    except ValueError:
        return 1, 0.0 if word.lower() in FALSE_WORDS else 1.0, word


def numbers_in_file(path: Path, values: Any, entry: Numeric, decimal: str = ".") -> Array:
    """`to_numbers` with the name of the file in its error message, and what can be done about it."""
    try:
        return to_numbers(values, entry, decimal=decimal)
    except InputError as error:
        raise InputError(f"{path}, {error}; correct it, or set another kind or the role ignored", error.field) from None
