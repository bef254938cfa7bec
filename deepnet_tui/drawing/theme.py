"""The app's own colours, and the few that a chart needs, readable under every theme."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from textual.app import App
from textual.color import Color
from textual.theme import Theme

DEEPNET = Theme(
    name="deepnet",
    primary="#6ea8dc",
    secondary="#8d9fc0",
    accent="#e5b567",
    foreground="#d5dae3",
    background="#12161d",
    surface="#171c25",
    panel="#202733",
    success="#8fc28a",
    warning="#e5b567",
    error="#e0757c",
    dark=True,
    variables={"border": "#6ea8dc", "border-blurred": "#2f3947", "footer-key-foreground": "#e5b567"},
)

DISTINCT = 130.0  # lines whose colours are closer than this look alike
PLAIN_MARKS = {"validation": "•", "internal": "+", "spread": "·"}  # of a chart's lines where there is no colour
FAINTEST = 2.6  # contrast of the lines around the mean
ANSI = {"train": 6, "validation": 3, "internal": 2, "spread": 4, "axis": 8, "cursor": 5}


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

    def readable(name: str, least: float) -> tuple[int, int, int]:
        color = Color.parse(variables[name])
        ink = Color.parse(variables["foreground"])
        ink = ink if ink.ansi is None else background.get_contrast_text()
        for _ in range(10):
            if contrast(color, background) >= least:
                break
            color = color.blend(ink, 0.2, alpha=1.0)
        return color.rgb

    train = readable("primary", 3.5)
    others = [readable(name, 3.5) for name in ("accent", "warning", "error", "success")]
    furthest = max(others, key=lambda color: distance(color, train))
    validation = next((color for color in others if distance(color, train) >= DISTINCT), furthest)
    internal = max(others, key=lambda color: min(distance(color, train), distance(color, validation)))
    spread = Color(*train)
    for _ in range(10):
        fainter = spread.blend(background, 0.15, alpha=1.0)
        if contrast(fainter, background) < FAINTEST:
            break
        spread = fainter
    axis, cursor = readable("border-blurred", 3.2), readable("error", 3.5)
    return ChartColors(train, validation, internal, spread.rgb, axis, cursor)


def distance(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """How far two colours are apart, 0 to 441."""
    return math.dist(one, other)


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
