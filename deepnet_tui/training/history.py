"""Every cost that a run has reported, from the thread that trains to the chart.

`TrainingRun.report` (`run.py`) appends, in the thread that trains (`thread.py`). The screen (`poll` of
`screens/workspace.py`) asks on a timer whether there is anything new (`Workbench.version`); then the chart
(`widgets/panes/cost.py`) draws `curves()`. One thread writes, any other may read at any time without a lock: the writer
fills in first and publishes last, a reader takes the count before the arrays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.arrays import Array
    from engine.training.events import Progress

COLUMNS = ("iteration", "cost", "validation_cost", "learning_rate", "lowest", "highest", "internal_cost")
_VALUES = attrgetter(*COLUMNS)


@dataclass(frozen=True)
class Curves:
    """The fields of `Progress` in the order of the reports, each array (n,); what a report does not have is nan."""

    iteration: Array
    cost: Array
    validation_cost: Array
    learning_rate: Array
    lowest: Array
    highest: Array
    internal_cost: Array


class History:
    """All reports of one run. None is ever dropped."""

    def __init__(self) -> None:
        import numpy as np

        self._table = np.empty((len(COLUMNS), 256))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, report: Progress) -> None:
        """Add one report. Only the thread that trains may call this."""
        count = self._count
        if count == self._table.shape[1]:
            larger = self._table.repeat(2, axis=1)
            larger[:, :count] = self._table
            self._table = larger
        self._table[:, count] = [math.nan if value is None else value for value in _VALUES(report)]
        self._count = count + 1

    @property
    def last_iteration(self) -> int:
        """The iteration of the latest report, -1 before the first."""
        count = self._count
        return int(self._table[0, count - 1]) if count else -1

    def curves(self) -> Curves:
        """Everything so far, without copying."""
        count = self._count
        return Curves(*self._table[:, :count])


def reduce(x: Array, y: Array, buckets: int) -> tuple[Array, Array]:
    """At most 2 * buckets points that look the same: the lowest and the highest of every bucket, in order.

    x and y are (n,); points whose y is not finite are left out.
    """
    import numpy as np

    good = np.isfinite(y)
    x, y = x[good], y[good]
    n = len(x)
    if n <= 2 * buckets:
        return x, y
    edges = np.linspace(0, n, buckets + 1).astype(np.int64)
    chosen: list[int] = []
    for start, stop in pairwise(edges):
        part = y[start:stop]
        low, high = start + int(part.argmin()), start + int(part.argmax())
        chosen += [low] if low == high else sorted((low, high))
    kept = np.asarray(chosen)
    return x[kept], y[kept]
