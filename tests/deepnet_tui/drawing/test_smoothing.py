"""The exponential moving average agrees with its definition."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.drawing.smoothing import exponential_mean


@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(math.nan) | st.just(math.inf), max_size=60),
    st.floats(0.0, 0.999),
    st.integers(1, 60),
)
def test_it_agrees_with_its_definition(values: list[float], weight: float, times: int) -> None:
    values = values * times
    expected, mean, count = [], 0.0, 0
    for value in values:
        if math.isfinite(value):
            mean, count = weight * mean + (1 - weight) * value, count + 1
            expected.append(mean / (1 - weight**count))
        else:
            expected.append(value)
    found = exponential_mean(np.array(values), weight)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-6)


def test_a_constant_stays_and_nothing_stays_nothing() -> None:
    np.testing.assert_allclose(exponential_mean(np.full(5000, 0.25), 0.99), 0.25)
    assert exponential_mean(np.array([]), 0.9).shape == (0,)
    assert np.isnan(exponential_mean(np.full(3, np.nan), 0.9)).all()
