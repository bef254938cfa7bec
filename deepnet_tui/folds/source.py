"""The data that are split into folds: read once, and prepared anew for each fold on what it trains on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted, quoted
from deepnet_tui.data.builtin import BUILTIN
from deepnet_tui.data.columns import ColumnInfo
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.data.preparation.entries import Numeric
from deepnet_tui.data.preparation.split import Rows
from deepnet_tui.data.readers.table import ProgressCallback, Table, no_progress
from deepnet_tui.data.schema.inference import date_order, holds_numbers, no_column, words_of
from deepnet_tui.data.schema.target import numbers_in_file
from deepnet_tui.data.settings import ColumnSettings, DataSettings
from deepnet_tui.data.values.words import take_rows
from deepnet_tui.folds.plan import FoldPlan
from deepnet_tui.folds.split import grouped, in_time, parts_of, stratified
from engine.arrays import Array
from engine.ops.losses import LOSSES


@dataclass(frozen=True)
class FoldSource:
    """The examples with a target: `rows` (m,) in the source, ascending, and their class numbers or values `y` (m,).

    `classes` is empty for a number. `parts` has the rows of the training and the test part of each fold, and
    `prepare(rows)` makes a dataset of two such parts, the second of them as its validation part.
    """

    name: str
    target: str
    classes: tuple[str, ...]
    rows: Array
    y: Array
    parts: tuple[Rows, ...]
    prepare: Callable[[Rows], Dataset]

    def never_trained_on(self, rows: Rows) -> tuple[str, ...]:
        """A warning for each class that such a training part has no example of."""
        there = set(self.y[np.searchsorted(self.rows, rows[0])].tolist()) if self.classes else set()
        return tuple(
            f"The class {quoted(name)} is not among what is trained on, so it can't be predicted."
            for number, name in enumerate(self.classes)
            if number not in there
        )


def fold_source(settings: DataSettings, plan: FoldPlan, progress: ProgressCallback = no_progress) -> FoldSource:
    """Read the data, and draw the folds with the seed of the split.

    A column of groups or of times is no feature unless the settings say so. The test file is not read.
    Raises InputError where the source can't be used, a column of the plan is not there or has gaps, or there are too
    few examples, classes, groups or moments for so many folds.
    """
    settings = settings.model_copy(update={"test": None})
    if settings.source in BUILTIN:
        return _builtin(settings, plan)
    from deepnet_tui.data.from_file import columns_and_targets, from_file
    from deepnet_tui.data.readers.registry import read

    path = Path(settings.source)
    table = read(path, settings, progress)
    given, settings = settings, _without_feature(settings, plan, table)
    by = (plan.group or plan.time) if settings is not given else None
    infos, columns, target = columns_and_targets(path, table, settings)
    if len(columns) > 1:
        raise InputError(f"{path}: folds are for one target, not for {len(columns)}; leave all but one out", "target")
    column = columns[0]
    chosen = next((info for info in infos if info.name in (plan.group, plan.time)), None)
    if chosen is not None and chosen.name == column.name:
        field = "group" if plan.group else "time"
        raise InputError(f"{path}: {quoted(column.name)} is the target, so folds can't be made by it", field)
    classes = target.y if target.classes else None
    if chosen is not None and plan.time is not None:
        parts = _in_time(path, plan, _times(path, chosen, table, target.rows))
    elif chosen is not None:
        parts = _grouped(path, plan, _groups(path, chosen, table, target.rows), settings.seed, classes)
    else:
        parts = _stratified(settings, plan, len(target.rows), classes, target.classes)
    parts = tuple((target.rows[train], target.rows[test]) for train, test in parts)
    source = FoldSource(
        path.stem,
        column.name,
        target.classes,
        target.rows,
        target.y,
        parts,
        lambda rows: _with_reason(from_file(path, settings, table=table, rows=rows), by),
    )
    _check_training_classes(source)
    return source


def _builtin(settings: DataSettings, plan: FoldPlan) -> FoldSource:
    entry = BUILTIN[settings.source].with_settings(settings)
    for field, column in (("group", plan.group), ("time", plan.time)):
        if column is not None:
            raise InputError(f"{entry.name} is built in and has no column to make folds by", field)
    examples = entry.make()
    m, number = len(examples.y), LOSSES[entry.task].labels == "numbers"
    parts = _stratified(settings, plan, m, None if number else examples.y, examples.classes)
    return FoldSource(
        entry.name,
        examples.target,
        examples.classes,
        np.arange(m),
        examples.y,
        parts,
        lambda rows: load(settings, rows=rows),
    )


def _without_feature(settings: DataSettings, plan: FoldPlan, table: Table) -> DataSettings:
    """The settings with the column of the plan ignored, unless they give it a role."""
    name, field = (plan.group, "group") if plan.group is not None else (plan.time, "time")
    if name is None:
        return settings
    if name not in table.columns:
        raise InputError(no_column(name, table, settings), field)
    before = settings.columns.get(name, ColumnSettings())
    if before.role is not None:
        return settings
    columns = settings.columns | {name: before.model_copy(update={"role": "ignored"})}
    return settings.model_copy(update={"columns": columns})


def _with_reason(dataset: Dataset, by: str | None) -> Dataset:
    """The dataset, which says why the column `by` is no feature: it makes the folds."""
    if by is None:
        return dataset
    begin = f"{by!r} is not used: "
    said = f"{begin}the folds are made by it. To train on it, too: --feature {by}."
    return replace(dataset, dropped=tuple(said if text.startswith(begin) else text for text in dataset.dropped))


def _stratified(
    settings: DataSettings, plan: FoldPlan, m: int, classes: Array | None, names: tuple[str, ...]
) -> tuple[Rows, ...]:
    if m < plan.count:
        raise InputError(f"{settings.source} has {counted(m, 'example')}, too few for {plan.count} folds", "folds")
    if classes is not None:
        counts = np.bincount(classes, minlength=len(names))
        rare = int(counts.argmin())
        if counts[rare] < plan.count:
            found = f"the class {quoted(names[rare])} has only {counted(int(counts[rare]), 'example')}"
            most = f"; at most {counts[rare]} folds can be made" if counts[rare] > 1 else ""
            raise InputError(f"{settings.source}: {found}, too few for {plan.count} folds{most}", "folds")
    return parts_of(stratified(plan.count, m, settings.seed, classes), plan.count)


def _grouped(path: Path, plan: FoldPlan, groups: Array, seed: int, classes: Array | None) -> tuple[Rows, ...]:
    there = len(np.unique(groups))
    if there < plan.count:
        said = f"{path}: {quoted(plan.group)} has {counted(there, 'group')}, too few for {plan.count} folds"
        raise InputError(said, "folds")
    return parts_of(grouped(plan.count, groups, seed, classes), plan.count)


def _in_time(path: Path, plan: FoldPlan, times: Array) -> tuple[Rows, ...]:
    there = len(np.unique(times))
    if there <= plan.count:
        said = f"{path}: {quoted(plan.time)} has {counted(there, 'different time')}; {plan.count} folds"
        raise InputError(f"{said} forward in time need at least {plan.count + 1}", "folds")
    return in_time(plan.count, times)


def _groups(path: Path, info: ColumnInfo, table: Table, rows: Array) -> Array:
    """The number of the group of each of the rows."""
    if info.kind == "block":
        raise InputError(f"{path}: {quoted(info.name)} holds many numbers a row and can't name groups", "group")
    words = take_rows(words_of(table.columns[info.name]), rows)
    names = np.array([bool(word) for word in words.words])
    _check_complete(path, info, names[words.codes], rows, "group")
    numbers = np.unique(words.codes, return_inverse=True)[1]
    return np.asarray(numbers)


def _times(path: Path, info: ColumnInfo, table: Table, rows: Array) -> Array:
    """The moment of each of the rows, as a number."""
    values: Any = table.columns[info.name]
    date = info.kind == "date"
    numbers = info.kind == "numeric" or (info.kind != "block" and holds_numbers(values))
    if not (date or numbers):
        reason = info.reason.removesuffix("; set to ignored")
        raise InputError(
            f"{path}: {quoted(info.name)} is no column of dates or numbers ({info.kind}: {reason}), "
            "so it can't order the rows in time",
            "time",
        )
    entry = Numeric(info.name, "date", order=date_order(values)) if date else Numeric(info.name)
    times = numbers_in_file(path, values, entry, table.decimal)[rows]
    _check_complete(path, info, ~np.isnan(times), rows, "time")
    return times


def _check_complete(path: Path, info: ColumnInfo, there: Array, rows: Array, field: str) -> None:
    if not there.all():
        row = int(rows[int(np.argmin(there))]) + 1
        said = f"{path}, row {row:,}: {quoted(info.name)} is empty; folds by {field} need it in every row with a target"
        raise InputError(said, field)


def _check_training_classes(source: FoldSource) -> None:
    """Raise InputError for a fold that would be trained on one class only."""
    if not source.classes:
        return
    for number, (train, _) in enumerate(source.parts, 1):
        there = np.unique(source.y[np.searchsorted(source.rows, train)])
        if len(there) < 2:
            only = quoted(source.classes[int(there[0])])
            said = f"fold {number} of {len(source.parts)} would be trained on the class {only} only"
            raise InputError(f"{source.name}: {said}; make the folds in another way, or fewer", "folds")
