"""Where files of somebody may be who uses the app of somebody else: in a folder of their own, or among those offered.

Where nobody has confined this process, all is allowed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from deepnet_tui.common.errors import InputError

OUTSIDE = "it is outside of the folder of your session; a name without a folder is in it"

_own: list[str] = []
_offered: set[str] = set()


def confine(folder: Path, offered: Iterable[Path] = ()) -> None:
    """From now on, paths are in `folder`, or are files `offered`, which may be read. This can't be undone."""
    _own.append(os.path.realpath(folder))
    _offered.update(os.path.realpath(path) for path in offered)


def is_confined() -> bool:
    """Whether this process may use files of its own only, and run no other program."""
    return bool(_own)


def check_allowed(path: str | Path, field: str = "path") -> None:
    """Raise InputError for a path outside, whether something is there or not."""
    if not is_confined():
        return
    try:
        real = os.path.realpath(path)
    except (OSError, ValueError):
        return  # no file can have this name, which is said elsewhere
    if not is_own(real) and real not in _offered:
        raise InputError(f"{path} can't be used: {OUTSIDE}", field)


def is_own(real: str) -> bool:
    """Whether a path without links is in the folder."""
    return any(real == folder or real.startswith(folder + os.sep) for folder in _own)


def shown_path(text: str) -> str:
    """A text without the folder of the session, where paths in it are in the present folder or below."""
    for folder in (os.getcwd(), *_own) if is_confined() else ():  # noqa: PTH109  a text is wanted
        text = text.replace(folder + os.sep, "")
    return text
