"""Contributions add up, agree with the definition of Shapley values, and ask only for what there is."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.preparation.entries import Block, Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.understand.answer import Answer, answer_named, usual_answer
from deepnet_tui.understand.contributions import METHODS, contributions
from deepnet_tui.understand.gradient import gradient
from tests.deepnet_tui.understand.models import make, rows_of

CLOSE = 1e-9


@settings(max_examples=25)
@given(
    task=st.sampled_from(["binary", "multiclass", "regression", "log", "several"]),
    activation=st.sampled_from(["relu", "tanh", "leaky_relu", "gelu"]),
    ensemble=st.sampled_from([1, 3]),
    method=st.sampled_from(METHODS),
    seed=st.integers(0, 1000),
)
def test_they_add_up_to_the_prediction(task: str, activation: str, ensemble: int, method: str, seed: int) -> None:
    model = make(task, (activation, activation), ensemble, seed)
    rows = rows_of(8, seed)
    found = contributions(model, rows[0], rows[1:], method=method, seed=seed)
    place = usual_answer(model, model.preparation.apply(model.as_columns(rows[:1])).X[:, 0]).place
    predicted = model.predict(rows[:1])
    expected = predicted.values if predicted.probabilities is None else predicted.probabilities[0]
    assert expected is not None
    assert found.prediction == pytest.approx(float(np.ravel(expected)[place]), abs=CLOSE)
    assert found.base + found.values.sum() == pytest.approx(found.prediction, abs=CLOSE, rel=CLOSE)
    assert found.columns == ("age", "job", "member", "seen", "income")


def test_they_are_the_means_over_all_orders() -> None:
    """The other definition: the mean gain over the orders in which the columns of the row take their place."""
    model, rows = make("multiclass"), rows_of(4, 3)
    found = contributions(model, rows[0], rows[1:], answer_named(model, "b"))
    names = list(rows[0])
    ways = [(order, base) for order in itertools.permutations(names) for base in rows[1:]]
    mixed: list[dict[str, Any]] = []
    for order, base in ways:
        mixed += [dict(base) | {name: rows[0][name] for name in order[:known]} for known in range(len(names) + 1)]
    predicted = model.predict(mixed).probabilities
    assert predicted is not None
    expected = dict.fromkeys(names, 0.0)
    for (order, _), way in zip(ways, predicted[:, 1].reshape(len(ways), -1), strict=True):
        for name, gain in zip(order, np.diff(way), strict=True):
            expected[name] += gain / len(ways)
    assert dict(zip(found.columns, found.values, strict=True)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("task", ["binary", "multiclass", "log", "several"])
def test_the_gradient_is_that_of_the_answer(task: str) -> None:
    model = make(task, ("tanh", "gelu"), ensemble=2, seed=4)
    X = np.random.RandomState(1).randn(model.network.inputs, 3)
    answer, step = Answer(model, len(model.classes or model.targets) - 1), 1e-6
    found = gradient(answer, X)
    for place in range(len(X)):
        change = np.zeros((len(X), 1))
        change[place] = step
        expected = (answer(X + change) - answer(X - change)) / (2 * step)
        np.testing.assert_allclose(found[place], expected, rtol=1e-6, atol=1e-8)


def test_sampled_values_are_near_the_exact_ones_within_their_errors() -> None:
    model, rows = make("regression"), rows_of(40, 5)
    exact = contributions(model, rows[0], rows[1:], method=METHODS[0])
    sampled = contributions(model, rows[0], rows[1:], method=METHODS[1])
    assert (np.abs(sampled.values - exact.values) <= 4 * sampled.errors + 1e-12).all()


def test_what_is_the_same_everywhere_contributes_nothing() -> None:
    model, rows = make("binary"), [{**row, "job": "cook"} for row in rows_of(6, 1)]
    found = contributions(model, rows[0], rows)
    assert found.values[1] == pytest.approx(0.0, abs=1e-15)


def test_many_columns_are_sampled_and_still_add_up() -> None:
    preparation = Preparation((Block("pixel", (4, 3)), Numeric("age", mean=30.0, scale=9.0)))
    model, random = make("multiclass", preparation=preparation), np.random.RandomState(0)
    rows = [{"pixel": random.randn(12).tolist(), "age": float(random.randint(90))} for _ in range(5)]
    found = contributions(model, rows[0], rows[1:])
    assert found.method == "sampled Shapley values"
    assert len(found.columns) == 13
    assert found.base + found.values.sum() == pytest.approx(found.prediction, abs=CLOSE)


def test_the_pixels_of_a_large_picture_are_explained_by_gradients() -> None:
    preparation = Preparation((Block("pixel", (40, 30)),))
    model, random = make("binary", preparation=preparation), np.random.RandomState(0)
    rows = [{"pixel": random.randn(1200).tolist()} for _ in range(5)]
    found = contributions(model, rows[0], rows[1:])
    assert found.method == "integrated gradients"
    assert found.base + found.values.sum() == pytest.approx(found.prediction, abs=CLOSE)


def test_a_method_and_a_background_that_are_not_there() -> None:
    model, rows = make(), rows_of(2, 0)
    with pytest.raises(InputError, match="choose one of exact Shapley values"):
        contributions(model, rows[0], rows, method="magic")
    with pytest.raises(InputError, match="there are none"):
        contributions(model, rows[0], [])
    with pytest.raises(InputError, match="no class 'c'; it has no, yes"):
        answer_named(model, "c")
