"""Keeps what a file says from steering the terminal: a filter over every line of the app.

What it leaves out takes no cell, so that lines keep their width: control characters, marks that turn the direction of
writing or hide, what joins emoji to one (terminals disagree about their width), and more marks on a letter than any
language has. A half of a letter, which can't be written, becomes a question mark.
"""

from __future__ import annotations

import re

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from deepnet_tui.common.text import TOWER, printable

CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e01ef]"
)
HALF = re.compile("[\ud800-\udfff]")


class ControlFilter(LineFilter):
    """An escape sequence in the name of a column or in a class is read as the text that it is."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The segments without what would steer the terminal."""
        if all(segment.text.isascii() and segment.text.isprintable() for segment in segments):
            return segments
        return [Segment(harmless_cells(text), style) for text, style, _ in segments]


def in_cells(text: str, most: int) -> str:
    """A name in at most so many cells, for lines that are put together by hand."""
    text = harmless_cells(printable(text))
    return text if cell_len(text) <= most else set_cell_size(text, max(0, most))


def harmless_cells(text: str) -> str:
    """The text in as many cells, without what would steer the terminal."""
    if text.isascii() and text.isprintable():
        return text
    return TOWER.sub(r"\1", HALF.sub("?", CONTROL.sub("", text)))
