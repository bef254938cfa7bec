"""The textbook rules against numbers worked by hand and other libraries, and the fast path against the textbook."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax as scipy_softmax
from sklearn.metrics import log_loss

from engine import LayerSpec, NetworkSpec, Trainer, TrainingSpec, network, reference, tutorial
from engine.arrays import Array
from engine.ops.schedules import factor
from tests.engine.strategies import make_data

NETWORK = NetworkSpec(3, (LayerSpec(5, "tanh"), LayerSpec(4, "relu")), 2, "multiclass", "xavier")
FINITE = st.floats(-10, 10)  # scikit-learn clips probabilities nearer to 0 than the rounding error
COSTS: list[tuple[Any, Any]] = [
    (reference.softmax, reference.softmax_cross_entropy),
    (lambda Z: tutorial.sigmoid(Z)[0], reference.sigmoid_cross_entropy),
    (lambda Z: Z, reference.squared_error),
]


def slopes(f: Callable[[Array], float], at: Array, step: float = 1e-5) -> Array:
    """The derivative of f by each entry of `at`, as a central difference."""
    found = np.empty_like(at)
    for index in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[index] += step
        down[index] -= step
        found[index] = (f(up) - f(down)) / (2 * step)
    return found


def one_hot(classes: int, m: int, seed: int) -> Array:
    """Random labels (classes, m)."""
    return np.eye(classes)[:, np.random.default_rng(seed).integers(0, classes, m)]


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
        if settings.schedule == "cosine":
            rate = reference.cosine_decay(rate, t - 1, settings.iterations)
        if settings.warmup:
            rate = reference.warm_up(rate, t - 1, settings.warmup)
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
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"l2": 0.7},
        {"l1": 0.3, "l2": 0.2},
        {"clip_norm": 0.1},
        {"momentum": 0.5, "beta2": 0.9, "epsilon": 0.01, "l2": 0.7, "clip_norm": 0.1},
        {"schedule": "cosine", "warmup": 6, "l2": 0.7},
    ],
    ids=str,
)
def test_the_trainer_follows_the_textbook(optimizer: str, more: dict[str, Any]) -> None:
    X, Y = make_data(NETWORK, 17, 2)
    settings = TrainingSpec(optimizer=optimizer, learning_rate=0.02, iterations=20, seed=4, **more)
    trainer = Trainer(NETWORK, settings, X, Y)
    expected = textbook(trainer, X, Y, 20)
    trainer.advance(20)
    for name, value in trainer.parameters.items():
        np.testing.assert_allclose(value, expected[name], rtol=1e-10, atol=1e-12, err_msg=name)


@given(st.floats(1e-3, 1e3), st.sampled_from([-1, 1]), st.floats(1e-4, 1.0))
def test_the_first_step_of_adam_is_the_learning_rate(size: float, sign: int, rate: float) -> None:
    """However large the gradient is: m_hat is g and sqrt(v_hat) is |g|."""
    W, _, _ = reference.adam(np.zeros(1), np.array([sign * size]), np.zeros(1), np.zeros(1), 1, rate)
    np.testing.assert_allclose(W, [-sign * rate], rtol=2e-5)


def test_the_defaults_are_those_of_the_papers() -> None:
    """Adam: 0.001, 0.9, 0.999 and 1e-8 (Kingma and Ba, 2015)."""
    W, dW, m, v = np.array([1.0]), np.array([1e-8]), np.array([0.2]), np.array([1e-12])
    found = reference.adam(W, dW, m, v, 3)
    assert found == reference.adam(W, dW, m, v, 3, 0.001, 0.9, 0.999, 1e-8)
    assert reference.adamw(W, dW, m, v, 3, 0.001, 0.0) == found
    assert reference.rmsprop(W, dW, v, 0.1) == reference.rmsprop(W, dW, v, 0.1, 0.999, 1e-8)


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


@pytest.mark.parametrize(("epsilon", "expected"), [(0.0, [0.8, 0.7]), (1.0, [0.9, 0.85])])
def test_two_steps_of_rmsprop_by_hand(epsilon: float, expected: list[float]) -> None:
    """v is 0.25 x 2^2 = 1 after the gradient 2, and 0.75 + 0.25 = 1 after the gradient 1. eps is outside the root."""
    W, v = reference.rmsprop(np.array([1.0]), np.array([2.0]), np.zeros(1), 0.1, 0.75, epsilon)
    assert v == pytest.approx([1.0])
    assert pytest.approx(expected[:1]) == W
    W, v = reference.rmsprop(W, np.array([1.0]), v, 0.1, 0.75, epsilon)
    assert v == pytest.approx([1.0])
    assert pytest.approx(expected[1:]) == W


def test_adamw_decays_the_weights_by_hand() -> None:
    """4 (1 - 0.1 x 0.5) = 3.8, then Adam's first step of 0.1 against the gradient 2, which the decay does not touch."""
    W, m, v = reference.adamw(np.array([4.0]), np.array([2.0]), np.zeros(1), np.zeros(1), 1, 0.1, 0.5)
    assert pytest.approx([3.7], abs=1e-8) == W
    assert m == pytest.approx([0.2])
    assert v == pytest.approx([0.004])


