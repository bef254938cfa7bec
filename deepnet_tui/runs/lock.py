"""A lock that ends with the process that holds it, however the process ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Busy(Exception):  # noqa: N818  it is no error
    """Somebody else holds the lock."""


class Lock:
    """Holds `path` from the moment it is made until `release`, or until the process is gone.

    Raises Busy where somebody else holds it, and OSError where the file can't be opened or locked.
    """

    def __init__(self, path: Path) -> None:
        self._handle: int | None = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        try:
            _lock(self._handle)
        except (BlockingIOError, PermissionError):
            self.release()
            raise Busy from None
        except OSError:
            self.release()
            raise

    def release(self) -> None:
        """Release it; a second call does nothing."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def is_held(path: Path) -> bool:
    """Whether a living process, this one included, holds the lock at `path`."""
    if not path.exists():
        return False
    try:
        Lock(path).release()
    except Busy:
        return True
    except OSError:
        return False
    return False
