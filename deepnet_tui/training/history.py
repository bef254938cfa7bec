"""What a run has left behind: every reported cost, and parameters at some of the reports.

One thread writes, any other may read at any time without a lock: a writer fills in first and publishes last,
a reader takes the count before the arrays.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.arrays import Array
    from engine.compiled.next_update import NextUpdate
    from engine.training.events import Progress

COLUMNS = ("iteration", "cost", "validation_cost", "learning_rate")
MOST_SNAPSHOTS = 128
MOST_BYTES = 64_000_000


@dataclass(frozen=True)
class Curves:
    """Reports in the order they came, each array (n,); a missing held-out cost is nan."""

    iteration: Array
    cost: Array
    validation_cost: Array
    learning_rate: Array


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
        held = report.validation_cost
        row = (report.iteration, report.cost, math.nan if held is None else held, report.learning_rate)
        self._table[:, count] = row
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


@dataclass(frozen=True)
class Snapshot:
    """The network at one moment: parameters by name and the norm of the cost's gradient for each of them.

    The norms may be missing at first: see `TrainingRun.complete`. `next_update` says what the next update would take,
    None where nobody knows.
    """

    iteration: int
    cost: float
    validation_cost: float | None
    parameters: Mapping[str, Array]
    gradient_norms: dict[str, float] = field(default_factory=dict)
    next_update: NextUpdate | None = None

    @property
    def bytes(self) -> int:
        """The space that the parameters and the optimizer's memory take."""
        memory = 0 if self.next_update is None else self.next_update.bytes
        return memory + sum(values.nbytes for values in self.parameters.values())

    def without_memory(self) -> Snapshot:
        """The same, with what the optimizer remembered forgotten."""
        return self if self.next_update is None else replace(self, next_update=replace(self.next_update, memory={}))


class Snapshots:
    """Snapshots at reports, bounded: when full, every second one goes and the spacing doubles."""

    def __init__(self, most: int = MOST_SNAPSHOTS, most_bytes: int = MOST_BYTES) -> None:
        self.items: tuple[Snapshot, ...] = ()
        self.stride = 1
        self._most = most
        self._most_bytes = most_bytes

    def wanted(self, number: int) -> bool:
        """Whether report `number` (from 0) is one of those that are kept."""
        return number % self.stride == 0

    def keep(self, snapshot: Snapshot) -> None:
        """Add one, thinning out evenly when there are too many. Only the thread that trains may call this.

        The optimizer's memory is kept as long as that costs no snapshot.
        """
        if snapshot.bytes * self._most > self._most_bytes:
            snapshot = snapshot.without_memory()
        most = max(2, min(self._most, self._most_bytes // max(1, snapshot.bytes)))
        items = (*self.items, snapshot)
        while len(items) > most:
            items = items[::2]
            self.stride *= 2
        self.items = items


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