@given(arrays(float, (4, 6), elements=FINITE))
def test_softmax_is_that_of_scipy(Z: Array) -> None:
    np.testing.assert_allclose(reference.softmax(Z), scipy_softmax(Z, axis=0), rtol=1e-12)


def test_softmax_survives_large_numbers() -> None:
    Z = np.array([[1e4], [0.0]])
    assert reference.softmax(Z).tolist() == [[1.0], [0.0]]
    assert reference.softmax_cross_entropy(Z, np.array([[0.0], [1.0]])) == 1e4
    assert reference.sigmoid_cross_entropy(Z, np.array([[0.0], [1.0]])) == pytest.approx(1e4 + math.log(2))
    assert reference.sigmoid_cross_entropy(-Z, np.array([[1.0], [1.0]])) == pytest.approx(1e4 + math.log(2))


@given(arrays(float, (1, 6), elements=FINITE), st.integers(0, 1000))
def test_the_sigmoid_cross_entropy_is_the_tutorials_cost(Z: Array, seed: int) -> None:
    Y = one_hot(2, 6, seed)[:1]
    expected = tutorial.compute_cost(tutorial.sigmoid(Z)[0], Y)
    assert reference.sigmoid_cross_entropy(Z, Y) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("activation", "cost"), COSTS, ids=["softmax", "sigmoid", "none"])
@given(Z=arrays(float, (3, 4), elements=FINITE), seed=st.integers(0, 1000))
def test_the_output_error_is_the_slope_of_each_cost(activation: Any, cost: Any, Z: Array, seed: int) -> None:
    Y = one_hot(3, 4, seed)
    dZ = reference.output_error(activation(Z), Y)
    np.testing.assert_allclose(dZ / 4, slopes(lambda moved: cost(moved, Y), Z), rtol=1e-5, atol=1e-8)


