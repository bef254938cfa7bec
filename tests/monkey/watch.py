"""What is measured while the monkey plays: the longest that the event loop was busy, files elsewhere, threads."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.link", "os.truncate", "sqlite3.connect")
SYSTEM = ("/dev/", "/proc/")


class BusyTime:
    """`longest`: seconds of processor time of the longest call that the loop made since `reset`; other processes on
    the machine don't count. With `stacks` it is also noted where the loop was when a call had taken long.
    """

    def __init__(self, stacks: bool = False, long: float = 0.25) -> None:
        self.longest = 0.0
        self.stack = ""
        self._stacks, self._long = stacks, long
        self._began: float | None = None

    def reset(self) -> None:
        """Begin to measure."""
        self.longest, self.stack = 0.0, ""

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure every call that an event loop of this thread makes."""
        run, owner = asyncio.Handle._run, threading.get_ident()
        ended = threading.Event()

        def timed(handle: asyncio.Handle) -> None:
            if threading.get_ident() != owner:
                run(handle)
                return
            self._began = time.monotonic()
            before = time.thread_time()
            try:
                run(handle)
            finally:
                self.longest = max(self.longest, time.thread_time() - before)
                self._began = None

        def look() -> None:
            while not ended.wait(self._long / 4):
                began = self._began
                if began is not None and time.monotonic() - began > self._long and not self.stack:
                    frame = sys._current_frames().get(owner)
                    self.stack = "".join(traceback.format_stack(frame)[-14:])

        asyncio.Handle._run = timed  # type: ignore[method-assign, assignment]
        if self._stacks:
            threading.Thread(target=look, name="stacks of the monkey", daemon=True).start()
        try:
            yield
        finally:
            asyncio.Handle._run = run  # type: ignore[method-assign]
            ended.set()


class Fence:
    """Refuses to change files outside of `folder` while it is up, and notes them in `tried`."""

    def __init__(self, folder: Path) -> None:
        self.tried: list[str] = []
        self._folder = os.path.realpath(folder)
        self._up = False
        sys.addaudithook(self._hook)  # for good, which is why it can be let down

    @contextmanager
    def up(self) -> Iterator[None]:
        """Nothing is changed elsewhere."""
        self._up = True
        try:
            yield
        finally:
            self._up = False

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._up:
            return
        if event == "open":
            path, mode, flags = arguments
            writes = any(letter in mode for letter in "wax+") if isinstance(mode, str) else bool(flags & WRITES)
            paths = (path,) if writes else ()
        elif event in CHANGES:
            paths = arguments[:2] if event in ("os.rename", "os.link", "os.symlink") else arguments[:1]
        else:
            return
        for path in paths:
            if isinstance(path, str | bytes | os.PathLike) and not self._allowed(os.fsdecode(path)):
                self.tried.append(f"{event} {os.fsdecode(path)}")
                raise PermissionError(13, "the monkey stays at home", os.fsdecode(path))

    def _allowed(self, path: str) -> bool:
        if path.startswith(SYSTEM) or "__pycache__" in path or path.startswith(":memory:"):
            return True
        real = os.path.realpath(path.removeprefix("file:").partition("?")[0])
        return real == self._folder or real.startswith((self._folder + os.sep, *SYSTEM))


def threads_gone(before: set[threading.Thread], seconds: float = 15.0) -> list[str]:
    """The names of the threads that have come and are still there after a while."""
    end = time.monotonic() + seconds
    while (left := [thread for thread in threading.enumerate() if thread not in before]) and time.monotonic() < end:
        time.sleep(0.02)
    return [thread.name for thread in left]
