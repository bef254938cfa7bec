"""A second file as the test part: evaluated, never trained on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted, listed, quoted
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.parts import DatasetPart
from deepnet_tui.data.preparation.entries import Numeric
from deepnet_tui.data.preparation.labels import labels_of
from deepnet_tui.data.preparation.numbers import to_numbers
from deepnet_tui.data.readers.registry import read
from deepnet_tui.data.readers.table import ProgressCallback, Table
from deepnet_tui.data.schema.inference import words_of
from deepnet_tui.data.schema.target import numbers_in_file
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.data.values.words import Words, lookup_word, take_rows
from engine.arrays import Array

MISSING_LABEL, UNKNOWN_LABEL = -2, -1


def with_test_file(dataset: Dataset, path: Path, settings: DataSettings, progress: ProgressCallback) -> Dataset:
    """The dataset with the rows of `path` that have a target as its test part. Raises InputError.

    The file needs the target and the columns that are used; it is prepared as the training part is.
    """
    preparation = dataset.preparation
    words = {entry.name for entry in preparation.entries if entry.kind not in ("numeric", "block")}
    words |= {dataset.target} if dataset.classes else set()
    table = read(path, settings, progress, frozenset(words), dataset.reading.get("decimal", ""))
    for name in (*preparation.columns, *dataset.targets):
        if name not in table.columns:
            hint = table.missing_column_hint(name)
            raise InputError(f"{path} has no column {quoted(name)}, which {dataset.source} has{hint}", "test")
    rows, y = _targets(path, table, dataset)
    wanted = " and a ".join(map(repr, dataset.targets))
    if not len(rows):
        raise InputError(f"{path} has no row with a {wanted}", "test")
    Y = labels_of(y, dataset.task, len(dataset.classes), dataset.scalings)
    columns = {name: take_rows(table.columns[name], rows) for name in preparation.columns}
    try:
        for entry in preparation.entries:
            if entry.kind == "numeric" and isinstance(entry, Numeric):
                columns[entry.name] = to_numbers(columns[entry.name], entry, decimal=table.decimal)
        prepared = preparation.apply(columns)
    except InputError as error:
        raise InputError(f"{path}, {error}", error.field) from None
    notes = [
        f"{path.name}: {counted(count, f'word of {quoted(name)} was', f'words of {quoted(name)} were')} "
        f"never seen in training."
        for name, count in prepared.unknown.items()
    ]
    for name, scaling, values in zip(dataset.targets, dataset.scalings, y, strict=True):
        if dataset.labels == "numbers" and (without := int((~scaling.has_output(values)).sum())):
            found = counted(without, f"value of {quoted(name)} has", f"values of {quoted(name)} have")
            notes.append(f"{path.name}: {found} no logarithm; as actual value counts the lowest of the training part.")
    lost = table.m - len(rows)
    without_target = "have no " + " or no ".join(map(repr, dataset.targets))
    dropped = [f"{lost:,} of {table.m:,} rows of {path.name} {without_target}."] if lost else []
    return replace(
        dataset,
        test=DatasetPart(prepared.X, Y, rows),
        notes=(*dataset.notes, *notes),
        dropped=(*dataset.dropped, *dropped),
        test_table=table.columns,
    )


def _targets(path: Path, table: Table, dataset: Dataset) -> tuple[Array, list[Array]]:
    """The rows with every target, and of each target the class numbers or values (m,)."""
    for name in dataset.targets:
        if getattr(table.columns[name], "ndim", 1) > 1:
            raise InputError(f"{path}: {name!r} holds many numbers a row and can't be a target", "test")
    if dataset.labels != "numbers":
        rows, classes = _class_numbers(path, table, words_of(table.columns[dataset.target]), dataset)
        return rows, [classes]
    numbers = [numbers_in_file(path, table.columns[name], Numeric(name), table.decimal) for name in dataset.targets]
    rows = np.flatnonzero(~np.isnan(numbers).any(axis=0))
    return rows, [values[rows] for values in numbers]


def _class_numbers(path: Path, table: Table, words: Words, dataset: Dataset) -> tuple[Array, Array]:
    """The rows with a target and their class numbers. Raises InputError for a class that training never saw."""
    if any(info.role == "target" and info.kind == "boolean" for info in dataset.columns) and not table.classes:
        false, true = dataset.classes
        truth = numbers_in_file(path, words, Numeric(dataset.target, "boolean", words=(false, true)))
        rows = np.flatnonzero(~np.isnan(truth))
        return rows, truth[rows].astype(np.int64)
    numbers_of = {name: number for number, name in enumerate(dataset.classes)}
    names = {str(number): name for number, name in enumerate(table.classes)}
    known = numbers_of | {number: numbers_of[name] for number, name in names.items() if name in numbers_of}
    known[""] = MISSING_LABEL
    numbers = np.array([lookup_word(word, known, UNKNOWN_LABEL) for word in words.words])[words.codes]
    unknown = np.flatnonzero(numbers == UNKNOWN_LABEL)
    if len(unknown):
        word = words.words[words.codes[unknown[0]]]
        raise InputError(
            f"{path}, row {unknown[0] + 1:,}: the class {quoted(word)} is not one of {listed(dataset.classes)}",
            "test",
        )
    rows = np.flatnonzero(numbers >= 0)
    return rows, numbers[rows]
