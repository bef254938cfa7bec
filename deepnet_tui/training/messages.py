"""What threads tell the app: how a segment of training ended (`thread.py`), and how loading data goes (`app.py`).

A message of the training carries the run and the segment that it speaks of, so that `Workbench.handle` can drop those
of another run. A cost is never sent in a message: it is in `history.py`, and the screen looks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.training.events import Finished

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment


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


@dataclass(frozen=True)
class Loaded:
    """Data are ready; `request` numbers the request for them, so that a later one wins.

    `parameters` are those to start from, None for the initializer's.
    """

    request: int
    experiment: Experiment
    dataset: Dataset
    parameters: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Loading:
    """How far the data have come, from 0 to 1."""

    request: int
    fraction: float
    what: str


@dataclass(frozen=True)
class LoadFailed:
    """Data could not be used, in one sentence; `field` is the setting to blame, or ""."""

    request: int
    message: str
    field: str = ""


Restore: TypeAlias = "Callable[[], tuple[Dataset, Mapping[str, Any]]]"
FromWorker = Paused | Ended | Failed | Noted
FromLoader = Loaded | Loading | LoadFailed
