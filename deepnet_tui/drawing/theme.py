"""The few colours that a chart needs, readable under every theme, and what contrast is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual.app import App
from textual.color import Color

from deepnet_tui.drawing.color.data_colors import BLUE, GREEN, ON_TERMINAL, ORANGE, RGB, data_colors

LINE_SIGNS = {"validation": "╍", "internal": "┅", "spread": "━"}  # of a chart's lines, as each is drawn
PLAIN_MARKS = {"validation": "•", "internal": "+", "spread": "·"}  # of a chart's lines where there is no colour
FAINTEST = 2.6  # contrast of the lines around the mean
ANSI = {
    "train": ON_TERMINAL[BLUE],
    "validation": ON_TERMINAL[ORANGE],
    "internal": ON_TERMINAL[GREEN],
    "spread": 4,
    "axis": 8,
    "cursor": 5,
}


@dataclass(frozen=True)
class ChartColors:
    """Colours as plotext takes them: (red, green, blue), or the number of a terminal colour."""

    train: tuple[int, int, int] | int
    validation: tuple[int, int, int] | int
    internal: tuple[int, int, int] | int
    spread: tuple[int, int, int] | int
    axis: tuple[int, int, int] | int
    cursor: tuple[int, int, int] | int


def chart_colors(app: App[Any]) -> ChartColors:
    """The colours of the chart's lines for the present theme."""
    if app.current_theme.ansi:
        return ChartColors(**ANSI)
    variables = app.theme_variables
    background = Color.parse(variables["background"])

    ink = Color.parse(variables["foreground"])
    ink = ink if ink.ansi is None else background.get_contrast_text()
    palette = data_colors(dark=app.current_theme.dark)

    def readable(color: Color, least: float) -> RGB:
        for _ in range(10):
            if contrast(color, background) >= least:
                break
            color = color.blend(ink, 0.2, alpha=1.0)
        return color.rgb

    train, validation, internal = (readable(Color(*palette[place]), 3.5) for place in (BLUE, ORANGE, GREEN))
    spread = Color(*train)
    for _ in range(10):
        fainter = spread.blend(background, 0.15, alpha=1.0)
        if contrast(fainter, background) < FAINTEST:
            break
        spread = fainter
    axis = readable(Color.parse(variables["border-blurred"]), 4.5)
    cursor = readable(Color.parse(variables["error"]), 4.5)
    return ChartColors(train, validation, internal, spread.rgb, axis, cursor)


def contrast(one: Color, other: Color) -> float:
    """The contrast of two colours from 1 to 21, as WCAG 2 defines it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: Color) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.03928 else float(((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(part) for part in color.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def css_color(color: tuple[int, int, int] | int) -> str:
    """The same colour for markup."""
    if isinstance(color, int):
        names = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "bright_black")
        return f"ansi_{names[color]}"
    return Color(*color).hex
