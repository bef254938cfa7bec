"""Small things that are easy to get wrong: ticks, steps, numbers, lines that must fit."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.drawing import numbers
from deepnet_tui.experiment import Experiment
from deepnet_tui.widgets.base.chart import extent, labels
from deepnet_tui.widgets.base.typed_numbers import read_number, read_whole
from deepnet_tui.widgets.panes.training import SETTINGS, row, value_of


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


def test_a_cost_that_hardly_moves_is_drawn_flat() -> None:
    low, high = extent(0.6931471805, 0.693147183, log=False)
    assert high - low > 0.01
    assert all(len(text) <= 5 for text in labels(numbers.ticks(low, high, 4)))
    assert extent(0.6874, 0.6931, log=False) == (0.6874, 0.6931), "the tutorial's run keeps its curve"
    assert extent(0.1, 0.7, log=False) == (0.0, 0.7)
    assert extent(0.0, 0.0, log=False) == (-1e-6, 1e-6)
    low, high = extent(-0.15917, -0.15916, log=True)
    assert high - low > 0.01


def test_labels_tell_values_apart() -> None:
    assert labels([0.69310, 0.69312, 0.69314]) == ["0.6931", "0.69312", "0.69314"]
    assert labels([0.0, 0.5, 1.0]) == ["0", "0.5", "1"]


@pytest.mark.parametrize(("text", "value"), [("1,000", 1000), (" 12 ", 12), ("1_0", 10)])
def test_whole_numbers_as_people_type_them(text: str, value: int) -> None:
    assert read_whole(text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("0,01", 0.01), ("1e-3", 0.001), (" .5", 0.5), ("0,125", 0.125), ("1,5", 1.5)]
)
def test_numbers_as_people_type_them(text: str, value: float) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize(("text", "said"), [("1,000", "could be 1 or 1000"), ("12,500", "could be 12.5 or 12500")])
def test_a_number_that_may_mean_two_things_is_asked_for_again(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_number(text)


@pytest.mark.parametrize("text", ["", "a lot", "1.5.2", "--3"])
def test_what_is_no_number_is_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        read_whole(text)
    with pytest.raises(ValueError, match="is not a"):
        read_number(text)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_stepping_a_setting_stays_allowed(setting: object) -> None:
    """Forty steps down and forty up never leave what an experiment allows."""
    from deepnet_tui.widgets.panes.training import PaneSetting

    assert isinstance(setting, PaneSetting)
    experiment = Experiment.default("moons")
    for direction in [-1] * 40 + [1] * 40:
        step = row(setting, value_of(setting, experiment)).step
        assert step is not None
        values = step(direction)
        if values is not None:
            experiment = experiment.replace(setting.section, **values)  # type: ignore[arg-type]
    value = value_of(setting, experiment)
    assert not isinstance(value, float) or math.isfinite(value)
