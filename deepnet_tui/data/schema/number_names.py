"""Whole numbers that are names: the school 1183, the person 27. Their order says less than which one it is.

Whether a column is one is measured on the training rows, out of fold: the mean label of each number, drawn towards the
mean of all as for words, against a curve through the numbers, piecewise linear between quantiles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from deepnet_tui.data.columns import ColumnInfo
from deepnet_tui.data.preparation.rich_fitting import MOST_BINS, bin_edges
from deepnet_tui.data.preparation.target_statistics import FOLDS, MOST_CLASSES, smoothed
from deepnet_tui.data.settings import DataSettings
from engine.arrays import Array

ROWS_A_NAME = 5  # on average; numbers that repeat less often are no names that one could learn
ADVANTAGE = 0.01  # of the variance of the labels, that the names must explain beyond the curve
ERRORS = 3.0  # standard errors that the advantage must be above 0
MOST_ROWS = 20_000  # that are looked at
RIDGE = 3.0
AS_NAMES = "whole numbers that act as names"  # how the reason of such a column begins


def with_number_names(
    infos: Sequence[ColumnInfo], checked: Mapping[str, Any], Y: Array, rows: Array, settings: DataSettings
) -> tuple[ColumnInfo, ...]:
    """The columns; features of whole numbers that are names become categorical. `Y` (nL, m) are the labels, `rows` the
    training rows. A kind that the user has chosen stays."""
    labels = Y[:, rows[:MOST_ROWS]]
    if len(labels) > MOST_CLASSES:
        return tuple(infos)

    def named(info: ColumnInfo) -> ColumnInfo:
        chosen = settings.columns.get(info.name)
        if info.kind != "numeric" or info.role != "feature" or (chosen and chosen.kind):
            return info
        found = explained(checked[info.name][rows[:MOST_ROWS]], labels, settings.seed)
        if found is None:
            return info
        as_names, as_curve = found
        reason = f"{AS_NAMES}: by name they explain {as_names:.0%} of the target, as a curve"
        return replace(info, kind="categorical", reason=f"{reason} {as_curve:.0%}")

    return tuple(map(named, infos))


def explained(values: Array, Y: Array, seed: int) -> tuple[float, float] | None:
    """The shares of the variance of the labels Y (nL, m) that `values` (m,) explain out of fold, as names and as a
    curve; None unless they are names."""
    present = ~np.isnan(values)
    values, Y = values[present], Y[:, present]
    if (values != np.round(values)).any():
        return None
    names, codes = np.unique(values, return_inverse=True)
    if not MOST_BINS < len(names) <= len(values) / ROWS_A_NAME:
        return None
    spread = Y.std(axis=1, keepdims=True)
    Y = (Y - Y.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    fold = np.random.default_rng(seed).permutation(len(values)) % FOLDS
    by_name, by_curve = np.empty(Y.shape), np.empty(Y.shape)
    edges = np.array(bin_edges(np.sort(values), MOST_BINS))
    X = np.clip((values - edges[:-1, np.newaxis]) / np.diff(edges)[:, np.newaxis], 0, 1)
    X = np.vstack([X - 0.5, np.ones(len(values))])
    for number in range(FOLDS):
        here, rest = fold == number, fold != number
        by_name[:, here] = smoothed(codes[rest], Y[:, rest], len(names))[codes[here]].T
        gram = X[:, rest] @ X[:, rest].T + RIDGE * np.eye(len(X))
        by_curve[:, here] = np.linalg.solve(gram, X[:, rest] @ Y[:, rest].T).T @ X[:, here]
    total = (Y**2).sum()
    left_by_name, left_by_curve = ((Y - by_name) ** 2).sum(axis=0), ((Y - by_curve) ** 2).sum(axis=0)
    if left_by_curve.sum() > total:  # worse than nothing
        left_by_curve = (Y**2).sum(axis=0)
    gained = left_by_curve - left_by_name
    advantage = gained.sum() / total
    error = gained.std() * np.sqrt(len(gained)) / total
    if advantage < ADVANTAGE or advantage < ERRORS * error:
        return None
    return float(1 - left_by_name.sum() / total), float(1 - left_by_curve.sum() / total)
