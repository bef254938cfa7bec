"""Shapley values: what each column adds to a prediction, averaged over the orders in which columns become known.

A column that is not known yet has its value in a row of the background. With v(S) the mean answer over the background
where the columns S are those of the row,

    phi_j = sum over S without j of |S|! (n - |S| - 1)! / n! (v(S + j) - v(S)),

and all of them add up to the answer for the row minus the mean answer over the background.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array

BLOCK = 2_000_000  # inputs of the network in one block
MOST_COLUMNS = 16  # for exact values

Function = Callable[[Array], Array]
"""From inputs (n0, m) to answers (m,)."""


@dataclass(frozen=True)
class ShapleyValues:
    """`values` (n,) of the columns, their standard `errors` (n,), zero where they are exact, and the `base`: the mean
    answer over the background. The values add up to `prediction` - `base`."""

    values: Array
    errors: Array
    base: float
    prediction: float


def exact_shapley(
    function: Function,
    x: Array,
    background: Array,
    column_of: Array,
    check: Callable[[], object] = lambda: None,
) -> ShapleyValues:
    """The Shapley values of one row by going through all sets of columns.

    `x` (n0,) are the inputs of the row, `background` (n0, m) those of the background, `column_of` (n0,) has for each
    input the number of its column. `check` is called between blocks and may raise. Raises ValueError for more than
    MOST_COLUMNS columns and for an empty background.
    """
    n, m = _size(column_of, background)
    if n > MOST_COLUMNS:
        raise ValueError(f"{n} columns are too many to go through all sets of them")
    sets = np.arange(2**n)
    known = (sets[np.newaxis, :] >> column_of[:, np.newaxis]) & 1 == 1  # (n0, 2^n)
    means = np.empty(len(sets))
    step = max(1, BLOCK // max(1, len(x) * m))
    for start in range(0, len(sets), step):
        check()
        inside = known[:, start : start + step]
        X = np.where(inside[:, :, np.newaxis], x[:, np.newaxis, np.newaxis], background[:, np.newaxis, :])
        answers = function(np.ascontiguousarray(X.reshape(len(x), -1)))
        means[start : start + step] = answers.reshape(-1, m).mean(axis=1)
    sizes = np.array([int(number).bit_count() for number in sets])
    values = np.empty(n)
    for column in range(n):
        without = sets[(sets >> column) & 1 == 0]
        weights = np.array([1.0 / (n * math.comb(n - 1, size)) for size in range(n)])[sizes[without]]
        values[column] = weights @ (means[without | 1 << column] - means[without])
    return ShapleyValues(values, np.zeros(n), float(means[0]), float(means[-1]))


def sampled_shapley(
    function: Function,
    x: Array,
    background: Array,
    column_of: Array,
    rounds: int = 1,
    seed: int = 0,
    check: Callable[[], object] = lambda: None,
) -> ShapleyValues:
    """Estimates of the Shapley values of one row: for every row of the background `rounds` random orders of the
    columns, each followed forwards and backwards.

    The arguments are those of `exact_shapley`. In each order the steps lead from the row of the background to the row,
    so that the sum is exact whatever the orders are.
    """
    n, m = _size(column_of, background)
    random = np.random.RandomState(seed)
    count = m * rounds
    orders = np.array([random.permutation(n) for _ in range(count)])
    found = np.empty((count, n))
    ends = np.zeros(2)
    step = max(1, BLOCK // (len(x) * (n + 1)))
    for start in range(0, count, step):
        check()
        part = orders[start : start + step]
        B = background[:, np.arange(start, start + len(part)) % m]
        gained = np.zeros((len(part), n))
        for each in (part, part[:, ::-1]):
            answers = _along(function, x, B, each, column_of)
            gained += np.take_along_axis(np.diff(answers, axis=1), np.argsort(each, axis=1), axis=1)
            ends += answers[:, 0].sum(), answers[:, -1].sum()
        found[start : start + step] = gained / 2
    errors = found.std(axis=0, ddof=1) / math.sqrt(count) if count > 1 else np.zeros(n)
    base, prediction = ends / (2 * count)
    return ShapleyValues(found.mean(axis=0), errors, float(base), float(prediction))


def _along(function: Function, x: Array, B: Array, orders: Array, column_of: Array) -> Array:
    """The answers (g, n + 1) on the way from the rows B (n0, g) to x, the columns changing in the orders (g, n)."""
    g, n = orders.shape
    turns = np.argsort(orders, axis=1)[:, column_of]  # (g, n0)
    known = turns.T[:, :, np.newaxis] < np.arange(n + 1)
    X = np.where(known, x[:, np.newaxis, np.newaxis], B[:, :, np.newaxis])
    return function(np.ascontiguousarray(X.reshape(len(x), -1))).reshape(g, n + 1)


def _size(column_of: Array, background: Array) -> tuple[int, int]:
    m = background.shape[1]
    if not m:
        raise ValueError("a background needs rows")
    return int(column_of.max()) + 1, m
