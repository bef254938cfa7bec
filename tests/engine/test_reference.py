"""The textbook rules against numbers worked by hand and other libraries, and the fast path against the textbook."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax as scipy_softmax
from sklearn.metrics import log_loss

from engine import LayerSpec, NetworkSpec, Trainer, TrainingSpec, network, reference
from engine.arrays import Array

from .strategies import make_data

NETWORK = NetworkSpec(3, (LayerSpec(5, "tanh"), LayerSpec(4, "relu")), 2, "multiclass", "xavier")
FINITE = st.floats(-10, 10)  # scikit-learn clips probabilities nearer to 0 than the rounding error


def textbook(trainer: Trainer, X: Array, Y: Array, updates: int) -> dict[str, Array]:
    """The parameters after some updates by engine.reference, with plain gradients of the cost."""
    settings, W = trainer.training, trainer.parameters
    m = X.shape[1]
    first = {name: np.zeros_like(value) for name, value in W.items()}
    second = {name: np.zeros_like(value) for name, value in W.items()}
    more = {"beta1": settings.momentum, "beta2": settings.beta2, "epsilon": settings.epsilon}
    for t in range(1, updates + 1):
        grads = network.backward(trainer.network, W, X, Y)
        named = {name: grads[f"d{name}"] for name in W}
        for name in W:
            if name.startswith("W"):
                if settings.optimizer != "adamw":
                    named[name] = named[name] + reference.l2_gradient(W[name], settings.l2, m)
                named[name] = named[name] + reference.l1_gradient(W[name], settings.l1, m)
        if settings.clip_norm is not None:
            named = reference.clip_by_norm(named, settings.clip_norm)
        rate = settings.learning_rate
        for name, dW in named.items():
            match settings.optimizer:
                case "gd":
                    W[name] = reference.gradient_descent(W[name], dW, rate)
                case "momentum":
                    W[name], first[name] = reference.momentum(W[name], dW, first[name], rate, settings.momentum)
                case "nesterov":
                    W[name], first[name] = reference.nesterov(W[name], dW, first[name], rate, settings.momentum)
                case "rmsprop":
                    W[name], second[name] = reference.rmsprop(
                        W[name], dW, second[name], rate, settings.beta2, settings.epsilon
                    )
                case "adam":
                    W[name], first[name], second[name] = reference.adam(
                        W[name], dW, first[name], second[name], t, rate, **more
                    )
                case "adamw":
                    decay = settings.l2 / m if name.startswith("W") else 0.0
                    W[name], first[name], second[name] = reference.adamw(
                        W[name], dW, first[name], second[name], t, rate, decay, **more
                    )
    return W


@pytest.mark.parametrize("optimizer", ["gd", "momentum", "nesterov", "rmsprop", "adam", "adamw"])
@pytest.mark.parametrize("more", [{}, {"l2": 0.7}, {"l1": 0.3, "l2": 0.2}, {"clip_norm": 0.1}], ids=str)
def test_the_trainer_follows_the_textbook(optimizer: str, more: dict[str, Any]) -> None:
    X, Y = make_data(NETWORK, 17, 2)
    settings = TrainingSpec(optimizer=optimizer, learning_rate=0.02, iterations=20, seed=4, **more)
    trainer = Trainer(NETWORK, settings, X, Y)
    expected = textbook(trainer, X, Y, 20)
    trainer.advance(20)
    for name, value in trainer.parameters.items():
        np.testing.assert_allclose(value, expected[name], rtol=1e-10, atol=1e-12, err_msg=name)


def test_two_steps_of_adam_by_hand() -> None:
    W, m, v = reference.adam(np.array([1.0]), np.array([0.5]), np.zeros(1), np.zeros(1), 1, learning_rate=0.1)
    assert m == pytest.approx([0.05])
    assert v == pytest.approx([0.00025])
    assert pytest.approx([0.9], abs=1e-8) == W  # the first step has the length of the learning rate
    W, m, v = reference.adam(W, np.array([-0.25]), m, v, 2, learning_rate=0.1)
    m_hat, v_hat = (0.9 * 0.05 - 0.1 * 0.25) / 0.19, (0.999 * 0.00025 + 0.001 * 0.0625) / (1 - 0.999**2)
    assert pytest.approx([0.9 - 0.1 * m_hat / math.sqrt(v_hat)], abs=1e-8) == W


def test_momentum_and_nesterov_by_hand() -> None:
    W, dW, V = np.array([1.0]), np.array([2.0]), np.array([0.5])
    assert reference.momentum(W, dW, V, 0.1)[0] == pytest.approx([1 + 0.25])  # V becomes 0.45 - 0.2
    assert reference.nesterov(W, dW, V, 0.1)[0] == pytest.approx([1 + 0.9 * 0.25 - 0.2])


@given(arrays(float, (4, 6), elements=FINITE))
def test_softmax_is_that_of_scipy(Z: Array) -> None:
    np.testing.assert_allclose(reference.softmax(Z), scipy_softmax(Z, axis=0), rtol=1e-12)


def test_softmax_survives_large_numbers() -> None:
    assert reference.softmax(np.array([[1e4], [0.0]])).tolist() == [[1.0], [0.0]]


@given(arrays(float, (3, 5), elements=FINITE), st.integers(0, 1000))
def test_cross_entropies_are_the_log_loss_of_sklearn(Z: Array, seed: int) -> None:
    classes = np.random.default_rng(seed).integers(0, 3, 5)
    found = reference.softmax_cross_entropy(Z, np.eye(3)[:, classes])
    assert found == pytest.approx(log_loss(classes, reference.softmax(Z).T, labels=[0, 1, 2]), rel=1e-6, abs=1e-12)
    labels = (classes > 0).astype(float)[None, :]
    binary = reference.sigmoid_cross_entropy(Z[:1], labels)
    probability = 1 / (1 + np.exp(-Z[0]))
    assert binary == pytest.approx(log_loss(labels[0], probability, labels=[0, 1]), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    ("task", "cost", "outputs"),
    [
        ("binary", reference.sigmoid_cross_entropy, 2),
        ("multiclass", reference.softmax_cross_entropy, 3),
        ("regression", reference.squared_error, 2),
    ],
)
def test_the_cost_and_its_penalties_are_the_engines(task: str, cost: Any, outputs: int) -> None:
    net = NetworkSpec(3, (LayerSpec(4, "tanh"),), outputs, task, "xavier")
    X, Y = make_data(net, 11, 5)
    parameters = Trainer(net, TrainingSpec(), X, Y).parameters
    Z = network.forward(net, parameters, X)["Z2"]
    weights = {name: value for name, value in parameters.items() if name.startswith("W")}
    expected = cost(Z, Y) + reference.l2_penalty(weights, 0.7, 11) + reference.l1_penalty(weights, 0.3, 11)
    assert network.cost(net, parameters, X, Y, l2=0.7, l1=0.3) == pytest.approx(expected, rel=1e-13)


def test_dropout_keeps_the_mean_and_passes_gradients_on() -> None:
    D = reference.dropout_mask((200, 500), 0.3, np.random.default_rng(0))
    assert set(np.unique(D)) == {0.0, 1 / 0.7}
    assert reference.dropout_forward(np.ones(D.shape), D).mean() == pytest.approx(1, abs=0.01)
    A, dA, step = np.array([[0.4, -2.0]]), np.array([[3.0, 5.0]]), 1e-6
    for mask in (np.array([[0.0, 1 / 0.7]]), np.array([[1 / 0.7, 0.0]])):
        moved = [reference.dropout_forward(A + step * np.eye(2)[i], mask) @ dA.T for i in range(2)]
        slope = [(float(up[0, 0]) - float((reference.dropout_forward(A, mask) @ dA.T)[0, 0])) / step for up in moved]
        np.testing.assert_allclose(reference.dropout_backward(dA, mask)[0], slope, rtol=1e-6, atol=1e-8)


def test_clipping_bounds_the_norm_of_all_gradients_together() -> None:
    grads = {"dW1": np.array([[3.0]]), "db1": np.array([[4.0]])}
    assert reference.clip_by_norm(grads, 1.0) == {"dW1": pytest.approx(0.6), "db1": pytest.approx(0.8)}
    assert reference.clip_by_norm(grads, 10.0) == grads


@pytest.mark.parametrize("t", [0, 1, 7, 30, 59])
def test_the_schedules_are_the_engines(t: int) -> None:
    from engine.ops.schedules import factor

    settings = {"iterations": 60, "decay": 0.3, "decay_every": 20}
    for name, expected in {
        "step": reference.step_decay(1.0, t, 0.3, 20),
        "exponential": reference.exponential_decay(1.0, t, 0.3, 20),
        "cosine": reference.cosine_decay(1.0, t, 60),
    }.items():
        assert factor(TrainingSpec(schedule=name, **settings), t) == pytest.approx(expected, rel=1e-14)  # type: ignore[arg-type]
    assert factor(TrainingSpec(warmup=10), t) == pytest.approx(reference.warm_up(1.0, t, 10))
