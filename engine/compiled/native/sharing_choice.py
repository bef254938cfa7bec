"""Whether threads share an iteration now: beside other load they wait for each other for longer than they save.

Both ways compute the same numbers, so the faster one of the moment may be taken.
"""

from __future__ import annotations

SOON, AGAIN = 0.1, 2.0  # seconds after which the slower way is tried again: after a change, and in the end
TRIAL = 0.01  # seconds that a trial takes if both ways are as fast
APART = 20  # times as long as a trial it takes to the next one, at least
LONGEST = 0.03  # seconds of a piece that is shared, as load may come in the middle of it


class SharingChoice:
    """Chooses for each piece of a run whether threads share it, by how long the last pieces took."""

    def __init__(self) -> None:
        self._seconds = {True: 0.0, False: 0.0}  # of an iteration, by whether it is shared; 0 if that is not known
        self._before = 0.0  # seconds of an iteration of the piece before
        self._since_trial, self._again = 0.0, SOON

    @property
    def shared(self) -> bool:
        """Whether threads share the next piece."""
        return self._seconds[False] > 0 and self._faster != self._tries

    @property
    def limit(self) -> int:
        """The iterations of the next piece, at most."""
        known = max(self._seconds.values())
        if self._tries or not all(self._seconds.values()):
            return max(1, int(TRIAL / known)) if known else 1
        return max(1, int(LONGEST / self._seconds[True])) if self._faster else 2**40

    @property
    def _faster(self) -> bool:
        return self._seconds[True] <= self._seconds[False]

    @property
    def _tries(self) -> bool:
        return self._since_trial > self._again

    def record(self, n: int, seconds: float) -> None:
        """The piece that `shared` spoke of had so many iterations, and took so long."""
        shared, tried, before = self.shared, self._tries, self._faster
        each = max(seconds, 1e-9) / n
        known = self._seconds[shared] > 0
        self._seconds[shared] = min(each, self._before) if known and not tried else each  # one slow piece says little
        self._before = each
        self._since_trial = 0.0 if tried else self._since_trial + seconds
        if self._faster != before:
            self._again = SOON
        elif tried:
            self._again = min(2 * self._again, AGAIN)
        if tried:
            self._again = max(self._again, APART * seconds)
