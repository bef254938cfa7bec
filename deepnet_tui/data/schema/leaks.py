"""Columns that leak the target: those that certainly do are left out, those that may are warned of."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from deepnet_tui.common.text import Advice
from deepnet_tui.data.columns import ColumnInfo
from deepnet_tui.data.schema.target import Target
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.data.values.words import Words, take_rows
from engine.arrays import Array

LEAK_CORRELATION = 0.99999  # with a numeric target
SUSPICIOUS = 0.985  # `predictive_power` above which there is a warning
STANDARD_ERRORS = 1.96  # by which a measure is lowered
ROWS_A_VALUE = 5  # fewer say nothing about the words of a column
ROWS_A_CLASS = 10  # fewer say nothing about a class
MOST_CLASSES = 20  # more make too many pairs
MOST_ROWS, FEWEST_ROWS, MOST_NUMBERS = 10_000, 500, 5_000_000  # that are ranked
NAMED = 5  # suspicious columns in a warning


def without_leaks(
    infos: tuple[ColumnInfo, ...], values: Mapping[str, Any], target: Target, train: Array, settings: DataSettings
) -> tuple[tuple[ColumnInfo, ...], list[str]]:
    """The columns, those that leak the target left out unless the settings force-include them, and warnings.

    `values` has the checked values of each feature, `train` (m,) the rows of the training part. Where every feature
    seems to be a leak, none is left out: there is nothing else to learn from.
    """
    found, warnings, suspects = [], [], []
    y = target.y[train]
    features = [info.name for info in infos if info.role == "feature"]
    sample = _sample(train, len(features))
    leaks = {name: leak_reason(take_rows(values[name], train), y, target.task) for name in features}
    asked = {name for name in features if name in settings.columns and settings.columns[name].role == "feature"}
    if not asked and all(leaks.values()):
        suspects, leaks = features, dict.fromkeys(features, "")
    for info in infos:
        leak = leaks.get(info.name, "")
        requested = info.name in asked
        if leak and requested:
            warnings.append(f"{info.name!r} is used as requested, but {leak}.")
        elif leak:
            said = f"{info.name!r} is left out: {leak}"
            option = f"--feature {shlex.quote(info.name)}, or in the data screen"
            warnings.append(
                Advice(f"{said}. To include it anyway: {option}.", f"{said}. The data screen can include it.")
            )
            info = replace(info, role="ignored", reason=leak)
        elif (
            info.role == "feature"
            and not requested
            and info.name not in suspects
            and predictive_power(values[info.name], target, sample) > SUSPICIOUS
        ):
            suspects.append(info.name)
        found.append(info)
    return tuple(found), warnings + _suspect_warnings(suspects)


def _suspect_warnings(suspects: list[str]) -> list[str]:
    if not suspects:
        return []
    shown = ", ".join(map(repr, suspects[:NAMED])) + (
        f" and {len(suspects) - NAMED:,} others" if len(suspects) > NAMED else ""
    )
    several = len(suspects) > 1
    determines, known = ("each almost determine", "they are") if several else ("almost determines", "it is")
    said = f"{shown} {determines} the target"
    option = f"--ignore {shlex.quote(suspects[0])}, or leave it out in the data screen"
    return [
        Advice(
            f"{said}: make sure that {known} known before the target is; otherwise {option}.",
            f"{said}: unless {known} known before, leave {'them' if several else 'it'} out in the data screen.",
        )
    ]


def _sample(train: Array, columns: int) -> Array:
    """Some of the training rows, fewer where there are many columns to be ranked."""
    most = max(min(MOST_ROWS, MOST_NUMBERS // max(columns, 1)), FEWEST_ROWS)
    return train if len(train) <= most else np.sort(np.random.default_rng(0).choice(train, most, replace=False))


def predictive_power(values: Any, target: Target, rows: Array) -> float:
    """How well one column alone predicts the target, from 0 to 1, where it is not missing.

    For numbers the ROC AUC, of several classes that of the two it separates worst; for words, and numbers
    with few values, the mean share of a class that is found from the other rows with the same word. For a numeric
    target the rank correlation, for words the correlation with the mean of the other rows with the same word.
    AUC and correlation come out high by chance from few rows, so their error is subtracted.
    """
    if getattr(values, "ndim", 1) > 1:
        return 0.0
    values, y, task = take_rows(values, rows), target.y[rows], target.task
    if isinstance(values, Words):
        known = np.array([bool(word) for word in values.words])[values.codes]
        some = _word_power(values.codes[known], y[known], task)
        return some if known.all() else max(some, _word_power(values.codes, y, task))
    present = ~np.isnan(values)
    values, y = values[present], y[present]
    if task == "regression":
        return abs(_correlation_less_error(_ranks(values), _ranks(y)))
    codes, counts = np.unique(values, return_inverse=True, return_counts=True)[1:]
    return max(_worst_auc(codes, counts, y), _word_power(codes, y, task))


def _worst_auc(codes: Array, repeats: Array, y: Array) -> float:
    """The ROC AUC of the two classes that the values separate worst, less its error.

    `codes` (m,) number the different values in ascending order, `repeats` says how often each occurs.
    """
    counts = np.bincount(y)
    classes = np.flatnonzero(counts)
    if not 2 <= len(classes) <= MOST_CLASSES or counts[classes].min() < ROWS_A_CLASS:
        return 0.0
    if len(classes) == 2:
        ones = y == classes[1]
        area = _auc(_mean_ranks(repeats)[codes], ones)
        return _auc_less_error(area, int((~ones).sum()), int(ones.sum()))
    worst = 1.0
    for first, second in combinations(classes, 2):
        pair = (y == first) | (y == second)
        ones = y[pair] == second
        n1, n0 = int(ones.sum()), int((~ones).sum())
        worst = min(worst, _auc_less_error(_auc(_ranks(codes[pair]), ones), n0, n1))
        if worst <= SUSPICIOUS:
            break
    return worst


def _auc(ranks: Array, ones: Array) -> float:
    """The area under the ROC curve, in the direction in which it is the larger one."""
    n1 = int(ones.sum())
    area = float((ranks[ones].sum() - n1 * (n1 + 1) / 2) / ((len(ones) - n1) * n1))
    return max(area, 1.0 - area)


def _auc_less_error(area: float, n0: int, n1: int) -> float:
    """An area under the ROC curve less its error (Hanley and McNeil, 1982)."""
    one, two = area / (2 - area) - area**2, 2 * area**2 / (1 + area) - area**2
    return area - STANDARD_ERRORS * float(np.sqrt((area * (1 - area) + (n1 - 1) * one + (n0 - 1) * two) / (n0 * n1)))


def _word_power(codes: Array, y: Array, task: str) -> float:
    """How well the other rows with the same word predict the target of a row, see `predictive_power`."""
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
        return max(_correlation_less_error(means, y[several]), 0.0)
    rows = np.bincount(y)
    if np.count_nonzero(rows) < 2 or rows[rows > 0].min() < ROWS_A_CLASS or len(used) * len(rows) > MOST_NUMBERS:
        return 0.0
    table = _pair_counts(codes, y, len(used), len(rows))
    every = np.arange(len(codes))
    found = table[codes]
    found[every, y] -= 1
    right = found.argmax(axis=1) == y
    return float((np.bincount(y, weights=right)[rows > 0] / rows[rows > 0]).mean())


def _correlation_less_error(a: Array, b: Array) -> float:
    """The correlation less its error (Fisher, 1915)."""
    if len(a) < ROWS_A_CLASS:
        return 0.0
    if a.std() == 0 or b.std() == 0:
        return 0.0
    found = float(np.corrcoef(a, b)[0, 1])
    sign, size = np.sign(found), min(abs(found), 1 - 1e-12)
    return float(sign * max(np.tanh(np.arctanh(size) - STANDARD_ERRORS / np.sqrt(len(a) - 3)), 0.0))


def _ranks(values: Array) -> Array:
    """Ranks from 1; equal values share their mean rank."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Array = _mean_ranks(counts)[places]
    return ranks


