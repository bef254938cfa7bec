"""What the pages of Evaluate share: the styles, the part of a long table that is in sight, and a few words."""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style

from deepnet_tui.drawing.numbers import short

MUTED = Style(dim=True)


@dataclass(frozen=True)
class PageStyles:
    """The styles that the theme decides, and whether the terminal has no colour."""

    good: Style
    chosen: Style
    no_color: bool


@dataclass
class Scroll:
    """The first row of a long table that is shown."""

    top: int = 0

    def window(self, count: int, rows: int) -> range:
        """The rows of `count` that are in sight; the first is moved so that no line stays empty."""
        rows = max(1, rows)
        self.top = max(0, min(self.top, count - rows))
        return range(self.top, min(count, self.top + rows))


def metric_text(value: float | None) -> str:
    """A metric with four digits, – where there is none."""
    return "–" if value is None else short(value) if abs(value) >= 1 else f"{round(value, 4) + 0.0:.4f}"
