"""An SVG picture made of lines, boxes and words, whose colours follow the page: light, dark or printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from deepnet_tui.common.text import printable
from deepnet_tui.drawing.color.data_colors import BLUE, GREEN, ON_DARK, ON_LIGHT, ORANGE, hex_color


def _pair(place: int) -> tuple[str, str]:
    return hex_color(ON_LIGHT[place]), hex_color(ON_DARK[place])


COLOURS = {  # by name: on a light and on a dark page
    "ink": ("#1b2430", "#d5dae3"),
    "muted": ("#5b6675", "#93a0b4"),
    "grid": ("#e2e6ec", "#2a3340"),
    "surface": ("#f3f6fa", "#1d2430"),
    "train": _pair(BLUE),
    "validation": _pair(ORANGE),
    "internal": _pair(GREEN),
    "spread": ("#a9c6e2", "#3d5d7c"),
    "minus": _pair(ORANGE),
}
FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"


def style_sheet() -> str:
    """The classes that pictures use: `f-NAME` fills, `s-NAME` strokes."""
    light, dark = (
        "".join(f".f-{name}{{fill:{pair[k]}}}.s-{name}{{stroke:{pair[k]}}}" for name, pair in COLOURS.items())
        for k in (0, 1)
    )
    return f".chart text{{{FONT}}}{light}@media screen and (prefers-color-scheme:dark){{{dark}}}"


@dataclass(frozen=True)
class Picture:
    """`body` are the elements, already safe; `title` says in words what is to be seen."""

    width: float
    height: float
    title: str
    body: str

    def inline(self) -> str:
        """The element within a page that has the style sheet."""
        return (
            f'<svg class="chart" viewBox="0 0 {self.width:g} {self.height:g}" width="{self.width:g}" role="img" '
            f'aria-label="{safe(self.title)}">{self.body}</svg>'
        )

    def standalone(self) -> str:
        """A file of its own."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {self.width:g} {self.height:g}" '
            f'width="{self.width:g}" height="{self.height:g}"><title>{safe(self.title)}</title>'
            f"<style>{style_sheet()}</style>{self.body}</svg>\n"
        )


def safe(text: object) -> str:
    """A name out of anywhere as text or attribute: markup and control characters can do nothing."""
    return escape(printable(str(text)), quote=True)


def line(x: float, y: float, x2: float, y2: float, colour: str, width: float = 1.0, dash: str = "") -> str:
    """A straight line."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="s-{colour}" '
        f'stroke-width="{width:g}"{dashed}/>'
    )


def path(points: Sequence[tuple[float, float]], colour: str, width: float = 2.0, extra: str = "") -> str:
    """A line through points; of one point a dot."""
    if len(points) == 1:
        return dot(*points[0], 2 * width, colour)
    d = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="{d}" fill="none" class="s-{colour}" stroke-width="{width:g}" stroke-linejoin="round"{extra}/>'


def dot(x: float, y: float, radius: float, colour: str) -> str:
    """A filled circle."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" class="f-{colour}"/>'


def box(x: float, y: float, width: float, height: float, colour: str, radius: float = 0.0) -> str:
    """A filled box."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{max(0.0, height):.1f}" '
        f'rx="{radius:g}" class="f-{colour}"/>'
    )


def words(
    x: float, y: float, text: object, colour: str = "muted", size: float = 12, anchor: str = "start", weight: str = ""
) -> str:
    """A text whose baseline begins, has its middle or ends at (x, y)."""
    bold = f' font-weight="{weight}"' if weight else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}" class="f-{colour}"{bold}>'
        f"{safe(text)}</text>"
    )


def cut(text: str, most: int) -> str:
    """A name that fits."""
    text = printable(text)
    return text if len(text) <= most else text[: most - 1] + "…"


def joined(parts: Iterable[str]) -> str:
    """The elements of a picture."""
    return "".join(parts)
