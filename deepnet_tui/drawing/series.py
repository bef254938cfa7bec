"""The colours and marks of many curves in one chart: the same number always looks the same.

Eight colours after Okabe and Ito (2008), in their order, moved so that each can be read on its background and any two
differ for every kind of colour vision. Marks tell curves apart where there is no colour, and where the colours begin
again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from textual.app import App

from deepnet_tui.drawing.palettes import RGB

ON_DARK: tuple[RGB, ...] = (
    (235, 169, 0),
    (3, 220, 245),
    (3, 167, 108),
    (255, 245, 40),
    (128, 126, 255),
    (207, 102, 34),
    (175, 128, 162),
    (174, 233, 195),
)
ON_LIGHT: tuple[RGB, ...] = (
    (186, 114, 0),
    (121, 121, 214),
    (17, 109, 81),
    (130, 134, 76),
    (12, 50, 158),
    (136, 5, 8),
    (172, 110, 160),
    (62, 37, 69),
)
TERMINAL = (3, 6, 2, 5, 4, 1, 7, 8)  # numbers of terminal colours, for themes that use those
MARKS = "●■▲◆○□△◇"
COUNT = len(MARKS)


BRAILLE = "braille"  # plotext's name for fine lines
CUT = 2.0  # a curve that rises above so many times the highest cost at the start is cut off there


class SeriesStyle(NamedTuple):
    """A colour, as (red, green, blue) or the number of a terminal colour, and a mark of one cell."""

    color: RGB | int
    marker: str
    line: str = BRAILLE  # what its curve is drawn with, where there is colour


def series_style(index: int, *, dark: bool = True, ansi: bool = False) -> SeriesStyle:
    """How curve `index` looks, from 0; 64 curves differ in colour or mark."""
    colors = TERMINAL if ansi else ON_DARK if dark else ON_LIGHT
    marker = MARKS[(index + index // COUNT) % COUNT]
    return SeriesStyle(colors[index % COUNT], marker, BRAILLE if index < COUNT else marker)


def ceiling(starts: Iterable[float]) -> float:
    """Above which costs are not drawn, given those at the starts, so that one that diverges does not flatten all."""
    return CUT * max((cost for cost in starts if 0 < cost < math.inf), default=math.inf)


def series_styles(app: App[Any], count: int) -> list[SeriesStyle]:
    """The first `count` of them under the present theme."""
    theme = app.current_theme
    return [series_style(index, dark=theme.dark, ansi=theme.ansi) for index in range(count)]
