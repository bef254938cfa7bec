"""Makes text readable under every theme: a filter that draws text with too little contrast in a stronger colour."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from deepnet_tui.drawing.theme import contrast

LEAST = 4.5  # contrast of text, as WCAG 2 AA asks for
STEPS = 20


class ContrastFilter(LineFilter):
    """Changes letters and digits only: lines, bars and images stay as faint as they are meant to be."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments, text with too little contrast in another colour."""
        found = []
        for segment in segments:
            text, style, _ = segment
            if (
                style is not None
                and (other := readable_style(style, background.rgb)) is not style
                and any(map(str.isalnum, text))
            ):
                segment = Segment(text, other)
            found.append(segment)
        return found


@lru_cache(4096)
def readable_style(style: Style, background: tuple[int, int, int]) -> Style:
    """The style itself where it can be read, else one with as little more contrast as is needed."""
    ink = _color(style.color)
    background_color = _color(style.bgcolor) or Color(*background)
    if ink is None:
        return style
    if style.reverse:
        ink, background_color = background_color, ink
    if contrast(ink, background_color) >= LEAST:
        return style
    black, white = Color(0, 0, 0), Color(255, 255, 255)
    target = max(black, white, key=lambda color: contrast(color, background_color))
    for step in range(1, STEPS + 1):
        better = ink.blend(target, step / STEPS, alpha=1.0)
        if contrast(better, background_color) >= LEAST:
            break
    color = RichColor.from_rgb(*better.rgb)
    return style + (Style(bgcolor=color) if style.reverse else Style(color=color))


def _color(color: RichColor | None) -> Color | None:
    return None if color is None or color.triplet is None else Color(*color.triplet)
