"""The parameters of a run at some of its reports: what the views show and the time machine goes back to.

As in `history.py`, one thread writes and any other may read at any time without a lock: `Snapshots.items` is a tuple
that is replaced whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.arrays import Array
    from engine.compiled.next_update import NextUpdate

MOST_SNAPSHOTS = 128
MOST_BYTES = 64_000_000


@dataclass(frozen=True)
class Snapshot:
    """The network at one iteration: parameters by name and the norm of the cost's gradient for each of them.

    The norms may be missing at first: see `TrainingRun.add_gradient_norms`. `next_update` is what the optimizer is
    about to do, None where that is not known. Of an ensemble `cost` is the mean, and `members` has a snapshot of each
    network, whose arrays are views; a member has no validation cost of its own.
    """

    iteration: int
    cost: float
    validation_cost: float | None
    parameters: Mapping[str, Array]
    gradient_norms: dict[str, float] = field(default_factory=dict)
    next_update: NextUpdate | None = None
    members: tuple[Snapshot, ...] = ()

    def member(self, k: int) -> Snapshot:
        """The snapshot of network `k`; of a single network it is this one, always the same object."""
        return self.members[k] if self.members else self

    @property
    def has_norms(self) -> bool:
        """Whether the norms of the gradients are known."""
        return bool(self.member(0).gradient_norms)

    def without_norms(self) -> Snapshot:
        """The same snapshot with no norms yet."""
        members = tuple(each.without_norms() for each in self.members)
        return replace(self, gradient_norms={}, members=members)

    @property
    def bytes(self) -> int:
        """The space that the parameters and the optimizer's memory take."""
        memory = 0 if self.next_update is None else self.next_update.bytes
        return memory + sum(values.nbytes for values in self.parameters.values())

    def without_memory(self) -> Snapshot:
        """The same snapshot without the optimizer's memory."""
        if self.next_update is None:
            return self
        members = tuple(each.without_memory() for each in self.members)
        return replace(self, next_update=replace(self.next_update, memory={}), members=members)


class Snapshots:
    """Snapshots at reports, bounded: when full, every second one goes and the spacing doubles."""

    def __init__(self, most: int = MOST_SNAPSHOTS, most_bytes: int = MOST_BYTES) -> None:
        self.items: tuple[Snapshot, ...] = ()
        self.stride = 1
        self._most = most
        self._most_bytes = most_bytes

    def wants(self, number: int) -> bool:
        """Whether report `number` (from 0) is one of those that a snapshot is kept of."""
        return number % self.stride == 0

    def add(self, snapshot: Snapshot) -> None:
        """Keep one more, thinning out evenly when there are too many. Only the thread that trains may call this.

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
