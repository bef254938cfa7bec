"""A data file made ready: what is learnt, from what, on which rows."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deepnet_tui.data.assemble import labels, part, take
from deepnet_tui.data.dates import YEAR_FIRST
from deepnet_tui.data.fit import boolean_words, entry_for, gives_away, mean_and_scale, warnings_for
from deepnet_tui.data.preparation import (
    FALSE_WORDS,
    LARGEST,
    Categorical,
    Numeric,
    Preparation,
    Words,
    len_inputs,
    place_of,
    to_numbers,
)
from deepnet_tui.data.problem import ColumnInfo, Part, Problem
from deepnet_tui.data.read import read
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.data.split import split
from deepnet_tui.data.table import MEMORY, Progress, Table, silent, too_large
from deepnet_tui.data.understand import ambiguous_dates, date_order, each_row, is_number, understand, words_of
from deepnet_tui.errors import InputError, counted, listed, quoted

MAX_CLASSES = 1_000
FEW_NUMBERS, ROWS_A_NUMBER = 10, 20


@dataclass(frozen=True)
class Preview:
    """A file before it is trained on: what its columns are, its first rows as words, and the number of rows."""

    columns: tuple[ColumnInfo, ...]
    rows: tuple[tuple[str, ...], ...]
    m: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Goal:
    """What is learnt: the task, its classes, and for the rows that have one the class number or value."""

    task: str
    classes: tuple[str, ...]
    y: npt.NDArray[Any]
    rows: npt.NDArray[np.int64]


def preview(settings: DataSettings, rows: int = 50, progress: Progress = silent) -> Preview:
    """Read a data file and say what its columns are, without a target being needed. Raises InputError."""
    table = read(Path(settings.source), settings, progress)
    columns = understand(table, settings)
    shown = tuple(
        tuple(each_row(values, place) for values in table.columns.values()) for place in range(min(rows, table.m))
    )
    return Preview(columns, shown, table.m, table.notes)


def from_file(path: Path, settings: DataSettings, progress: Progress = silent, table: Table | None = None) -> Problem:
    """Read, understand, split and prepare a data file; a `table` already read from it saves the reading.

    Raises InputError.
    """
    table = read(path, settings, progress) if table is None else table
    progress(0.0, "preparing")
    infos = understand(table, settings)
    target = _target(path, infos)
    goal = find_goal(path, table, target, settings)
    ready = {
        info.name: take(_ready(path, info, table.columns[info.name]), goal.rows)
        for info in infos
        if info.role == "feature"
    }
    numbers = goal.task == "regression"
    train, held = split(len(goal.rows), settings.held_out, settings.seed, None if numbers else goal.y)
    infos, warnings = _without_leaks(infos, ready, goal, train, settings)
    used = [info for info in infos if info.role == "feature"]
    if not used:
        raise InputError(f"{path} has no column to learn {target.name!r} from", "source")
    preparation = Preparation(tuple(entry_for(info, ready[info.name], train) for info in used))
    size = sum(len_inputs(entry) for entry in preparation.entries) * len(goal.rows) * 8
    if size > MEMORY:
        raise too_large(path, size)
    numbers_only = Preparation(
        tuple(replace(entry, kind="numeric") if isinstance(entry, Numeric) else entry for entry in preparation.entries)
    )
    preparation = _as_written(preparation, table)
    mean, scale = mean_and_scale(goal.y[train]) if numbers else (0.0, 1.0)
    Y = labels(goal.y, goal.task, len(goal.classes), mean, scale)
    parts = {"train": goal.y[train], "held out": goal.y[held]}
    problem = Problem(
        name=path.stem,
        task=goal.task,
        inputs=preparation.inputs,
        target=target.name,
        classes=goal.classes,
        train=_numbered(part(numbers_only, ready, Y, train), goal.rows),
        held_out=_numbered(part(numbers_only, ready, Y, held), goal.rows) if len(held) else None,
        preparation=preparation,
        target_mean=mean,
        target_scale=scale,
        notes=(*table.notes, *ambiguous_dates(infos), *_filled(preparation, infos)),
        warnings=(*warnings, *warnings_for(parts, goal.task, goal.classes)),
        dropped=(*_dropped_columns(infos), *_dropped_rows(table.m, goal, target.name)),
        columns=infos,
        source=str(path),
        reading=settings.reading,
        table=table.columns,
    )
    progress(1.0, "preparing")
    return problem if settings.test is None else _with_test(problem, Path(settings.test), settings, progress)


def _target(path: Path, infos: tuple[ColumnInfo, ...]) -> ColumnInfo:
    for info in infos:
        if info.role == "target":
            return info
    names = ", ".join(info.name for info in infos[:20]) + (", ..." if len(infos) > 20 else "")
    raise InputError(f"{path}: which column shall be learnt? Choose a target out of {names}", "target")


def take_series(values: Any, rows: npt.NDArray[np.int64]) -> Any:
    """Some rows of a column as read."""
    if len(rows) == len(values):
        return values
    return values.iloc[rows] if hasattr(values, "iloc") else values[rows]


def find_goal(path: Path, table: Table, target: ColumnInfo, settings: DataSettings) -> Goal:
    """Whether the target is a number, one of two classes or one of several. Raises InputError if it is neither."""
    values, name = table.columns[target.name], target.name
    said = settings.columns[name].kind if name in settings.columns else None
    wrong = f"{path}: the target {name!r}"
    if target.kind == "constant":
        raise InputError(f"{wrong} has only one value, so there is nothing to learn", "target")
    if target.kind in ("block", "date"):
        raise InputError(f"{wrong} is a {target.kind}; a target must be a number or a class", "target")
    if target.kind in ("text", "identifier"):
        raise InputError(f"{wrong} has {target.reason}: neither classes nor numbers to be learnt", "target")
    if target.kind == "numeric":
        numbers = to_numbers_at(path, values, Numeric(name))
        there = np.flatnonzero(~np.isnan(numbers))
        different = np.unique(numbers[there])
        if len(different) < 2:
            raise InputError(f"{wrong} has only one value, so there is nothing to learn", "target")
        few = len(different) <= FEW_NUMBERS and len(different) * ROWS_A_NUMBER <= len(there)
        whole = bool(np.all(different == np.round(different)))
        if said == "numeric" or not (whole and (few or len(different) == 2)):
            return Goal("regression", (), numbers[there], there)
    words = words_of(values)
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
    return Goal("binary" if len(classes) == 2 else "multiclass", tuple(classes), numbers_of[rows], rows)


def _class_order(word: str) -> tuple[int, float, str]:
    """Numbers by size, then false before true, then words by the alphabet."""
    try:
        return 0, float(word), word
    except ValueError:
        return 1, 0.0 if word.lower() in FALSE_WORDS else 1.0, word


def to_numbers_at(path: Path, values: Any, entry: Numeric) -> npt.NDArray[np.float64]:
    """`to_numbers` with the name of the file in the message, and what to do about it."""
    try:
        return to_numbers(values, entry)
    except InputError as error:
        raise InputError(f"{path}, {error}; correct it, or set another kind or the role ignored", error.field) from None


def _ready(path: Path, info: ColumnInfo, values: Any) -> Any:
    """Words, numbers (m,), or the array (m, ...) of a block, checked."""
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
        return to_numbers_at(path, values, Numeric(info.name, info.kind, words=words, order=order))
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


def _without_leaks(
    infos: tuple[ColumnInfo, ...], ready: dict[str, Any], goal: Goal, train: npt.NDArray[Any], settings: DataSettings
) -> tuple[tuple[ColumnInfo, ...], list[str]]:
    """The columns, those that give the target away left out unless the settings ask for them, and warnings."""
    found, warnings = [], []
    y = goal.y[train]
    for info in infos:
        why = ""
        if info.role == "feature":
            why = gives_away(take(ready[info.name], train), y, goal.task)
        asked = info.name in settings.columns and settings.columns[info.name].role == "feature"
        if why and asked:
            warnings.append(f"{info.name!r} is used as asked for, but {why}.")
        elif why:
            warnings.append(
                f"{info.name!r} is left out: {why}. To use it all the same: "
                f"--feature {shlex.quote(info.name)}, or in the data screen."
            )
            info = replace(info, role="ignored", reason=why)
        found.append(info)
    return tuple(found), warnings


def _dropped_columns(infos: tuple[ColumnInfo, ...]) -> list[str]:
    return [f"{info.name!r} is not used: {info.reason}." for info in infos if info.role == "ignored"]


def _dropped_rows(m: int, goal: Goal, target: str) -> list[str]:
    lost = m - len(goal.rows)
    return [f"{lost:,} of {m:,} rows are not used: they have no {target!r}."] if lost else []


def _filled(preparation: Preparation, infos: tuple[ColumnInfo, ...]) -> list[str]:
    """What is done about missing values, a sentence a column."""
    missing = {info.name: info.missing for info in infos if info.missing}
    notes = []
    for entry in preparation.entries:
        if entry.name not in missing:
            continue
        count = f"{entry.name!r}: {missing[entry.name]:,} missing values"
        if isinstance(entry, Numeric):
            notes.append(f"{count} are replaced by {_shown(entry)}.")
        elif isinstance(entry, Categorical) and "" in entry.categories:
            notes.append(f"{count} are a category of their own.")
    return notes


def _shown(entry: Numeric) -> str:
    if entry.kind == "boolean":
        return f"the most frequent, {entry.words[int(entry.fill)]}"
    if entry.kind == "date":
        return f"the median, {np.datetime64(int(entry.fill), 'D')}"
    return f"the median, {entry.fill:.6g}"


def _numbered(part_: Part, rows: npt.NDArray[np.int64]) -> Part:
    """The same part with the rows of the source instead of those that have a target."""
    return replace(part_, rows=rows[part_.rows])


def _with_test(problem: Problem, path: Path, settings: DataSettings, progress: Progress) -> Problem:
    """The problem with a second file as its test part."""
    words = {entry.name for entry in problem.preparation.entries if entry.kind not in ("numeric", "block")}
    words |= {problem.target} if problem.classes else set()
    table = read(path, settings, progress, frozenset(words))
    for name in (*problem.preparation.columns, problem.target):
        if name not in table.columns:
            raise InputError(f"{path} has no column {quoted(name)}, which {problem.source} has", "test")
    values = table.columns[problem.target]
    if getattr(values, "ndim", 1) > 1:
        raise InputError(f"{path}: {problem.target!r} holds many numbers a row and can't be a target", "test")
    if problem.task == "regression":
        numbers = to_numbers_at(path, values, Numeric(problem.target))
        rows = np.flatnonzero(~np.isnan(numbers))
        y = numbers[rows]
    else:
        rows, y = _known_classes(path, table, words_of(values), problem)
    if not len(rows):
        raise InputError(f"{path} has no row with a {problem.target!r}", "test")
    Y = labels(y, problem.task, len(problem.classes), problem.target_mean, problem.target_scale)
    columns = {name: take_series(table.columns[name], rows) for name in problem.preparation.columns}
    try:
        prepared = problem.preparation.apply(columns)
    except InputError as error:
        raise InputError(f"{path}, {error}", error.field) from None
    notes = [
        f"{path.name}: {counted(count, f'word of {quoted(name)} was', f'words of {quoted(name)} were')} "
        f"never seen in training."
        for name, count in prepared.unknown.items()
    ]
    lost = table.m - len(rows)
    dropped = [f"{lost:,} of {table.m:,} rows of {path.name} have no {problem.target!r}."] if lost else []
    return replace(
        problem,
        test=Part(prepared.X, Y, rows),
        notes=(*problem.notes, *notes),
        dropped=(*problem.dropped, *dropped),
        test_table=table.columns,
    )


def _known_classes(
    path: Path, table: Table, words: Words, problem: Problem
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """The rows with a target and their class numbers. Raises InputError for a class that training never saw."""
    names = {str(number): name for number, name in enumerate(table.classes)}
    places = {name: number for number, name in enumerate(problem.classes)}
    known = places | {number: places[name] for number, name in names.items() if name in places} | {"": -2}
    numbers = np.array([place_of(word, known, -1) for word in words.words])[words.codes]
    unknown = np.flatnonzero(numbers == -1)
    if len(unknown):
        word = words.words[words.codes[unknown[0]]]
        raise InputError(
            f"{path}, row {unknown[0] + 1:,}: the class {quoted(word)} is not one of {listed(problem.classes)}",
            "test",
        )
    rows = np.flatnonzero(numbers >= 0)
    return rows, numbers[rows]
