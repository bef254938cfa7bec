"""Spreads are a bounded, faithful picture of many numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine import LayerSpec, NetworkSpec
from engine.diagnostics.distributions import KINDS, POINTS, bounds, density, spread, spreads
from engine.diagnostics.statistics import Sample
from engine.network import backward, forward

NUMBERS = arrays.arrays(
    np.float64, st.integers(0, 400), elements=st.floats(-1e6, 1e6, width=32) | st.sampled_from([np.nan, np.inf, 0.0])
)


@settings(max_examples=40)
@given(NUMBERS)
def test_a_spread_keeps_ends_order_and_quantiles(values: np.ndarray) -> None:
    found, finite = spread(values), np.sort(values[np.isfinite(values)]).astype(np.float32)
    assert found.size == min(POINTS, finite.size)
    assert (np.diff(found) >= 0).all()
    if finite.size:
        assert (found[0], found[-1]) == (finite[0], finite[-1])
        ranks = np.searchsorted(finite, found, side="right") / finite.size
        assert (ranks >= np.linspace(0, 1, found.size) - 1 / finite.size - 0.005).all()
    low, high = bounds([found])
    assert low < high
    inside = ((found >= np.float32(low)) & (found <= np.float32(high))).mean() if found.size else 0.0
    assert abs(density(found, low, high, 7).sum() - inside) < 1e-9
    assert inside >= 0.97 or not found.size


def test_the_density_is_that_of_a_histogram() -> None:
    values = np.random.default_rng(0).normal(size=100_000)
    expected, _ = np.histogram(values, bins=8, range=(-3, 3))
    assert np.abs(density(spread(values), -3, 3, 8) - expected / values.size).max() < 0.01


def test_every_layer_has_its_weights_activations_and_gradients() -> None:
    network = NetworkSpec(3, (LayerSpec(5, "relu"), LayerSpec(4, "tanh")), 1, "binary")
    random = np.random.default_rng(1)
    X, Y = random.normal(size=(3, 12)), random.integers(0, 2, (1, 12)).astype(float)
    parameters = {name: random.normal(size=shape) for name, shape in network.shapes.items()}
    found = spreads(network, parameters, Sample(X, Y))
    values = forward(network, parameters, X)
    grads = backward(network, parameters, X, Y)
    assert tuple(found) == KINDS
    for layer in (1, 2, 3):
        for kind, source in (("weights", parameters[f"W{layer}"]), ("activations", values[f"A{layer}"])):
            np.testing.assert_array_equal(found[kind][layer - 1], np.sort(source.ravel()).astype(np.float32))
        np.testing.assert_allclose(found["gradients"][layer - 1], np.sort(grads[f"dW{layer}"].ravel()), rtol=1e-5)
