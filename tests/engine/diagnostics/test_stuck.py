"""Training that does not get on: the doctor names the cause first, and with its remedies the loss falls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from deepnet_tui.data.load import load
from deepnet_tui.experiment import Experiment
from engine import LayerSpec, NetworkSpec, TrainingSpec
from engine.arrays import Array
from engine.diagnostics.rules import diagnose
from tests.engine.diagnostics.cases import Case, records, with_remedy

GD = TrainingSpec("gd", 0.1, 1000, report_every=100)
ADAM = TrainingSpec("adam", 0.01, 500, report_every=50)
XOR = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]]), np.array([[0.0, 1.0, 1.0, 0.0]])


def many_xor() -> tuple[Array, Array]:
    train = load(Experiment.default("xor").data).train
    return train.X, train.Y


def two_sigmoid_units(training: TrainingSpec, X: Array, Y: Array, initializer: str = "xavier") -> Case:
    return Case(NetworkSpec(2, (LayerSpec(2, "sigmoid"),), initializer=initializer), training, X, Y)


def narrow_relus(initializer: str, training: TrainingSpec) -> Case:
    hidden = tuple(LayerSpec(units, "relu") for units in (4, 6, 6, 4))
    return Case(NetworkSpec(2, hidden, initializer=initializer), training, *many_xor())


def sine(activation: str) -> Case:
    """Whole numbers from 1 to 45, unscaled, and their sines: seven periods."""
    x = np.random.default_rng(0).integers(1, 46, 120).astype(float)
    hidden = (LayerSpec(32, activation), LayerSpec(32, activation))
    network = NetworkSpec(1, hidden, task="regression", initializer="he")
    training = TrainingSpec("gd", 0.01, 250, report_every=50)
    return Case(network, training, x[np.newaxis], np.sin(x)[np.newaxis] * 2**0.5)


STUCK: list[tuple[str, Callable[[], Case], float]] = [
    ("plateau", lambda: two_sigmoid_units(replace(GD, seed=2), *XOR), 0.55),
    ("plateau", lambda: two_sigmoid_units(replace(GD, seed=3), *many_xor()), 0.6),
    ("too_few_units", lambda: two_sigmoid_units(replace(ADAM, iterations=1500, seed=2), *XOR, "small"), 0.3),
    ("plateau", lambda: narrow_relus("xavier", TrainingSpec("gd", 0.01, 500, report_every=50, seed=1)), 0.1),
    ("dead_relus", lambda: narrow_relus("he", replace(ADAM, learning_rate=1.0)), 0.1),
    ("identical_units", lambda: narrow_relus("zeros", ADAM), 0.1),
    ("small_weights", lambda: narrow_relus("small", GD), 0.1),
]


@pytest.mark.parametrize(("cause", "make", "reached"), STUCK)
def test_the_true_cause_comes_first_and_its_remedy_helps(cause: str, make: Callable[[], Case], reached: float) -> None:
    case = make()
    record = records(case)[-1]
    base = record.data.base
    assert record.now.loss > 0.6 * base
    assert diagnose(record)[0].name == cause
    for _ in range(3):
        if not (found := diagnose(record)):
            break
        case = with_remedy(case, found[0])
        record = records(case)[-1]
    assert record.now.loss < reached * base


def test_a_sine_with_an_unscaled_input_is_learned_by_what_the_doctor_says() -> None:
    case = sine("relu")
    assert diagnose(records(case)[-1])[0].name == "unscaled_features"
    scaled = replace(case, X=(case.X - case.X.mean()) / case.X.std())
    record = records(scaled)[-1]
    assert record.now.loss > 0.9 * record.data.base
    (finding,) = diagnose(record)
    assert finding.name == "fast_target"
    assert str(finding.remedy) == "activation relu → tanh in layers 1, 2, optimizer gd → adam, iterations 250 → 3000"
    assert records(with_remedy(scaled, finding))[-1].now.loss < 0.1 * record.data.base


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_answers_that_are_the_wrong_way_round_are_reversed(task: str) -> None:
    x = np.tile([-3.0, -2.0, 3.0, 2.0], 20)[np.newaxis] / 2.55
    Y = (x > 0).astype(float) if task == "binary" else x
    network = NetworkSpec(1, (LayerSpec(4, "tanh"),), task=task, initializer="xavier")
    wrong = 1 - Y if task == "binary" else -Y
    right = Case(network, ADAM, x, Y, (x, Y))
    assert diagnose(records(right)[-1]) == []
    found = diagnose(records(replace(right, validation=(x, wrong)))[-1])
    assert found[0].name == "reversed_answers"
    assert "-" in found[0].evidence[0]


def test_labels_without_a_link_are_no_plateau() -> None:
    random = np.random.default_rng(3)
    X, Y = random.standard_normal((4, 200)), random.integers(0, 2, (1, 200)).astype(float)
    network = NetworkSpec(4, (LayerSpec(3, "sigmoid"),), initializer="xavier")
    case = Case(network, replace(GD, iterations=500), X, Y)
    assert [finding.name for finding in diagnose(records(case)[-1])] == ["random_labels"]
