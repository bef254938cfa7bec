"""Exact gradients: backward is the derivative of the cost, and the gradient program computes what backward does."""

from __future__ import annotations

import itertools
import math
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import ACTIVATIONS, LayerSpec, NetworkSpec, SpecError, Trainer, TrainingSpec, check_gradients, network
from engine.arrays import Array
from engine.ops.activations import activate, slope
from engine.parameters import initialize
from tests.engine.strategies import TASKS, make_data, networks, small_net


@pytest.mark.parametrize(("task", "activation"), list(itertools.product(TASKS, ACTIVATIONS)))
@pytest.mark.parametrize(("l2", "l1", "weighted"), [(0, 0, False), (0.7, 0, True), (0, 0.3, False), (0.2, 0.1, True)])
def test_check_passes_for_every_combination(task: str, activation: str, l2: float, l1: float, weighted: bool) -> None:
    net = small_net(task, activation)
    X, Y = make_data(net, 17, 5)
    weight = np.random.default_rng(1).uniform(0.1, 3, 17) if weighted else None
    check = check_gradients(net, initialize(net, 2), X, Y, l2=l2, l1=l1, sample_weight=weight)
    assert check.passed
    assert check.relative_difference < 1e-7
    assert {matrix.name for matrix in check.matrices} == set(net.shapes)
    assert all(matrix.looked_at + matrix.at_kinks == matrix.size for matrix in check.matrices)


def test_check_catches_a_planted_bug() -> None:
    net = small_net()
    X, Y = make_data(net, 17, 5)
    parameters = initialize(net, 2)

    def wrong() -> dict[str, np.ndarray]:
        grads = network.backward(net, parameters, X, Y)
        return {**grads, "dW2": grads["dW2"] * 2}

    check = check_gradients(net, parameters, X, Y, gradients=wrong)
    assert not check.passed
    assert [matrix.name for matrix in check.matrices if not matrix.passed] == ["W2"]
    assert check.worst.name == "W2"
    assert check.worst.analytic == pytest.approx(2 * check.worst.numeric, rel=1e-6)


def test_a_matrix_that_cannot_be_checked_has_not_passed() -> None:
    net = small_net(activation="relu", initializer="zeros")
    check = check_gradients(net, initialize(net, 0), *make_data(net, 9, 0))
    first = check.matrices[0]
    assert (first.looked_at, first.at_kinks, first.passed, first.checked) == (0, 24, False, False)
    assert check.passed
    assert check.unchecked == ("W1", "b1", "b2")


def test_check_samples_large_matrices_and_refuses_float32() -> None:
    net = NetworkSpec(40, (LayerSpec(30, "tanh"),), initializer="xavier")
    X, Y = make_data(net, 9, 0)
    check = check_gradients(net, initialize(net, 0), X, Y, sample=50)
    assert check.passed
    assert check.matrices[0].looked_at == 50
    assert check.matrices[0].size == 1200
    single = {name: value.astype(np.float32) for name, value in initialize(net, 0).items()}
    with pytest.raises(SpecError, match="float64"):
        check_gradients(net, single, X, Y)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"epsilon": 0}, "epsilon must be a finite number above 0"),
        ({"sample": -1}, "sample must be a whole number from 1"),
        ({"l2": -1}, "l2 must be a finite number at least 0"),
        ({"gradients": dict}, "must give dW1 with the shape"),
        ({"gradients": lambda: 5}, "must give a dictionary"),
    ],
)
def test_what_cannot_be_checked_is_said(settings: dict[str, Any], words: str) -> None:
    net = small_net()
    with pytest.raises(ValueError, match=words):
        check_gradients(net, initialize(net, 0), *make_data(net, 9, 0), **settings)


def test_check_passes_on_the_tutorials_tiny_gradients() -> None:
    net = NetworkSpec(3, (LayerSpec(4), LayerSpec(5), LayerSpec(2)))
    X, Y = make_data(net, 150, 3)
    parameters = initialize(net, 3)
    check = check_gradients(net, parameters, X, Y)
    assert check.passed
    assert all(matrix.looked_at == matrix.size for matrix in check.matrices)
    grads = network.backward(net, parameters, X, Y)
    for name in ("b2", "b3"):  # so near their corners that only the finest steps stay on one side
        wrong = {**grads, f"d{name}": 1.01 * grads[f"d{name}"]}
        assert not check_gradients(net, parameters, X, Y, gradients=partial(dict, wrong)).passed, name


@pytest.mark.parametrize(("l2", "l1"), [(0.7, 0.0), (0.0, 0.3)])
def test_check_differentiates_the_penalty_of_the_cost(l2: float, l1: float, monkeypatch: pytest.MonkeyPatch) -> None:
    net = small_net()
    X, Y = make_data(net, 17, 5)
    parameters = initialize(net, 2)
    monkeypatch.setattr(
        "engine.gradient_check.penalty", lambda *arguments: 2 * network.penalty(*arguments)
    )  # a cost that backward does not know
    check = check_gradients(net, parameters, X, Y, l2=l2, l1=l1)
    assert {matrix.name for matrix in check.matrices if not matrix.passed} == {"W1", "W2", "W3"}


def test_check_excludes_only_weights_at_the_kink_of_l1() -> None:
    net = small_net("regression", "tanh")
    parameters = initialize(net, 2)
    parameters["W1"][0, :2] = 0.0, 1e-6
    check = check_gradients(net, parameters, *make_data(net, 17, 5), l1=0.3)
    assert check.passed
    assert check.matrices[0].at_kinks == 1


