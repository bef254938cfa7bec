"""Lines over iterations, drawn in braille. The only widget that uses plotext (checked with 5.3.2)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rich.text import Text
from textual_plotext import PlotextPlot

from deepnet_tui.drawing.numbers import log_ticks, ticks
from deepnet_tui.drawing.theme import PLAIN_MARKS, ChartColors, chart_colors
from deepnet_tui.training.history import Curves, reduce
from engine.arrays import Array

SMALLEST = 1e-300
FLAT = 1e-3  # of its size: a cost that moves less than this is drawn as a flat line
AROUND = 0.01  # of its size is then shown above and below


@dataclass(frozen=True)
class Drawing:
    """What is drawn: the curves, where the time machine stands, and the kind of axis.

    With the curves of an `other` run, only its training cost is drawn beside that of this one. `series` are lines of
    any kind that are drawn instead.
    """

    curves: Curves | None = None
    cursor: int | None = None
    log: bool = False
    end: int = 1
    other: Curves | None = None
    series: tuple[Line, ...] = ()


class LineChart(PlotextPlot, can_focus=False):
    """Training, internal and validation cost over iterations; of an ensemble also the lowest and the highest."""

    def __init__(self) -> None:
        super().__init__()
        self.theme = "clear"
        self._drawing: Drawing | None = None

    def draw(self, drawing: Drawing) -> None:
        """Show this."""
        self._drawing = drawing
        self.refresh()

    def render(self) -> Text:
        """The chart as text."""
        width, height = self.size
        if self._drawing is None or width < 16 or height < 4:
            return Text()
        plot = self.plt
        plot.clear_figure()
        plot.plotsize(width, height)
        plot._set_size(width, height)  # private: plotsize alone forgets a resize; textual-plotext 1.0.1 does the same
        self._paint(self._drawing, width, height)
        return Text.from_ansi(plot.build())

    def _paint(self, drawing: Drawing, width: int, height: int) -> None:
        plot, colors = self.plt, chart_colors(self.app)
        plot.theme("clear")
        plot.axes_color("default")
        plot.ticks_color(colors.axis)
        plot.xaxes(True, False)
        plot.yaxes(True, False)
        lows, highs = [], []
        for iterations, values, color, marker in lines(drawing, colors, plain=bool(self.app.no_color)):
            y = np.log10(np.maximum(values, SMALLEST)) if drawing.log else values
            x, y = reduce(iterations, np.where(np.isfinite(values), y, np.nan), max(8, width - 10))
            if not len(y):
                continue
            lows.append(float(y.min()))
            highs.append(float(y.max()))
            draw = plot.plot if len(y) > 1 else plot.scatter
            draw(x.tolist(), y.tolist(), marker=marker, color=color)
        if not lows:
            return
        low, high = min(lows), max(highs)
        self._scale(low, high, drawing, width, height)
        if drawing.cursor is not None:
            plot.vertical_line(drawing.cursor, color=colors.cursor)

    def _scale(self, low: float, high: float, drawing: Drawing, width: int, height: int) -> None:
        low, high = extent(low, high, drawing.log)
        most = max(3, min(8, height // 2))
        if drawing.log:
            values = log_ticks(10.0**low, 10.0**high, most)
            self.plt.yticks([math.log10(value) for value in values], [f"{value:.3g}" for value in values])
        else:
            places = ticks(low, high, most)
            self.plt.yticks(places, labels(places))
        self.plt.ylim(low, high)
        end = max(1, drawing.end)
        across = [value for value in ticks(0, end, max(2, width // 14)) if value == int(value)]
        self.plt.xlim(0, end)
        self.plt.xticks(across, [f"{int(value):,}" for value in across])


class Line(NamedTuple):
    """Costs at some iterations, both (n,), and how they are drawn."""

    iterations: Array
    values: Array
    color: tuple[int, int, int] | int
    marker: str


def lines(drawing: Drawing, colors: ChartColors, *, plain: bool) -> list[Line]:
    """What is drawn, what matters most last; without colour the lines differ in their markers."""
    curves, other = drawing.curves, drawing.other
    if curves is None:
        return list(drawing.series)
    at = curves.iteration

    def marker(name: str) -> str:
        return PLAIN_MARKS[name] if plain else "braille"

    train = Line(at, curves.cost, colors.train, "braille")
    if other is not None:
        return [Line(other.iteration, other.cost, colors.validation, marker("validation")), train]
    return [
        Line(at, curves.lowest, colors.spread, marker("spread")),
        Line(at, curves.highest, colors.spread, marker("spread")),
        Line(at, curves.internal_cost, colors.internal, marker("internal")),
        Line(at, curves.validation_cost, colors.validation, marker("validation")),
        train,
    ]


def extent(low: float, high: float, log: bool) -> tuple[float, float]:
    """Where the axis begins and ends, so that what hardly moves looks so. On a logarithmic axis they are exponents."""
    size = 1.0 if log else max(abs(low), abs(high))  # a factor of the cost is a distance on a logarithmic axis
    if high - low < FLAT * size or high == low:
        margin = AROUND * size or 1e-6
        return low - margin, high + margin
    return (0.0 if not log and 0 <= low < 0.5 * high else low), high  # an honest zero where there is room for it


def labels(values: list[float]) -> list[str]:
    """Numbers with as many digits as tell them apart."""
    for digits in range(2, 12):
        texts = [f"{value:.{digits}g}" for value in values]
        if len(set(texts)) == len(texts):
            return texts
    return [repr(value) for value in values]
