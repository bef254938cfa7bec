"""Data on their way to a terminal: what would steer it is written as an escape. Files and pipes get it as it is."""

from __future__ import annotations

import re
from typing import Any, TextIO, cast

STEERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def harmless(stream: TextIO) -> TextIO:
    """The stream itself, or where it is a terminal one that writes to it without control characters."""
    return cast("TextIO", _Harmless(stream)) if stream.isatty() else stream


class _Harmless:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(STEERS.sub(lambda found: f"\\x{ord(found[0]):02x}", text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
