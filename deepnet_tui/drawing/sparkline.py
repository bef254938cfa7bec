"""A series of numbers as one line of characters."""

from __future__ import annotations

import math
from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"
WIDE = 20.0  # ratio of the largest to the smallest from which the line is logarithmic


def sparkline(values: Sequence[float], width: int) -> str:
    """At most `width` bars, the last for the last value; what is not a finite number leaves a gap.

    Positive values that differ by much are drawn by their logarithm. A series that does not change is a low line.
    """
    if width < 1 or not values:
        return ""
    count = min(width, len(values))
    picked = [values[(place + 1) * len(values) // count - 1] for place in range(count)]
    finite = [value for value in picked if math.isfinite(value)]
    if not finite:
        return " " * count
    low, high = min(finite), max(finite)
    if low > 0 and high / low > WIDE:
        picked = [math.log(value) if math.isfinite(value) else value for value in picked]
        low, high = math.log(low), math.log(high)
    return "".join(_bar(value, low, high) for value in picked)


def _bar(value: float, low: float, high: float) -> str:
    if not math.isfinite(value):
        return " "
    if not high / 2 - low / 2 > 5e-13 * max(abs(low), abs(high)):
        return BARS[0]
    share = (value / 2 - low / 2) / (high / 2 - low / 2)  # halves: the whole range may be more than a float holds
    return BARS[min(len(BARS) - 1, int(share * len(BARS)))]
