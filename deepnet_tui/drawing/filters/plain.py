"""Draws the app in ASCII: a filter that puts plain characters in the place of drawn ones in every line."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from deepnet_tui.terminal.characters import plain_cells

HALVES = {"▀", "▄"}  # of a cell; the images of `halfblocks.py` are made of them


class PlainFilter(LineFilter):
    """Every cell stays a cell. Of two half cells of an image the upper one gives the colour."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The segments in ASCII."""
        if all(segment.text.isascii() for segment in segments):
            return segments
        return [_plain(segment) for segment in segments]


def _plain(segment: Segment) -> Segment:
    text, style, control = segment
    if control or text.isascii():
        return segment
    if style is not None and style.color is not None and set(text) <= HALVES:
        return Segment(" " * len(text), style + Style(bgcolor=style.color))
    return Segment(plain_cells(text), style)
