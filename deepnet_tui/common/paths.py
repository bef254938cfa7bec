"""Paths as people type them: whatever is typed, it ends in a path or in one sentence."""

from __future__ import annotations

import os
from pathlib import Path

from deepnet_tui.common.errors import InputError


def user_path(text: str | Path, field: str = "path") -> Path:
    """The path, with the home folder for `~`. Raises InputError for a user that is not known here."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise InputError(
            f"{text}: there is no user {str(text).partition('/')[0][1:]!r} with a home here", field
        ) from None


def is_file(path: str | Path) -> bool:
    """Whether a file is there and may be looked at; False for a name that no file can have."""
    return os.path.isfile(path)  # noqa: PTH113  Path.is_file raises for names that are too long


def is_folder(path: str | Path) -> bool:
    """Whether a folder is there and may be looked at; False for a name that no folder can have."""
    return os.path.isdir(path)  # noqa: PTH112  as above


def is_there(path: str | Path) -> bool:
    """Whether anything is there that may be looked at; False for a name that nothing can have."""
    return os.path.exists(path)  # noqa: PTH110  as above
