"""The bridge: one stretch of training in a thread of its own. It touches no widget; it posts messages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from deepnet_tui.errors import InputError
from deepnet_tui.messages import Ended, Failed, FromWorker, Noted, Rested
from deepnet_tui.session import Session

if TYPE_CHECKING:
    from engine.trainer import Trainer

SLICE = 0.02  # seconds of training between two looks at what the user wants
LOOK_SHARE = 0.05  # of the time may go into showing parameters while they are trained


class Worker(threading.Thread):
    """Trains a session until it ends, until `steps` iterations are done, or until `pause`.

    A second worker on the same session waits for the first. Steps of 0 only prepare and report.
    """

    def __init__(
        self, session: Session, post: Callable[[FromWorker], object], stretch: int, steps: int | None = None
    ) -> None:
        super().__init__(name=f"training {session.run}", daemon=True)
        self.session = session
        self.stretch = stretch
        self._post = post
        self._steps = steps
        self._pause = threading.Event()
        self._look = threading.Event()
        self._next_look = 0.0

    def pause(self) -> None:
        """Come to rest after the present slice, about 20 ms from now."""
        self._pause.set()

    @property
    def pausing(self) -> bool:
        """Whether it has been asked to rest."""
        return self._pause.is_set()

    def look(self) -> None:
        """Ask for a new `session.latest` as soon as one is affordable."""
        self._look.set()

    def run(self) -> None:
        """Train, then tell how it ended: exactly one message."""
        session = self.session
        message: FromWorker
        with session.lock:
            try:
                message = self._train()
            except InputError as error:
                message = Failed(session.run, self.stretch, str(error), error.field)
            except MemoryError:
                message = Failed(session.run, self.stretch, "There is not enough memory for this network")
            except Exception as error:  # whatever it is, the app lives on and says so
                field = getattr(error, "field", "")
                message = Failed(session.run, self.stretch, str(error) or type(error).__name__, field)
        self._warn()
        self._post(message)

    def _warn(self) -> None:
        """Say once, and soon, if the run is not kept."""
        session = self.session
        if session.warning and not session.warned:
            session.warned = True
            self._post(Noted(session.run, self.stretch, session.warning))

    def _train(self) -> FromWorker:
        session = self.session
        trainer = session.prepare()
        session.apply_changes(trainer)
        goal = None if self._steps is None else trainer.iteration + self._steps
        if goal != trainer.iteration:
            session.keep(trainer)
        pace = Pace(trainer.iteration, session.pulse[1])
        while True:
            self._warn()
            if not trainer.until_report and (session.finished or session.report(trainer)):
                break
            if trainer.iteration == goal or self._pause.is_set():
                break
            self._advance(trainer, goal, pace)
        if trainer.iteration != session.history.last_iteration or self._stale():
            session.rest(trainer)
        session.pulse = (trainer.iteration, pace.seconds)
        if session.finished:
            return Ended(session.run, self.stretch, session.finished)
        return Rested(session.run, self.stretch)

    def _stale(self) -> bool:
        latest, trainer = self.session.latest, self.session.trainer
        return latest is None or trainer is None or latest.iteration != trainer.iteration

    def _advance(self, trainer: Trainer, goal: int | None, pace: Pace) -> None:
        """On to the next report or the goal, in slices."""
        session = self.session
        while (left := trainer.until_report) and trainer.iteration != goal and not self._pause.is_set():
            left = left if goal is None else min(left, goal - trainer.iteration)
            trainer.advance(min(pace.slice(), left))
            session.pulse = pace.tick(trainer.iteration)
            session.apply_changes(trainer)
            self._show(trainer)

    def _show(self, trainer: Trainer) -> None:
        if self._look.is_set() and (began := time.perf_counter()) >= self._next_look:
            self._look.clear()
            self.session.glance(trainer)
            now = time.perf_counter()
            self._next_look = now + (now - began) / LOOK_SHARE


class Pace:
    """How many iterations fit into a slice, and the seconds spent so far."""

    def __init__(self, iteration: int, seconds: float) -> None:
        self._iteration = iteration
        self._before = seconds
        self._began = time.perf_counter()
        self._last = self._began
        self._size = 1.0

    @property
    def seconds(self) -> float:
        """Seconds spent in training, earlier stretches included."""
        return self._before + time.perf_counter() - self._began

    def slice(self) -> int:
        """The number of iterations to do next; the clock of this slice starts."""
        self._last = time.perf_counter()
        return max(1, int(self._size))

    def tick(self, iteration: int) -> tuple[int, float]:
        """Learn from the slice that ended now; gives (iteration, seconds)."""
        now = time.perf_counter()
        done, took = iteration - self._iteration, now - self._last
        self._iteration = iteration
        self._size = min(4.0 * self._size, max(1.0, SLICE * done / max(took, 1e-9)))
        return iteration, self._before + now - self._began
