"""Temporary files and folders: how they are named, and how those of processes that died are found and removed."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path

STALE = 3600.0  # seconds since its last change after which a temporary file belongs to nobody any more
ENDINGS = (".tmp", ".old")


def prefix_of(name: str) -> str:
    """What the temporary files for the file or folder `name`, which stand beside it, begin with."""
    return f".{name[:60]}."


def remove_leftovers(folder: Path, *names: str, older_than: float = STALE) -> None:
    """Remove the temporary files in `folder` for files called `names` that have not changed for so many seconds.

    What can't be removed is left. With 0 nobody else may be writing these files.
    """
    prefixes = tuple(map(prefix_of, names))
    newest = time.time() - older_than
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith(prefixes) or not entry.name.endswith(ENDINGS):
                continue
            with contextlib.suppress(OSError):
                if older_than and entry.stat(follow_symlinks=False).st_mtime > newest:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path)
                else:
                    os.unlink(entry.path)  # noqa: PTH108  an entry has no unlink of its own
