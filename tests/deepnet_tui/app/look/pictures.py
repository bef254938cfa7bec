"""A picture of the screen as text with its styles: `cat` shows it in a terminal, and a difference can be read."""

from __future__ import annotations

from rich.segment import Segment
from textual.app import App
from textual.strip import Strip

SIZES = ((80, 24), (120, 36))


def picture(app: App[None]) -> str:
    """What is on the screen, in ANSI codes of 24 bits; a style is written where it changes."""
    width, height = app.size
    rows = app.screen._compositor.render_strips()[:height]
    return "\n".join(_row(strip.crop(0, width)) for strip in rows)


def _row(strip: Strip) -> str:
    joined = Segment.simplify(Segment(text, style) for text, style, _ in strip)
    return "".join(style.render(text, legacy_windows=False) if style else text for text, style, _ in joined)
