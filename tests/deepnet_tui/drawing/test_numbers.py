"""Ticks and numbers in a narrow room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.drawing import numbers


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 12))
def test_ticks_lie_within_and_are_few(low: float, span: float, most: int) -> None:
    high = low + span
    places = numbers.ticks(low, high, most)
    assert len(places) <= most + 1
    assert all(low - 1e-6 * span <= place <= high + 1e-6 * span for place in places)


@given(st.floats(-12, 6), st.floats(0.01, 12), st.integers(3, 10))
def test_log_ticks_lie_within_and_are_few(low: float, decades: float, most: int) -> None:
    places = numbers.log_ticks(10**low, 10 ** (low + decades), most)
    assert 2 <= len(places) <= most + 1
    assert all(10**low * 0.99 <= place <= 10 ** (low + decades) * 1.01 for place in places)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_number_in_a_table_is_never_wide(value: float) -> None:
    assert len(numbers.short(value)) <= 9


@given(st.lists(st.integers(1, 100_000), min_size=2, max_size=40), st.integers(12, 40))
def test_long_networks_are_written_short(units: list[int], room: int) -> None:
    text = numbers.dims(tuple(units), room)
    assert len(text) <= max(room, 22)
    assert text.startswith(str(units[0]))
    assert text.endswith(str(units[-1]))
