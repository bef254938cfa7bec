"""How much each column of one row contributes to its prediction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import listed
from deepnet_tui.model import Model
from deepnet_tui.understand.answer import Answer, usual_answer
from deepnet_tui.understand.columns import column_of_inputs, input_columns
from deepnet_tui.understand.integrated_gradients import integrated_gradients
from deepnet_tui.understand.shapley import exact_shapley, sampled_shapley
from engine.arrays import Array

EXACT = 10  # columns up to which all sets of them are gone through
SAMPLED = 1_000  # columns up to which orders of them are sampled
BACKGROUND = 100  # rows of the background, at most
ANSWERS = 60_000  # of the network for one row, about: what the number of sampled orders follows from

METHODS = ("exact Shapley values", "sampled Shapley values", "integrated gradients")
AUTO = "auto"


@dataclass(frozen=True)
class Contributions:
    """What the columns add to the prediction for one row.

    `values` (n,) follow `columns`; they and `base` add up to `prediction`. The base is the mean prediction over the
    background, for integrated gradients the prediction for the mean of its inputs.
    The unit is that of `title`: a probability, or the target's own. `method` is one of METHODS; `errors` (n,) are
    standard errors, zero where nothing was sampled. `background` counts its rows.
    """

    columns: tuple[str, ...]
    values: Array
    errors: Array
    base: float
    prediction: float
    answer: str
    title: str
    method: str
    background: int

    @property
    def order(self) -> list[int]:
        """The numbers of the columns, that with the largest contribution first."""
        return [int(place) for place in np.argsort(-np.abs(self.values), kind="stable")]


def contributions(
    model: Model,
    row: Mapping[str, Any],
    background: Any,
    answer: Answer | None = None,
    method: str = AUTO,
    seed: int = 0,
) -> Contributions:
    """The contribution of each column of a raw row to its prediction.

    `row` maps the columns of the model to values; `background` has rows to compare with, as a data frame, a mapping of
    columns or a sequence of such rows: those that the model was trained on, or some of them. At most BACKGROUND of them
    are used, drawn with `seed`. `answer` is what is explained, see `usual_answer`. `method` is one of METHODS; "auto"
    takes exact Shapley values up to EXACT columns, sampled ones up to SAMPLED, integrated gradients for more. Raises
    InputError for a value that can't be read, a column that is not there, an unknown method and an empty background.
    """
    rows = background if hasattr(background, "keys") else model.as_columns(background)
    x = model.preparation.apply(model.as_columns([row])).X[:, 0]
    return contributions_of_inputs(model, x, model.preparation.apply(rows).X, answer, method, seed)


def contributions_of_inputs(
    model: Model,
    x: Array,
    background: Array,
    answer: Answer | None = None,
    method: str = AUTO,
    seed: int = 0,
    check: Callable[[], object] = lambda: None,
) -> Contributions:
    """Like `contributions`, for the prepared inputs x (n0,) of the row and (n0, m) of the background.

    `check` is called now and then and may raise to stop the work.
    """
    columns = input_columns(model.preparation)
    if method == AUTO:
        method = METHODS[0 if len(columns) <= EXACT else 1 if len(columns) <= SAMPLED else 2]
    if method not in METHODS:
        raise InputError(f"the method {method!r} is unknown; choose one of {listed(METHODS)}", "method")
    if not background.shape[1]:
        raise InputError("contributions need rows to compare with, and there are none", "background")
    answer = answer or usual_answer(model, x)
    rows = sample_of(background, BACKGROUND, seed)
    column_of = column_of_inputs(columns)
    with np.errstate(over="ignore", invalid="ignore"):
        if method == METHODS[0]:
            found = exact_shapley(answer, x, rows, column_of, check)
        elif method == METHODS[2]:
            found = integrated_gradients(answer, x, rows.mean(axis=1), column_of, check)
        else:
            each = 2 * rows.shape[1] * (len(columns) + 1)
            found = sampled_shapley(answer, x, rows, column_of, max(1, ANSWERS // each), seed, check)
    if not np.isfinite(found.values).all():
        raise InputError("the values of the row are too large for the model to predict it", "row")
    names = tuple(column.name for column in columns)
    return Contributions(
        names,
        found.values,
        found.errors,
        found.base,
        found.prediction,
        answer.name,
        answer.title,
        method,
        rows.shape[1],
    )


def sample_of(X: Array, most: int, seed: int) -> Array:
    """At most so many of the examples X (n0, m), drawn without replacement and kept in their order."""
    m = X.shape[1]
    if m <= most:
        return np.asarray(X, dtype=np.float64)
    chosen = np.sort(np.random.RandomState(seed).choice(m, most, replace=False))
    return np.asarray(X[:, chosen], dtype=np.float64)
