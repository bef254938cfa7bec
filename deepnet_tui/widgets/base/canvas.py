"""A surface for pictures that change many times a second: only the lines that differ are painted again."""

from __future__ import annotations

from collections.abc import Sequence

from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from deepnet_tui.drawing.contrast_filter import ContrastFilter


class Canvas(Widget):
    """Prepared lines, whose colours are the theme's or red, green and blue: Textual need not look for others."""

    def __init__(self) -> None:
        super().__init__()
        self._strips: list[Strip] = []

    def paint(self, strips: list[Strip]) -> None:
        """Show these lines in place of those before."""
        before, self._strips = self._strips, strips
        if len(before) != len(strips):
            self.refresh()
            return
        width = self.size.width
        new = [y for y, (old, strip) in enumerate(zip(before, strips, strict=True)) if old != strip]
        if new:
            self.refresh(*(Region(0, y, width, 1) for y in new))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """All but those for words and named colours, which cost more than the painting."""
        return [each for each in super().get_line_filters() if not isinstance(each, ANSIToTruecolor | ContrastFilter)]

    def render_line(self, y: int) -> Strip:
        """One prepared line."""
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)
