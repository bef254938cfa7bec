"""Statistics against values computed by hand or by other libraries, and the permutation test on random labels."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import LayerSpec, NetworkSpec, Trainer, TrainingSpec
from engine.diagnostics.permutation_test import FEWEST, permutation_test
from engine.diagnostics.statistics import MOST_EXAMPLES, Sample, base_loss, draw, examine, facts, identical_share
from engine.ops.activations import ACTIVATIONS

RELU = NetworkSpec(2, (LayerSpec(3, "relu"),), initializer="he")
PARAMETERS = {
    "W1": np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]),
    "b1": np.array([[0.0], [0.0], [-1.0]]),
    "W2": np.array([[1.0, -1.0, 2.0]]),
    "b2": np.zeros((1, 1)),
}
X = np.array([[1.0, 3.0], [2.0, 2.0]])
Y = np.array([[1.0, 0.0]])


def test_statistics_of_a_network_worked_out_by_hand() -> None:
    statistics = examine(RELU, PARAMETERS, Sample(X, Y))
    first, last = statistics.layers
    assert first.dead == pytest.approx(1 / 3)  # the third unit gives -4 and -6
    assert first.spread == pytest.approx(math.sqrt((1 + 0 + 1) / 3))  # variances of (1, 3), (2, 2), (-4, -6)
    assert first.output == pytest.approx(math.sqrt((1 + 9 + 4 + 4) / 6))
    assert first.weight == pytest.approx(math.sqrt(4 / 6))
    assert math.isnan(first.saturated)
    z = np.array([-1.0, 1.0])
    a = 1 / (1 + np.exp(-z))
    assert last.signal == pytest.approx(np.sqrt(np.mean((a - Y[0]) ** 2)))
    assert statistics.loss == pytest.approx(-np.mean(Y[0] * np.log(a) + (1 - Y[0]) * np.log(1 - a)))
    assert statistics.recall == (0.0, 0.0)
    assert math.isnan(statistics.validation_loss)
    assert math.isnan(first.update)


def test_update_is_relative_to_the_weights() -> None:
    moved = PARAMETERS | {"W1": PARAMETERS["W1"] * 1.1}
    statistics = examine(RELU, moved, Sample(X, Y), 20, (10, PARAMETERS))
    assert statistics.layers[0].update == pytest.approx(0.1 / 1.1 / 10)
    assert statistics.layers[1].update == 0.0
    gone = examine(RELU, moved | {"W1": PARAMETERS["W1"] * 0}, Sample(X, Y), 20, (10, PARAMETERS))
    assert math.isnan(gone.layers[0].update), "nothing is left to compare with"


def test_gradient_descent_moves_by_rate_times_gradient() -> None:
    training = TrainingSpec("gd", 0.1, 10, report_every=1)
    trainer = Trainer(RELU, training, X, Y, parameters=PARAMETERS)
    before = trainer.parameters
    statistics = examine(RELU, before, Sample(X, Y))
    trainer.advance(1)
    after = examine(RELU, trainer.parameters, Sample(X, Y), 1, (0, before))
    norm = max(float(np.linalg.norm(values["W2"])) for values in (before, trainer.parameters))
    assert after.layers[1].update == pytest.approx(0.1 * statistics.layers[1].gradient / norm)


def test_saturation_counts_flat_activations_only() -> None:
    network = NetworkSpec(1, (LayerSpec(2, "tanh"),), initializer="he")
    parameters = {
        "W1": np.array([[1.0], [100.0]]),
        "b1": np.zeros((2, 1)),
        "W2": np.ones((1, 2)),
        "b2": np.zeros((1, 1)),
    }
    statistics = examine(network, parameters, Sample(np.array([[0.1, -0.5]]), Y))
    assert statistics.layers[0].saturated == 0.5
    assert math.isnan(statistics.layers[0].dead)


@given(st.sampled_from(sorted(ACTIVATIONS)), st.integers(1, 4), st.integers(0, 2**16))
@settings(max_examples=60, deadline=None)
def test_every_network_has_statistics(activation: str, depth: int, seed: int) -> None:
    network = NetworkSpec(3, tuple(LayerSpec(4, activation) for _ in range(depth)), 3, "multiclass", "he")
    random = np.random.default_rng(seed)
    X, Y = random.standard_normal((3, 20)), np.eye(3)[:, random.integers(0, 3, 20)]
    trainer = Trainer(network, TrainingSpec(iterations=1), X, Y)
    statistics = examine(network, trainer.parameters, draw(network, trainer.training, X, Y))
    assert statistics.loss == pytest.approx(trainer.cost(), rel=1e-12)
    gradients = trainer.gradients()
    for layer in statistics.layers:
        assert layer.gradient == pytest.approx(np.linalg.norm(gradients[f"dW{layer.layer}"]), rel=1e-9)
        assert layer.identical == 0 or math.isnan(layer.identical)


def test_the_sample_is_bounded_for_any_data() -> None:
    X, Y = np.zeros((5, 100_000)), np.zeros((1, 100_000))
    training = TrainingSpec()
    assert draw(NetworkSpec(5, (LayerSpec(4),)), training, X, Y).X.shape == (5, MOST_EXAMPLES)
    assert draw(NetworkSpec(5, (LayerSpec(3000), LayerSpec(3000))), training, X, Y).X.shape == (5, 64)
    weighed = draw(NetworkSpec(5, (LayerSpec(4),)), replace(training, class_weight=(1.0, 2.0)), X, Y).weight
    assert weighed is not None
    assert weighed.shape == (MOST_EXAMPLES,)


def test_base_loss_is_that_of_scikit_learns_dummies() -> None:
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.metrics import log_loss, mean_squared_error

    random = np.random.default_rng(0)
    labels = random.choice(3, 50, p=[0.6, 0.3, 0.1])
    dummy = DummyClassifier(strategy="prior").fit(np.zeros((50, 1)), labels)
    assert base_loss("multiclass", np.eye(3)[labels].T) == pytest.approx(
        log_loss(labels, dummy.predict_proba(np.zeros((50, 1))))
    )
    ones = (labels > 0).astype(float)
    dummy.fit(np.zeros((50, 1)), ones)
    assert base_loss("binary", ones[None]) == pytest.approx(log_loss(ones, dummy.predict_proba(np.zeros((50, 1)))))
    values = random.standard_normal(50)
    mean = DummyRegressor().fit(np.zeros((50, 1)), values).predict(np.zeros((50, 1)))
    assert base_loss("regression", values[None]) == pytest.approx(mean_squared_error(values, mean) / 2)
    assert base_loss("binary", ones[None], np.where(ones > 0, 1 / ones.sum(), 1 / (50 - ones.sum()))) == pytest.approx(
        math.log(2)
    )


@given(st.integers(0, 10_000), st.integers(0, 5))
@settings(max_examples=50, deadline=None)
def test_identical_units_are_found_in_any_order(seed: int, copies: int) -> None:
    random = np.random.default_rng(seed)
    rows = random.standard_normal((6, 7))
    doubled = np.concatenate([rows, rows[:copies]])
    assert identical_share(doubled[random.permutation(len(doubled))]) == pytest.approx(2 * copies / len(doubled))


def test_a_huge_unit_makes_no_others_identical() -> None:
    rows = np.random.default_rng(0).standard_normal((4, 7))
    rows[0, 0] = 1e12
    assert identical_share(rows) == 0


def test_facts_about_the_data() -> None:
    X = np.array([[1.0, -1.0] * 40, [300.0, 400.0] * 40])
    Y = np.array([[0.0, 1.0] * 40])
    known = facts(NetworkSpec(2), TrainingSpec(), X, Y, validation=7, names=("age", "income"))
    assert known.sizes == pytest.approx([1.0, math.sqrt(125_000)])
    assert known.counts == (40, 40)
    assert (known.examples, known.validation, known.names) == (80, 7, ("age", "income"))
    assert known.base == pytest.approx(math.log(2))
    assert known.permutation_test is not None
    assert known.permutation_test.smallest == pytest.approx(0.01)


def test_permutation_test_rejects_random_labels_rarely() -> None:
    """The p-values of random labels are uniformly distributed: at most about 5% of them are below 0.05."""
    random = np.random.default_rng(4)
    draws = [
        permutation_test(random.standard_normal((3, 60)), random.integers(0, 2, (1, 60)).astype(float))
        for _ in range(200)
    ]
    values = np.array([(draw.neighbours, draw.line) for draw in draws if draw])
    assert values.shape == (200, 2)
    for column in values.T:
        assert 0.01 <= (column <= 0.05).mean() <= 0.10
        assert 0.40 <= (column <= 0.5).mean() <= 0.60


@pytest.mark.parametrize("test", ["neighbours", "line"])
def test_permutation_test_detects_dependent_labels(test: str) -> None:
    random = np.random.default_rng(0)
    if test == "neighbours":  # exclusive or: no line helps
        X = random.uniform(-1, 1, (2, 200))
        Y = (X[:1] * X[1:] > 0).astype(float)
    else:  # one weak direction among thirty: neighbours hardly help
        X = random.standard_normal((30, 200))
        Y = (X[:1] + random.standard_normal((1, 200)) > 0).astype(float)
    found = permutation_test(X, Y)
    assert found is not None
    assert getattr(found, test) == pytest.approx(0.005)
    assert found.smallest <= 0.01


def test_permutation_test_can_have_no_result() -> None:
    random = np.random.default_rng(0)
    X = random.standard_normal((2, FEWEST - 1))
    assert permutation_test(X, (X[:1] > 0).astype(float)) is None
    assert permutation_test(random.standard_normal((2, 100)), np.ones((1, 100))) is None
    assert permutation_test(random.standard_normal((101, 100)), random.integers(0, 2, (1, 100)).astype(float)) is None
    constant = permutation_test(np.ones((2, 100)), random.integers(0, 2, (1, 100)).astype(float))
    assert constant is not None
    assert constant.line == pytest.approx(1.0)
