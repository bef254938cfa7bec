"""The part of the iterations that the cost chart shows. Numbers only, no widget."""

from __future__ import annotations

from dataclasses import dataclass, replace

LEAST = 10.0  # iterations that fill the chart at least


@dataclass(frozen=True)
class AxisWindow:
    """`start` and `stop` of what is seen of the axis from 0 to `end`; `stop` is None for all, also as it grows.

    It belongs to one `run`: another one is seen whole.
    """

    run: int | str | None = None
    end: float = 1.0
    start: float = 0.0
    stop: float | None = None

    def of(self, run: int | str, end: float) -> AxisWindow:
        """For the axis of a run as it is now."""
        if run != self.run:
            return AxisWindow(run, end)
        return self if end == self.end else replace(self, end=end)

    @property
    def is_part(self) -> bool:
        """Whether only a part is seen."""
        return self.stop is not None

    @property
    def all(self) -> AxisWindow:
        """With the whole axis."""
        return AxisWindow(self.run, self.end)

    @property
    def seen(self) -> tuple[float, float]:
        """Where it begins and ends."""
        return (0.0, self.end) if self.stop is None else (self.start, self.stop)

    def zoomed(self, factor: float, around: float) -> AxisWindow:
        """With `factor` times as much of the axis; the place `around` stays where it is."""
        start, stop = self.seen
        around = min(max(around, start), stop)
        size = min((stop - start) * factor, self.end)
        begin = max(0.0, min(around - (around - start) * factor, self.end - size))
        return self._with(begin, begin + size)

    def panned(self, share: float) -> AxisWindow:
        """Moved by a share of what is seen, within the whole."""
        start, stop = self.seen
        step = min(max(share * (stop - start), -start), self.end - stop)
        return self._with(start + step, stop + step)

    def _with(self, start: float, stop: float) -> AxisWindow:
        start, stop = max(start, 0.0), min(stop, self.end)
        if stop - start < min(LEAST, self.end):
            return self
        if start <= 0.0 and stop >= self.end:
            return self.all
        return replace(self, start=start, stop=stop)
