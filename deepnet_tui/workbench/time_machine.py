"""Back and forth through the snapshots of the present run."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from deepnet_tui.common.background import LatestJob
from deepnet_tui.common.errors import InputError

if TYPE_CHECKING:
    from deepnet_tui.training.run import TrainingRun
    from deepnet_tui.training.snapshots import Snapshot


class TimeMachine:
    """Which snapshot is shown: the one that was chosen, or with None the newest."""

    def __init__(self) -> None:
        self.chosen: Snapshot | None = None
        self._gradients: LatestJob[None] = LatestJob("gradient norms", lambda call: call())

    def choose(self, snapshot: Snapshot | None, training_run: TrainingRun, *, training: bool) -> None:
        """Show this one; gradient norms that it was taken without are computed in a thread, at rest."""
        self.chosen = snapshot
        if snapshot is not None and not snapshot.has_norms and not training:
            work = partial(training_run.add_gradient_norms, snapshot)
            self._gradients.start(lambda _: work(), lambda _: None)

    def step_back(self, training_run: TrainingRun, steps: int, *, training: bool) -> None:
        """To an earlier snapshot, or with negative steps to a later one; beyond the last is the present."""
        items, newest = training_run.snapshots.items, training_run.latest
        last_is_newest = newest is not None and bool(items) and items[-1].iteration == newest.iteration
        if self.chosen is None:
            place = len(items) - 1 if last_is_newest else len(items)
        else:
            place = sum(item.iteration < self.chosen.iteration for item in items)
        place -= steps
        snapshot: Snapshot | None
        if not 0 <= place < len(items):
            snapshot = None if place > 0 or not items else items[0]
        else:
            present = place == len(items) - 1 and last_is_newest and not training
            snapshot = None if present else items[place]
        self.choose(snapshot, training_run, training=training)


def snapshot_at(training_run: TrainingRun, iteration: int) -> Snapshot:
    """The snapshot of this iteration, or the last one before it. InputError when there is none."""
    earlier = [item for item in training_run.snapshots.items if item.iteration <= iteration]
    if not earlier:
        raise InputError(f"There are no parameters of iteration {iteration:,} any more")
    return earlier[-1]
