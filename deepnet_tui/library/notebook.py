"""HTML for notebooks: one style that follows the light or dark theme, tables, and cost curves as SVG.

No script, no request: everything is in the text, and what comes from data is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from deepnet_tui.drawing.color.data_colors import BLUE, GREEN, ON_DARK, ON_LIGHT, ORANGE, RGB, hex_color

if TYPE_CHECKING:
    from engine.arrays import Array

LINES = {"first": BLUE, "second": ORANGE, "third": GREEN}  # by the name of their class


def _lines(colors: tuple[RGB, ...]) -> str:
    return ";".join(f"--{name}:{hex_color(colors[place])}" for name, place in LINES.items())


LIGHT = f"--ink:#1f2328;--faint:#59636e;--line:#d1d9e0;{_lines(ON_LIGHT)}"
DARK = f"--ink:#e6edf3;--faint:#9198a1;--line:#3d444d;{_lines(ON_DARK)}"
STYLE = (
    f"""<style>
.deepnet{{{LIGHT};
color:var(--ink);font:13px/1.5 system-ui,sans-serif;max-width:640px;background:none}}
@media (prefers-color-scheme:dark){{.deepnet{{{DARK}}}}}
body[data-jp-theme-light="true"] .deepnet,.vscode-light .deepnet{{{LIGHT}}}
body[data-jp-theme-light="false"] .deepnet,.vscode-dark .deepnet{{{DARK}}}
"""
    + """\
.deepnet table{border-collapse:collapse;margin:6px 0;color:inherit;background:none}
.deepnet tr,.deepnet td,.deepnet th{background:none;color:inherit}
.deepnet td,.deepnet th{padding:2px 12px 2px 0;border-bottom:1px solid var(--line);text-align:right;font-weight:400}
.deepnet td:first-child,.deepnet th:first-child{text-align:left}
.deepnet th,.deepnet .faint{color:var(--faint)}
.deepnet td{font-variant-numeric:tabular-nums}
.deepnet b{font-weight:600}
.deepnet svg{display:block;width:100%;height:auto;margin:6px 0}
.deepnet svg text{fill:var(--faint);font-family:system-ui,sans-serif}
.deepnet svg .grid{stroke:var(--line)}
.deepnet svg .first{stroke:var(--first)}.deepnet svg .second{stroke:var(--second)}
.deepnet svg .third{stroke:var(--third)}
</style>"""
)
COLOURS = {name: hex_color(ON_LIGHT[place]) for name, place in LINES.items()}  # where the style is not shown
TEXT, GRID = "#6e7781", "#d1d9e0"
SVG = "http://www.w3.org/2000/svg"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 240, 56, 12, 26, 24
MOST_POINTS = 600
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def panel(*parts: str) -> str:
    """The parts, which are HTML, in one styled element."""
    return f'{STYLE}<div class="deepnet">{"".join(part for part in parts if part)}</div>'


def heading(title: str, rest: str = "") -> str:
    """A line with a title in bold and plain text behind it."""
    return f'<div><b>{escape(title)}</b> <span class="faint">{escape(rest)}</span></div>'


def lines(texts: Sequence[str]) -> str:
    """Sentences, one a line."""
    return "".join(f'<div class="faint">{escape(text)}</div>' for text in texts)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of texts."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def cost_chart(x: Array, curves: Mapping[str, Array]) -> str:
    """Curves over the iterations `x` (n,) as SVG: each name with its values (n,), of which some may be nan.

    The colours are those of the panel that it is in, plain ones where there is none. "" if there are not two points
    to join.
    """
    there = {name: y for name, y in curves.items() if np.isfinite(y).sum() > 1}
    if not there:
        return ""
    finite = np.concatenate([y[np.isfinite(y)] for y in there.values()])
    low, high = float(finite.min()), float(finite.max())
    ticks = _ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    first, last = float(x[0]), max(float(x[-1]), float(x[0]) + 1.0)

    def across(value: float) -> float:
        return LEFT + (value - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def down(value: float) -> float:
        return TOP + (high - value) / ((high - low) or 1.0) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="{SVG}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="cost by iteration" '
        f'fill="{TEXT}" font-size="11" font-family="sans-serif">'
    ]
    for tick in ticks:
        at = down(tick)
        parts.append(f'<path class="grid" stroke="{GRID}" d="M{LEFT} {at:.1f} H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{tick:.4g}</text>')
    for tick in _ticks(first, last):
        if first <= tick <= last:
            anchor = "end" if across(tick) > WIDTH - 30 else "middle"
            parts.append(f'<text x="{across(tick):.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">{tick:,.0f}</text>')
    label = LEFT
    for (name, y), (colour, plain) in zip(there.items(), COLOURS.items(), strict=False):
        line = f'class="{colour}" stroke="{plain}" stroke-width="1.6" fill="none" stroke-linejoin="round"'
        chosen = _thinned(y)
        points = " L".join(f"{across(float(x[i])):.1f} {down(float(y[i])):.1f}" for i in chosen)
        parts.append(f'<path d="M{points}" {line}/>')
        parts.append(f'<path d="M{label} 12 L{label + 16} 12" {line}/>')
        parts.append(f'<text x="{label + 22}" y="16">{escape(name)}</text>')
        label += 36 + 7 * len(name)
    parts.append(f'<text x="{WIDTH - RIGHT}" y="16" text-anchor="end">cost by iteration</text>')
    return "".join([*parts, "</svg>"])


def _ticks(low: float, high: float) -> list[float]:
    """About four round numbers from at most `low` to at least `high`."""
    width = (high - low) or abs(high) or 1.0
    power = 10.0 ** np.floor(np.log10(width / 4))
    step = next(power * factor for factor in STEPS if power * factor >= width / 4)
    start, stop = int(np.floor(low / step + 1e-9)), int(np.ceil(high / step - 1e-9))
    return [float(step * number) for number in range(start, max(stop, start + 1) + 1)]


def _thinned(y: Array) -> list[int]:
    """The places of the finite values, of many those that are least and greatest of each bucket."""
    good = np.flatnonzero(np.isfinite(y))
    if good.size <= MOST_POINTS:
        return [int(place) for place in good]
    chosen: set[int] = {int(good[0]), int(good[-1])}
    for bucket in np.array_split(good, MOST_POINTS // 2):
        chosen |= {int(bucket[y[bucket].argmin()]), int(bucket[y[bucket].argmax()])}
    return sorted(chosen)
