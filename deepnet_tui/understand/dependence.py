"""Partial dependence: the answer with one column set to a value in every row, averaged and row by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import quoted
from deepnet_tui.data.values.words import to_word
from deepnet_tui.understand.answer import Answer
from deepnet_tui.understand.columns import InputColumn
from engine.arrays import Array

POINTS = 21  # of a curve over numbers: every twentieth part of the rows
MOST_WORDS = 30
MOST_ROWS = 1_000
CURVES = 30  # individual curves that are kept


@dataclass(frozen=True)
class Dependence:
    """How the answer depends on one column.

    `values` (p,) are numbers in growing order, or words; `labels` say them in words, dates as dates. `mean` (p,) is the
    partial dependence over `rows` rows, `curves` (c, p) are individual ones of some of the rows. `share` (p,) says
    which share of the rows has each word, and is empty for numbers.
    """

    column: str
    title: str
    values: tuple[Any, ...]
    labels: tuple[str, ...]
    mean: Array
    curves: Array
    share: Array
    rows: int

    @property
    def is_words(self) -> bool:
        """Whether the values are words."""
        return bool(len(self.share))


def dependence(
    answer: Answer,
    column: InputColumn,
    X: Array,
    points: int = POINTS,
    seed: int = 0,
    check: Callable[[], object] = lambda: None,
) -> Dependence:
    """The dependence of the answer on a column over the rows with the prepared inputs X (n0, m).

    Numbers are the distinct quantiles of the rows' values, all values where there are no more than `points`; words are
    those that training saw and these rows have. At most MOST_ROWS rows are used, drawn with `seed`. `check` is called
    at each value and may raise. Raises InputError where the rows have no value of the column.
    """
    from deepnet_tui.understand.contributions import sample_of

    X = sample_of(X, MOST_ROWS, seed).copy()
    raw = [column.raw(X[:, place]) for place in range(X.shape[1])]
    values, labels, share = _words(column, raw) if column.is_words else _numbers(column, raw, points)
    if not values:
        raise InputError(f"no row has a value of {quoted(column.name)}", "column")
    encoded = column.encode(list(labels) if column.entry.kind == "date" else values)
    answers = np.empty((len(values), X.shape[1]))
    for place in range(len(values)):
        check()
        X[column.inputs] = encoded[:, place : place + 1]
        answers[place] = answer(X)
    some = np.unique(np.linspace(0, X.shape[1] - 1, min(CURVES, X.shape[1])).astype(int))
    return Dependence(
        column.name,
        answer.title,
        values,
        labels,
        answers.mean(axis=1),
        np.ascontiguousarray(answers[:, some].T),
        share,
        X.shape[1],
    )


def dependence_values(column: InputColumn, X: Array, points: int = POINTS) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    """The values of a column that stand for the rows X (n0, m), and how they are written."""
    step = max(1, X.shape[1] // MOST_ROWS)
    raw = [column.raw(X[:, place]) for place in range(0, X.shape[1], step)]
    return (_words(column, raw) if column.is_words else _numbers(column, raw, points))[:2]


def _numbers(column: InputColumn, raw: Sequence[Any], points: int) -> tuple[tuple[Any, ...], tuple[str, ...], Array]:
    present = [value for value in raw if value is not None]
    dates = column.entry.kind == "date"
    numbers = np.array(present, dtype="datetime64[s]" if dates else np.float64)
    distinct = np.unique(numbers)
    if len(distinct) > points:
        distinct = np.unique(np.quantile(numbers, np.linspace(0, 1, points), method="nearest"))
    if dates:
        days = distinct.astype(np.int64) / 86_400
        texts = [str(date).removesuffix("T00:00:00") for date in distinct]
        return tuple(days.tolist()), tuple(texts), np.empty(0)
    return tuple(distinct.tolist()), tuple(f"{value:.6g}" for value in distinct.tolist()), np.empty(0)


def _words(column: InputColumn, raw: Sequence[Any]) -> tuple[tuple[Any, ...], tuple[str, ...], Array]:
    counts: dict[str, int] = {}
    for value in raw:
        word = to_word(value)
        counts[word] = counts.get(word, 0) + 1
    known = [word for word in column.words if word in counts]
    if len(known) > MOST_WORDS:
        frequent = sorted(known, key=lambda word: -counts[word])[:MOST_WORDS]
        known = [word for word in known if word in set(frequent)]
    labels = tuple(word or "(missing)" for word in known)
    return tuple(known), labels, np.array([counts[word] / len(raw) for word in known])
