"""Settings and parameters can be changed while a network is trained."""

from __future__ import annotations

import numpy as np
import pytest

from engine import DataError, LayerSpec, NetworkSpec, SpecError, Trainer, TrainingSpec, network
from tests.engine.runs import assert_same, make, run
from tests.engine.strategies import make_data, small_net, spec


def test_changes_apply_from_the_next_update() -> None:
    trainer = make(l2=0.0)
    X, Y = make_data(trainer.network, 40, 1)
    trainer.advance(5)
    before = trainer.parameters
    trainer.change(learning_rate=0.02, l2=3.0)
    grads = network.backward(trainer.network, before, X, Y, l2=3.0)
    trainer.advance(1)
    for name, value in trainer.parameters.items():
        np.testing.assert_allclose(value, before[name] - 0.02 * grads[f"d{name}"], atol=1e-13)
    trainer.change(dropout=0.4)
    assert [layer.dropout for layer in trainer.network.hidden] == [0.4, 0.4]
    trainer.advance(5)
    with pytest.raises(SpecError):
        trainer.change(learning_rate=float("nan"))
    assert trainer.training.learning_rate == 0.02


def test_dropout_can_be_changed_for_each_layer() -> None:
    network = NetworkSpec(inputs=3, hidden=(LayerSpec(4), LayerSpec(5)), initializer="he")
    random = np.random.default_rng(0)
    X, Y = random.standard_normal((3, 20)), (random.random((1, 20)) < 0.5).astype(float)
    trainer = Trainer(network, TrainingSpec(iterations=20), X, Y)
    trainer.change(dropout=(0.1, 0.4))
    assert [layer.dropout for layer in trainer.network.hidden] == [0.1, 0.4]
    with pytest.raises(SpecError, match="dropout has 3 rates, the network 2 hidden layers"):
        trainer.change(dropout=(0.1, 0.4, 0.2))
    with pytest.raises(SpecError, match="dropout"):
        trainer.change(dropout=(0.1, 1.5))
    trainer.advance(5)


def test_a_completed_run_continues_with_more_iterations() -> None:
    trainer, whole = make(iterations=30), make(iterations=60)
    list(trainer.run())
    trainer.change(iterations=60)
    assert trainer.finished() is None
    list(trainer.run())
    list(whole.run())
    assert_same(trainer.parameters, whole.parameters, 0)


def test_another_rate_lets_a_diverged_run_continue() -> None:
    net = small_net("regression", "linear")
    trainer = Trainer(net, spec(optimizer="momentum", learning_rate=1e60), *make_data(net, 40, 1))
    _, end = run(trainer)
    trainer.change(l2=0.1)
    assert trainer.finished() == end
    trainer.change(learning_rate=1e-3)
    reports, end = run(trainer)
    assert end.reason == "completed"
    assert reports[-1].cost < reports[0].cost


def test_assign_replaces_the_parameters() -> None:
    one, other = make(), make(seed=9)
    other.advance(10)
    other.assign(one.parameters)
    assert_same(one.parameters, other.parameters, 0)
    with pytest.raises(DataError, match="W1"):
        one.assign({**one.parameters, "W1": np.ones((2, 2))})


@pytest.mark.parametrize("how", ["change", "assign"])
def test_new_rates_or_parameters_undo_a_plateau(how: str) -> None:
    trainer = make(schedule="plateau", learning_rate=1e-300, decay=0.1, decay_every=10, iterations=60)
    list(trainer.run())
    assert trainer.learning_rate < 1e-300
    if how == "change":
        trainer.change(learning_rate=0.05, iterations=100)
    else:
        trainer.change(iterations=100)
        trainer.assign(trainer.parameters)
    assert trainer.learning_rate == (0.05 if how == "change" else 1e-300)
    before = trainer.parameters
    X, Y = make_data(trainer.network, 40, 1)
    rate = trainer.learning_rate
    trainer.advance(1)
    grads = network.backward(trainer.network, before, X, Y)
    assert_same({name: value - rate * grads[f"d{name}"] for name, value in before.items()}, trainer.parameters)
