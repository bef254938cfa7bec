"""A lock that ends with the process that holds it, however the process ends."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import is_there

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    def _probe(path: Path) -> None:
        Lock(path).release()

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _probe(path: Path) -> None:
        """Take the lock for an instant as others may at the same time, so that two who ask don't see each other."""
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        finally:
            os.close(handle)


class Busy(Exception):  # noqa: N818  it is no error
    """Somebody else holds the lock."""


ASKING = 0.25  # seconds within which whoever only asks whether a lock is held has let it go
BETWEEN = 0.005  # seconds between two attempts


class Lock:
    """Holds `path` from the moment it is made until `release`, the end of a `with`, or until the process is gone.

    Where somebody else holds it, it is tried again for `patience` seconds. Raises Busy where it is still held then, and
    OSError where the file can't be opened or locked.
    """

    def __init__(self, path: Path, patience: float = 0.0) -> None:
        last = time.monotonic() + patience
        self._handle: int | None = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        while True:
            try:
                _lock(self._handle)
                return
            except (BlockingIOError, PermissionError):
                if time.monotonic() >= last:
                    self.release()
                    raise Busy from None
                time.sleep(BETWEEN)
            except OSError:
                self.release()
                raise

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Release it; a second call does nothing."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


@contextlib.contextmanager
def explained(run: str, done: str, busy: str) -> Iterator[None]:
    """Say in a sentence why a run can't be `done`, such as deleted; `busy` where somebody holds a lock.

    Raises InputError for Busy and OSError.
    """
    try:
        yield
    except Busy:
        raise InputError(f"run {run} {busy}", "run") from None
    except FileNotFoundError:
        raise InputError(f"run {run} is gone: another process deleted it", "run") from None
    except OSError as error:
        raise InputError(f"run {run} can't be {done}: {error.strerror}", "run") from None


def is_held(path: Path) -> bool:
    """Whether a living process, this one included, holds the lock at `path`."""
    if not is_there(path):
        return False
    try:
        _probe(path)
    except Busy:
        return True
    except OSError:
        return False
    return False
