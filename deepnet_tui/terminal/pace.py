"""How much is sent to the terminal while a network is trained: over a slow line little, and a key comes first."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from deepnet_tui.terminal.environment import over_ssh

SLOW = 3000  # bytes a second, on average
MOST_BEHIND = 12.0  # seconds: so long a large screen that a key has asked for holds up what nobody asked for
REFRESH = ("auto", "slow", "full")


def bytes_per_second(refresh: str, environ: Mapping[str, str]) -> float | None:
    """What the setting `refresh` allows, None for as much as there is: `auto` is slow over SSH, else full."""
    slow = refresh == "slow" or (refresh == "auto" and over_ssh(environ))
    return SLOW if slow else None


class Pace:
    """A budget of bytes, refilled as time goes by; it may be overdrawn, and is then made up for."""

    def __init__(self, rate: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self.written = 0  # bytes so far
        self._clock = clock
        self._since = clock()
        self._left = 0.0

    def spend(self, count: int) -> None:
        """So many bytes have been sent."""
        self.written += count
        if self.rate is not None:
            self._refill(self.rate)
            self._left = max(self._left - count, -MOST_BEHIND * self.rate)

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
