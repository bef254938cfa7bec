"""Columns that give the target away: those that certainly do are left out, those that may are warned of."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from deepnet_tui.data.dataset import ColumnInfo
from deepnet_tui.data.preparation.encoding import Words
from deepnet_tui.data.preparation.labels import take
from deepnet_tui.data.schema.target import Target
from deepnet_tui.data.settings import DataSettings
from engine.arrays import Array

GIVES_AWAY = 0.99999
SUSPICIOUS = 0.985
SURE = 1.96  # standard errors
ROWS_A_VALUE = 5
ROWS_A_CLASS = 10
MOST_CLASSES = 20  # more make too many pairs
LOOKED_AT, FEWEST, NUMBERS = 10_000, 500, 5_000_000  # rows and numbers that are ranked
NAMED = 5


def without_leaks(
    infos: tuple[ColumnInfo, ...], ready: Mapping[str, Any], target: Target, train: Array, settings: DataSettings
) -> tuple[tuple[ColumnInfo, ...], list[str]]:
    """The columns, those that give the target away left out unless the settings ask for them, and warnings."""
    found, warnings, suspects = [], [], []
    y = target.y[train]
    sample = _sample(train, sum(info.role == "feature" for info in infos))
    for info in infos:
        why = ""
        if info.role == "feature":
            why = gives_away(take(ready[info.name], train), y, target.task)
        asked = info.name in settings.columns and settings.columns[info.name].role == "feature"
        if why and asked:
            warnings.append(f"{info.name!r} is used as asked for, but {why}.")
        elif why:
            warnings.append(
                f"{info.name!r} is left out: {why}. To use it all the same: "
                f"--feature {shlex.quote(info.name)}, or in the data screen."
            )
            info = replace(info, role="ignored", reason=why)
        elif info.role == "feature" and not asked and alone(ready[info.name], target, sample) > SUSPICIOUS:
            suspects.append(info.name)
        found.append(info)
    return tuple(found), warnings + _suspicion(suspects)


def _suspicion(suspects: list[str]) -> list[str]:
    if not suspects:
        return []
    told = ", ".join(map(repr, suspects[:NAMED])) + (
        f" and {len(suspects) - NAMED:,} others" if len(suspects) > NAMED else ""
    )
    tells, known = ("each all but tell", "they are") if len(suspects) > 1 else ("all but tells", "it is")
    return [
        f"{told} {tells} the target alone: make sure that {known} known before the target is; "
        f"otherwise --ignore {shlex.quote(suspects[0])}, or leave it out in the data screen."
    ]


def _sample(train: Array, columns: int) -> Array:
    """Some of the training rows, fewer where there are many columns to be ranked."""
    most = max(min(LOOKED_AT, NUMBERS // max(columns, 1)), FEWEST)
    return train if len(train) <= most else np.sort(np.random.default_rng(0).choice(train, most, replace=False))


def alone(values: Any, target: Target, rows: Array) -> float:
    """How well one column alone tells the target, from 0 to 1, where it is not missing.

    For numbers the ROC AUC, of several classes that of the two which it tells apart worst; for words, and numbers
    with few values, the mean share of a class that is found from the other rows with the same word. For a numeric
    target the rank correlation, for words the correlation with the mean of the other rows with the same word.
    AUC and correlation come out high by chance from few rows, so they are given less their error.
    """
    if getattr(values, "ndim", 1) > 1:
        return 0.0
    values, y, task = take(values, rows), target.y[rows], target.task
    if isinstance(values, Words):
        known = np.array([bool(word) for word in values.words])[values.codes]
        some = _words_alone(values.codes[known], y[known], task)
        return some if known.all() else max(some, _words_alone(values.codes, y, task))
    there = ~np.isnan(values)
    values, y = values[there], y[there]
    if task == "regression":
        return abs(_correlation(_ranks(values), _ranks(y)))
    codes = np.unique(values, return_inverse=True)[1]
    return max(_apart(values, y), _words_alone(codes, y, task))


def _apart(values: Array, y: Array) -> float:
    """The ROC AUC of the two classes that are told apart worst."""
    counts = np.bincount(y)
    classes = np.flatnonzero(counts)
    if not 2 <= len(classes) <= MOST_CLASSES or counts[classes].min() < ROWS_A_CLASS:
        return 0.0
    worst = 1.0
    for first, second in combinations(classes, 2):
        pair = (y == first) | (y == second)
        ones = y[pair] == second
        n1, n0 = int(ones.sum()), int((~ones).sum())
        area = (_ranks(values[pair])[ones].sum() - n1 * (n1 + 1) / 2) / (n0 * n1)
        worst = min(worst, _surely(max(area, 1.0 - area), n0, n1))
        if worst <= SUSPICIOUS:
            break
    return worst


def _surely(area: float, n0: int, n1: int) -> float:
    """An area less its error (Hanley and McNeil, 1982)."""
    one, two = area / (2 - area) - area**2, 2 * area**2 / (1 + area) - area**2
    return area - SURE * float(np.sqrt((area * (1 - area) + (n1 - 1) * one + (n0 - 1) * two) / (n0 * n1)))


def _words_alone(codes: Array, y: Array, task: str) -> float:
    if not len(codes):
        return 0.0
    used, codes = np.unique(codes, return_inverse=True)
    if len(used) < 2 or len(used) * ROWS_A_VALUE > len(codes):
        return 0.0
    counts = np.bincount(codes)
    if task == "regression":
        others = counts[codes] - 1
        several = others > 0
        means = (np.bincount(codes, weights=y)[codes] - y)[several] / others[several]
        return max(_correlation(means, y[several]), 0.0)
    rows = np.bincount(y)
    if np.count_nonzero(rows) < 2 or rows[rows > 0].min() < ROWS_A_CLASS or len(used) * len(rows) > NUMBERS:
        return 0.0
    table = np.zeros((len(used), len(rows)), dtype=np.int64)
    np.add.at(table, (codes, y), 1)
    every = np.arange(len(codes))
    found = table[codes]
    found[every, y] -= 1
    right = found.argmax(axis=1) == y
    return float((np.bincount(y, weights=right)[rows > 0] / rows[rows > 0]).mean())


def _correlation(a: Array, b: Array) -> float:
    """Less its error (Fisher, 1915)."""
    if len(a) < ROWS_A_CLASS:
        return 0.0
    if a.std() == 0 or b.std() == 0:
        return 0.0
    found = float(np.corrcoef(a, b)[0, 1])
    sign, size = np.sign(found), min(abs(found), 1 - 1e-12)
    return float(sign * max(np.tanh(np.arctanh(size) - SURE / np.sqrt(len(a) - 3)), 0.0))


def _ranks(values: Array) -> Array:
    """From 1, equal values share the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: Array = (ends - (counts - 1) / 2)[places]
    return ranks


