"""Axes of a chart: from values to places, with round numbers along them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from deepnet_tui.drawing.numbers import log_ticks, ticks
from deepnet_tui.report.svg.picture import line, words

SMALLEST = 1e-300


@dataclass(frozen=True)
class Axes:
    """The box from (left, top) to (right, bottom) for x from `low_x` to `high_x` and y from `low` to `high`."""

    left: float
    top: float
    right: float
    bottom: float
    low_x: float
    high_x: float
    low: float
    high: float
    log: bool = False

    def x(self, value: float) -> float:
        """The place of a value across."""
        span = self.high_x - self.low_x
        return self.left + (self.right - self.left) * ((value - self.low_x) / span if span else 0.5)

    def y(self, value: float) -> float:
        """The place of a value upwards."""
        low, high, value = self.low, self.high, min(max(value, -1e300), 1e300)
        if self.log:
            low, high, value = (math.log10(max(number, SMALLEST)) for number in (low, high, value))
        return self.bottom - (self.bottom - self.top) * ((value - low) / (high - low) if high > low else 0.5)

    def grid(self, across: str = "", whole: bool = False) -> list[str]:
        """Lines with their numbers; `across` names the axis below, which has whole numbers if `whole`."""
        parts = []
        ups = log_ticks(self.low, self.high, 6) if self.log else ticks(self.low, self.high, 6)
        for value in ups:
            parts += [line(self.left, self.y(value), self.right, self.y(value), "grid")]
            parts += [words(self.left - 8, self.y(value) + 4, f"{value:.4g}", anchor="end")]
        for value in ticks(self.low_x, self.high_x, 8):
            if not whole or value == int(value):
                parts.append(words(self.x(value), self.bottom + 18, f"{value:,.6g}", anchor="middle"))
        parts.append(line(self.left, self.bottom, self.right, self.bottom, "muted"))
        parts.append(words(self.right, self.bottom + 36, across, anchor="end"))
        return parts
