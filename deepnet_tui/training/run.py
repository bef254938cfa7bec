"""One run of training: its trainer, its costs, its snapshots. The thread that holds `lock` may train it."""

from __future__ import annotations

import itertools
import math
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from deepnet_tui.training.history import History, Snapshot, Snapshots
from deepnet_tui.training.recorder import RunRecorder
from engine.training.events import Finished, Progress

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.runs.store import Store
    from engine.arrays import Array
    from engine.training.trainer import Trainer

GLANCE = 0.25  # seconds, at least, for which glances show the same gradient norms,
NORMS_SHARE = 0.02  # of the training time may go into them,
NORMS_GRACE = 0.05  # once those of snapshots have taken this many seconds


class TrainingRun:
    """One network in training, from its first parameters to its last.

    `changes` takes settings that are applied between two iterations. `pulse` is (iteration, seconds spent in
    training), `latest` the newest snapshot; both are replaced whole and may be read at any time.
    """

    def __init__(
        self,
        experiment: Experiment,
        dataset: Dataset,
        parameters: Mapping[str, Array] | None = None,
        store: Store | None = None,
    ) -> None:
        self.id = uuid.uuid4().hex[:12]
        self.experiment = experiment
        self.dataset = dataset
        self.start = parameters
        self.lock = threading.Lock()
        self.changes: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self.trainer: Trainer | None = None
        self.warned = False
        self._recorder = RunRecorder(store)
        self._fresh()

    def _fresh(self) -> None:
        self.history = History()
        self.snapshots = Snapshots()
        self.latest: Snapshot | None = None
        self.finished: Finished | None = None
        self.pulse: tuple[int, float] = (0, 0.0)
        self._reports = itertools.count()
        self._norms_seconds = 0.0
        self._norms: tuple[float, dict[str, float]] = (0.0, {})  # until when they do for a glance

    @property
    def trained(self) -> bool:
        """Whether the parameters have moved from where they started."""
        return self.pulse[0] > 0

    def discard(self) -> None:
        """Give the memory back; training would begin anew."""
        self.close()
        self.trainer = None
        self._fresh()

    def close(self) -> None:
        """Nothing more will be kept of this run unless it is trained on."""
        self._recorder.close()

    def prepare(self) -> Trainer:
        """The trainer, made when it is first needed. Raises InputError for settings that don't fit the data."""
        if self.trainer is None:
            trainer = self.experiment.trainer(self.dataset)
            if self.start is not None:
                trainer.assign(self.start)
            self.trainer = trainer
        return self.trainer

    def apply_changes(self, trainer: Trainer) -> None:
        """Hand on the settings that were changed meanwhile."""
        if self.changes.empty():
            return
        while not self.changes.empty():
            trainer.change(**self.changes.get())
            self.finished = trainer.finished()
        self._recorder.change(self.experiment)

    def report(self, trainer: Trainer) -> Finished | None:
        """Report the cost, keep a snapshot if its turn has come, and say whether the run is over."""
        number = next(self._reports)
        progress = trainer.report()
        self.history.append(progress)
        self._recorder.report(progress, trainer)
        self.finished = trainer.finished()
        if self.snapshots.wanted(number):
            began = time.thread_time()  # not the clock: a busy machine must not make them dear
            affordable = self._norms_seconds < NORMS_GRACE + NORMS_SHARE * self.pulse[1]
            snapshot = self.take(trainer, progress, norms=affordable)
            if self._newer(snapshot):
                self.snapshots.keep(snapshot)
            self._norms_seconds += time.thread_time() - began if affordable else 0.0
        return self.finished

    def keep(self, trainer: Trainer) -> None:
        """From here on the run is kept on disk."""
        self._recorder.begin(self.experiment, self.dataset, trainer, own=self.start is not None)

    @property
    def warning(self) -> str:
        """Why the run is not kept, "" while it is."""
        return self._recorder.warning

    def take(self, trainer: Trainer, progress: Progress | None = None, *, norms: bool = True) -> Snapshot:
        """Make and publish a snapshot of the network as it is now, if so wanted without the norms of its gradients."""
        if progress is None:
            cost, held = trainer.cost(), trainer.validation_cost()
        else:
            cost, held = progress.cost, progress.validation_cost
        if norms:
            return self._publish(trainer, cost, held, self._gradient_norms(trainer))
        latest = self._publish(trainer, cost, held, self._norms[1])
        return replace(latest, gradient_norms={})

    def complete(self, snapshot: Snapshot) -> None:
        """Work out the gradient norms that a snapshot was taken without; waits until nobody trains."""
        with self.lock:
            if self.trainer is not None and not snapshot.gradient_norms:
                snapshot.gradient_norms.update(_norms_of(self.trainer.gradients(snapshot.parameters)))

    def live_snapshot(self, trainer: Trainer) -> Snapshot:
        """The same for a screen that is drawn many times a second; the gradient norms may be a little older."""
        until, norms = self._norms
        if time.perf_counter() >= until:
            norms = self._gradient_norms(trainer)
        return self._publish(trainer, trainer.cost(), trainer.validation_cost(), norms)

    def _gradient_norms(self, trainer: Trainer) -> dict[str, float]:
        began = time.perf_counter()
        norms = _norms_of(trainer.gradients())
        now = time.perf_counter()
        self._norms = (now + max(GLANCE, (now - began) / NORMS_SHARE), norms)
        return norms

    def _publish(self, trainer: Trainer, cost: float, held: float | None, norms: dict[str, float]) -> Snapshot:
        snapshot = Snapshot(trainer.iteration, cost, held, trainer.parameters, norms, trainer.next_update())
        self.latest = snapshot
        return snapshot

    def rest(self, trainer: Trainer) -> None:
        """Publish the network as it is left when training pauses or ends; its cost joins the curve."""
        if self.finished is None and not math.isfinite(trainer.cost()):
            self.report(trainer)  # which brings the last good parameters back
        self._recorder.rest(trainer)
        snapshot = self.take(trainer)
        if self.history.last_iteration < snapshot.iteration:
            self.history.append(
                Progress(snapshot.iteration, snapshot.cost, snapshot.validation_cost, trainer.learning_rate)
            )
        if self._newer(snapshot):
            self.snapshots.keep(snapshot)

    def _newer(self, snapshot: Snapshot) -> bool:
        """Whether it is of a later iteration than those kept: a run that diverged goes back to one of them."""
        return not self.snapshots.items or self.snapshots.items[-1].iteration < snapshot.iteration


def _norms_of(gradients: Mapping[str, Array]) -> dict[str, float]:
    import numpy as np

    return {name: float(np.linalg.norm(values)) for name, values in gradients.items()}
