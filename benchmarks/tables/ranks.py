"""Ranks of learners over data sets, and how far two mean ranks must differ to mean something.

Demšar, Statistical comparisons of classifiers over multiple data sets, JMLR 7 (2006).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

# q of the Nemenyi test at 0.05 for 2 to 10 learners: the studentised range divided by the root of 2 (table 5 there).
Q = {2: 1.960, 3: 2.343, 4: 2.569, 5: 2.728, 6: 2.850, 7: 2.949, 8: 3.031, 9: 3.102, 10: 3.164}


def ranks(scores: Any, *, higher_is_better: bool) -> Any:
    """Ranks (N, k) of k learners on N data sets, 1 the best, ties averaged; NaN, a failure, comes last."""
    from scipy.stats import rankdata

    scores = np.asarray(scores, float)
    worst_first = -scores if higher_is_better else scores
    return rankdata(np.where(np.isnan(scores), np.inf, worst_first), axis=1)


def critical_difference(learners: int, data_sets: int) -> float:
    """The least difference of two mean ranks that the Nemenyi test takes for one, at 0.05; 2 to 10 learners."""
    return Q[learners] * math.sqrt(learners * (learners + 1) / (6 * data_sets))


def friedman(ranked: Any) -> tuple[float, float]:
    """The Friedman statistic of ranks (N, k), and the probability of such a one if all learners were equal."""
    from scipy.stats import chi2

    N, k = ranked.shape
    means = ranked.mean(axis=0)
    statistic = 12 * N / (k * (k + 1)) * (float((means**2).sum()) - k * (k + 1) ** 2 / 4)
    return statistic, float(chi2.sf(statistic, k - 1))


def groups(means: dict[str, float], difference: float) -> list[tuple[str, ...]]:
    """The largest sets of two and more learners whose mean ranks lie within the difference, the best first."""
    names = sorted(means, key=means.__getitem__)
    found: list[tuple[str, ...]] = []
    reached = 0
    for start, name in enumerate(names):
        end = start
        while end < len(names) and means[names[end]] - means[name] <= difference:
            end += 1
        if end - start > 1 and end > reached:
            found.append(tuple(names[start:end]))
            reached = end
    return found
