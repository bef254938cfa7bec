"""Where a file may be written, found out before the work that would be lost."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import user_path
from deepnet_tui.export.format import refusal
from engine.storage.leftovers import prefix_of


def output_path_for(
    path: str | Path, overwrite: bool, sources: Iterable[str | Path] = (), *, folder: bool = False, field: str = "path"
) -> Path:
    """The absolute path without links that a file, or with `folder` a folder, may be written to.

    Raises InputError where something of another kind stands there, or one of `sources`, the files that are read,
    or, without `overwrite`, anything; and where the folder around it is not there or takes no file.
    """
    path = user_path(path, field)
    try:
        status = _status(path)
        target = Path(os.path.realpath(path))
        if status is not None:
            _check_kind(path, status, folder, field)
            if not folder and any(_same(source, status) for source in sources):
                raise InputError(f"can't write {path}: it is one of the files that are read", field)
            if not overwrite:
                message = f"{path} is there already; choose another name or allow it to be replaced (--overwrite)"
                raise InputError(message, field)
        _try_folder(target)
    except (OSError, ValueError) as error:
        said = refusal(error, path, "write")
        raise InputError(str(said), field) from None
    return target


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _check_kind(path: Path, status: os.stat_result, folder: bool, field: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        if not folder:
            raise InputError(f"can't write {path}: it is a folder; name a file in it", field)
    elif not stat.S_ISREG(status.st_mode):
        raise InputError(f"can't write {path}: it is not an ordinary file", field)
    elif folder:
        raise InputError(f"can't write {path}: it is a file, and a path without an ending makes a folder", field)


def _same(source: str | Path, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(user_path(source).stat(), status)
    except (InputError, OSError, ValueError):
        return False


def _try_folder(target: Path) -> None:
    """Make a file beside it and take it away again: only that shows for certain that it can be done."""
    handle, name = tempfile.mkstemp(prefix=prefix_of(target.name), suffix=".tmp", dir=target.parent)
    os.close(handle)
    Path(name).unlink()