def _mean_ranks(counts: Array) -> Array:
    """The rank of each different value in ascending order, from how often each occurs."""
    ranks: Array = np.cumsum(counts) - (counts - 1) / 2
    return ranks


def leak_reason(values: Any, y: Array, task: str) -> str:
    """Why a column certainly leaks the target, or "" if it does not.

    `values` are those of the training part as in `fit_entry`, `y` its class numbers or values. A column leaks if
    each of its few words belongs to one class, if it has a number of its own for each class, or if a straight line
    through it is the target itself.
    """
    if isinstance(values, Words):
        return _pure_values(values.codes, y) if task != "regression" else ""
    if values.ndim > 1:
        return ""
    present = ~np.isnan(values)
    if task == "regression":
        part, target = values[present], y[present]
        if len(part) < 10 or part.std() == 0 or target.std() == 0:
            return ""
        correlation = abs(float(np.corrcoef(part, target)[0, 1]))
        return "it is the target itself in another unit" if correlation >= LEAK_CORRELATION else ""
    head = np.unique(values[:1000])
    if len(head) * ROWS_A_VALUE > min(len(values), 1000):
        return ""
    numbers, codes = np.unique(values, return_inverse=True)
    codes_of_classes = len(numbers) <= len(np.unique(y)) + bool(np.isnan(numbers).any())
    return _pure_values(codes, y) if codes_of_classes else ""


def _pure_values(codes: Array, y: Array) -> str:
    table = _pair_counts(codes, y, int(codes.max()) + 1, int(y.max()) + 1)
    table = table[table.sum(axis=1) > 0]
    if len(table) < 2 or len(table) * ROWS_A_VALUE > len(y) or (table.sum(axis=0) > 0).sum() < 2:
        return ""
    pure = (np.count_nonzero(table, axis=1) == 1).all()
    return "each of its values belongs to one class: it gives the target away" if pure else ""


def _pair_counts(codes: Array, y: Array, words: int, classes: int) -> Array:
    """How often each code (m,) occurs with each class y (m,): (words, classes)."""
    pairs = codes.astype(np.int64) * classes + y
    return np.bincount(pairs, minlength=words * classes).reshape(words, classes)
