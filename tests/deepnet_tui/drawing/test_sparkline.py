"""Lines of bars."""

from __future__ import annotations

import math

from hypothesis import example, given, settings
from hypothesis import strategies as st

from deepnet_tui.drawing.sparkline import BARS, sparkline


def test_a_sparkline_rises_where_the_numbers_do() -> None:
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8) == BARS
    assert sparkline([1.0, 1.0, 1.0], 9) == BARS[0] * 3
    assert sparkline([10.0**n for n in range(8)], 8) == BARS
    assert sparkline([math.nan, 1.0, 2.0], 3) == f" {BARS[0]}{BARS[-1]}"
    assert sparkline([], 5) == sparkline([1.0], 0) == ""
    assert sparkline(list(range(100)), 5)[-1] == BARS[-1]
    assert sparkline([math.inf, math.nan], 5) == "  "


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=80), st.integers(0, 30))
@example([-1.7e308, 0.0, 1.7e308], 3)  # further apart than a float can say
@settings(deadline=None)
def test_a_sparkline_is_never_wider_than_asked(values: list[float], width: int) -> None:
    line = sparkline(values, width)
    assert len(line) == min(width, len(values))
    assert set(line) <= set(BARS + " ")
