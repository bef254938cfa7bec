"""Where the app keeps its files, and paths as people type them.

Every location is in here: with DEEPNET_TUI_HOME set, the configuration and the runs share that folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from deepnet_tui.common.confinement import check_allowed
from deepnet_tui.common.errors import InputError

HOME_VARIABLE = "DEEPNET_TUI_HOME"
NO_HOME = Path(os.devnull) / "deepnet-tui"  # nothing can be there: the system knows no home folder for this user
HOME_WANTED = f"there is no home folder here; set HOME or {HOME_VARIABLE}"


def config_folder() -> Path:
    """The folder of config.toml: DEEPNET_TUI_HOME, or where the system keeps configurations."""
    if chosen := os.environ.get(HOME_VARIABLE):
        return user_path(chosen)
    from platformdirs import user_config_path

    return _of_system(lambda: user_config_path("deepnet-tui"))


def data_folder() -> Path:
    """The folder of what the app stores: DEEPNET_TUI_HOME, or where the system keeps the data of programs."""
    if chosen := os.environ.get(HOME_VARIABLE):
        return user_path(chosen)
    from platformdirs import user_data_path

    return _of_system(lambda: user_data_path("deepnet-tui", appauthor=False))


def cache_folder() -> Path:
    """The folder of what can be made again: in DEEPNET_TUI_HOME, or where the system keeps such files."""
    if chosen := os.environ.get(HOME_VARIABLE):
        return user_path(chosen) / "cache"
    from platformdirs import user_cache_path

    return _of_system(lambda: user_cache_path("deepnet-tui", appauthor=False))


def _of_system(folder: Callable[[], Path]) -> Path:
    """The folder that the system gives, NO_HOME where there is no home, as for a user without an entry."""
    try:
        return folder()
    except (RuntimeError, KeyError):
        return NO_HOME


def runs_folder() -> Path:
    """The folder of the stored runs, a folder for each."""
    return data_folder() / "runs"


def user_path(text: str | Path, field: str = "path") -> Path:
    """The path, with the home folder for `~`. Raises InputError for a user that is not known here, and for a path
    that may not be used by whoever is confined to a folder."""
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise InputError(
            f"{text}: there is no user {str(text).partition('/')[0][1:]!r} with a home here", field
        ) from None
    check_allowed(path, field)
    return path


def is_file(path: str | Path) -> bool:
    """Whether a file is there and may be looked at; False for a name that no file can have."""
    return os.path.isfile(path)  # noqa: PTH113  Path.is_file raises for names that are too long


def is_folder(path: str | Path) -> bool:
    """Whether a folder is there and may be looked at; False for a name that no folder can have."""
    return os.path.isdir(path)  # noqa: PTH112  as above


def is_there(path: str | Path) -> bool:
    """Whether anything is there that may be looked at; False for a name that nothing can have."""
    return os.path.exists(path)  # noqa: PTH110  as above
