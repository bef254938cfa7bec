"""A data file as a dataset: read, its columns inferred, split, leaks removed, prepared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import listed, quoted
from deepnet_tui.data.columns import ColumnInfo
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.large.in_blocks import LARGE, prepare_in_blocks
from deepnet_tui.data.large.unused_memory import give_back
from deepnet_tui.data.parts import DatasetPart
from deepnet_tui.data.preparation.description import becomes
from deepnet_tui.data.preparation.entries import Categorical, Numeric, input_count
from deepnet_tui.data.preparation.fitting import boolean_words, fit_entry, mean_and_scale
from deepnet_tui.data.preparation.labels import labels_of
from deepnet_tui.data.preparation.numbers import LARGEST
from deepnet_tui.data.preparation.preparation import Preparation, Prepared, prepare_part
from deepnet_tui.data.preparation.rich_fitting import fit_rich
from deepnet_tui.data.preparation.split import Rows, places, split
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
from deepnet_tui.data.schema.number_names import with_number_names
from deepnet_tui.data.schema.target import Target, find_targets, numbers_in_file
from deepnet_tui.data.schema.warnings import split_warnings
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.data.targets.choice import choose_scale
from deepnet_tui.data.targets.scale import PLAIN, TargetScale
from deepnet_tui.data.values.date_format import YEAR_FIRST
from deepnet_tui.data.values.words import Words, take_rows
from deepnet_tui.data.with_test_file import with_test_file
from engine.arrays import Array


def from_file(
    path: Path,
    settings: DataSettings,
    progress: ProgressCallback = no_progress,
    table: Table | None = None,
    rows: Rows | None = None,
    dtype: str = "float32",
) -> Dataset:
    """The dataset in a data file; a `table` already read from it is not read again.

    With `rows` the parts are these rows of the file, which have a target; what is in neither part is not used. The
    inputs of a large table (`large/in_blocks.py`) are kept as `dtype`, those of any other one as float64.
    Raises InputError.
    """
    table = read(path, settings, progress) if table is None else table
    progress(0.0, "preparing")
    infos, columns, target = columns_and_targets(path, table, settings)
    names = [column.name for column in columns]
    checked = {
        info.name: take_rows(_checked_values(path, info, table), target.rows)
        for info in infos
        if info.role == "feature"
    }
    regression = target.task == "regression"
    if rows is None:
        train, held_out = split(len(target.rows), settings.validation, settings.seed, None if regression else target.y)
    else:
        train, held_out = places(rows, target.rows)
    warnings: list[str] = []
    for each in target.each:
        infos, found = without_leaks(infos, checked, each, train, settings)
        warnings += [warning for warning in found if warning not in warnings]
    used = [info for info in infos if info.role == "feature"]
    if not used:
        raise InputError(
            f"{path} has no column to predict {', '.join(map(repr, names))} from{why_no_features(infos)}", "source"
        )
    scalings = [_standardising(PLAIN, each.y[train]) if regression else PLAIN for each in target.each]
    Y = _labels(target, scalings)
    if settings.preparation == "rich":
        infos = with_number_names(infos, checked, Y, train, settings)
        used = [info for info in infos if info.role == "feature"]
        checked |= {
            info.name: take_rows(words_of(table.columns[info.name]), target.rows)
            for info in used
            if info.kind == "categorical" and not isinstance(checked[info.name], Words)
        }
    prepared = _prepare(path, used, checked, Y, (train, held_out), settings, dtype)
    scale_notes: list[str] = []
    if regression and settings.preparation == "rich":
        for place, (each, name) in enumerate(zip(target.each, names, strict=True)):
            scaling, note = choose_scale(prepared.train.X, each.y[train], float(each.y.min()), name)
            scalings[place] = _standardising(scaling, each.y[train])
            scale_notes += [note] if note else []
    if any(scaling.log for scaling in scalings):
        Y = _labels(target, scalings)
        prepared = prepared.with_labels(Y, train, held_out) or _prepare(
            path, used, checked, Y, (train, held_out), settings, dtype
        )
    checked.clear()
    if prepared.train.X.size >= LARGE:
        give_back()
    fitted = prepared.fitted
    if settings.preparation == "rich":
        infos = _with_what_they_become(infos, fitted)
    preparation = _on_cells(fitted, table)
    together = {entry.name for entry in fitted.entries if isinstance(entry, Categorical) and entry.other}
    notes_unseen, warnings_unseen = unseen_notes(prepared.counts, len(held_out), together)
    dataset = Dataset(
        name=path.stem,
        task=target.task,
        inputs=preparation.inputs,
        target=names[0],
        classes=target.classes,
        train=_with_source_rows(prepared.train, target.rows),
        validation=None if prepared.validation is None else _with_source_rows(prepared.validation, target.rows),
        preparation=preparation,
        scaling=scalings[0],
        further_targets=dict(zip(names[1:], scalings[1:], strict=True)),
        notes=(
            *table.notes,
            *ambiguous_dates(infos),
            *infinite_notes(table.columns, infos),
            *filled_notes(preparation, infos),
            *prepared.notes,
            *scale_notes,
            *notes_unseen,
        ),
        scale_notes=tuple(scale_notes),
        warnings=(
            *warnings,
            *warnings_unseen,
            *split_warnings(
                target.y[..., train],
                target.y[..., held_out if rows is None else []],
                target.task,
                target.classes,
            ),
        ),
        dropped=(*dropped_columns(infos), *dropped_rows(table.m, target, names)),
        columns=infos,
        source=str(path),
        reading=({"decimal": table.decimal} if table.decimal_known else {}) | settings.reading,
        table=table.columns,
    )
    progress(1.0, "preparing")
    return dataset if settings.test is None else with_test_file(dataset, Path(settings.test), settings, progress)


def columns_and_targets(
    path: Path, table: Table, settings: DataSettings
) -> tuple[tuple[ColumnInfo, ...], list[ColumnInfo], Target]:
    """What the columns of a table are, which of them are predicted, and their values. Raises InputError."""
    infos = _with_numeric_identifiers(infer_schema(table, settings), table, settings)
    columns = _target_columns(path, infos, table, settings)
    return infos, columns, find_targets(path, table, columns, settings)


@dataclass(frozen=True)
class _PreparedParts:
    """The preparation as fitted, notes on it, the parts, and what the preparation counted in the validation part."""

    fitted: Preparation
    notes: tuple[str, ...]
    train: DatasetPart
    validation: DatasetPart | None
    counts: Prepared | None

    def with_labels(self, Y: Array, train: Array, held_out: Array) -> _PreparedParts | None:
        """The same with other labels (nL, m); None if the inputs depend on them."""
        if any(isinstance(entry, Categorical) and entry.statistics for entry in self.fitted.entries):
            return None
        validation = self.validation and replace(self.validation, Y=np.ascontiguousarray(Y[:, held_out]))
        return replace(self, train=replace(self.train, Y=np.ascontiguousarray(Y[:, train])), validation=validation)


def _prepare(
    path: Path,
    used: Sequence[ColumnInfo],
    checked: Mapping[str, Any],
    Y: Array,
    rows: tuple[Array, Array],
    settings: DataSettings,
    dtype: str,
) -> _PreparedParts:
    """Fit the preparation to the training rows, and apply it to the training and the validation `rows`.

    Raises InputError where the inputs take too much memory.
    """
    train, held_out = rows
    m = Y.shape[1]
    notes: tuple[str, ...] = ()
    if settings.preparation == "rich":
        fitted, notes = fit_rich(used, checked, train, Y, MEMORY // (8 * m))
    else:
        fitted = Preparation(tuple(fit_entry(info, checked[info.name], train) for info in used))
    size = sum(input_count(entry) for entry in fitted.entries) * m
    if 8 * size > MEMORY:
        raise too_large(path, 8 * size)
    on_numbers = _on_numbers(fitted)

    def part(chosen: Array) -> tuple[DatasetPart, Prepared]:
        if size < LARGE:
            return prepare_part(on_numbers, checked, Y, chosen)
        give_back()
        found = prepare_in_blocks(on_numbers, checked, chosen, dtype)
        return DatasetPart(found.X, np.ascontiguousarray(Y[:, chosen]), chosen), found

    train_part, _ = part(train)
    hide_own_targets(train_part.X, fitted, checked, Y, train, settings.seed)
    validation_part, counts = part(held_out) if len(held_out) else (None, None)
    return _PreparedParts(fitted, notes, train_part, validation_part, counts)


def _standardising(scaling: TargetScale, y: Array) -> TargetScale:
    """The scale with which y (m,) has a mean of 0 and a standard deviation of 1."""
    mean, scale = mean_and_scale(scaling.outputs(y))
    return replace(scaling, mean=mean, scale=scale)


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


def _labels(target: Target, scalings: Sequence[TargetScale]) -> Array:
    return labels_of([each.y for each in target.each], target.task, len(target.classes), scalings)


def _target_columns(
    path: Path, infos: tuple[ColumnInfo, ...], table: Table, settings: DataSettings
) -> list[ColumnInfo]:
    """The columns to predict, several of them in the order of the settings. Raises InputError where there is none."""
    found = [info for info in infos if info.role == "target"]
    if len(settings.targets) == len(found) > 1:
        return sorted(found, key=lambda info: settings.targets.index(info.name))
    if len(found) > 1:
        first, second = found[0].name, found[1].name
        raise InputError(f"{path}: both {first!r} and {second!r} are set to be the target; only one can be", "target")
    if found:
        return found
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
    if info.kind == "numeric" and _can_stay(values):
        return np.asarray(values)
    if info.kind in ("numeric", "boolean", "date"):
        booleans = info.kind == "boolean" and not holds_numbers(values)
        words = boolean_words(words_of(values)) if booleans else ("false", "true")
        order = date_order(values) if info.kind == "date" else YEAR_FIRST
        return numbers_in_file(path, values, Numeric(info.name, info.kind, words=words, order=order), table.decimal)
    return words_of(values)


def _can_stay(values: Any) -> bool:
    """Whether a column is floats none of which is infinite or too large, so that no copy is needed."""
    if getattr(values.dtype, "kind", "O") != "f" or values.dtype != np.float64 or not len(values):
        return False
    array = np.asarray(values)
    with np.errstate(invalid="ignore"):
        return bool(np.fmin.reduce(array) >= -LARGEST and np.fmax.reduce(array) <= LARGEST)


def _with_what_they_become(infos: tuple[ColumnInfo, ...], preparation: Preparation) -> tuple[ColumnInfo, ...]:
    said = {entry.name: becomes(entry) for entry in preparation.entries}
    return tuple(replace(info, becomes=said[info.name]) if said.get(info.name) else info for info in infos)


def _on_numbers(preparation: Preparation) -> Preparation:
    """The same preparation for columns whose booleans and dates are numbers already."""
    return Preparation(
        tuple(replace(entry, kind="numeric") if isinstance(entry, Numeric) else entry for entry in preparation.entries)
    )


def _on_cells(preparation: Preparation, table: Table) -> Preparation:
    """The same preparation for cells as the file has them: words of booleans, order of day and month, signs."""
    entries = list(preparation.entries)
    for place, entry in enumerate(entries):
        if isinstance(entry, Numeric) and entry.kind == "boolean" and not holds_numbers(table.columns[entry.name]):
            entries[place] = replace(entry, words=boolean_words(words_of(table.columns[entry.name])))
        elif isinstance(entry, Numeric) and entry.kind == "date":
            entries[place] = replace(entry, order=date_order(table.columns[entry.name]))
        elif isinstance(entry, Numeric) and entry.name in table.units:
            entries[place] = replace(entry, unit=table.units[entry.name])
    return Preparation(tuple(entries))


def _with_source_rows(part: DatasetPart, rows: Array) -> DatasetPart:
    """The part with its rows counted in the source, not among the rows that have a target."""
    return replace(part, rows=rows[part.rows])
