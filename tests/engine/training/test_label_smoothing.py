"""Label smoothing: the gradient and the cost of training, not the validation cost and not the scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from engine import NetworkSpec, SpecError, Trainer, TrainingSpec, check_gradients
from engine import network as passes
from engine.arrays import Array
from engine.label_smoothing import hard_labels, smoothed
from engine.parameters import initialize, member
from tests.engine.strategies import make_data, networks, small_net

CLASSES = ("binary", "multiclass")


def soft(network: NetworkSpec, Y: Array, share: float) -> Array:
    """The labels as the formula has them."""
    classes = 2 if network.task == "binary" else network.outputs
    return np.asarray(Y * (1 - share) + share / classes)


@given(networks(tasks=CLASSES), st.floats(0, 0.5), st.integers(0, 99))
def test_smoothed_labels_are_those_of_the_formula_and_go_back(network: NetworkSpec, share: float, seed: int) -> None:
    Y = make_data(network, 7, seed)[1]
    for dtype in ("float64", "float32"):
        found = smoothed(Y, share, network.labels, dtype)
        np.testing.assert_allclose(found, soft(network, Y, share), rtol=1e-6, atol=1e-30)
        np.testing.assert_array_equal(hard_labels(found), Y)


@pytest.mark.parametrize("task", CLASSES)
@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("batch", [None, 20])
def test_an_update_is_that_of_smoothed_labels(task: str, members: int, batch: int | None) -> None:
    network = small_net(task, ensemble=members)
    X, Y = make_data(network, 40, 0)
    training = TrainingSpec(learning_rate=0.1, label_smoothing=0.2, batch_size=batch, shuffle=False)
    trainer = Trainer(network, training, X, Y, validation=(X, Y))
    start, Y_soft = trainer.parameters, soft(network, Y, 0.2)
    costs = [passes.cost(network.member, member(start, k), X, Y_soft) for k in range(members)]
    assert trainer.cost() == pytest.approx(np.mean(costs), rel=1e-12)
    if members == 1:
        assert trainer.validation_cost() == pytest.approx(passes.cost(network, start, X, Y), rel=1e-12)
    for name, gradient in trainer.gradients().items():
        own = [passes.backward(network.member, member(start, k), X, Y_soft)[name] for k in range(members)]
        np.testing.assert_allclose(gradient, own[0] if members == 1 else np.stack(own), rtol=1e-10, atol=1e-14)
    trainer.advance(1)
    used = slice(0, batch)
    for k in range(members):
        gradients = passes.backward(network.member, member(start, k), X[:, used], Y_soft[:, used])
        for name, value in member(start, k).items():
            expected = value - 0.1 * gradients[f"d{name}"]
            np.testing.assert_allclose(member(trainer.parameters, k)[name], expected, rtol=1e-10, atol=1e-14)


def test_a_network_that_sees_nothing_predicts_the_smoothed_shares() -> None:
    Y = np.array([[1.0] * 30 + [0.0] * 10])
    training = TrainingSpec("lbfgs", iterations=100, label_smoothing=0.1)
    trainer = Trainer(NetworkSpec(1), training, np.zeros((1, 40)), Y)
    trainer.advance(100)
    share = 0.75 * 0.9 + 0.05
    assert float(trainer.predict(np.zeros((1, 1)))[0, 0]) == pytest.approx(share, abs=1e-6)
    entropy = special.entr(share) + special.entr(1 - share)
    assert trainer.cost() == pytest.approx(entropy, rel=1e-6)


@pytest.mark.parametrize("task", CLASSES)
def test_the_gradient_check_takes_it(task: str) -> None:
    network = small_net(task)
    X, Y = make_data(network, 20, 1)
    trainer = Trainer(network, TrainingSpec(label_smoothing=0.3), X, Y)
    parameters = trainer.parameters
    given_gradients = trainer.gradients()
    smooth = check_gradients(network, parameters, X, Y, gradients=lambda: given_gradients, label_smoothing=0.3)
    assert smooth.passed
    assert not check_gradients(network, parameters, X, Y, gradients=lambda: given_gradients).passed


@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("batch", [None, 16])
def test_the_internal_part_is_measured_by_the_labels_as_they_are(members: int, batch: int | None) -> None:
    network = small_net("multiclass", ensemble=members)
    X, Y = make_data(network, 60, 0)
    found, losses = [], []
    for share in (0.0, 0.25):
        training = TrainingSpec(label_smoothing=share, internal=0.2, batch_size=batch)
        found.append(Trainer(network, training, X, Y).report().internal_cost)
        losses.append(Trainer(network, training, X, Y).member_losses())
    assert found[0] == found[1]
    np.testing.assert_array_equal(losses[0], losses[1])


def test_a_run_is_resumed_bit_for_bit() -> None:
    network = small_net("multiclass")
    X, Y = make_data(network, 40, 0)
    training = TrainingSpec("adam", 0.02, label_smoothing=0.1, class_weight="balanced")
    whole, half = (Trainer(network, training, X, Y) for _ in range(2))
    whole.advance(20)
    half.advance(7)
    again = Trainer.from_state(half.state(), X, Y)
    again.advance(13)
    for name, value in whole.parameters.items():
        np.testing.assert_array_equal(again.parameters[name], value)


def test_without_it_nothing_changes() -> None:
    network = small_net("binary")
    X, Y = make_data(network, 40, 0)
    assert smoothed(Y, 0.0, network.labels) is Y
    plain = Trainer(network, TrainingSpec(), X, Y).describe()
    smooth = Trainer(network, TrainingSpec(label_smoothing=0.1), X, Y).describe()
    assert "scale (1 - 2Y) / E" in plain
    assert "dZ3 = A3 - Y" in smooth


def test_numbers_are_refused_in_one_sentence() -> None:
    network = small_net("regression")
    X, Y = make_data(network, 9, 0)
    with pytest.raises(SpecError, match="label_smoothing is for classes; set it to 0, as the labels are") as error:
        Trainer(network, TrainingSpec(label_smoothing=0.1), X, Y)
    assert error.value.field == "label_smoothing"
    with pytest.raises(SpecError, match="label_smoothing must be"):
        TrainingSpec(label_smoothing=0.6)
    found = check_gradients(network, initialize(network, 0), X, Y, label_smoothing=0.1)
    assert found.passed
