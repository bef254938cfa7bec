"""When a trial is given up: at a report where it is worse than half of the finished trials were then.

It is the rule of Optuna's MedianPruner. The trials that are finished when a trial begins decide on it, so that a worker
needs no connection to the study, and one worker on a busy machine prunes as another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

FEWEST = 5  # finished trials before which none is pruned
WARM_UP = 0.25  # share of the reports of the defaults before which none is


def bar_of(finished: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """For each report the median of the scores of `finished` trials then, nan where nothing is pruned."""
    if len(finished) < FEWEST:
        return ()
    length = max(map(len, finished))
    first = math.ceil(length * WARM_UP)
    return tuple(
        median(reports[step] for reports in finished if step < len(reports)) if step >= first else math.nan
        for step in range(length)
    )
