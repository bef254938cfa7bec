"""One training run: its trainer, its costs (`history.py`), its snapshots (`snapshots.py`), its entry in the run store.

The thread that holds `lock` may train it (`thread.py`); the screen reads what it publishes, without waiting for it.
"""

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

from deepnet_tui.training.history import History
from deepnet_tui.training.recorder import RunRecorder
from deepnet_tui.training.snapshots import Snapshot, Snapshots
from engine.training.events import Finished, Progress

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.runs.store import Store
    from deepnet_tui.training.calibration import Calibration
    from engine.arrays import Array
    from engine.training.trainer import Trainer

Norms = dict[str, float]  # of the gradients dW1, db1, ... of one network

METRICS_PATIENCE = 5.0  # seconds that metrics wait for whoever else looks at the trainer
NORMS_FRESH = 0.25  # seconds, at least, for which live snapshots show the same gradient norms,
NORMS_SHARE = 0.01  # of the training time may go into them,
NORMS_GRACE = 0.05  # once those of snapshots have taken this many seconds


class TrainingRun:
    """One network in training, from its first parameters to its last.

    `parameters` are those to start from, None for the initializer's. `changes` takes settings that are applied between
    two iterations. `pulse` is (iteration, seconds spent in training), `latest` the newest snapshot; both are replaced
    whole and may be read at any time. `calibration` says how the output was calibrated when the run ended. In the store
    it has the `tags`. `norms_grace` is how many seconds the gradient norms of snapshots may take at the beginning.
    """

    def __init__(
        self,
        experiment: Experiment,
        dataset: Dataset,
        parameters: Mapping[str, Array] | None = None,
        store: Store | None = None,
        tags: tuple[str, ...] = (),
    ) -> None:
        self.id = uuid.uuid4().hex[:12]
        self.experiment = experiment
        self.dataset = dataset
        self.given_parameters = parameters
        self.lock = threading.Lock()
        self.changes: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self.trainer: Trainer | None = None
        self.warned = False
        self.norms_grace = NORMS_GRACE
        self._recorder = RunRecorder(store, tags)
        self._clear()

    def _clear(self) -> None:
        self.history = History()
        self.snapshots = Snapshots()
        self.latest: Snapshot | None = None
        self.finished: Finished | None = None
        self.calibration: Calibration | None = None
        self.pulse: tuple[int, float] = (0, 0.0)
        self._reports = itertools.count()
        self._norms_seconds = 0.0
        self._norms: tuple[float, list[Norms]] = (0.0, [])  # until when these, of each network, may be used again

    @property
    def path(self) -> str:
        """How iterations are computed, and why not in the compiled loop, in words; "" before there is a trainer."""
        return "" if self.trainer is None else str(self.trainer.path)

    @property
    def trained(self) -> bool:
        """Whether the parameters have moved from where they started."""
        return self.pulse[0] > 0

    def release(self) -> None:
        """Give the memory back, and with it all that was trained: from here on training would begin anew."""
        self.close()
        self.trainer = None
        self._clear()

    def close(self) -> None:
        """Nothing more will be kept of this run unless it is trained on."""
        self._recorder.close()

    def record_metrics(self, iteration: int, metrics: Mapping[str, Any]) -> None:
        """Store the metrics of the parameters with which the run ended at `iteration`, unless it is trained on."""
        if self.lock.acquire(timeout=METRICS_PATIENCE):
            if self.finished is not None and self.trainer is not None and self.trainer.iteration == iteration:
                self._recorder.record_metrics(metrics)
            self.lock.release()

    def close_if_idle(self, seconds: float = 0.0) -> None:
        """Close it, unless a thread still trains it after so many seconds."""
        if self.lock.acquire(timeout=seconds):
            self.close()
            self.lock.release()

    def prepare(self) -> Trainer:
        """The trainer, made when it is first needed. Raises InputError for settings that don't fit the data."""
        if self.trainer is None:
            trainer = self.experiment.trainer(self.dataset)
            if self.given_parameters is not None:
                trainer.assign(self.given_parameters)
            self.trainer = trainer
        return self.trainer

    def apply_changes(self, trainer: Trainer) -> None:
        """Hand the settings that were changed meanwhile to the trainer."""
        if self.changes.empty():
            return
        while not self.changes.empty():
            trainer.change(**self.changes.get())
            self.finished = trainer.finished()
        if self.finished is None:
            self.calibration = None
        self._recorder.record_settings(self.experiment)

    def report(self, trainer: Trainer) -> Finished | None:
        """Report the cost, keep a snapshot if it is time for one, and give how the run ended, None while it goes on."""
        number = next(self._reports)
        progress = trainer.report()
        self.history.append(progress)
        self.finished = trainer.finished()
        if self.finished is not None:
            from deepnet_tui.training.calibration import calibrate

            self.calibration = calibrate(self.dataset, trainer) or self.calibration
            self.finished = trainer.finished()
        self._recorder.report(progress, trainer, self.calibration)
        if self.finished is not None or self.snapshots.wants(number):
            began = time.thread_time()  # time of this thread, so that other load does not count
            affordable = self._norms_seconds < self.norms_grace + NORMS_SHARE * self.pulse[1]
            known = None if self.finished else progress  # at the end better parameters may have been brought back
            snapshot = self.take_snapshot(trainer, known, norms=affordable)
            if self._is_newer(snapshot):
                self.snapshots.add(snapshot)
            self._norms_seconds += time.thread_time() - began if affordable else 0.0
        return self.finished

    def start_recording(self, trainer: Trainer) -> None:
        """From here on the run is kept on disk."""
        self._recorder.begin(self.experiment, self.dataset, trainer, given_parameters=self.given_parameters is not None)

    @property
    def kept_as(self) -> str:
        """Its name in the store, "" before it is kept."""
        return self._recorder.name

    @property
    def warning(self) -> str:
        """Why the run is not kept, "" while it is."""
        return self._recorder.warning

    def take_snapshot(self, trainer: Trainer, progress: Progress | None = None, *, norms: bool = True) -> Snapshot:
        """Make and publish a snapshot of the network as it is now, with or without the norms of its gradients.

        Without `progress`, the report of this iteration, the costs are computed here.
        """
        if norms:
            return self._publish(trainer, progress, self._gradient_norms(trainer))
        return self._publish(trainer, progress, self._norms[1]).without_norms()

    def add_gradient_norms(self, snapshot: Snapshot) -> None:
        """Compute the gradient norms that a snapshot was taken without; waits until no thread trains."""
        with self.lock:
            if self.trainer is not None and not snapshot.has_norms:
                norms = _norms_of(self.trainer.gradients(snapshot.parameters))
                for network, own in zip(snapshot.members or [snapshot], norms, strict=True):
                    network.gradient_norms.update(own)

    def live_snapshot(self, trainer: Trainer) -> Snapshot:
        """A snapshot for a screen that is drawn many times a second; its gradient norms may be a little older."""
        until, norms = self._norms
        if time.perf_counter() >= until:
            norms = self._gradient_norms(trainer)
        return self._publish(trainer, None, norms)

    def _gradient_norms(self, trainer: Trainer) -> list[Norms]:
        began = time.perf_counter()
        norms = _norms_of(trainer.gradients())
        now = time.perf_counter()
        self._norms = (now + max(NORMS_FRESH, (now - began) / NORMS_SHARE), norms)
        return norms

    def _publish(self, trainer: Trainer, progress: Progress | None, norms: list[Norms]) -> Snapshot:
        """Publish a snapshot with these norms of each network, [] if they are not known."""
        several = trainer.network.ensemble > 1
        progress = trainer.measure() if progress is None else progress
        own = norms[0] if norms and not several else {}
        costs = (progress.cost, progress.validation_cost)
        snapshot = Snapshot(trainer.iteration, *costs, trainer.parameters, own, trainer.next_update())
        if several:
            snapshot = replace(snapshot, members=_members(snapshot, trainer.costs().tolist(), norms))
        self.latest = snapshot
        return snapshot

    def finish_segment(self, trainer: Trainer) -> None:
        """Publish the network as it is when training pauses or ends; its cost joins the curve."""
        progress = trainer.measure()
        if self.finished is None and not math.isfinite(progress.cost):
            self.report(trainer)  # which brings the last good parameters back
            progress = trainer.measure()
        self._recorder.checkpoint(trainer)
        snapshot = self.take_snapshot(trainer, progress)
        if self.history.last_iteration < snapshot.iteration:
            self.history.append(progress)
        if self._is_newer(snapshot):
            self.snapshots.add(snapshot)

    def _is_newer(self, snapshot: Snapshot) -> bool:
        """Whether its iteration is later than those kept: a run that diverged goes back to one of them."""
        return not self.snapshots.items or self.snapshots.items[-1].iteration < snapshot.iteration


def _members(snapshot: Snapshot, costs: list[float], norms: list[Norms]) -> tuple[Snapshot, ...]:
    """The snapshot of each network of an ensemble."""
    from engine.parameters import member

    iteration, parameters, next_update = snapshot.iteration, snapshot.parameters, snapshot.next_update
    return tuple(
        Snapshot(
            iteration,
            cost,
            None,
            member(parameters, k),
            dict(norms[k]) if norms else {},
            None if next_update is None else next_update.member(k),
        )
        for k, cost in enumerate(costs)
    )


def _norms_of(gradients: Mapping[str, Array]) -> list[Norms]:
    """The norm of the gradient of every parameter, for each network."""
    import numpy as np

    from engine.parameters import member

    first = next(iter(gradients.values()))
    each = (member(gradients, k) for k in range(len(first) if first.ndim == 3 else 1))
    return [{name: float(np.linalg.norm(values)) for name, values in named.items()} for named in each]
