"""The colours and marks of many curves in one chart: the same number always looks the same.

The colours are those of all data. Marks tell curves apart where there is no colour, and where the colours begin again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from textual.app import App

from deepnet_tui.drawing.color.data_colors import ON_TERMINAL, RGB, data_colors

MARKS = "●■▲◆○□△◇"

BRAILLE = "braille"  # plotext's name for fine lines
CUT = 2.0  # a curve that rises above so many times the highest cost at the start is cut off there


class SeriesStyle(NamedTuple):
    """A colour, as (red, green, blue) or the number of a terminal colour, and a mark of one cell."""

    color: RGB | int
    marker: str
    line: str = BRAILLE  # what its curve is drawn with, where there is colour


def series_style(index: int, *, dark: bool = True, ansi: bool = False) -> SeriesStyle:
    """How curve `index` looks, from 0; 64 curves differ in colour or mark."""
    colors = ON_TERMINAL if ansi else data_colors(dark=dark)
    count = len(colors)
    marker = MARKS[(index + index // count) % len(MARKS)]
    return SeriesStyle(colors[index % count], marker, BRAILLE if index < count else marker)


def ceiling(starts: Iterable[float]) -> float:
    """Above which costs are not drawn, given those at the starts, so that one that diverges does not flatten all."""
    return CUT * max((cost for cost in starts if 0 < cost < math.inf), default=math.inf)


def series_styles(app: App[Any], count: int) -> list[SeriesStyle]:
    """The first `count` of them under the present theme."""
    theme = app.current_theme
    return [series_style(index, dark=theme.dark, ansi=theme.ansi) for index in range(count)]
