"""The update that is shown is that of the trainer."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from deepnet_tui.explain.trace import Trace, trace
from deepnet_tui.explain.update import UpdateRule
from engine import OPTIMIZERS, LayerSpec, NetworkSpec, TrainingSpec
from engine.training.trainer import Trainer
from tests.deepnet_tui.explain.networks import Case, case
from tests.deepnet_tui.explain.test_trace import check_arithmetic

SHOWN = sorted(set(OPTIMIZERS) - {"lbfgs"})


def rule(trainer: Trainer) -> UpdateRule:
    training, next_update = trainer.training, trainer.next_update()
    return UpdateRule(
        training.optimizer,
        training.momentum,
        training.beta2,
        training.epsilon,
        next_update.number,
        next_update.memory,
        training.input_scale_rate,
    )


def shown(trainer: Trainer, a: Case) -> Trace:
    next_update, training = trainer.next_update(), trainer.training
    return trace(
        a.network,
        trainer.parameters,
        a.X,
        a.Y,
        next_update.learning_rate,
        training.l2,
        training.l1,
        next_update.examples,
        rule(trainer),
    )


def trained(a: Case, optimizer: str, iterations: int, **settings: object) -> Trainer:
    training = TrainingSpec(optimizer=optimizer, learning_rate=a.rate, l2=a.l2, l1=a.l1, **settings)  # type: ignore[arg-type]
    trainer = Trainer(a.network, training, a.X, a.Y, parameters=dict(a.parameters))
    trainer.advance(iterations)
    return trainer


@pytest.mark.parametrize(("number", "optimizer"), [*itertools.product(range(8), SHOWN)])
@pytest.mark.parametrize("iterations", [0, 3])
def test_the_update_matches_the_trainer(number: int, optimizer: str, iterations: int) -> None:
    a = case(number)
    trainer = trained(a, optimizer, iterations)
    steps = shown(trainer, a)
    trainer.advance(1)
    for name, values in trainer.parameters.items():
        np.testing.assert_allclose(steps.find(f"{name}_new").out.values, values, rtol=1e-12, atol=1e-14)
    after = trainer.next_update()
    for symbol, named in after.memory.items():
        for name, values in named.items():
            found = steps.find(f"{symbol}_{name}_new").out.values
            np.testing.assert_allclose(found, values, rtol=1e-9, atol=1e-15)
    assert after.number == iterations + 2


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
@pytest.mark.parametrize("number", [2, 6, 13])
def test_the_scales_of_the_inputs_match_the_trainer(number: int, optimizer: str) -> None:
    a = case(number)
    trainer = trained(a, optimizer, 3, input_scale_rate=12.0)
    steps = shown(trainer, a)
    for operation in steps.operations:
        if operation.phase == "update":
            for row, column in np.ndindex(*operation.out.shape):
                check_arithmetic(operation, row, column)
    trainer.advance(1)
    np.testing.assert_allclose(steps.find("W1_scaled").out.values, trainer.parameters["W1"], rtol=1e-9, atol=1e-12)
    for symbol, named in trainer.next_update().memory.items():
        np.testing.assert_allclose(steps.find(f"{symbol}_s1_new").out.values, named["s1"], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("optimizer", SHOWN)
def test_the_arithmetic_of_the_update_gives_the_result(optimizer: str) -> None:
    for number in (2, 6, 13):
        a = case(number)
        for operation in shown(trained(a, optimizer, 3), a).operations:
            if operation.phase == "update":
                for row, column in np.ndindex(*operation.out.shape):
                    check_arithmetic(operation, row, column)


def test_the_learning_rate_follows_the_schedule() -> None:
    a = case(6)
    trainer = trained(a, "gd", 50, schedule="step", decay=0.5, decay_every=20)
    assert trainer.next_update().learning_rate == trainer.learning_rate == pytest.approx(a.rate / 4)


def test_the_memory_of_a_gram_matrix_layer_is_right() -> None:
    random = np.random.default_rng(4)
    network = NetworkSpec(40, (LayerSpec(3, "tanh"),), 1)
    X, Y = random.normal(size=(40, 5)), random.integers(0, 2, (1, 5)).astype(float)
    parameters = {name: random.normal(0, 0.3, shape) for name, shape in network.shapes.items()}
    a = Case(network, parameters, X, Y, 0.05, 0.3, 0.0)
    trainer = trained(a, "momentum", 4)
    assert trainer._loop.flat.gram is not None
    steps = shown(trainer, a)
    trainer.advance(1)
    np.testing.assert_allclose(steps.find("W1_new").out.values, trainer.parameters["W1"], rtol=1e-10, atol=1e-12)


def test_penalties_are_as_large_as_in_training() -> None:
    a = case(7)
    assert a.l2
    part = trace(a.network, a.parameters, a.X[:, :1], a.Y[:, :1], a.rate, a.l2, a.l1, 240.0)
    whole = trace(a.network, a.parameters, np.tile(a.X[:, :1], 240), np.tile(a.Y[:, :1], 240), a.rate, a.l2, a.l1)
    assert part.find("penalty").value(0, 0) == pytest.approx(whole.find("penalty").value(0, 0), rel=1e-12)
    assert part.find("J").value(0, 0) == pytest.approx(whole.find("J").value(0, 0), rel=1e-12)
    np.testing.assert_allclose(part.find("dW1").out.values, whole.find("dW1").out.values, rtol=1e-11)
    assert part.find("dW1").symbols.endswith("λ/N W1, N = 240 in training")
    assert "λ/m W1" in whole.find("dW1").symbols
    assert "/240×" in part.find("dW1").question(0, 0)


def test_adamw_keeps_the_penalty_out_of_the_gradient() -> None:
    a = case(7)
    steps = shown(trained(a, "adamw", 1), a)
    assert "λ" not in steps.find("dW1").symbols
    assert "(1 - αλ/m) W1" in steps.find("W1_new").symbols
    assert "λ" not in steps.find("b1_new").symbols


def test_lbfgs_shows_the_line_search_not_a_step() -> None:
    a = case(6)
    steps = shown(trained(a, "lbfgs", 2), a)
    update = [operation for operation in steps.operations if operation.phase == "update"]
    assert update
    for operation in update:
        assert "line search" in operation.symbols
        (gradient, _) = operation.operands
        np.testing.assert_array_equal(operation.out.values, -gradient.values)
