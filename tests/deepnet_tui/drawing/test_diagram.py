"""Where units are placed and how weights are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepnet_tui.drawing import diagram


@given(
    st.lists(st.integers(1, 300), min_size=2, max_size=30),
    st.integers(0, 29),
    st.integers(0, 299),
    st.integers(20, 160),
    st.integers(2, 40),
)
@settings(max_examples=150, deadline=None)
def test_all_is_inside_and_the_chosen_unit_is_shown(
    dims: list[int], layer: int, unit: int, width: int, height: int
) -> None:
    layer = min(layer, len(dims) - 1)
    unit = min(unit, dims[layer] - 1)
    shown = diagram.columns(dims, (layer, unit), width, height, 5, 5)
    assert [column.layer for column in shown] == list(range(shown[0].layer, shown[-1].layer + 1))
    for column in shown:
        assert 0 <= column.x < width
        assert all(0 <= row < height for row in column.rows)
        assert len(set(column.rows)) == len(column.rows) == len(column.units)
        assert len(column.units) + column.hidden == dims[column.layer]
        assert (column.fold in column.rows) is False or height == 1
    chosen = next(column for column in shown if column.layer == layer)
    assert unit in chosen.units
    random = np.random.default_rng(0)
    parameters = {f"W{n}": random.standard_normal((dims[n], dims[n - 1])) for n in range(1, len(dims))}
    drawn = diagram.weight_lines(shown, parameters, (layer, unit), width, height)
    assert drawn.dots.shape == drawn.level.shape == (height, width)
    assert drawn.dots.max() <= 0xFF
    assert np.abs(drawn.level).max() <= 1


def test_sign_and_strength_of_a_weight_are_seen() -> None:
    shown = diagram.columns((2, 1), (1, 0), 30, 4)
    drawn = diagram.weight_lines(shown, {"W1": np.array([[2.0, -1.0]])}, (1, 0), 30, 4)
    top, bottom = shown[0].rows
    start = shown[0].x + 1
    assert drawn.level[top, start] == pytest.approx(1.0)
    assert -1 < drawn.level[bottom, start] < -0.5
    none = diagram.weight_lines(shown, {"W1": np.zeros((1, 2))}, (1, 0), 30, 4)
    assert not none.dots.any()
    weak = diagram.weight_lines(shown, {"W1": np.array([[2.0, 0.01]])}, (1, 0), 30, 4)
    assert weak.dots[bottom, start] == 0


def test_the_weights_of_the_chosen_unit_are_strongest() -> None:
    shown = diagram.columns((3, 3), (1, 1), 40, 9)
    drawn = diagram.weight_lines(shown, {"W1": np.ones((3, 3))}, (1, 1), 40, 9)
    mine, other = shown[1].rows[1], shown[1].rows[0]
    end = shown[1].x - 1
    assert drawn.level[mine, end] > drawn.level[other, end] > 0


def test_the_chosen_unit_s_lines_stand_out_of_a_wide_layer() -> None:
    random = np.random.default_rng(0)
    shown = diagram.columns((16, 8), (1, 3), 60, 24)
    W = random.standard_normal((8, 16))
    drawn = diagram.weight_lines(shown, {"W1": W}, (1, 3), 60, 24)
    alone = diagram.weight_lines(shown, {"W1": np.where(np.arange(8)[:, None] == 3, W, 0.0)}, (1, 3), 60, 24)
    own = alone.dots > 0
    np.testing.assert_array_equal(drawn.dots[own], alone.dots[own])
    assert np.abs(drawn.level[own]).min() > 2 * np.abs(drawn.level[~own]).max()
    between = drawn.dots[:, shown[0].x + 1 : shown[1].x]
    assert (between > 0).mean() < 0.8, "no mat of dots"


def test_without_colour_negative_weights_have_gaps() -> None:
    shown = diagram.columns((1, 1), (1, 0), 40, 1)
    whole = diagram.weight_lines(shown, {"W1": np.array([[1.0]])}, (1, 0), 40, 1, dashed=True)
    gaps = diagram.weight_lines(shown, {"W1": np.array([[-1.0]])}, (1, 0), 40, 1, dashed=True)
    dots = [int(sum((cell).bit_count() for cell in row.dots.ravel().tolist())) for row in (whole, gaps)]
    assert dots[1] == pytest.approx(dots[0] / 2, abs=3)
