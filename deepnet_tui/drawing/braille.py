"""Lines in braille: two by four dots in a cell, in layers that have a style each."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.style import Style
from rich.text import Text

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
EMPTY = 0x2800


class BrailleChart:
    """Lines over `width` x `height` cells; x and y go from `low` to `high`, y upwards.

    Lines that are drawn later stand before the earlier ones: a cell has the style of the last one.
    """

    def __init__(self, width: int, height: int, low: tuple[float, float], high: tuple[float, float]) -> None:
        self.width, self.height = width, height
        self._low = low
        self._across = (2 * width - 1) / (high[0] - low[0]) if high[0] > low[0] else 0.0
        self._up = (4 * height - 1) / (high[1] - low[1]) if high[1] > low[1] else 0.0
        self._cells: dict[tuple[int, int], tuple[int, Style]] = {}

    def line(self, xs: Sequence[float], ys: Sequence[float], style: Style) -> None:
        """A line through these points, those left out that are not finite."""
        points = [self._place(x, y) for x, y in zip(xs, ys, strict=True) if math.isfinite(x) and math.isfinite(y)]
        drawn: dict[tuple[int, int], int] = {}
        for (x, y), (x2, y2) in zip(points, points[1:] or points, strict=False):
            steps = max(abs(x2 - x), abs(y2 - y), 1)
            for step in range(steps + 1):
                right, down = round(x + (x2 - x) * step / steps), round(y + (y2 - y) * step / steps)
                cell = (right // 2, down // 4)
                drawn[cell] = drawn.get(cell, 0) | DOTS[down % 4][right % 2]
        for cell, dots in drawn.items():
            before, other = self._cells.get(cell, (0, style))
            self._cells[cell] = (dots if other != style else dots | before, style)

    def _place(self, x: float, y: float) -> tuple[int, int]:
        right = min(max(round((x - self._low[0]) * self._across), 0), 2 * self.width - 1)
        up = min(max(round((y - self._low[1]) * self._up), 0), 4 * self.height - 1)
        return right, 4 * self.height - 1 - up

    def rows(self) -> list[Text]:
        """The chart from top to bottom."""
        rows = []
        for down in range(self.height):
            row = Text(no_wrap=True)
            for right in range(self.width):
                dots, style = self._cells.get((right, down), (0, Style()))
                row.append(chr(EMPTY + dots) if dots else " ", style)
            rows.append(row)
        return rows
