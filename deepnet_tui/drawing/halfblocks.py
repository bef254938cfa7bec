"""Images in half blocks: two pixels a cell, the upper in the character's colour, the lower in its background."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from deepnet_tui.drawing.color.data_colors import RGB
from deepnet_tui.drawing.palettes import TEXTURES, Bytes
from engine.arrays import Array

Glyph = tuple[str, RGB | None]
Glyphs = dict[tuple[int, int], Glyph]  # by (column, row)
UPPER, LOWER = "▀", "▄"
NOTHING = Style.null()


@lru_cache(maxsize=16_384)
def style(front: RGB | None, back: RGB | None = None, bold: bool = False) -> Style:
    """A style of two colours."""
    return Style(
        color=None if front is None else Color.from_rgb(*front),
        bgcolor=None if back is None else Color.from_rgb(*back),
        bold=bold or None,
    )


class HalfBlockImage:
    """`places` (2 * height, width) are places in `palette` (levels, 3), -1 where nothing is drawn.

    `glyphs` maps (column, row) of a cell to a character with its colour, drawn over the image. Without colour
    each cell is a texture: `plain` (levels,) gives its number for every place. `background` is the style of what lies
    behind.
    """

    def __init__(
        self,
        places: Array,
        palette: Bytes,
        glyphs: Glyphs | None = None,
        plain: Array | None = None,
        background: Style = NOTHING,
    ) -> None:
        self.height, self.width = places.shape[0] // 2, places.shape[1]
        self._places, self._plain, self._glyphs = places, plain, glyphs or {}
        self._colors, self._background = colors(palette.tobytes()), background

    def lines(self) -> list[list[Segment]]:
        """The segments of every row of cells; neighbours that look the same are one segment."""
        over: list[dict[int, Glyph]] = [{} for _ in range(self.height)]
        for (column, row), glyph in self._glyphs.items():
            over[row][column] = glyph
        upper, lower = self._places[::2], self._places[1::2]
        if self._plain is not None:
            return [self._plain_line(row.tolist(), over[y], self._plain) for y, row in enumerate(upper)]
        return [
            self._line(top.tolist(), bottom.tolist(), over[y])
            for y, (top, bottom) in enumerate(zip(upper, lower, strict=True))
        ]

    def _line(self, upper: list[int], lower: list[int], over: dict[int, Glyph]) -> list[Segment]:
        segments, start, width, palette, background = [], 0, self.width, self._colors, self._background
        while start < width:
            top, bottom = upper[start], lower[start]
            if start in over:
                segments.append(_over(over[start], palette[top], palette[bottom], background))
                start += 1
                continue
            stop = start + 1
            while stop < width and upper[stop] == top and lower[stop] == bottom and stop not in over:
                stop += 1
            segments.append(_cells(stop - start, palette[top], palette[bottom], background))
            start = stop
        return segments

    def _plain_line(self, upper: list[int], over: dict[int, Glyph], shades: Array) -> list[Segment]:
        text = [" " if place < 0 else TEXTURES[shades[place]] for place in upper]
        for column, (glyph, _) in over.items():
            text[column] = glyph
        return [Segment("".join(text), self._background)]


@lru_cache(maxsize=64)
def colors(palette: bytes) -> list[RGB | None]:
    """The colours of a palette, and None as the last, so that place -1 means none."""
    values = list(palette)
    return [*zip(values[::3], values[1::3], values[2::3], strict=True), None]


@lru_cache(maxsize=16_384)
def _cells(count: int, upper: RGB | None, lower: RGB | None, background: Style) -> Segment:
    if upper == lower:
        return Segment(" " * count, background if upper is None else style(None, upper))
    if upper is None:
        return Segment(LOWER * count, background + style(lower))
    return Segment(UPPER * count, style(upper, lower) if lower else background + style(upper))


@lru_cache(maxsize=16_384)
def _over(glyph: Glyph, upper: RGB | None, lower: RGB | None, background: Style) -> Segment:
    """A character on the mean of the cell's two pixels."""
    text, color = glyph
    if upper is None or lower is None:
        return Segment(text, background + style(color, bold=True))
    red, green, blue = ((a + b) // 2 for a, b in zip(upper, lower, strict=True))
    return Segment(text, style(color, (red, green, blue), bold=True))
