"""The losses by which one network of an ensemble is chosen."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss, mean_squared_error

from engine import LayerSpec, NetworkSpec, Trainer, TrainingSpec
from engine.parameters import member

RANDOM = np.random.default_rng(3)
X = RANDOM.normal(size=(4, 90))
CLASSES = (X[:1] + RANDOM.normal(size=(1, 90)) > 0.4).astype(float)
NUMBERS = X[:1] - X[1:2]


def trained(task: str = "binary", **more: object) -> Trainer:
    network = NetworkSpec(4, (LayerSpec(5, "tanh"),), 1, task, "xavier", ensemble=3)
    validation = more.pop("validation", None)
    Y = CLASSES if task == "binary" else NUMBERS
    trainer = Trainer(network, TrainingSpec(iterations=20, **more), X, Y, validation=validation)  # type: ignore[arg-type]
    trainer.advance(20)
    return trainer


def alone(trainer: Trainer, k: int) -> Trainer:
    """The network `k` as one that is not trained."""
    return Trainer(trainer.network.member, TrainingSpec(), X, CLASSES, parameters=member(trainer.parameters, k))


def test_on_the_training_data_without_penalties() -> None:
    trainer = trained(l2=5.0)
    expected = [log_loss(CLASSES[0], alone(trainer, k).predict(X)[0]) for k in range(3)]
    assert trainer.member_losses() == pytest.approx(expected, rel=1e-12)
    assert trainer.best_member() == int(np.argmin(expected))


def test_on_the_validation_data() -> None:
    other = RANDOM.normal(size=(4, 40))
    validation = (other, other[:1] * 2)
    trainer = trained("regression", validation=validation)
    single = Trainer(trainer.network.member, TrainingSpec(), X, NUMBERS)
    expected = []
    for k in range(3):
        single.assign(member(trainer.parameters, k))
        expected.append(mean_squared_error(validation[1][0], single.predict(other)[0]) / 2)
    assert trainer.member_losses() == pytest.approx(expected, rel=1e-12)


def test_on_the_internal_parts_with_weights() -> None:
    trainer = trained(internal=0.3, class_weight="balanced", validation=(X, CLASSES))
    assert trainer.member_losses() == pytest.approx(trainer._loop.internal_losses(), rel=1e-12)


def test_at_other_parameters_and_where_there_is_no_number() -> None:
    trainer = trained()
    parameters = trainer.parameters
    parameters["b2"][1] = np.nan
    losses = trainer.member_losses(parameters)
    assert np.isfinite(losses).tolist() == [True, False, True]
    assert trainer.best_member(parameters) == (0 if losses[0] < losses[2] else 2)
    assert trainer.best_member({name: value * np.nan for name, value in parameters.items()}) is None
    assert alone(trainer, 0).best_member() is None
