"""Lines over iterations, epochs or seconds, in braille. The only widget that uses plotext (checked with 5.3.2)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from rich.text import Text
from textual import events
from textual.message import Message
from textual_plotext import PlotextPlot

from deepnet_tui.common.background import LatestJob
from deepnet_tui.drawing.numbers import log_ticks, ticks
from deepnet_tui.drawing.theme import PLAIN_MARKS, ChartColors, chart_colors, css_color
from deepnet_tui.training.history import Curves, reduce
from engine.arrays import Array

SMALLEST = 1e-300
LEAST_WIDE, LEAST_HIGH = 16, 4
MOST_BUCKETS = 3000  # of all lines together: to draw a point takes some 20 microseconds
DASHED, DOTTED = (4, 2), (1, 1)
FLAT = 1e-3  # of its size: a cost that moves less than this is drawn as a flat line
WHEEL_ZOOM, WHEEL_PAN = 0.8, 0.1  # by how much one notch of the wheel zooms, and moves
AROUND = 0.01  # of its size is then shown above and below


class Line(NamedTuple):
    """Values over x, both (n,), and how they are drawn; those that are not `joined` are dots.

    `dash` is how many columns of the line are drawn and how many are left out by turns, None for a solid line.
    """

    x: Array
    values: Array
    color: tuple[int, int, int] | int
    marker: str
    joined: bool = True
    dash: tuple[int, int] | None = None


@dataclass(frozen=True)
class Plot:
    """Lines, those that matter most last, over an axis that reaches from `start` to `end`.

    On a logarithmic axis only what is above 0 is seen. `cursor` is a place on the axis; at `whole` axes only whole
    numbers are labelled. `extent` is where the axis of values begins and ends, None to fit the lines.
    """

    lines: Sequence[Line]
    start: float
    end: float
    log_x: bool = False
    log_y: bool = False
    cursor: float | None = None
    whole: bool = True
    extent: tuple[float, float] | None = None


@dataclass(frozen=True)
class Drawing:
    """What is drawn of one run: the curves, where the time machine stands, and the kind of axis."""

    curves: Curves
    cursor: int | None = None
    log: bool = False
    end: float = 1
    start: float = 0.0

    def plot(self, colors: ChartColors, *, plain: bool) -> Plot:
        """Its lines; `plain` is without colour."""
        end = max(1.0, self.end, self.start + 1)
        return Plot(lines(self, colors, plain=plain), self.start, end, log_y=self.log, cursor=self.cursor)


class LineChart(PlotextPlot, can_focus=False):
    """Costs over iterations or whatever else the axis is. A `Drawing` is drawn at once, a `Plot` in a thread."""

    class Zoomed(Message):
        """The wheel was turned: `factor` times as much of the axis is wanted, around a place on it."""

        def __init__(self, factor: float, around: float) -> None:
            super().__init__()
            self.factor, self.around = factor, around

    class Panned(Message):
        """The wheel was turned across, or with a key: the axis is to move by this share of what is seen."""

        def __init__(self, share: float) -> None:
            super().__init__()
            self.share = share

    def __init__(self) -> None:
        super().__init__()
        self.theme = "clear"
        self._drawing: Drawing | Plot | None = None
        self._drawn: tuple[Plot, Text] | None = None
        self._jobs: LatestJob[tuple[Plot, Text]] = LatestJob("chart", self.call_later, pace=0.0)

    def draw(self, drawing: Drawing | Plot) -> None:
        """Show this."""
        self._drawing = drawing
        self._begin()
        self.refresh()

    def move_cursor(self, cursor: float | None) -> None:
        """Show the cursor of a plot elsewhere: that needs no drawing of the lines."""
        if isinstance(self._drawing, Plot):
            self._drawing = replace(self._drawing, cursor=cursor)
            self.refresh()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """See less of the axis; with shift or ctrl move back along it."""
        self._wheel(event, WHEEL_ZOOM, -WHEEL_PAN)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """See more of the axis; with shift or ctrl move along it."""
        self._wheel(event, 1 / WHEEL_ZOOM, WHEEL_PAN)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        """Move back along the axis."""
        self._wheel(event, None, -WHEEL_PAN)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        """Move along the axis."""
        self._wheel(event, None, WHEEL_PAN)

    def _wheel(self, event: events.MouseEvent, factor: float | None, share: float) -> None:
        event.stop()
        if factor is None or event.shift or event.ctrl:
            self.post_message(self.Panned(share))
        elif (around := self._place_at(int(event.x))) is not None:
            self.post_message(self.Zoomed(factor, around))

    def _place_at(self, column: int) -> float | None:
        """The place on the axis over which a column of the chart is, None while there is no axis."""
        drawing, text = self._drawing, self.render()
        axis = next((place for place, mark in enumerate(text.plain.split("\n")[0]) if mark in "│┤"), None)
        if drawing is None or axis is None:
            return None
        plot = drawing if isinstance(drawing, Plot) else drawing.plot(chart_colors(self.app), plain=True)
        start, end = _place(plot.start, plot.log_x), _place(plot.end, plot.log_x)
        share = min(1.0, max(0.0, (column - axis - 1) / max(1, self.size.width - axis - 2)))
        at = start + share * (end - start)
        return 10.0**at if plot.log_x else at

    def on_resize(self) -> None:
        """Draw the plot anew."""
        self._begin()

    def _begin(self) -> None:
        plot, (width, height) = self._drawing, self.size
        if isinstance(plot, Plot) and width >= LEAST_WIDE and height >= LEAST_HIGH:
            colors = chart_colors(self.app)
            self._jobs.start(lambda _: (plot, self._text(plot, colors, width, height)), self._take_in)

    def _take_in(self, drawn: tuple[Plot, Text] | Exception) -> None:
        if not isinstance(drawn, Exception):
            self._drawn = drawn
            self.refresh()

    def render(self) -> Text:
        """The chart as text."""
        width, height = self.size
        drawing = self._drawing
        if drawing is None or width < LEAST_WIDE or height < LEAST_HIGH:
            return Text()
        colors = chart_colors(self.app)
        if isinstance(drawing, Drawing):
            plot = drawing.plot(colors, plain=bool(self.app.no_color))
            return with_cursor(self._text(plot, colors, width, height), plot, plot.cursor, colors)
        if self._drawn is None:
            return Text()
        plot, text = self._drawn
        return with_cursor(text, plot, drawing.cursor, colors)

    def _text(self, drawing: Plot, colors: ChartColors, width: int, height: int) -> Text:
        """The plot without its cursor; only one thread at a time may draw it."""
        plot = self.plt
        plot.clear_figure()
        plot.plotsize(width, height)
        plot._set_size(width, height)  # private: plotsize alone forgets a resize; textual-plotext 1.0.1 does the same
        plot.theme("clear")
        plot.axes_color("default")
        plot.ticks_color(colors.axis)
        plot.xaxes(True, False)
        plot.yaxes(True, False)
        self._paint(drawing, width, height)
        return Text.from_ansi(plot.build())

    def _paint(self, drawing: Plot, width: int, height: int) -> None:
        lows, highs = [], []
        buckets = max(8, min(width - 10, MOST_BUCKETS // max(1, len(drawing.lines))))
        for line in drawing.lines:
            x, y = points(line, drawing, buckets)
            if not len(y):
                continue
            lows.append(float(y.min()))
            highs.append(float(y.max()))
            draw = self.plt.plot if line.joined and len(y) > 1 else self.plt.scatter
            for piece_x, piece_y in [(x, y)] if line.dash is None else dashes(x, y, drawing, line.dash, width):
                draw(piece_x.tolist(), piece_y.tolist(), marker=line.marker, color=line.color)
        if not lows:
            return
        low, high = drawing.extent or extent(min(lows), max(highs), drawing.log_y)
        self._scale_y(low, high, drawing.log_y, max(3, min(8, height // 2)))
        self._scale_x(drawing, max(2, width // 14))

    def _scale_y(self, low: float, high: float, log: bool, most: int) -> None:
        if log:
            values = log_ticks(10.0**low, 10.0**high, most)
            self.plt.yticks([math.log10(value) for value in values], [f"{value:.3g}" for value in values])
        else:
            places = ticks(low, high, most)
            self.plt.yticks(places, labels(places))
        self.plt.ylim(low, high)

    def _scale_x(self, drawing: Plot, most: int) -> None:
        start, end, log = drawing.start, drawing.end, drawing.log_x
        values = log_ticks(start, end, most) if log else ticks(start, end, most)
        values = [value for value in values if not drawing.whole or value == int(value)] or [start]
        texts = [f"{int(value):,}" for value in values] if drawing.whole else labels(values)
        self.plt.xlim(_place(start, log), _place(end, log))
        self.plt.xticks([_place(value, log) for value in values], texts)


def _place(value: float, log: bool) -> float:
    """Where a value lies on an axis."""
    return math.log10(max(value, SMALLEST)) if log else value


def with_cursor(text: Text, plot: Plot, cursor: float | None, colors: ChartColors) -> Text:
    """The drawn plot with a vertical line beneath its lines, where the cursor is on the axis."""
    if cursor is None or (plot.log_x and cursor <= 0):
        return text
    start, end, at = (_place(value, plot.log_x) for value in (plot.start, plot.end, cursor))
    rows = list(text.split("\n"))
    axis = next((place for place, mark in enumerate(rows[0].plain if rows else "") if mark in "│┤"), None)
    if axis is None or not start <= at <= end or start == end:
        return text
    color = css_color(colors.cursor).removeprefix("ansi_")
    column = axis + 1 + math.floor(round(0.5 + (len(rows[0]) - axis - 2) * (at - start) / (end - start), 8))
    for number, row in enumerate(rows):
        on_axis = row.plain[axis : axis + 1] == "└"
        if on_axis or row.plain[column : column + 1] == " ":
            left, _, right = row.divide([column, column + 1])
            rows[number] = Text.assemble(left, ("┴" if on_axis else "│", color), right)
        if on_axis:
            break
    return Text("\n").join(rows)


def points(line: Line, plot: Plot, buckets: int) -> tuple[Array, Array]:
    """Where the line goes between the ends of the axis, at most 2 * `buckets` places, as the axes have them."""
    x, y = line.x, line.values
    good = np.isfinite(x) & np.isfinite(y) & ((x > 0) | (not plot.log_x))
    x, y = x[good], y[good]
    x = np.log10(x) if plot.log_x else x
    y = np.log10(np.maximum(y, SMALLEST)) if plot.log_y else y
    if not len(x):
        return x, y
    start, end = (_place(value, plot.log_x) for value in (plot.start, plot.end))
    inside = (x >= start) & (x <= end)
    if not inside.all():
        edges = np.array([edge for edge in (start, end) if x[0] < edge < x[-1] and not (x == edge).any()])
        x, y = np.concatenate([x[inside], edges]), np.concatenate([y[inside], np.interp(edges, x, y)])
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[order]
    return reduce(x, y, buckets)


def dashes(x: Array, y: Array, plot: Plot, dash: tuple[int, int], width: int) -> Iterator[tuple[Array, Array]]:
    """The pieces of a line that are drawn, in a chart of so many columns."""
    start, end = (_place(value, plot.log_x) for value in (plot.start, plot.end))
    column = (end - start) / max(1, width - 8)
    if len(x) < 2 or column <= 0:
        yield x, y
        return
    for left in np.arange(start, end, sum(dash) * column).tolist():
        low, high = max(left, x[0]), min(left + dash[0] * column, x[-1])
        if low < high:
            between = x[(x > low) & (x < high)]
            places = np.concatenate([[low], between, [high]])
            yield places, np.interp(places, x, y)


def lines(drawing: Drawing, colors: ChartColors, *, plain: bool) -> list[Line]:
    """What is drawn, from the bottom to the top; with colour the lines differ in their dashes too, else in markers."""
    curves, at = drawing.curves, drawing.curves.iteration

    def marker(name: str) -> str:
        return PLAIN_MARKS[name] if plain else "braille"

    train = Line(at, curves.cost, colors.train, "braille")
    spread = [Line(at, bound, colors.spread, marker("spread")) for bound in (curves.lowest, curves.highest)]
    internal = Line(at, curves.internal_cost, colors.internal, marker("internal"), dash=None if plain else DOTTED)
    validation = Line(
        at, curves.validation_cost, colors.validation, marker("validation"), dash=None if plain else DASHED
    )
    if plain:
        return [*spread, internal, validation, train]
    return [*spread, train, internal, validation]  # where they share a cell, both are seen: these have gaps


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
