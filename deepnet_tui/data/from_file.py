"""A data file made ready: what is learnt, from what, on which rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deepnet_tui.common.errors import InputError, counted, listed, quoted
from deepnet_tui.data.dataset import ColumnInfo, Dataset, Part
from deepnet_tui.data.preparation.encoding import (
    LARGEST,
    Numeric,
    Preparation,
    Words,
    len_inputs,
    place_of,
    to_numbers,
)
from deepnet_tui.data.preparation.fitting import boolean_words, entry_for, mean_and_scale, warnings_for
from deepnet_tui.data.preparation.labels import labels, part, take, told_part
from deepnet_tui.data.preparation.split import split
from deepnet_tui.data.readers.registry import read
from deepnet_tui.data.readers.table import MEMORY, Progress, Table, silent, too_large
from deepnet_tui.data.schema.inference import ambiguous_dates, date_order, each_row, infer_schema, is_number, words_of
from deepnet_tui.data.schema.leaks import without_leaks
from deepnet_tui.data.schema.notes import dropped_columns, dropped_rows, filled, nothing_left, unseen
from deepnet_tui.data.schema.target import find_target, to_numbers_at
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.data.values.date_format import YEAR_FIRST


@dataclass(frozen=True)
class Preview:
    """A file before it is trained on: what its columns are, its first rows as words, and the number of rows."""

    columns: tuple[ColumnInfo, ...]
    rows: tuple[tuple[str, ...], ...]
    m: int
    notes: tuple[str, ...] = ()


def preview(settings: DataSettings, rows: int = 50, progress: Progress = silent) -> Preview:
    """Read a data file and say what its columns are, without a target being needed. Raises InputError."""
    table = read(Path(settings.source), settings, progress)
    columns = infer_schema(table, settings)
    shown = tuple(
        tuple(each_row(values, place) for values in table.columns.values()) for place in range(min(rows, table.m))
    )
    return Preview(columns, shown, table.m, table.notes)


def from_file(path: Path, settings: DataSettings, progress: Progress = silent, table: Table | None = None) -> Dataset:
    """Read, understand, split and prepare a data file; a `table` already read from it saves the reading.

    Raises InputError.
    """
    table = read(path, settings, progress) if table is None else table
    progress(0.0, "preparing")
    infos = _as_asked(infer_schema(table, settings), table, settings)
    column = _target(path, infos, table)
    target = find_target(path, table, column, settings)
    ready = {info.name: take(_ready(path, info, table), target.rows) for info in infos if info.role == "feature"}
    numbers = target.task == "regression"
    train, held = split(len(target.rows), settings.validation, settings.seed, None if numbers else target.y)
    infos, warnings = without_leaks(infos, ready, target, train, settings)
    used = [info for info in infos if info.role == "feature"]
    if not used:
        raise InputError(f"{path} has no column to learn {column.name!r} from{nothing_left(infos)}", "source")
    preparation = Preparation(tuple(entry_for(info, ready[info.name], train) for info in used))
    size = sum(len_inputs(entry) for entry in preparation.entries) * len(target.rows) * 8
    if size > MEMORY:
        raise too_large(path, size)
    numbers_only = Preparation(
        tuple(replace(entry, kind="numeric") if isinstance(entry, Numeric) else entry for entry in preparation.entries)
    )
    preparation = _as_written(preparation, table)
    mean, scale = mean_and_scale(target.y[train]) if numbers else (0.0, 1.0)
    Y = labels(target.y, target.task, len(target.classes), mean, scale)
    parts = {"train": target.y[train], "held out": target.y[held]}
    validation, told = told_part(numbers_only, ready, Y, held) if len(held) else (None, None)
    unseen_notes, unseen_warnings = unseen(told, len(held))
    dataset = Dataset(
        name=path.stem,
        task=target.task,
        inputs=preparation.inputs,
        target=column.name,
        classes=target.classes,
        train=_numbered(part(numbers_only, ready, Y, train), target.rows),
        validation=None if validation is None else _numbered(validation, target.rows),
        preparation=preparation,
        target_mean=mean,
        target_scale=scale,
        notes=(*table.notes, *ambiguous_dates(infos), *filled(preparation, infos), *unseen_notes),
        warnings=(*warnings, *unseen_warnings, *warnings_for(parts, target.task, target.classes)),
        dropped=(*dropped_columns(infos), *dropped_rows(table.m, target, column.name)),
        columns=infos,
        source=str(path),
        reading=({"decimal": table.decimal} if table.decided else {}) | settings.reading,
        table=table.columns,
    )
    progress(1.0, "preparing")
    return dataset if settings.test is None else _with_test(dataset, Path(settings.test), settings, progress)


def _as_asked(infos: tuple[ColumnInfo, ...], table: Table, settings: DataSettings) -> tuple[ColumnInfo, ...]:
    """The columns with identifiers that shall be learnt from and are numbers, such as years, as numbers."""

    def used(info: ColumnInfo) -> ColumnInfo:
        said = settings.columns.get(info.name)
        if info.kind != "identifier" or info.role != "feature" or (said and said.kind):
            return info
        return replace(info, kind="numeric") if is_number(table.columns[info.name]) else info

    return tuple(used(info) for info in infos)


def _target(path: Path, infos: tuple[ColumnInfo, ...], table: Table) -> ColumnInfo:
    found = [info for info in infos if info.role == "target"]
    if len(found) > 1:
        first, second = found[0].name, found[1].name
        raise InputError(f"{path}: both {first!r} and {second!r} are set to be the target; only one can be", "target")
    if found:
        return found[0]
    names = ", ".join(info.name for info in infos[:20]) + (", ..." if len(infos) > 20 else "")
    left_out = "".join(f"; {quoted(name)} was left out: {why}" for name, why in list(table.left_out.items())[:3])
    raise InputError(f"{path}: which column shall be learnt? Choose a target out of {names}{left_out}", "target")


def take_series(values: Any, rows: npt.NDArray[np.int64]) -> Any:
    """Some rows of a column as read."""
    if len(rows) == len(values):
        return values
    return values.iloc[rows] if hasattr(values, "iloc") else values[rows]


def _ready(path: Path, info: ColumnInfo, table: Table) -> Any:
    """Words, numbers (m,), or the array (m, ...) of a block, checked."""
    values = table.columns[info.name]
    if info.kind == "block":
        array = np.asarray(values)
        if array.ndim < 2 or array.dtype.kind not in "biuf" or not (np.abs(array) <= LARGEST).all():
            raise InputError(f"{path}: {info.name!r} must hold finite numbers only", info.name)
        return array
    if getattr(values, "ndim", 1) > 1:
        raise InputError(f"{path}: {info.name!r} holds many numbers a row and can only be a block", info.name)
    if info.kind in ("numeric", "boolean", "date"):
        words = ("false", "true") if is_number(values) or info.kind != "boolean" else boolean_words(words_of(values))
        order = date_order(values) if info.kind == "date" else YEAR_FIRST
        return to_numbers_at(path, values, Numeric(info.name, info.kind, words=words, order=order), table.decimal)
    return words_of(values)


def _as_written(preparation: Preparation, table: Table) -> Preparation:
    """Booleans that are written as words keep them, dates the order of day, month and year."""
    entries = list(preparation.entries)
    for place, entry in enumerate(entries):
        if isinstance(entry, Numeric) and entry.kind == "boolean" and not is_number(table.columns[entry.name]):
            entries[place] = replace(entry, words=boolean_words(words_of(table.columns[entry.name])))
        elif isinstance(entry, Numeric) and entry.kind == "date":
            entries[place] = replace(entry, order=date_order(table.columns[entry.name]))
    return Preparation(tuple(entries))


def _numbered(part_: Part, rows: npt.NDArray[np.int64]) -> Part:
    """The same part with the rows of the source instead of those that have a target."""
    return replace(part_, rows=rows[part_.rows])


def _with_test(dataset: Dataset, path: Path, settings: DataSettings, progress: Progress) -> Dataset:
    """The problem with a second file as its test part."""
    words = {entry.name for entry in dataset.preparation.entries if entry.kind not in ("numeric", "block")}
    words |= {dataset.target} if dataset.classes else set()
    table = read(path, settings, progress, frozenset(words), dataset.reading.get("decimal", ""))
    for name in (*dataset.preparation.columns, dataset.target):
        if name not in table.columns:
            where = table.elsewhere(name)
            raise InputError(f"{path} has no column {quoted(name)}, which {dataset.source} has{where}", "test")
    values = table.columns[dataset.target]
    if getattr(values, "ndim", 1) > 1:
        raise InputError(f"{path}: {dataset.target!r} holds many numbers a row and can't be a target", "test")
    if dataset.task == "regression":
        numbers = to_numbers_at(path, values, Numeric(dataset.target), table.decimal)
        rows = np.flatnonzero(~np.isnan(numbers))
        y = numbers[rows]
    else:
        rows, y = _known_classes(path, table, words_of(values), dataset)
    if not len(rows):
        raise InputError(f"{path} has no row with a {dataset.target!r}", "test")
    Y = labels(y, dataset.task, len(dataset.classes), dataset.target_mean, dataset.target_scale)
    columns = {name: take_series(table.columns[name], rows) for name in dataset.preparation.columns}
    try:
        for entry in dataset.preparation.entries:
            if entry.kind == "numeric" and isinstance(entry, Numeric):
                columns[entry.name] = to_numbers(columns[entry.name], entry, decimal=table.decimal)
        prepared = dataset.preparation.apply(columns)
    except InputError as error:
        raise InputError(f"{path}, {error}", error.field) from None
    notes = [
        f"{path.name}: {counted(count, f'word of {quoted(name)} was', f'words of {quoted(name)} were')} "
        f"never seen in training."
        for name, count in prepared.unknown.items()
    ]
    lost = table.m - len(rows)
    dropped = [f"{lost:,} of {table.m:,} rows of {path.name} have no {dataset.target!r}."] if lost else []
    return replace(
        dataset,
        test=Part(prepared.X, Y, rows),
        notes=(*dataset.notes, *notes),
        dropped=(*dataset.dropped, *dropped),
        test_table=table.columns,
    )


def _known_classes(
    path: Path, table: Table, words: Words, dataset: Dataset
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """The rows with a target and their class numbers. Raises InputError for a class that training never saw."""
    if any(info.role == "target" and info.kind == "boolean" for info in dataset.columns) and not table.classes:
        truth = to_numbers_at(
            path, words, Numeric(dataset.target, "boolean", words=(dataset.classes[0], dataset.classes[1]))
        )
        rows = np.flatnonzero(~np.isnan(truth))
        return rows, truth[rows].astype(np.int64)
    names = {str(number): name for number, name in enumerate(table.classes)}
    places = {name: number for number, name in enumerate(dataset.classes)}
    known = places | {number: places[name] for number, name in names.items() if name in places} | {"": -2}
    numbers = np.array([place_of(word, known, -1) for word in words.words])[words.codes]
    unknown = np.flatnonzero(numbers == -1)
    if len(unknown):
        word = words.words[words.codes[unknown[0]]]
        raise InputError(
            f"{path}, row {unknown[0] + 1:,}: the class {quoted(word)} is not one of {listed(dataset.classes)}",
            "test",
        )
    rows = np.flatnonzero(numbers >= 0)
    return rows, numbers[rows]
