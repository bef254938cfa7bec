"""Reports are never lost, and reduction keeps the extremes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deepnet_tui.training.history import History, reduce
from engine.arrays import Array
from engine.training.events import Progress


def test_every_report_is_kept_in_order() -> None:
    history = History()
    for number in range(5000):
        history.append(Progress(number, 1.0 / (number + 1), None if number % 2 else 0.5, 0.1))
    curves = history.curves()
    assert len(history) == 5000
    assert np.array_equal(curves.iteration, np.arange(5000))
    assert np.array_equal(curves.cost, 1.0 / np.arange(1, 5001))
    assert np.isnan(curves.validation_cost[1::2]).all()
    assert (curves.validation_cost[::2] == 0.5).all()
    assert history.last_iteration == 4999


def test_a_reader_never_sees_more_than_was_written() -> None:
    """Curves taken before a growth stay whole after it."""
    history = History()
    for number in range(256):
        history.append(Progress(number, float(number)))
    before = history.curves()
    for number in range(256, 600):
        history.append(Progress(number, float(number)))
    assert np.array_equal(before.cost, np.arange(256.0))
    assert np.array_equal(history.curves().cost, np.arange(600.0))


costs = hnp.arrays(np.float64, st.integers(1, 400), elements=st.floats(-1e6, 1e6) | st.just(np.inf) | st.just(np.nan))


@given(costs, st.integers(1, 50))
def test_reduction_keeps_extremes_and_order(cost: Array, buckets: int) -> None:
    x, y = reduce(np.arange(len(cost), dtype=float), cost, buckets)
    finite = cost[np.isfinite(cost)]
    assert len(y) <= max(2 * buckets, 0)
    assert np.isfinite(y).all()
    assert (np.diff(x) > 0).all()
    assert np.array_equal(cost[x.astype(int)], y)
    if len(finite):
        assert y.min() == finite.min()
        assert y.max() == finite.max()


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_a_curve_without_a_finite_value_is_empty(bad: float) -> None:
    x, y = reduce(np.arange(3.0), np.full(3, bad), 4)
    assert len(x) == len(y) == 0
