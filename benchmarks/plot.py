"""Plots as plain SVG text: points with their spread or lines on logarithmic axes, mean ranks on a line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

COLOURS = ("#1f6fb4", "#d1493f", "#2f9e5b", "#8a5cc2", "#c77f1a", "#4d4d4d", "#18a3b5", "#b5488f")
WIDTH, LEFT, RIGHT, TOP, ROW = 760, 190, 30, 60, 18


@dataclass(frozen=True)
class Point:
    """A row of a plot: its name, its value, and the quartiles around it."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Line:
    """A named series of (x, y)."""

    name: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


def rows(title: str, axis: str, groups: dict[str, list[Point]]) -> str:
    """Groups of rows beneath each other, a point in each, over one logarithmic axis with a line at 1."""
    points = [point for group in groups.values() for point in group]
    low = math.floor(math.log10(min(point.low for point in points)))
    high = math.ceil(math.log10(max(point.high for point in points)))
    bottom = TOP + ROW * (len(points) + len(groups))

    def x(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (math.log10(value) - low) / (high - low)

    parts = [_text(LEFT, 24, title, size=15), _text(LEFT, 42, axis)]
    for power in range(low, high + 1):
        parts += [_line(x(10**power), TOP, x(10**power), bottom, "#ddd" if power else "#555")]
        parts += [_text(x(10**power), bottom + 16, f"{10**power:g}", anchor="middle")]
    y = float(TOP)
    for name, group in groups.items():
        parts.append(_text(12, y + 13, name, weight="bold"))
        y += ROW
        for number, point in enumerate(group):
            colour, middle = COLOURS[number % len(COLOURS)], y + ROW / 2
            parts.append(_text(LEFT - 8, middle + 4, point.name, anchor="end"))
            parts.append(_line(x(point.low), middle, x(point.high), middle, colour, width=3))
            parts.append(f'<circle cx="{x(point.value):.1f}" cy="{middle:.1f}" r="4.5" fill="{colour}"/>')
            y += ROW
    return _picture(bottom + 30, parts)


def lines(title: str, across: str, up: str, series: Sequence[Line]) -> str:
    """Series as lines over two logarithmic axes, named at the right of the title."""
    height, bottom = 420, 360
    xs = [math.log10(x) for line in series for x, _ in line.points]
    ys = [math.log10(y) for line in series for _, y in line.points]
    left, right = math.floor(min(xs)), math.ceil(max(xs))
    low, high = math.floor(min(ys)), math.ceil(max(ys))

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            80 + (WIDTH - 80 - 230) * (math.log10(x) - left) / (right - left),
            bottom - (bottom - TOP) * (math.log10(y) - low) / (high - low),
        )

    parts = [_text(80, 24, title, size=15), _text(80, 46, up), _text(80, bottom + 40, across)]
    for power in range(left, right + 1):
        x, _ = place(10.0**power, 10.0**low)
        parts += [_line(x, TOP, x, bottom, "#ddd"), _text(x, bottom + 18, f"1e{power}", anchor="middle")]
    for power in range(low, high + 1):
        _, y = place(10.0**left, 10.0**power)
        parts += [_line(80, y, WIDTH - 230, y, "#ddd"), _text(72, y + 4, f"1e{power}", anchor="end")]
    for number, line in enumerate(series):
        colour, dash = COLOURS[number % len(COLOURS)], ' stroke-dasharray="5 4"' if line.dashed else ""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line.points))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        y = TOP + 12 + 20 * number
        parts += [_line(WIDTH - 215, y - 4, WIDTH - 190, y - 4, colour, width=3), _text(WIDTH - 182, y, line.name)]
        if not line.dashed:
            for point in line.points:
                x, y = place(*point)
                parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>')
    return _picture(height, parts)


def mean_ranks(title: str, means: dict[str, float], difference: float, groups: Sequence[Sequence[str]]) -> str:
    """Mean ranks on a line, the best at the left; bars join those that lie within the critical difference."""
    names = sorted(means, key=means.__getitem__)
    left, right, axis = 195, WIDTH - 195, 112
    half, below = (len(names) + 1) // 2, axis + 22 + 10 * len(groups)

    def x(rank: float) -> float:
        return left + (right - left) * (rank - 1) / (len(names) - 1)

    parts = [_text(20, 24, title, size=15), _text(20, 42, "1 is best; a bar joins those that are not told apart")]
    middle, reach = (left + right) / 2, (x(1 + difference) - x(1)) / 2
    parts.append(_line(middle - reach, 76, middle + reach, 76, "#222", width=2))
    parts += [_line(end, 71, end, 81, "#222") for end in (middle - reach, middle + reach)]
    parts.append(_text(middle, 66, f"critical difference {difference:.2f}", anchor="middle"))
    parts.append(_line(left, axis, right, axis, "#222"))
    for rank in range(1, len(names) + 1):
        parts += [_line(x(rank), axis - 5, x(rank), axis, "#222"), _text(x(rank), axis - 9, f"{rank}", anchor="middle")]
    for number, name in enumerate(names):
        at, first = x(means[name]), number < half
        colour = COLOURS[number % len(COLOURS)]
        y = below + 22 * (number if first else len(names) - 1 - number)
        end, anchor = (left - 14, "end") if first else (right + 14, "start")
        parts += [_line(at, axis, at, y, colour, width=1.5), _line(at, y, end, y, colour, width=1.5)]
        parts.append(_text(end - 6 if first else end + 6, y + 4, f"{name} {means[name]:.2f}", anchor=anchor))
    for number, group in enumerate(groups):
        y = axis + 10 + 10 * number
        ranks = [means[name] for name in group]
        parts.append(_line(x(min(ranks)) - 4, y, x(max(ranks)) + 4, y, "#222", width=4))
    return _picture(below + 22 * half, parts)


def _picture(height: float, parts: list[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" font-family="sans-serif">'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{height:.0f}" fill="white"/>', *parts, "</svg>", ""])


def _text(x: float, y: float, text: str, *, size: int = 12, anchor: str = "start", weight: str = "normal") -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" fill="#222"'
    return f"<text {where}>{escape(text)}</text>"


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, *, width: float = 1) -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"/>'
