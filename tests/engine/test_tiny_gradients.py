"""The gradient check where gradients are tiny: no false alarm, and a small mistake is still found."""

from __future__ import annotations

import numpy as np
import pytest

from engine import LayerSpec, NetworkSpec, Trainer, TrainingSpec
from engine.gradient_check import THRESHOLD, check_gradients
from engine.network import backward


def test_a_mistake_of_a_ten_thousandth_is_found_where_gradients_are_tiny() -> None:
    random = np.random.RandomState(0)
    X, Y = random.randn(2, 5), np.array([[0.0, 1.0, 1.0, 0.0, 1.0]])
    network = NetworkSpec(2, (LayerSpec(3, "sigmoid"),) * 10, initializer="xavier")
    P = Trainer(network, TrainingSpec(), X, Y).parameters
    right = backward(network, P, X, Y)
    assert 0 < np.abs(right["dW1"]).max() < 1e-7
    checked = check_gradients(network, P, X, Y, sample=2)
    assert checked.passed
    assert all(matrix.limit < 100 * THRESHOLD for matrix in checked.matrices)
    wrong = {name: right[name] * (1 + 1e-4 * (name in ("dW1", "db4"))) for name in right}
    checked = check_gradients(network, P, X, Y, sample=2, gradients=lambda: wrong)
    assert [matrix.name for matrix in checked.matrices if not matrix.passed] == ["W1", "b4"]


@pytest.mark.parametrize(("activation", "layers", "scale"), [("relu", 5, 0.01), ("tanh", 6, 0.02), ("gelu", 4, 0.02)])
def test_small_weights_are_no_mistake(activation: str, layers: int, scale: float) -> None:
    random = np.random.RandomState(1)
    X, Y = random.randn(3, 6), random.randn(1, 6)
    hidden = (LayerSpec(3, activation),) * layers
    network = NetworkSpec(3, hidden, task="regression", initializer="small", scale=scale)
    P = Trainer(network, TrainingSpec(), X, Y).parameters
    assert check_gradients(network, P, X, Y, sample=2).passed
