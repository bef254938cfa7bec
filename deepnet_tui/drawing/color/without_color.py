"""Text without any colour: what has a background of its own is drawn in reverse instead."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

DEFAULT = RichColor.default()
PLAIN = Style.from_color(DEFAULT, DEFAULT)


class WithoutColor(LineFilter):
    """Keeps bold, dim, underlined and reversed text; asks the terminal for no colour."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The segments without colours."""
        return [Segment(text, style and without_color(style), control) for text, style, control in segments]


@lru_cache(2048)
def without_color(style: Style) -> Style:
    """The style without colours."""
    filled = style.bgcolor is not None and not style.bgcolor.is_default
    return style + PLAIN + Style(reverse=True) if filled and not style.reverse else style + PLAIN
