"""Permutation importance: how much worse a score becomes when one column is shuffled among the rows.

All inputs that a column fills are shuffled together. Permutations are drawn as scikit-learn's
`permutation_importance` draws them, so that the same seed gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.model import Model
from deepnet_tui.understand.columns import InputColumn, input_columns
from deepnet_tui.understand.scores import Score, score_named
from engine.arrays import Array

REPEATS = 10
LEAST_ROWS = 2
MOST_COLUMNS = 2_000
WORK = 1e11  # floating-point operations that all shuffles together may take where rows may be drawn
FEWEST = 100  # rows that are drawn at least


@dataclass(frozen=True)
class ColumnImportance:
    """How much worse the score is with this column shuffled, in each repeat (repeats,): negative where it is better."""

    name: str
    losses: Array

    @property
    def mean(self) -> float:
        """The mean over the repeats."""
        return float(self.losses.mean())

    @property
    def std(self) -> float:
        """The standard deviation over the repeats."""
        return float(self.losses.std())


@dataclass(frozen=True)
class Importance:
    """The importance of the columns measured so far, in the order of the model; `of` counts all columns.

    `score` is that of `rows` rows as they are, `reached`.
    """

    score: Score
    reached: float
    columns: tuple[ColumnImportance, ...]
    rows: int
    repeats: int
    of: int

    @property
    def ranked(self) -> list[ColumnImportance]:
        """The columns, the most important one first."""
        return sorted(self.columns, key=lambda column: -column.mean)

    @property
    def sentence(self) -> str:
        """What the numbers are."""
        shuffles = f"mean ± standard deviation of {self.repeats} shuffles" if self.repeats > 1 else "one shuffle"
        return (
            f"By how much {self.score.title} ({self.reached:.4g} on {self.rows:,} rows) {self.score.harm} when a "
            f"column is shuffled: {shuffles}."
        )


def importance(
    model: Model,
    X: Array,
    truth: Array,
    repeats: int = REPEATS,
    seed: int = 0,
    score: str = "",
    report: Callable[[Importance], object] = lambda _: None,
) -> Importance:
    """The importance of every column on the rows with the prepared inputs X (n0, m) and the truth, see `Score`.

    `score` names one of `scores.SCORES`, "" for the usual one. `report` is given the columns so far after each of
    them; it may raise to stop the work. Raises InputError for too few rows, an unknown score and one that these rows do
    not have, such as a ROC AUC where a class is missing.
    """
    chosen, columns = score_named(model, score), input_columns(model.preparation)
    if X.shape[1] < LEAST_ROWS:
        raise InputError(f"importance needs at least {LEAST_ROWS} rows, not {X.shape[1]:,}", "data")
    if len(columns) > MOST_COLUMNS:
        raise InputError(f"importance is for up to {MOST_COLUMNS:,} columns; the model has {len(columns):,}", "data")
    if repeats < 1:
        raise InputError(f"importance needs at least one repeat, not {repeats}", "repeats")
    X = np.array(X, dtype=np.float64)
    try:
        reached = chosen.of(model, model.outputs(X), truth)
    except ValueError as error:
        raise InputError(f"{chosen.title} can't be measured on these rows: {error}", "score") from None
    if not np.isfinite(reached):
        raise InputError(f"{chosen.title} can't be measured on these rows: it is {reached}", "score")
    shuffles = int(np.random.RandomState(seed).randint(np.iinfo(np.int32).max + 1))
    found: list[ColumnImportance] = []
    result = Importance(chosen, reached, (), X.shape[1], repeats, len(columns))
    for column in columns:
        found.append(
            ColumnImportance(column.name, _losses(model, X, truth, column, repeats, shuffles, chosen, reached))
        )
        result = Importance(chosen, reached, tuple(found), X.shape[1], repeats, len(columns))
        report(result)
    return result


def drawn_rows(model: Model, m: int, most: int, repeats: int = REPEATS, seed: int = 0) -> Array:
    """The places of so many of m rows that their importance is measured in a bearable time: at most `most`."""
    weights = sum(value.size for value in model.parameters.values())
    affordable = int(WORK / (2 * weights * repeats * len(input_columns(model.preparation))))
    count = min(m, most, max(FEWEST, affordable))
    return np.arange(m) if count == m else np.sort(np.random.RandomState(seed).choice(m, count, replace=False))


def _losses(
    model: Model, X: Array, truth: Array, column: InputColumn, repeats: int, seed: int, score: Score, reached: float
) -> Array:
    random, order = np.random.RandomState(seed), np.arange(X.shape[1])
    own = X[column.inputs].copy()
    losses = np.empty(repeats)
    for repeat in range(repeats):
        random.shuffle(order)
        X[column.inputs] = X[column.inputs][:, order]
        losses[repeat] = score.sign * (reached - score.of(model, model.outputs(X), truth))
    X[column.inputs] = own
    return losses