@given(arrays(float, (2, 3), elements=st.floats(0.01, 10) | st.floats(-10, -0.01)), st.floats(0, 5), st.integers(1, 50))
def test_penalty_gradients_are_the_slopes_of_the_penalties(W: Array, lambd: float, m: int) -> None:
    l2 = slopes(lambda moved: reference.l2_penalty({"W1": moved}, lambd, m), W)
    l1 = slopes(lambda moved: reference.l1_penalty({"W1": moved}, lambd, m), W)
    np.testing.assert_allclose(reference.l2_gradient(W, lambd, m), l2, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(reference.l1_gradient(W, lambd, m), l1, rtol=1e-6, atol=1e-6)


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
    assert reference.clip_by_norm({"dW1": np.zeros(1)}, 1.0) == {"dW1": [0.0]}


@pytest.mark.parametrize("t", [0, 1, 7, 30, 59])
def test_the_schedules_are_the_engines(t: int) -> None:
    settings = {"iterations": 60, "decay": 0.3, "decay_every": 20}
    for name, expected in {
        "step": reference.step_decay(1.0, t, 0.3, 20),
        "exponential": reference.exponential_decay(1.0, t, 0.3, 20),
        "cosine": reference.cosine_decay(1.0, t, 60),
    }.items():
        assert factor(TrainingSpec(schedule=name, **settings), t) == pytest.approx(expected, rel=1e-14)  # type: ignore[arg-type]
    assert factor(TrainingSpec(warmup=10), t) == pytest.approx(reference.warm_up(1.0, t, 10))


def test_learning_rates_worked_by_hand() -> None:
    assert [reference.step_decay(0.8, t, 0.5, 3) for t in (0, 2, 3, 6)] == [0.8, 0.8, 0.4, 0.2]
    assert [reference.exponential_decay(0.8, t, 0.25, 2) for t in (0, 1, 2)] == pytest.approx([0.8, 0.4, 0.2])
    assert [reference.cosine_decay(0.8, t, 6) for t in (0, 2, 3, 6)] == pytest.approx([0.8, 0.6, 0.4, 0.0])
    assert [reference.warm_up(0.8, t, 4) for t in (0, 1, 3, 9)] == pytest.approx([0.2, 0.4, 0.8, 0.8])


@pytest.mark.parametrize("rate", [0.0, 0.4])
def test_the_backward_pass_is_the_slope_of_the_cost(rate: float) -> None:
    """By central differences, with the same masks forward and back; biases other than 0 keep Z off the kink of ReLU."""
    generator = np.random.default_rng(2)
    X, Y = generator.normal(size=(3, 8)), one_hot(3, 8, 2)
    parameters = reference.initial_parameters([3, 6, 5, 3], generator)
    parameters |= {f"b{layer}": generator.normal(size=(n, 1)) for layer, n in ((1, 6), (2, 5), (3, 3))}
    masks = [reference.dropout_mask((units, 8), rate, generator) for units in (6, 5)] if rate else []
    Z, inputs = reference.forward(X, parameters, masks)
    grads = reference.backward(reference.output_error(reference.softmax(Z), Y), parameters, inputs, masks)
    assert sorted(grads) == sorted(f"d{name}" for name in parameters)
    for name, value in parameters.items():

        def cost(moved: Array, name: str = name) -> float:
            return reference.softmax_cross_entropy(reference.forward(X, parameters | {name: moved}, masks)[0], Y)

        np.testing.assert_allclose(grads[f"d{name}"], slopes(cost, value), rtol=1e-6, atol=1e-9, err_msg=name)


def test_initial_weights_have_the_variance_of_he() -> None:
    parameters = reference.initial_parameters([50, 400, 3], np.random.default_rng(0))
    assert {name: value.shape for name, value in parameters.items()} == {
        "W1": (400, 50),
        "b1": (400, 1),
        "W2": (3, 400),
        "b2": (3, 1),
    }
    assert parameters["W1"].std() == pytest.approx(math.sqrt(2 / 50), rel=0.02)
    assert not parameters["b1"].any()


@pytest.mark.parametrize("rate", [0.0, 0.4])
def test_the_trainer_agrees_with_the_textbook_loop(rate: float) -> None:
    """Adam, L2 and dropout together; the trainer draws its masks from a generator of its own, here given to both."""
    net = NetworkSpec(4, (LayerSpec(6, "relu", rate), LayerSpec(5, "relu", rate)), 3, "multiclass", "he")
    X, Y = make_data(net, 19, 6)
    settings = TrainingSpec(optimizer="adam", learning_rate=0.01, l2=0.5, iterations=20, seed=7)
    trainer = Trainer(net, settings, X, Y)
    start = trainer.parameters
    kept = {name: value.copy() for name, value in start.items()}
    expected = reference.train(X, Y, start, np.random.default_rng([7, 1]), 20, 0.01, rate, 0.5)
    trainer.advance(20)
    for name, value in trainer.parameters.items():
        np.testing.assert_array_equal(start[name], kept[name])  # train gives new arrays
        np.testing.assert_allclose(value, expected[name], rtol=1e-10, atol=1e-12, err_msg=name)


def test_the_textbook_loop_learns_to_tell_three_rings_apart() -> None:
    generator = np.random.default_rng(1)
    classes, angle = np.arange(150) % 3, generator.uniform(0, 2 * math.pi, 150)
    X = (1 + classes) * np.array([np.cos(angle), np.sin(angle)])
    start = reference.initial_parameters([2, 16, 3], generator)
    parameters = reference.train(X, np.eye(3)[:, classes], start, generator, 500, 0.02)
    guesses = np.argmax(reference.forward(X, parameters)[0], axis=0)
    assert np.mean(guesses == classes) > 0.95
    assert np.mean(np.argmax(reference.forward(X, start)[0], axis=0) == classes) < 0.7


def test_the_code_in_the_mathematics_is_the_reference(capsys: pytest.CaptureFixture[str]) -> None:
    """The excerpts of docs/mathematics.md, run as they stand there."""
    text = (Path(__file__).parents[2] / "docs/mathematics.md").read_text(encoding="utf-8")
    adam, dropout, l2, softmax, together = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    here: dict[str, Any] = {"np": np}
    exec(adam, here)  # noqa: S102 - our own documentation
    W, dW, m, v = np.random.default_rng(0).uniform(0.1, 1, (4, 5))
    np.testing.assert_equal(here["adam"](W, dW, m, v, 3), reference.adam(W, dW, m, v, 3))
    A, dA, Z = np.random.default_rng(1).normal(size=(3, 3, 4))
    D = reference.dropout_mask((3, 4), 0.3, np.random.default_rng(2))
    here |= {"A": A, "dA": dA, "rate": 0.3, "generator": np.random.default_rng(2)}
    exec(dropout, here)  # noqa: S102
    np.testing.assert_equal(here["A"], reference.dropout_forward(A, D))
    np.testing.assert_equal(here["dA"], reference.dropout_backward(dA, D))
    here |= {"W": W, "dW": dW, "lambd": 0.7, "m": 9}
    exec(l2, here)  # noqa: S102
    np.testing.assert_equal(here["dW"], dW + reference.l2_gradient(W, 0.7, 9))
    here |= {"Z": Z, "Y": one_hot(3, 4, 3)}
    exec(softmax, here)  # noqa: S102
    np.testing.assert_equal(here["A"], reference.softmax(Z))
    np.testing.assert_equal(here["dZ"], reference.output_error(reference.softmax(Z), one_hot(3, 4, 3)))
    exec(together, {})  # noqa: S102
    assert float(capsys.readouterr().out) > 0.9
