"""Completing the path of a data file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import islice
from os.path import commonprefix
from pathlib import Path

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import user_path

MOST = 2_000  # entries of a folder that are looked at
UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


@dataclass(frozen=True)
class PathEntry:
    """A folder or a data file: the path as it would be typed, and its size in bytes, None for a folder."""

    text: str
    size: int | None = None

    @property
    def name(self) -> str:
        """The last part, a folder's with a slash."""
        return Path(self.text).name + ("/" if self.size is None else "")


def matching_paths(typed: str) -> tuple[PathEntry, ...]:
    """Folders, then data files, whose path begins as typed; hidden ones only if a dot is typed."""
    from deepnet_tui.data.readers.registry import READERS

    start, begun = typed[: typed.rfind("/") + 1], typed[typed.rfind("/") + 1 :]
    folders, files = [], []
    try:
        with os.scandir(user_path(start or ".")) as entries:
            for entry in islice(entries, MOST):
                hidden = entry.name.startswith(".") and not begun.startswith(".")
                if hidden or not entry.name.casefold().startswith(begun.casefold()):
                    continue
                if entry.is_dir():
                    folders.append(PathEntry(f"{start}{entry.name}/"))
                elif Path(entry.name).suffix.lower() in READERS and entry.is_file():
                    files.append(PathEntry(start + entry.name, entry.stat().st_size))
    except (InputError, OSError, ValueError):
        return ()
    return tuple(one for group in (folders, files) for one in sorted(group, key=lambda one: one.text.casefold()))


def common_completion(typed: str, entries: tuple[PathEntry, ...]) -> str:
    """What is typed, extended as far as all entries agree."""
    longest = commonprefix([one.text for one in entries])  # noqa: RUF071  letters, not folders
    return longest if len(longest) > len(typed) else typed


def size_text(size: int) -> str:
    """12 kB."""
    for unit, name in UNITS:
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"
