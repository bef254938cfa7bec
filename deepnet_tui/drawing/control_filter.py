"""Keeps what a file says from steering the terminal: a filter that leaves control characters out of every line."""

from __future__ import annotations

import re

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # they take no cell of a line


class ControlFilter(LineFilter):
    """An escape sequence in the name of a column or in a class is read as the text that it is."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The segments without control characters."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [Segment(CONTROL.sub("", text), style) for text, style, _ in segments]
