"""One segment of training, from start to pause, in a thread of its own.

The thread touches no widget. Costs and snapshots go into the `TrainingRun` (`run.py`), where the screen finds them; how
the segment ended goes to the app as a message (`messages.py`). `Workbench` (`workbench.py`) starts it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from deepnet_tui.common.errors import InputError
from deepnet_tui.training.messages import Ended, Failed, FromWorker, Noted, Paused
from deepnet_tui.training.run import TrainingRun

if TYPE_CHECKING:
    from engine.training.trainer import Trainer

SLICE_SECONDS = 0.005  # how long it trains before it looks whether a pause was asked for
LIVE_SHARE = 0.02  # of the time may go into snapshots for the screen
MOST_WAITED = 0.05  # seconds for which it makes way for the screen at once


class TrainingThread(threading.Thread):
    """Trains a run until it ends, until `steps` iterations are done, or until `pause`.

    A second thread on the same run waits for the first. Steps of 0 only prepare and report.
    """

    def __init__(
        self, training_run: TrainingRun, post: Callable[[FromWorker], object], segment: int, steps: int | None = None
    ) -> None:
        super().__init__(name=f"training {training_run.id}", daemon=True)
        self.training_run = training_run
        self.segment = segment
        self._post = post
        self._steps = steps
        self._pause = threading.Event()
        self._snapshot_wanted = threading.Event()
        self._next_snapshot = 0.0
        self._free = threading.Event()  # the screen is not drawing what a key has asked for
        self._free.set()

    def pause(self) -> None:
        """Stop after the present slice, in about 5 ms."""
        self._pause.set()
        self._free.set()

    def make_way(self) -> None:
        """Stand still until `go_on`, at most MOST_WAITED seconds, after the present slice."""
        if not self._pause.is_set():
            self._free.clear()

    def go_on(self) -> None:
        """The screen has done what it had to do."""
        self._free.set()

    @property
    def pausing(self) -> bool:
        """Whether it has been asked to stop."""
        return self._pause.is_set()

    def request_snapshot(self) -> None:
        """Ask for a new `training_run.latest` as soon as one is affordable."""
        self._snapshot_wanted.set()

    def run(self) -> None:
        """Train, then post how it ended as one message; a `Noted` warning may come before it."""
        training_run = self.training_run
        message: FromWorker
        with training_run.lock:
            try:
                message = self._train()
            except InputError as error:
                message = Failed(training_run.id, self.segment, str(error), error.field)
            except MemoryError:
                message = Failed(training_run.id, self.segment, "There is not enough memory for this network")
            except Exception as error:  # the app goes on after any failure, and shows it
                field = getattr(error, "field", "")
                message = Failed(training_run.id, self.segment, str(error) or type(error).__name__, field)
        self._warn()
        self._post(message)

    def _warn(self) -> None:
        """Post once that the run is not kept in the store, if so."""
        training_run = self.training_run
        if training_run.warning and not training_run.warned:
            training_run.warned = True
            self._post(Noted(training_run.id, self.segment, training_run.warning))

    def _train(self) -> FromWorker:
        training_run = self.training_run
        trainer = training_run.prepare()
        training_run.apply_changes(trainer)
        target = None if self._steps is None else trainer.iteration + self._steps
        if target != trainer.iteration:
            training_run.start_recording(trainer)
        pace = Pace(trainer.iteration, training_run.pulse[1])
        while True:
            self._warn()
            if not trainer.until_report and (training_run.finished or training_run.report(trainer)):
                break
            if trainer.iteration == target or self._pause.is_set():
                break
            self._advance(trainer, target, pace)
        if trainer.iteration != training_run.history.last_iteration or self._latest_is_old():
            training_run.finish_segment(trainer)
        training_run.pulse = (trainer.iteration, pace.seconds)
        if training_run.finished:
            return Ended(training_run.id, self.segment, training_run.finished)
        return Paused(training_run.id, self.segment)

    def _latest_is_old(self) -> bool:
        latest, trainer = self.training_run.latest, self.training_run.trainer
        return latest is None or trainer is None or latest.iteration != trainer.iteration

    def _advance(self, trainer: Trainer, target: int | None, pace: Pace) -> None:
        """Train in slices, to the next report or the target iteration."""
        training_run = self.training_run
        while (left := trainer.until_report) and trainer.iteration != target and not self._pause.is_set():
            left = left if target is None else min(left, target - trainer.iteration)
            trainer.advance(min(pace.slice(), left))
            training_run.pulse = pace.tick(trainer.iteration)
            training_run.apply_changes(trainer)
            self._publish_live(trainer)
            if not self._free.is_set() and not self._free.wait(MOST_WAITED):
                self._free.set()

    def _publish_live(self, trainer: Trainer) -> None:
        if self._snapshot_wanted.is_set() and (began := time.perf_counter()) >= self._next_snapshot:
            self._snapshot_wanted.clear()
            self.training_run.live_snapshot(trainer)
            now = time.perf_counter()
            self._next_snapshot = now + (now - began) / LIVE_SHARE


class Pace:
    """How many iterations fit into a slice of about 5 ms, and the seconds spent in training so far."""

    def __init__(self, iteration: int, seconds: float) -> None:
        self._iteration = iteration
        self._before = seconds
        self._began = time.perf_counter()
        self._last = self._began
        self._size = 1.0

    @property
    def seconds(self) -> float:
        """Seconds spent in training, earlier segments included."""
        return self._before + time.perf_counter() - self._began

    def slice(self) -> int:
        """The number of iterations to do next; the time of this slice is taken from here."""
        self._last = time.perf_counter()
        return max(1, int(self._size))

    def tick(self, iteration: int) -> tuple[int, float]:
        """Adapt to the slice that ended now; gives (iteration, seconds)."""
        now = time.perf_counter()
        done, took = iteration - self._iteration, now - self._last
        self._iteration = iteration
        self._size = min(4.0 * self._size, max(1.0, SLICE_SECONDS * done / max(took, 1e-9)))
        return iteration, self._before + now - self._began
