"""Atomic files and folders: written completely or not at all, and there after a power failure."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from engine.storage.leftovers import prefix_of, remove_leftovers

EXCHANGE = 2  # RENAME_EXCHANGE of Linux
HERE = -100  # AT_FDCWD: paths are relative to the working folder


def write_atomically(path: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` write a temporary file beside `path`, flush it to disk, and rename it to `path`.

    A link at `path` is kept: the file that it leads to is replaced. After an error an older file is unchanged and no
    temporary file is left; those of processes that died an hour ago are removed. Raises OSError, also for a folder, a
    device or a pipe at `path`, and what `fill` raises.
    """
    _check_ordinary(path)
    path = Path(os.path.realpath(path))
    remove_leftovers(path.parent, path.name)
    handle, name = tempfile.mkstemp(prefix=prefix_of(path.name), suffix=".tmp", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        fill(temporary)
        _sync(temporary)
        temporary.chmod(_mode_for(path))
        temporary.replace(path)
        sync_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):  # where it has failed, that error says more
            temporary.unlink(missing_ok=True)


def write_text_atomically(path: Path, text: str) -> None:
    """As `write_atomically`, for a text in UTF-8."""

    def fill(temporary: Path) -> None:
        temporary.write_text(text, encoding="utf-8")

    write_atomically(path, fill)


def write_folder_atomically(path: Path, fill: Callable[[Path], None]) -> None:
    """As `write_atomically`, for a folder of files at `path`: `fill` gets an empty folder.

    Where the system can exchange two names (Linux), there is a whole folder at `path` at every moment. Elsewhere a
    process that dies between two renames leaves the older one beside it, with the ending .old.
    """
    remove_leftovers(path.parent, path.name)
    temporary = Path(tempfile.mkdtemp(prefix=prefix_of(path.name), suffix=".tmp", dir=path.parent))
    try:
        fill(temporary)
        for file in temporary.iterdir():
            _sync(file)
        temporary.chmod(0o755)
        sync_folder(temporary)
        _move(temporary, path)
        sync_folder(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _move(temporary: Path, path: Path) -> None:
    """Give `temporary` the name `path`; an older folder there goes away. Raises OSError, and then that stays."""
    if not path.exists():
        temporary.rename(path)
        return
    if _exchange(temporary, path):
        return
    old = temporary.with_suffix(".old")
    path.rename(old)
    try:
        temporary.rename(path)
    except OSError:
        old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two names in one step. False where the system can't. Raises OSError where it fails."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    if libc.renameat2(HERE, os.fsencode(first), HERE, os.fsencode(second), EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS):
        return False
    raise OSError(number, os.strerror(number), str(second))


def _sync(file: Path) -> None:
    with file.open("rb") as written:
        os.fsync(written.fileno())


def _check_ordinary(path: Path) -> None:
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "It is not an ordinary file", str(path))


def _mode_for(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def sync_folder(folder: Path) -> None:
    """Make what was made, renamed and deleted in `folder` durable, where the system can (not on Windows)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
