"""Data on their way to a terminal: what would steer it is written as an escape. Files and pipes get it as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TextIO, cast

from deepnet_tui.common.text import printable

BETWEEN = re.compile(r"(?:(?!\r\n)[^\t\n])+")  # tabs and the ends of lines


def harmless(stream: TextIO) -> TextIO:
    """The stream itself, or where it is a terminal one that writes to it without control characters."""
    return cast("TextIO", _Harmless(stream)) if stream.isatty() else stream


class _Harmless:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(BETWEEN.sub(lambda found: printable(found[0]), text))

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
