"""How much is sent to the terminal while a network is trained: over a slow line little, and a key comes first."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from deepnet_tui.terminal.environment import over_ssh

SLOW = 4000  # bytes a second, on average
MOST_BEHIND = 12.0  # seconds for which a large picture may hold up the next one
MOST_BEHIND_ASKED = 1.0  # the same for what a key has asked for
ANSWERED = 0.5  # seconds within which a key is answered
START = 3.0  # seconds in which the first screen is drawn
REFRESH = ("auto", "slow", "full")


def bytes_per_second(refresh: str, environ: Mapping[str, str]) -> float | None:
    """What the setting `refresh` allows, None for as much as there is: `auto` is slow over SSH, else full."""
    slow = refresh == "slow" or (refresh == "auto" and over_ssh(environ))
    return SLOW if slow else None


class ByteBudget:
    """A budget of bytes, refilled as time goes by; it may be overdrawn, and is then made up for."""

    def __init__(self, rate: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self.written = 0  # bytes so far
        self._clock = clock
        self._since = clock()
        self._left = 0.0
        self._asked_until = self._since + START

    def spend(self, count: int) -> None:
        """So many bytes have been sent."""
        self.written += count
        if self.rate is not None:
            self._refill(self.rate)
            behind = MOST_BEHIND_ASKED if self._since < self._asked_until else MOST_BEHIND
            self._left = max(self._left - count, min(self._left, -behind * self.rate))

    def asked(self) -> None:
        """A key, or what it led to, is about to be answered: this costs little of the budget."""
        self._asked_until = self._clock() + ANSWERED

    @property
    def ready(self) -> bool:
        """Whether more may be sent that nobody is waiting for."""
        if self.rate is None:
            return True
        self._refill(self.rate)
        return self._left >= 0

    def _refill(self, rate: float) -> None:
        now = self._clock()
        self._left = min(rate, self._left + rate * (now - self._since))
        self._since = now