def gives_away(values: Any, y: npt.NDArray[Any], task: str) -> str:
    """Why a column gives the target away, or "" if it does not.

    `values` are those of the training part as in `entry_for`, `y` its class numbers or values. A column does if
    each of its few values belongs to one class, or if a straight line through it is the target itself.
    """
    if isinstance(values, Words):
        return _one_class(values.codes, y) if task != "regression" else ""
    if values.ndim > 1:
        return ""
    there = ~np.isnan(values)
    if task == "regression":
        part, target = values[there], y[there]
        if len(part) < 10 or part.std() == 0 or target.std() == 0:
            return ""
        alike = abs(float(np.corrcoef(part, target)[0, 1]))
        return "it is the target itself in another unit" if alike >= GIVES_AWAY else ""
    head = np.unique(values[:1000])
    if len(head) * ROWS_A_VALUE > min(len(values), 1000):
        return ""
    return _one_class(np.unique(values, return_inverse=True)[1], y)


def _one_class(codes: npt.NDArray[Any], y: npt.NDArray[Any]) -> str:
    table = np.zeros((int(codes.max()) + 1, int(y.max()) + 1), dtype=np.int64)
    np.add.at(table, (codes, y), 1)
    table = table[table.sum(axis=1) > 0]
    if len(table) < 2 or len(table) * ROWS_A_VALUE > len(y) or (table.sum(axis=0) > 0).sum() < 2:
        return ""
    pure = (np.count_nonzero(table, axis=1) == 1).all()
    return "each of its values belongs to one class: it gives the target away" if pure else ""
