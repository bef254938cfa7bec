"""Writes a run to trackers while it is trained, without ever standing in the way of the training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from deepnet_tui.common.text import one_line
from deepnet_tui.trackers.tracker import Destination, RunAbout, RunEnd, RunLog
from engine.training.events import Progress


class LiveLogs:
    """One run in several trackers, by what people call them; once one of them fails, `warn` says so and it is left."""

    def __init__(self, destinations: Mapping[str, Destination], about: RunAbout, warn: Callable[[str], object]) -> None:
        self._warn = warn
        self._logs: dict[str, RunLog] = {}
        for name, destination in destinations.items():
            self._try(name, partial(self._begin, name, destination, about))

    def report(self, progress: Progress) -> None:
        """Write one report to all of them."""
        for name, log in list(self._logs.items()):
            self._try(name, partial(log.report, progress))

    def finish(self, end: RunEnd) -> None:
        """Write how it ended to all of them."""
        for name, log in list(self._logs.items()):
            self._try(name, partial(log.finish, end))

    def _begin(self, name: str, destination: Destination, about: RunAbout) -> None:
        self._logs[name] = destination.begin(about)

    def _try(self, name: str, write: Callable[[], object]) -> None:
        try:
            write()
        except Exception as error:  # of a library, a server or the disk
            self._logs.pop(name, None)
            self._warn(f"this run is no longer written to {name}: {one_line(error)}")
