"""Could the labels be random? Two permutation tests: by the nearest neighbours, and by a linear fit.

Each test predicts the labels of an example from the other examples only, and repeats that with shuffled labels. Labels
that depend on the features are predicted better than nearly all shuffled ones; labels that don't are like one more
shuffle. A test without a significant result proves nothing: these two simple predictions find no link.
Source: Good (2005), Permutation, Parametric and Bootstrap Tests; leave-one-out residuals of a ridge are e / (1 - h).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import Array

FEWEST = 40  # examples; with fewer, a test without a significant result would mean little
MOST = 400
SHUFFLES = 199
NEIGHBOURS = 5
RIDGE = 1e-2  # relative to the mean squared length of an example


@dataclass(frozen=True)
class PermutationTest:
    """p-values: the share of label orders, the given one included, that are predicted at least as well as it.

    `neighbours` is that of the nearest neighbours, `line` that of the linear fit, both from 1 / 200 to 1; `examples` is
    how many were used. `near` and `wide` are the shares of the labels' variance that the mean label explains of the
    five nearest neighbours, and of the nearest tenth of the examples; at most 1, below 0 if it is worse than nothing.
    """

    neighbours: float
    line: float
    examples: int
    near: float = 0.0
    wide: float = 0.0

    @property
    def smallest(self) -> float:
        """The smaller p-value times two, because there are two tests (Bonferroni); at most 1."""
        return min(1.0, 2 * min(self.neighbours, self.line))


def permutation_test(X: Array, Y: Array, seed: int = 0) -> PermutationTest | None:
    """Test the labels Y (nL, m) against the features X (n0, m). At most 400 examples are used, drawn with `seed`.

    None if the tests would mean nothing: with too few examples, with more features than examples (which then all have
    about the same distance, and a linear fit fits anything), and with labels that are all the same.
    """
    generator = np.random.default_rng(seed)
    chosen = np.sort(generator.permutation(X.shape[1])[:MOST])
    m, labels = chosen.size, np.asarray(Y[:, chosen], np.float64).T
    labels = labels - labels.mean(axis=0)
    if m < FEWEST or len(X) > m or not np.square(labels).sum() > 0:
        return None
    features = np.asarray(X[:, chosen], np.float64).T
    spread = features.std(axis=0)
    used = spread > 0
    features = (features[:, used] - features[:, used].mean(axis=0)) / spread[used]
    orders = np.stack([np.arange(m), *(generator.permutation(m) for _ in range(SHUFFLES))])
    inner = features @ features.T
    distances = _distances(inner)
    near, wide = (_explained(distances, labels, count) for count in (NEIGHBOURS, max(NEIGHBOURS, m // 10)))
    neighbours, line = _neighbour_errors(distances, labels, orders), _line_errors(inner, labels, orders)
    return PermutationTest(_p(neighbours), _p(line), m, near, wide)


def _p(errors: Array) -> float:
    """The share of orders with an error no larger than that of the first, up to rounding."""
    return float((errors <= errors[0] * (1 + 1e-9)).mean())


def _distances(inner: Array) -> Array:
    """The squared distances (m, m) between examples, those to themselves infinite."""
    squares = np.diag(inner)
    distances: Array = squares[:, None] + squares[None, :] - 2 * inner
    np.fill_diagonal(distances, np.inf)
    return distances


def _explained(distances: Array, labels: Array, count: int) -> float:
    """The share of the variance of `labels` (m, nL) that the mean label of the `count` nearest examples explains."""
    nearest = np.argpartition(distances, count, axis=1)[:, :count]
    left = np.square(labels - labels[nearest].mean(axis=1)).sum()
    return float(1 - left / np.square(labels).sum())


def _neighbour_errors(distances: Array, labels: Array, orders: Array) -> Array:
    """For each order the sum of squared differences between the labels of examples and those of their neighbours."""
    nearest = np.argpartition(distances, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    return np.array([np.square(labels[order][nearest] - labels[order][:, None]).sum() for order in orders])


def _line_errors(inner: Array, labels: Array, orders: Array) -> Array:
    """For each order the sum of squared leave-one-out errors of a ridge regression."""
    m = len(inner)
    penalty = RIDGE * max(float(np.trace(inner)) / m, 1e-12)
    hat = np.linalg.solve(inner + penalty * np.eye(m), inner) + 1 / m
    left = np.maximum(1 - np.diag(hat), 1e-9)[:, None]
    return np.array([np.square((labels[order] - hat @ labels[order]) / left).sum() for order in orders])
