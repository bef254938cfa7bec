"""Trains the present run, segment by segment: starts threads, pauses them, takes in their messages, measures the speed.

All methods belong to the thread of the screen; the threads that train are `thread.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepnet_tui.training.messages import FromWorker
    from deepnet_tui.training.run import TrainingRun
    from deepnet_tui.training.thread import TrainingThread

RATE_WINDOW = 1.0  # seconds of training that the speed is averaged over


class Runner:
    """The threads of a workbench. `notify` is called from them with every message."""

    def __init__(self, notify: Callable[[FromWorker], object]) -> None:
        self.training = False
        self.failure: str | None = None
        self._notify = notify
        self._thread: TrainingThread | None = None
        self._threads: list[TrainingThread] = []
        self._segment = 0
        self._pulses: list[tuple[int, float]] = []

    @property
    def pausing(self) -> bool:
        """Whether the newest thread has been asked to stop."""
        return self._thread is not None and self._thread.pausing

    def start(self, training_run: TrainingRun, steps: int | None) -> None:
        """Begin a segment: to the end of the run or for some steps; with 0 steps it only prepares and reports."""
        from deepnet_tui.training.thread import TrainingThread

        self.pause()
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._segment += 1
        self.failure = None
        self._pulses = []
        self._thread = TrainingThread(training_run, self._notify, self._segment, steps)
        self._threads.append(self._thread)
        self._thread.start()

    def pause(self) -> None:
        """Ask the newest thread to stop; its message follows."""
        if self._thread is not None:
            self._thread.pause()

    def make_way(self) -> None:
        """Let the training stand still for a moment, as the screen has something to do; see `go_on`."""
        if self._thread is not None and self.training:
            self._thread.make_way()

    def go_on(self) -> None:
        """The screen has done it."""
        if self._thread is not None:
            self._thread.go_on()

    def detach(self) -> None:
        """Stop what is trained, as another run takes its place."""
        self.training = False
        self.failure = None
        self.pause()

    def close(self, seconds: float) -> None:
        """Stop every thread and wait for each, so many seconds at most."""
        for thread in self._threads:
            thread.pause()
        for thread in self._threads:
            thread.join(seconds)

    def handle(self, message: FromWorker) -> bool:
        """Take in a message of the present run. False if it is of an earlier segment."""
        from deepnet_tui.training.messages import Failed, Noted

        if message.segment != self._segment:
            return False
        if not isinstance(message, Noted):
            self.training = False
            if isinstance(message, Failed):
                self.failure = message.message
        return True

    def follow(self, training_run: TrainingRun, *, snapshot: bool) -> None:
        """To be called at every redraw while it trains: note the progress, and ask for a live snapshot if wanted."""
        if self._thread is None or not self.training:
            return
        pulse = training_run.pulse
        if not self._pulses or pulse != self._pulses[-1]:
            self._pulses.append(pulse)
            while len(self._pulses) > 2 and pulse[1] - self._pulses[1][1] > RATE_WINDOW:
                del self._pulses[0]
        if snapshot:
            self._thread.request_snapshot()

    def rate(self) -> float:
        """Iterations a second over the last second of training, 0 when nothing is known yet."""
        if not self._pulses:
            return 0.0
        (first, began), (last, now) = self._pulses[0], self._pulses[-1]
        return (last - first) / (now - began) if now > began else 0.0
