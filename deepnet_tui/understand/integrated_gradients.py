"""Integrated gradients: the gradient along the straight line from a base to the row, times the way, by column.

    phi_j = sum over the inputs i of column j of (x_i - b_i) * integral over t from 0 to 1 of d f / dx_i (b + t (x - b))

They add up to f(x) - f(b). The integrals are made piece by piece: a piece whose sum is not the difference of f between
its ends holds a kink (of a ReLU, or of a bound of the target) and is halved.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from deepnet_tui.understand.answer import Answer
from deepnet_tui.understand.gradient import gradient
from deepnet_tui.understand.shapley import ShapleyValues
from engine.arrays import Array

NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
HALVINGS = 48  # of a piece, at most
CLOSE = 1e-13  # of the spread of f along the way: what a piece may be off
BLOCK = 4_000_000  # inputs of the network in one block
FIRST = 8  # pieces to begin with


def integrated_gradients(
    answer: Answer, x: Array, base: Array, column_of: Array, check: Callable[[], object] = lambda: None
) -> ShapleyValues:
    """The integrated gradients of one row by column: x (n0,) its inputs, `base` (n0,) those to begin from.

    `column_of` (n0,) has for each input the number of its column; `check` is called between blocks and may raise.
    """
    n, way = int(column_of.max()) + 1, x - base
    values = np.zeros(n)
    edges = np.linspace(0.0, 1.0, FIRST + 1)
    starts, ends = edges[:-1], edges[1:]
    at_edges = _on_the_way(answer, base, way, edges)
    spread = max(1.0, float(np.ptp(at_edges)), abs(float(at_edges[0])))
    step = max(1, BLOCK // (len(NODES) * len(x)))
    for halving in range(HALVINGS + 1):
        waiting: list[tuple[Array, Array]] = []
        for first in range(0, len(starts), step):
            check()
            a, b = (side[first : first + step] for side in (starts, ends))
            half = (b - a) / 2
            t = (a + half)[:, np.newaxis] + half[:, np.newaxis] * NODES
            slopes = gradient(answer, base[:, np.newaxis] + way[:, np.newaxis] * t.ravel())
            pieces = (slopes.reshape(len(x), *t.shape) * WEIGHTS).sum(axis=2) * half * way[:, np.newaxis]
            gained = _on_the_way(answer, base, way, b) - _on_the_way(answer, base, way, a)
            good = np.abs(pieces.sum(axis=0) - gained) <= CLOSE * spread
            if halving == HALVINGS:
                good[:] = True
            np.add.at(values, column_of, pieces[:, good].sum(axis=1))
            waiting.append((a[~good], b[~good]))
        a, b = (np.concatenate(side) for side in zip(*waiting, strict=True))
        if not len(a):
            break
        middle = (a + b) / 2
        starts, ends = np.concatenate([a, middle]), np.concatenate([middle, b])
    return ShapleyValues(values, np.zeros(n), float(at_edges[0]), float(_on_the_way(answer, base, way, edges[-1:])[0]))


def _on_the_way(answer: Answer, base: Array, way: Array, t: Array) -> Array:
    return answer(base[:, np.newaxis] + way[:, np.newaxis] * t)
