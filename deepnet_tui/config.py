"""The configuration: config.toml in the user's configuration folder, as a dataclass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from deepnet_tui.commands.hiding import hideable
from deepnet_tui.commands.rebinding import rebound
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.formats.toml import parsed
from deepnet_tui.common.paths import config_folder, is_there
from deepnet_tui.common.text import did_you_mean
from deepnet_tui.terminal.byte_budget import REFRESH

LARGEST_FILE = 1_000_000


@dataclass(frozen=True)
class Config:
    """`theme` is the name of a colour theme, "" for the one that was chosen last.

    `log_axis` says that the axis of the cost is logarithmic.

    `clipboard` is a program with its arguments that is given what is copied. `refresh` is how much is sent to the
    terminal while a network is trained. `hide` names the commands and panes to hide, `keys` gives other keys to
    commands.
    """

    theme: str = ""
    log_axis: bool = False
    clipboard: tuple[str, ...] = ()
    refresh: str = "auto"
    hide: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)


def read(path: Path | None = None) -> Config:
    """Read the configuration; without a file, the defaults. Raises InputError for a file that can't be used."""
    path = path or config_folder() / "config.toml"
    if not is_there(path):
        return Config()
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"{path} is too large for a configuration")
        raw = parsed(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not valid TOML: {error}") from None
    known = {entry.name: entry for entry in fields(Config)}
    for name, value in raw.items():
        if name not in known:
            hint = did_you_mean(name, known)
            allowed = "; ".join(filter(None, (f"allowed are {', '.join(known)}", hint)))
            raise InputError(f"{path}: there is no setting {name!r}; {allowed}", name)
        _check(path, name, value)
    for name in ("hide", "clipboard"):
        if name in raw:
            raw[name] = tuple(raw[name])
    try:
        rebound(raw.get("keys", {}))
    except InputError as error:
        raise InputError(f"{path}: {error}", error.field) from None
    return Config(**raw)


def _check(path: Path, name: str, value: Any) -> None:
    if name == "hide":
        good = isinstance(value, list) and all(isinstance(entry, str) for entry in value)
        wanted = 'a list of names such as ["export"]'
        for entry in value if good else ():
            if entry not in hideable():
                allowed = ", ".join(hideable())
                raise InputError(f"{path}: hide: {entry!r} is unknown; choose from {allowed}", name)
    elif name == "clipboard":
        good = isinstance(value, list) and all(isinstance(word, str) and word for word in value)
        wanted = 'a list of words such as ["wl-copy"], the program and its arguments'
    elif name == "refresh":
        good = value in REFRESH
        wanted = f"one of {', '.join(REFRESH)}"
    elif name == "keys":
        good = isinstance(value, dict) and all(isinstance(keys, str) and keys for keys in value.values())
        wanted = 'a table of keys such as train = "space"'
    else:
        good = isinstance(value, type(getattr(Config(), name)))
        wanted = "true or false" if name == "log_axis" else "a word in quotes"
    if not good:
        raise InputError(f"{path}: {name} must be {wanted}, not {value!r}", name)
