"""The trackers by name, and where `--log-to` means."""

from __future__ import annotations

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import quoted
from deepnet_tui.trackers.tracker import Destination, Tracker


def _tensorboard(place: str) -> Destination:
    from deepnet_tui.trackers.tensorboard_log import EventFolder

    return EventFolder(place)


def _mlflow(place: str) -> Destination:
    from deepnet_tui.trackers.mlflow_log import MlflowStore

    return MlflowStore(place)


TRACKERS = {
    tracker.name: tracker
    for tracker in (
        Tracker("tensorboard", "tensorboard", "tensorboard", "DIR", _tensorboard),
        Tracker("mlflow", "mlflow", "mlflow", "URI", _mlflow),
    )
}


def check_package(name: str, field: str) -> None:
    """Raise InputError, about `field`, where the package of a tracker is missing."""
    try:
        TRACKERS[name].check()
    except InputError as error:
        raise InputError(str(error), field) from None


def connect(name: str, place: str, field: str) -> Destination:
    """The place of a tracker. Raises InputError, about `field`, where it can't be used or a package is missing."""
    check_package(name, field)
    try:
        return TRACKERS[name].connect(place)
    except InputError as error:
        raise InputError(str(error), field) from None


def connect_to(target: str, field: str = "log_to") -> Destination:
    """The place that `TRACKER:PLACE` means. Raises InputError."""
    name, _, place = target.partition(":")
    if name not in TRACKERS or not place:
        forms = " or ".join(f"{tracker.name}:{tracker.place}" for tracker in TRACKERS.values())
        raise InputError(f"{field} must be {forms}, not {quoted(target, 60)}", field)
    return connect(name, place, field)