@given(
    net=networks(),
    m=st.integers(1, 30),
    seed=st.integers(0, 1000),
    l2=st.sampled_from((0.0, 0.4)),
    l1=st.sampled_from((0.0, 0.3)),
    weighted=st.booleans(),
)
def test_the_gradient_program_computes_what_backward_does(
    net: NetworkSpec, m: int, seed: int, l2: float, l1: float, weighted: bool
) -> None:
    X, Y = make_data(net, m, seed)
    weight = np.random.default_rng(seed).uniform(0.1, 3, m) if weighted else None
    trainer = Trainer(net, TrainingSpec(learning_rate=1.0, l2=l2, l1=l1, seed=seed), X, Y, sample_weight=weight)
    before, grads = trainer.parameters, trainer.gradients()
    assert trainer.cost() == pytest.approx(network.cost(net, before, X, Y, l2, l1, weight), rel=1e-12)
    trainer.advance(1)
    for name, after in trainer.parameters.items():
        np.testing.assert_allclose(before[name] - after, grads[f"d{name}"], rtol=1e-9, atol=1e-13)


@given(
    name=st.sampled_from(sorted(ACTIVATIONS)),
    z=st.lists(st.floats(-30, 30).filter(lambda z: abs(z) > 1e-3), min_size=1, max_size=20),
)
def test_slopes_are_derivatives(name: str, z: list[float]) -> None:
    Z = np.array(z)
    numeric = (activate(name, Z + 1e-6) - activate(name, Z - 1e-6)) / 2e-6
    np.testing.assert_allclose(slope(name, Z), numeric, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_relu_at_the_edges(dtype: type) -> None:
    tiny = np.finfo(dtype).smallest_subnormal
    Z: Array = np.array([-1, -0.0, 0.0, tiny, -tiny, 1, np.inf, -np.inf]).astype(dtype)
    np.testing.assert_array_equal(activate("relu", Z), np.maximum(Z, 0))
    np.testing.assert_array_equal(slope("relu", Z), [0, 0, 0, 1, 0, 1, 1, 0])
    assert np.isnan(activate("relu", np.array([np.nan], dtype))).all()


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_activations_stay_finite_far_out(name: str) -> None:
    Z = np.array([-1e4, -800.0, 800.0, 1e4])
    assert np.isfinite(activate(name, Z)).all()
    assert np.isfinite(slope(name, Z)).all()


@settings(max_examples=25)
@given(net=networks(), seed=st.integers(0, 99))
def test_costs_are_finite_for_any_finite_logits(net: NetworkSpec, seed: int) -> None:
    X, Y = make_data(net, 5, seed)
    parameters = {name: value * 1e5 for name, value in initialize(net, seed).items()}
    assert np.isfinite(network.cost(net, parameters, X, Y))


@settings(max_examples=60)
@given(
    units=st.sampled_from(((50, 50), (16, 8), (8,) * 10, (3,), (20, 1, 20))),
    m=st.integers(1, 1800),
    batch=st.one_of(st.none(), st.integers(1, 1000)),
    activation=st.sampled_from(("relu", "tanh")),
)
@example(units=(50, 50), m=350, batch=200, activation="relu")
@example(units=(16, 8), m=1700, batch=1000, activation="relu")
@example(units=(8,) * 10, m=300, batch=256, activation="relu")
@example(units=(8,) * 10, m=1168, batch=None, activation="relu")
def test_gradient_programs_of_every_size_are_right(
    units: tuple[int, ...], m: int, batch: int | None, activation: str
) -> None:
    """Full and short batches, with one derivative mask for all layers or one for each: a whole epoch of them."""
    net = NetworkSpec(2, tuple(LayerSpec(n, activation) for n in units), initializer="he")
    X, Y = make_data(net, m, 0)
    batch = None if batch is None else min(batch, m)
    if batch and m > 20 * batch:
        m = 20 * batch
        X, Y = X[:, :m], Y[:, :m]
    trainer = Trainer(net, TrainingSpec(batch_size=batch, shuffle=False, learning_rate=0.01), X, Y)
    parameters = trainer.parameters
    for start in range(0, m, batch or m):
        cut = slice(start, start + (batch or m))
        grads = network.backward(net, parameters, X[:, cut], Y[:, cut])
        parameters = {name: value - 0.01 * grads[f"d{name}"] for name, value in parameters.items()}
        trainer.advance(1)
    for name, value in trainer.parameters.items():
        np.testing.assert_allclose(value, parameters[name], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_gradient_of_a_sure_answer_keeps_its_digits(weighted: bool) -> None:
    """At z = -40, A - Y is e^-40 for Y = 0: far below the rounding of 1 - Y."""
    net = NetworkSpec(1, (), 1, "binary")
    weight = np.array([2.0, 1.0, 1.0, 3.0]) if weighted else None
    for sign, label in ((1, 0.0), (-1, 1.0)):
        start = {"W1": np.zeros((1, 1)), "b1": np.array([[-40.0 * sign]])}
        data = np.ones((1, 4)), np.full((1, 4), label)
        trainer = Trainer(net, TrainingSpec(optimizer="momentum"), *data, parameters=start, sample_weight=weight)
        trainer._loop.batching.set_scale(1.0)
        trainer._loop.batching.gradient()
        np.testing.assert_allclose(trainer._loop.flat.vectors.gradient, sign * math.exp(-40), rtol=1e-14)
