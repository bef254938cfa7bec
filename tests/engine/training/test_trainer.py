"""The trainer: events, predictions, gradients, weights and limits."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine import Finished, LayerSpec, NetworkSpec, Progress, SpecError, Trainer, network
from tests.engine.runs import assert_same, make
from tests.engine.strategies import make_data, small_net, spec


@pytest.mark.usefixtures("each_path")
def test_run_reports_costs_before_updates_and_the_final_one() -> None:
    trainer = make(iterations=25)
    events = list(trainer.run())
    assert [event.iteration for event in events[:-1]] == [0, 10, 20, 25]
    last, end = events[-2:]
    assert isinstance(last, Progress)
    assert isinstance(end, Finished)
    assert (end.reason, end.iteration, end.cost) == ("completed", 25, last.cost)
    X, Y = make_data(trainer.network, 40, 1)
    assert last.cost == pytest.approx(network.cost(trainer.network, trainer.parameters, X, Y), rel=1e-12)


def test_no_iterations_at_all_is_a_run_too() -> None:
    assert [type(event) for event in make(iterations=0).run()] == [Progress, Finished]


def test_parameters_are_copies_and_data_are_never_written_to() -> None:
    net = small_net()
    X, Y = make_data(net, 30, 0)
    X0, Y0 = X.copy(), Y.copy()
    X.flags.writeable = Y.flags.writeable = False
    start = {name: np.ones(shape) for name, shape in net.shapes.items()}
    trainer = Trainer(net, spec(optimizer="adam", batch_size=7), X, Y, (X, Y), start)
    trainer.parameters["W1"][...] = 9
    list(trainer.run())
    np.testing.assert_array_equal(X, X0)
    np.testing.assert_array_equal(Y, Y0)
    assert (start["W1"] == 1).all()
    assert not (trainer.parameters["W1"] == 9).any()


def test_balanced_class_weights_are_those_of_scikit_learn() -> None:
    from sklearn.utils.class_weight import compute_sample_weight

    net = small_net()
    X, Y = make_data(net, 40, 1)
    Y[:, :30] = 0
    weight = compute_sample_weight("balanced", Y[0])
    one = Trainer(net, spec(class_weight="balanced"), X, Y)
    other = Trainer(net, spec(), X, Y, sample_weight=weight)
    one.advance(20)
    other.advance(20)
    assert_same(one.parameters, other.parameters)
    with pytest.raises(SpecError, match="3 values for 2 classes"):
        Trainer(net, spec(class_weight=(1, 2, 3)), X, Y)
    with pytest.raises(SpecError, match="class for each example"):
        Trainer(small_net("regression"), spec(class_weight="balanced"), *make_data(small_net("regression"), 9, 0))


@pytest.mark.usefixtures("each_path")
@pytest.mark.parametrize("inputs", [4, 300])
def test_predictions_follow_the_training(inputs: int) -> None:
    net = replace(small_net(), inputs=inputs)
    X, Y = make_data(net, 40, 1)
    trainer = Trainer(net, spec(), X, Y, (X, Y))
    for _ in range(3):
        trainer.advance(10)
        last = network.forward(net, trainer.parameters, X)["A3"]
        np.testing.assert_allclose(trainer.predict(X), last, rtol=1e-12)
        assert trainer.validation_cost() == pytest.approx(trainer.cost(), rel=1e-12)
    trainer.assign({name: np.zeros(shape) for name, shape in net.shapes.items()})
    np.testing.assert_array_equal(trainer.predict(X), 0.5)


def test_predictions_copy_no_parameters() -> None:
    net = NetworkSpec(50, (LayerSpec(2000),), initializer="he")
    X, Y = make_data(net, 5, 1)
    trainer = Trainer(net, spec(), X, Y)
    trainer.predict(X)
    tracemalloc.start()
    trainer.predict(X)
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert highest < net.size * 8 / 10


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("weighted", [False, True])
def test_gradients_are_those_of_the_cost_in_its_dtype(
    dtype: str, weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = small_net("multiclass")
    X, Y = make_data(net, 41, 1)
    weight = np.random.default_rng(0).uniform(0.5, 2, 41) if weighted else None
    training = spec(dtype=dtype, l2=0.3, l1=0.1, class_weight=(1.0, 2.0, 3.0) if weighted else None)
    trainer = Trainer(net, training, X, Y, sample_weight=weight)
    expected = network.backward(net, trainer.parameters, X, Y, 0.3, 0.1, trainer._loop.weight)
    monkeypatch.setattr("engine.network.INPUT_ELEMENTS", 60)  # ten examples at a time
    found = trainer.gradients()
    assert {value.dtype for value in found.values()} == {np.dtype(dtype)}
    assert set(found) == {f"d{name}" for name in net.shapes}
    assert_same(found, expected, 1e-12 if dtype == "float64" else 1e-5)


def test_predictions_do_not_depend_on_the_blocks() -> None:
    net = NetworkSpec(3, (LayerSpec(50, "gelu"), LayerSpec(20, "silu")), 2, "regression", "he")
    X, Y = make_data(net, 5000, 0)
    trainer = Trainer(net, spec(), X, Y)
    whole = network.forward(net, trainer.parameters, X)["A3"]
    np.testing.assert_allclose(trainer.predict(X), whole, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(trainer.predict(X[:, :7]), whole[:, :7], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("n", [-3, 2.5, True, "5"])
def test_a_number_of_iterations_is_a_whole_one(n: Any) -> None:
    with pytest.raises(SpecError, match="n must be a whole number from 0"):
        make().advance(n)
