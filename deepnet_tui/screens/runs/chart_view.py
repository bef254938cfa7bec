"""How the curves of runs are looked at: axes, smoothing, the part that is seen, the cursor. Numbers only, no widget."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from deepnet_tui.runs.follow import RunCurve
    from engine.arrays import Array

T = TypeVar("T")

AXES = {"iterations": "iteration", "epochs": "epoch", "seconds": "seconds"}  # the field of the reports for each
COSTS = {"cost": "training cost", "validation_cost": "validation cost"}
SMOOTHING = (0.0, 0.6, 0.9, 0.98)  # weights of the former values in the moving average
CLOSEST = 1e-6  # share of the whole axis that may fill the chart


@dataclass(frozen=True)
class CurveReading:
    """The exact value of a run in its report that is nearest to the cursor, and where on the axis that is."""

    x: float
    value: float


@dataclass(frozen=True)
class ChartView:
    """`window` is the part of the axis that is seen, None for all; `cursor` a place on it, None for none."""

    axis: str = "iterations"
    cost: str = "cost"
    smoothing: float = 0.0
    log_x: bool = False
    log_y: bool = False
    window: tuple[float, float] | None = None
    cursor: float | None = None

    # What is chosen

    def next_axis(self) -> ChartView:
        """With the next kind of axis, all of it and without a cursor."""
        return replace(self, axis=_after(self.axis, list(AXES)), window=None, cursor=None)

    def next_cost(self) -> ChartView:
        """With the other cost."""
        return replace(self, cost=_after(self.cost, list(COSTS)))

    def next_smoothing(self) -> ChartView:
        """Smoothed more; after the most, not at all."""
        return replace(self, smoothing=_after(self.smoothing, SMOOTHING))

    def toggled_log_x(self) -> ChartView:
        """With the other kind of horizontal axis, all of it."""
        cursor = self.cursor if self.cursor and self.cursor > 0 else None
        return replace(self, log_x=not self.log_x, window=None, cursor=cursor)

    # The axis

    def x_of(self, curve: RunCurve) -> Array:
        """Where the reports of a run are on the axis, (n,)."""
        x: Array = getattr(curve, AXES[self.axis])
        return x

    def values_of(self, curve: RunCurve) -> Array:
        """What is drawn of a run before it is smoothed, (n,)."""
        values: Array = getattr(curve, self.cost)
        return values

    def whole(self, curves: Iterable[RunCurve]) -> tuple[float, float]:
        """The axis with all reports on it: from 0, where it is logarithmic from the first that is above."""
        import numpy as np

        places = [x[np.isfinite(x)] for x in map(self.x_of, curves)]
        end = max((float(x.max()) for x in places if len(x)), default=0.0)
        end = end if end > 0 else 1.0
        if not self.log_x:
            return 0.0, end
        start = min((float(x[x > 0].min()) for x in places if (x > 0).any()), default=end / 10)
        return (start if start < end else end / 10), end

    def seen(self, curves: Iterable[RunCurve]) -> tuple[float, float]:
        """The part of the axis that is seen."""
        whole = self.whole(curves)
        if self.window is None:
            return whole
        start, end = max(self.window[0], whole[0]), min(self.window[1], whole[1])
        return (start, end) if start < end else whole

    def zoomed(self, curves: Sequence[RunCurve], factor: float) -> ChartView:
        """With `factor` times as much of the axis, around the cursor or else the middle."""
        start, end = map(self._place, self.seen(curves))
        around = (start + end) / 2
        if self.cursor is not None and start <= (at := self._place(self.cursor)) <= end:
            around = at
        return self._with_window(curves, around - (around - start) * factor, around + (end - around) * factor)

    def panned(self, curves: Sequence[RunCurve], share: float) -> ChartView:
        """With the part that is seen moved by a share of its width, within the whole."""
        start, end = map(self._place, self.seen(curves))
        first, last = map(self._place, self.whole(curves))
        step = min(max(share * (end - start), first - start), last - end)
        return self._with_window(curves, start + step, end + step)

    def _with_window(self, curves: Sequence[RunCurve], start: float, end: float) -> ChartView:
        first, last = map(self._place, self.whole(curves))
        start, end = max(start, first), min(end, last)
        if end - start < CLOSEST * (last - first):
            return self
        if (start, end) == (first, last):
            return replace(self, window=None)
        return replace(self, window=(self._value(start), self._value(end)))

    # The cursor

    def moved(self, curves: Sequence[RunCurve], step: int, columns: int) -> ChartView:
        """With the cursor on the next report of any run, at least about a column of the chart further.

        Where there is none so far away it goes to the last; without a cursor it appears at the end that it comes from.
        """
        import numpy as np

        start, end = self.seen(curves)
        places = np.unique(np.concatenate([self.x_of(curve) for curve in curves])) if curves else np.array([])
        places = places[(places >= start) & (places <= end)]
        if not len(places):
            return replace(self, cursor=None)
        if self.cursor is None or not start <= self.cursor <= end:
            return replace(self, cursor=float(places[-1 if step < 0 else 0]))
        column = (self._place(end) - self._place(start)) / max(1, columns)
        aim = self._value(self._place(self.cursor) + step * column)
        if step > 0:
            found = places[places >= aim] if (places >= aim).any() else places[-1:]
            return replace(self, cursor=float(max(found[0], self.cursor)))
        found = places[places <= aim] if (places <= aim).any() else places[:1]
        return replace(self, cursor=float(min(found[-1], self.cursor)))

    def reading(self, curve: RunCurve) -> CurveReading | None:
        """What a run has at the cursor, without one its last value; None where it has no report."""
        import numpy as np

        x, values = self.x_of(curve), self.values_of(curve)
        known = np.flatnonzero(np.isfinite(values) & np.isfinite(x))
        if not len(known):
            return None
        place = known[-1] if self.cursor is None else known[np.abs(x[known] - self.cursor).argmin()]
        return CurveReading(float(x[place]), float(values[place]))

    def _place(self, value: float) -> float:
        return math.log10(value) if self.log_x else value

    def _value(self, place: float) -> float:
        return 10.0**place if self.log_x else place


def _after(value: T, values: Sequence[T]) -> T:
    return values[(values.index(value) + 1) % len(values)]
