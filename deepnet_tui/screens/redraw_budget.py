"""How much of the processor's time the screen may take from a training: redraws wait until they can be paid for."""

from __future__ import annotations

import time
from collections.abc import Callable

from deepnet_tui.common.background import spent_in_jobs

SHARE = 0.05  # of the processor time of the program may go into the screen while a network is trained
SAVED, OWED = 0.02, 0.06  # seconds of processor time: as much can be saved up, and is owed after a costly frame
SLOWEST = 1.0  # seconds after which there is a redraw whatever it costs


class RedrawBudget:
    """An account of processor seconds: a share of what the program uses comes in, what the screen uses goes out.

    The screen is the thread that calls this, and the jobs that its views have begun. The clocks are given for tests.
    """

    def __init__(
        self,
        used: Callable[[], float] = time.process_time,
        drawn: Callable[[], float] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._used, self._drawn, self._clock = used, drawn or (lambda: time.thread_time() + spent_in_jobs()), clock
        self._balance = SAVED
        self._before = (used(), self._drawn())
        self._last = clock()

    def allows_redraw(self) -> bool:
        """Whether there may be a redraw now that nobody has asked for; the account is brought up to date."""
        used, drawn = self._used(), self._drawn()
        change = SHARE * (used - self._before[0]) - (drawn - self._before[1])
        self._balance = min(SAVED, max(-OWED, self._balance + change))
        self._before = (used, drawn)
        now = self._clock()
        if self._balance < 0 and now - self._last < SLOWEST:
            return False
        self._last = now
        return True
