"""Imports in the background: what is needed only once a network is trained loads while it trains."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module


class ImportsAhead:
    """Imports modules one after the other in a thread, from `start` until all are there or until `stop`.

    A module that can't be imported is left to whoever needs it. Wait before importing any of them elsewhere: two
    threads that import modules which import each other may get them half made. The thread is no daemon: one that is
    killed within a library at exit can take the process down; `stop` ends it after the module under way.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self._stopped, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._import, args=(tuple(modules),), name="imports ahead")
        self._started = False

    def start(self) -> None:
        """Begin, unless it has begun or was stopped."""
        if not self._started and not self._stopped.is_set():
            self._started = True
            self._thread.start()

    def wait(self) -> None:
        """Return once everything that was begun is there."""
        if self._started:
            self._ended.wait()  # join, if Ctrl-C interrupts it, takes the thread for one that has ended

    def stop(self) -> None:
        """Import no further module."""
        self._stopped.set()

    def _import(self, modules: tuple[str, ...]) -> None:
        try:
            for module in modules:
                if not self._stopped.is_set():
                    with suppress(Exception):  # whoever needs it meets the error, and says it
                        import_module(module)
        finally:
            self._ended.set()
