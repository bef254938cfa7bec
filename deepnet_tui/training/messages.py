"""What threads tell the app. Every message carries the run, and the stretch of it, that it speaks of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.training.events import Finished

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment


@dataclass(frozen=True)
class Rested:
    """A stretch of training has come to rest: it was paused, or its steps are done."""

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
class Loaded:
    """Data are ready; `request` numbers the wish for them, so that a later wish wins.

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


@dataclass(frozen=True)
class Noted:
    """Something worth knowing that stops nothing, in one sentence."""

    run: str
    segment: int
    message: str


Restore: TypeAlias = "Callable[[], tuple[Dataset, Mapping[str, Any]]]"
FromWorker = Rested | Ended | Failed | Noted
FromLoader = Loaded | Loading | LoadFailed
