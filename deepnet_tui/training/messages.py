"""What a thread tells the app: how a segment of training ended (`thread.py`).

A message of the training carries the run and the segment that it speaks of, so that `Workbench.handle` can drop those
of another run. A cost is never sent in a message: it is in `history.py`, and the screen looks for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.training.events import Finished


@dataclass(frozen=True)
class Paused:
    """A segment of training has ended before the run did: it was paused, or its steps are done."""

    run: str
    segment: int


@dataclass(frozen=True)
class Ended:
    """The run is over; `finished` says why."""

    run: str
    segment: int
    finished: Finished


@dataclass(frozen=True)
class Failed:
    """Training could not go on. `message` is one sentence for people; `field` the setting to blame, or ""."""

    run: str
    segment: int
    message: str
    field: str = ""


@dataclass(frozen=True)
class Noted:
    """Something worth knowing that stops nothing, in one sentence."""

    run: str
    segment: int
    message: str


FromWorker = Paused | Ended | Failed | Noted
