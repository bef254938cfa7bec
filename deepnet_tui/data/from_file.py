"""A data file as a dataset: read, its columns inferred, split, leaks removed, prepared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import listed, quoted
from deepnet_tui.data.columns import ColumnInfo
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.parts import DatasetPart
from deepnet_tui.data.preparation.description import becomes
from deepnet_tui.data.preparation.entries import Categorical, Numeric, input_count
from deepnet_tui.data.preparation.fitting import boolean_words, fit_entry, mean_and_scale
from deepnet_tui.data.preparation.labels import label_matrix
from deepnet_tui.data.preparation.numbers import LARGEST
from deepnet_tui.data.preparation.preparation import Preparation, prepare_part
from deepnet_tui.data.preparation.rich_fitting import fit_rich
from deepnet_tui.data.preparation.split import split
from deepnet_tui.data.preparation.target_statistics import hide_own_targets
from deepnet_tui.data.readers.registry import read
from deepnet_tui.data.readers.table import MEMORY, ProgressCallback, Table, no_progress, too_large
from deepnet_tui.data.schema.inference import ambiguous_dates, date_order, holds_numbers, infer_schema, words_of
from deepnet_tui.data.schema.leaks import without_leaks
from deepnet_tui.data.schema.notes import (
    dropped_columns,
    dropped_rows,
    filled_notes,
    infinite_notes,
    unseen_notes,
    why_no_features,
)
from deepnet_tui.data.schema.target import find_target, numbers_in_file
from deepnet_tui.data.schema.warnings import split_warnings
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.data.values.date_format import YEAR_FIRST
from deepnet_tui.data.values.words import take_rows
from deepnet_tui.data.with_test_file import with_test_file
from engine.arrays import Array


def from_file(
    path: Path, settings: DataSettings, progress: ProgressCallback = no_progress, table: Table | None = None
) -> Dataset:
    """The dataset in a data file; a `table` already read from it is not read again. Raises InputError."""
    table = read(path, settings, progress) if table is None else table
    progress(0.0, "preparing")
    infos = _with_numeric_identifiers(infer_schema(table, settings), table, settings)
    column = _target_column(path, infos, table)
    target = find_target(path, table, column, settings)
    checked = {
        info.name: take_rows(_checked_values(path, info, table), target.rows)
        for info in infos
        if info.role == "feature"
    }
    regression = target.task == "regression"
    train, held_out = split(len(target.rows), settings.validation, settings.seed, None if regression else target.y)
    infos, warnings = without_leaks(infos, checked, target, train, settings)
    used = [info for info in infos if info.role == "feature"]
    if not used:
        raise InputError(f"{path} has no column to predict {column.name!r} from{why_no_features(infos)}", "source")
    mean, scale = mean_and_scale(target.y[train]) if regression else (0.0, 1.0)
    Y = label_matrix(target.y, target.task, len(target.classes), mean, scale)
    notes_fitted: tuple[str, ...] = ()
    if settings.preparation == "rich":
        fitted, notes_fitted = fit_rich(used, checked, train, Y, MEMORY // (8 * len(target.rows)))
        infos = _with_what_they_become(infos, fitted)
    else:
        fitted = Preparation(tuple(fit_entry(info, checked[info.name], train) for info in used))
    size = sum(input_count(entry) for entry in fitted.entries) * len(target.rows) * 8
    if size > MEMORY:
        raise too_large(path, size)
    on_numbers = _on_numbers(fitted)
    train_part, _ = prepare_part(on_numbers, checked, Y, train)
    hide_own_targets(train_part.X, fitted, checked, Y, train, settings.seed)
    validation_part, prepared = prepare_part(on_numbers, checked, Y, held_out) if len(held_out) else (None, None)
    preparation = _on_cells(fitted, table)
    together = {entry.name for entry in fitted.entries if isinstance(entry, Categorical) and entry.other}
    notes_unseen, warnings_unseen = unseen_notes(prepared, len(held_out), together)
    dataset = Dataset(
        name=path.stem,
        task=target.task,
        inputs=preparation.inputs,
        target=column.name,
        classes=target.classes,
        train=_with_source_rows(train_part, target.rows),
        validation=None if validation_part is None else _with_source_rows(validation_part, target.rows),
        preparation=preparation,
        target_mean=mean,
        target_scale=scale,
        notes=(
            *table.notes,
            *ambiguous_dates(infos),
            *infinite_notes(table.columns, infos),
            *filled_notes(preparation, infos),
            *notes_fitted,
            *notes_unseen,
        ),
        warnings=(
            *warnings,
            *warnings_unseen,
            *split_warnings(target.y[train], target.y[held_out], target.task, target.classes),
        ),
        dropped=(*dropped_columns(infos), *dropped_rows(table.m, target, column.name)),
        columns=infos,
        source=str(path),
        reading=({"decimal": table.decimal} if table.decimal_known else {}) | settings.reading,
        table=table.columns,
    )
    progress(1.0, "preparing")
    return dataset if settings.test is None else with_test_file(dataset, Path(settings.test), settings, progress)


def _with_numeric_identifiers(
    infos: tuple[ColumnInfo, ...], table: Table, settings: DataSettings
) -> tuple[ColumnInfo, ...]:
    """The columns; identifiers that the user wants as features and that are numbers, such as years, are numeric."""

    def as_used(info: ColumnInfo) -> ColumnInfo:
        chosen = settings.columns.get(info.name)
        if info.kind != "identifier" or info.role != "feature" or (chosen and chosen.kind):
            return info
        return replace(info, kind="numeric") if holds_numbers(table.columns[info.name]) else info

    return tuple(as_used(info) for info in infos)


def _target_column(path: Path, infos: tuple[ColumnInfo, ...], table: Table) -> ColumnInfo:
    found = [info for info in infos if info.role == "target"]
    if len(found) > 1:
        first, second = found[0].name, found[1].name
        raise InputError(f"{path}: both {first!r} and {second!r} are set to be the target; only one can be", "target")
    if found:
        return found[0]
    left_out = "".join(f"; {quoted(name)} was left out: {why}" for name, why in list(table.left_out.items())[:3])
    raise InputError(f"{path}: choose a target column: {listed(info.name for info in infos)}{left_out}", "target")


def _checked_values(path: Path, info: ColumnInfo, table: Table) -> Any:
    """Words, numbers (m,), or the array (m, ...) of a block. Raises InputError for values of another kind."""
    values = table.columns[info.name]
    if info.kind == "block":
        array = np.asarray(values)
        if array.ndim < 2 or array.dtype.kind not in "biuf" or not (np.abs(array) <= LARGEST).all():
            raise InputError(f"{path}: {info.name!r} must hold finite numbers only", info.name)
        return array
    if getattr(values, "ndim", 1) > 1:
        raise InputError(f"{path}: {info.name!r} holds many numbers a row and can only be a block", info.name)
    if info.kind in ("numeric", "boolean", "date"):
        booleans = info.kind == "boolean" and not holds_numbers(values)
        words = boolean_words(words_of(values)) if booleans else ("false", "true")
        order = date_order(values) if info.kind == "date" else YEAR_FIRST
        return numbers_in_file(path, values, Numeric(info.name, info.kind, words=words, order=order), table.decimal)
    return words_of(values)


def _with_what_they_become(infos: tuple[ColumnInfo, ...], preparation: Preparation) -> tuple[ColumnInfo, ...]:
    said = {entry.name: becomes(entry) for entry in preparation.entries}
    return tuple(replace(info, becomes=said[info.name]) if said.get(info.name) else info for info in infos)


def _on_numbers(preparation: Preparation) -> Preparation:
    """The same preparation for columns whose booleans and dates are numbers already."""
    return Preparation(
        tuple(replace(entry, kind="numeric") if isinstance(entry, Numeric) else entry for entry in preparation.entries)
    )


def _on_cells(preparation: Preparation, table: Table) -> Preparation:
    """The same preparation for cells as the file has them: the words of booleans, the order of day and month."""
    entries = list(preparation.entries)
    for place, entry in enumerate(entries):
        if isinstance(entry, Numeric) and entry.kind == "boolean" and not holds_numbers(table.columns[entry.name]):
            entries[place] = replace(entry, words=boolean_words(words_of(table.columns[entry.name])))
        elif isinstance(entry, Numeric) and entry.kind == "date":
            entries[place] = replace(entry, order=date_order(table.columns[entry.name]))
    return Preparation(tuple(entries))


def _with_source_rows(part: DatasetPart, rows: Array) -> DatasetPart:
    """The part with its rows counted in the source, not among the rows that have a target."""
    return replace(part, rows=rows[part.rows])
