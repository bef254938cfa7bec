"""The folders of visitors: one each, below one of the server, which removes what a killed server has left."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = "deepnet-visitors-"
LOCK = "lock"


class Folders:
    """The folder of a server, which only its user may enter."""

    def __init__(self) -> None:
        _remove_forsaken()
        self.path = Path(os.path.realpath(tempfile.mkdtemp(prefix=PREFIX)))
        self._lock = (self.path / LOCK).open("wb")
        _locked(self._lock.fileno())

    def new(self) -> Path:
        """The folder of a new visitor."""
        return Path(tempfile.mkdtemp(prefix="visitor-", dir=self.path))

    @staticmethod
    def remove(folder: Path) -> None:
        """Remove the folder of a visitor."""
        shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Remove all folders."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def size_of(folder: Path) -> int:
    """The bytes of all files below the folder."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # it may have gone
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118
    return total


def _remove_forsaken() -> None:
    """Remove folders of this user whose server was killed: a lock that can be had says so."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), (folder / LOCK).open("rb") as lock:
            if folder.lstat().st_uid == os.getuid() and not folder.is_symlink() and _locked(lock.fileno()):
                shutil.rmtree(folder, ignore_errors=True)


def _locked(handle: int) -> bool:
    """Whether the lock was free, and is now ours; without such locks, none is."""
    try:
        import fcntl
    except ImportError:  # Windows
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def folders() -> Iterator[Folders]:
    """The folder of a server, removed at the end."""
    found = Folders()
    try:
        yield found
    finally:
        found.close()
