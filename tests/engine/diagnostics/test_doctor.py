"""Every rule finds its problem on a network made to have it, its remedy helps, and good runs have no findings."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepnet_tui.data.builtin import BUILTIN
from deepnet_tui.data.load import load
from deepnet_tui.experiment import Experiment
from engine import Finished, LayerSpec, NetworkSpec, Trainer, TrainingSpec
from engine.arrays import Array
from engine.diagnostics.findings import Finding, TrainingRecord
from engine.diagnostics.rules import RULES, diagnose
from engine.diagnostics.statistics import Statistics, draw, examine, facts
from engine.ops.activations import ACTIVATIONS
from tests.engine.diagnostics.cases import Case, records, with_remedy
from tests.engine.diagnostics.test_stuck import STUCK


def named(case: Case) -> dict[str, Finding]:
    """All findings within 500 iterations."""
    return {finding.name: finding for record in records(case, 500) for finding in diagnose(record)}


def moons(m: int = 300) -> tuple[Array, Array]:
    dataset = load(Experiment.default("moons").data)
    return dataset.train.X[:, :m], dataset.train.Y[:, :m]


def layers(*units: int, activation: str = "relu") -> tuple[LayerSpec, ...]:
    return tuple(LayerSpec(count, activation) for count in units)


ADAM = TrainingSpec("adam", 0.01, 500, report_every=50)
GD = TrainingSpec("gd", 0.1, 500, report_every=50)


def small_weights() -> Case:
    X, Y = moons()
    return Case(NetworkSpec(2, layers(10, 10, 10), initializer="small"), GD, X, Y)


def shrunk_weights() -> Case:
    X, Y = moons()
    network = NetworkSpec(2, layers(10, 10, activation="sigmoid"), initializer="xavier")
    return Case(network, replace(ADAM, l2=60.0), X, Y)


def identical_units() -> Case:
    X, Y = moons()
    return Case(NetworkSpec(2, layers(8, 4, activation="tanh"), initializer="zeros"), ADAM, X, Y)


def constant_weights() -> Case:
    X, Y = moons()
    network = NetworkSpec(2, layers(8, 4), initializer="he")
    same = {name: np.full(shape, 0.3 if name[0] == "W" else 0.0) for name, shape in network.shapes.items()}
    return Case(network, ADAM, X, Y, parameters=same)


def dead_relus() -> Case:
    X, Y = moons()
    network = NetworkSpec(2, layers(16, 8), initializer="he")
    start = Trainer(network, ADAM, X, Y).parameters
    start["b1"] = np.full((16, 1), -20.0)
    return Case(network, ADAM, X, Y, parameters=start)


def killed_relus() -> Case:
    X, Y = moons()
    return Case(NetworkSpec(2, layers(16, 8), initializer="he"), replace(ADAM, learning_rate=3.0), X, Y)


def saturated_tanh() -> Case:
    X, Y = moons()
    network = NetworkSpec(2, layers(16, 16, 16, activation="tanh"), initializer="small", scale=8.0)
    return Case(network, replace(GD, learning_rate=0.001), X, Y)


def saturated_sigmoid() -> Case:
    X, Y = moons()
    network = NetworkSpec(2, layers(16, 16, 16, activation="sigmoid"), initializer="small", scale=10.0)
    return Case(network, replace(GD, learning_rate=0.001), X, Y)


def driven_to_the_ends() -> Case:
    dataset = load(Experiment.default("spiral").data)
    network = NetworkSpec(2, layers(16, 16, activation="sigmoid"), initializer="xavier")
    return Case(network, replace(ADAM, learning_rate=1.0), dataset.train.X, dataset.train.Y)


def vanishing_gradients() -> Case:
    X, Y = moons()
    return Case(NetworkSpec(2, layers(*[10] * 8, activation="sigmoid"), initializer="xavier"), GD, X, Y)


def exploding_gradients() -> Case:
    X, Y = moons()
    network = NetworkSpec(2, layers(*[32] * 6), initializer="small", scale=1.0)
    return Case(network, replace(GD, learning_rate=1e-4), X, Y)


def divergence() -> Case:
    X, Y = moons()
    network = NetworkSpec(2, layers(16), task="regression", initializer="he")
    return Case(network, replace(GD, learning_rate=5.0), X, Y)


def rising() -> Case:
    X, Y = moons()
    return Case(NetworkSpec(2, (), initializer="he"), replace(GD, learning_rate=1e4), X, 1 - Y[:, ::-1])


def unscaled_features() -> Case:
    dataset = load(Experiment.default("breast_cancer").data)
    scale = np.array([[entry.scale, entry.mean] for entry in dataset.preparation.entries])  # type: ignore[union-attr]
    X = dataset.train.X * scale[:, :1] + scale[:, 1:]
    return Case(NetworkSpec(30, layers(16), initializer="he"), replace(GD, learning_rate=0.01), X, dataset.train.Y)


def overfitting() -> Case:
    random = np.random.default_rng(0)
    X = random.standard_normal((20, 100))
    Y = (X[:1] + 0.8 * random.standard_normal((1, 100)) > 0).astype(float)
    network = NetworkSpec(20, layers(64, 64), initializer="he")
    return Case(network, ADAM, X[:, :50], Y[:, :50], (X[:, 50:], Y[:, 50:]))


def imbalance() -> Case:
    random = np.random.default_rng(1)
    X = random.standard_normal((2, 600))
    Y = np.zeros((1, 600))
    Y[0, :24] = 1
    X[:, :24] += 1.5
    return Case(NetworkSpec(2, layers(8), initializer="he"), replace(GD, learning_rate=0.02), X, Y)


def random_labels() -> Case:
    random = np.random.default_rng(2)
    X = random.standard_normal((4, 200))
    return Case(NetworkSpec(4, layers(8), initializer="he"), ADAM, X, random.integers(0, 2, (1, 200)).astype(float))


PROBLEMS: list[tuple[str, Callable[[], Case]]] = [
    ("small_weights", small_weights),
    ("small_weights", shrunk_weights),
    ("identical_units", identical_units),
    ("identical_units", constant_weights),
    ("dead_relus", dead_relus),
    ("dead_relus", killed_relus),
    ("saturated", saturated_tanh),
    ("saturated", saturated_sigmoid),
    ("saturated", driven_to_the_ends),
    ("vanishing_gradients", vanishing_gradients),
    ("exploding_gradients", exploding_gradients),
    ("diverged", divergence),
    ("diverged", rising),
    ("unscaled_features", unscaled_features),
    ("overfitting", overfitting),
    ("imbalance", imbalance),
    ("random_labels", random_labels),
]


def test_every_rule_has_a_case() -> None:
    elsewhere = {name for name, *_ in STUCK} | {"fast_target", "reversed_answers"}
    assert {name for name, _ in PROBLEMS} | elsewhere == set(RULES)


@pytest.mark.parametrize(("name", "make"), PROBLEMS, ids=[make.__name__ for _, make in PROBLEMS])
def test_a_problem_is_found_and_its_remedy_helps(name: str, make: Callable[[], Case]) -> None:
    case = make()
    found = named(case)
    assert name in found
    finding = found[name]
    assert finding.name == name
    assert finding.sentence.endswith(".")
    assert all(finding.evidence)
    if name in ("random_labels", "unscaled_features"):
        assert finding.remedy is None  # no setting can help
        return
    for _ in range(4):  # a number that is ten times smaller may still be too large
        case = with_remedy(case, finding)
        found = named(case)
        if name not in found:
            return
        finding = found[name]
        assert finding.remedy is not None
        by_degrees = {change.name for change in finding.remedy.changes} <= {"learning_rate", "l2"}
        assert by_degrees, "taking the remedy once must be enough"
    pytest.fail("the remedy does not help")


def test_scaled_features_are_not_called_unscaled() -> None:
    case = unscaled_features()
    mean, scale = case.X.mean(axis=1, keepdims=True), case.X.std(axis=1, keepdims=True)
    assert "unscaled_features" not in named(replace(case, X=(case.X - mean) / scale))


ONE_CAUSE: list[tuple[str, str, dict[str, Any]]] = [
    ("small_weights", "xor", {"hidden": [1], "initializer": "zeros"}),
    ("small_weights", "xor", {"hidden": [1], "initializer": "zeros", "activation": "tanh"}),
    ("small_weights", "circles", {"hidden": [8, 8, 8], "initializer": "small"}),
    ("small_weights", "wine", {"hidden": [8, 8, 8], "initializer": "small"}),
    ("identical_units", "xor", {"hidden": [4], "initializer": "zeros"}),
    ("identical_units", "xor", {"hidden": [4], "initializer": "zeros", "activation": "sigmoid"}),
    ("identical_units", "xor", {"hidden": [4, 4], "initializer": "zeros", "activation": "sigmoid"}),
]


@pytest.mark.parametrize(("name", "source", "network"), ONE_CAUSE)
def test_consequences_of_a_problem_are_no_findings(name: str, source: str, network: dict[str, Any]) -> None:
    experiment = Experiment.default(source).replace("network", **network)
    dataset = load(experiment.data)
    trainer = experiment.trainer(dataset)
    last = records(Case(trainer.network, trainer.training, dataset.train.X, dataset.train.Y))[-1]
    assert [finding.name for finding in diagnose(last)] == [name]


def test_the_tutorial_gets_exactly_its_two_findings() -> None:
    dataset = load(Experiment.default("tutorial").data)
    trainer = Experiment.default("tutorial").trainer(dataset)
    case = Case(trainer.network, trainer.training, dataset.train.X, dataset.train.Y)
    found = named(case)
    assert set(found) == {"small_weights", "random_labels"}
    assert str(found["small_weights"].remedy) == "initializer small → he"
    assert "does not prove" in found["random_labels"].sentence


def test_small_weights_and_random_labels_are_told_apart() -> None:
    """With He weights the tutorial's network memorises: its weights are large enough, its labels are still random."""
    case = small_weights()
    assert "random_labels" not in named(case)
    dataset = load(Experiment.default("tutorial").data)
    trainer = Experiment.default("tutorial").replace("network", initializer="he").trainer(dataset)
    found = named(Case(trainer.network, trainer.training, dataset.train.X, dataset.train.Y))
    assert "small_weights" not in found
    assert "random_labels" in found


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", [name for name in BUILTIN if name != "tutorial"])
def test_a_healthy_run_has_no_finding(name: str, seed: int) -> None:
    experiment = Experiment.default(name).replace("training", seed=seed).replace("data", seed=seed)
    dataset = load(experiment.data)
    trainer = experiment.trainer(dataset)
    validation = None if dataset.validation is None else (dataset.validation.X, dataset.validation.Y)
    case = Case(trainer.network, trainer.training, dataset.train.X, dataset.train.Y, validation)
    found = {finding.name for record in records(case) for finding in diagnose(record)}
    assert found == set()


def test_a_divergence_offers_its_last_good_parameters() -> None:
    finding = named(divergence())["diverged"]
    assert str(finding.remedy) == "from the good parameters of iteration 0: learning rate 5 → 0.5"


def test_the_good_parameters_are_those_of_the_lowest_loss() -> None:
    case = replace(divergence(), training=replace(GD, learning_rate=5.0, warmup=60, report_every=1))
    *_, last = records(case)
    best = min(last.course, key=lambda entry: entry.loss)
    assert best.iteration > 0
    finding = next(finding for finding in diagnose(last) if finding.name == "diverged")
    assert finding.remedy is not None
    assert finding.remedy.back_to == best.iteration


def test_there_is_no_finding_without_statistics() -> None:
    case = small_weights()
    record = TrainingRecord(case.network, case.training, facts(case.network, case.training, case.X, case.Y), ())
    assert diagnose(record) == []


def test_the_manuals_program_runs(capsys: pytest.CaptureFixture[str]) -> None:
    text = (Path(__file__).parents[3] / "docs" / "doctor.md").read_text(encoding="utf-8")
    program = text.split("```python\n")[1].split("```")[0]
    case = small_weights()
    names = {"network": case.network, "training": case.training, "X": case.X, "Y": case.Y}
    exec(compile(program, "doctor.md", "exec"), names)  # noqa: S102
    assert "The weights are too small" in capsys.readouterr().out


@given(
    st.sampled_from(["binary", "multiclass", "regression"]),
    st.lists(st.tuples(st.integers(1, 4), st.sampled_from(sorted(ACTIVATIONS))), max_size=5),
    st.integers(-300, 300),
    st.sampled_from([0.0, 1.0, math.nan, math.inf]),
    st.sampled_from(["completed", "diverged", None]),
    st.integers(0, 2**16),
)
@settings(max_examples=150, deadline=None)
def test_the_doctor_accepts_any_statistics(
    task: str, hidden: list[tuple[int, str]], power: int, odd: float, reason: str | None, seed: int
) -> None:
    """Whatever the numbers are, every finding is a sentence with evidence, and nothing is raised."""
    random = np.random.default_rng(seed)
    outputs = 3 if task == "multiclass" else 1
    network = NetworkSpec(2, tuple(LayerSpec(*layer) for layer in hidden), outputs, task, "he")
    X = random.standard_normal((2, 45)) * 10.0 ** random.integers(-5, 6)
    Y = {
        "binary": random.integers(0, 2, (1, 45)).astype(float),
        "multiclass": np.eye(3)[:, random.integers(0, 3, 45)],
        "regression": random.standard_normal((1, 45)),
    }[task]
    sample, known = draw(network, ADAM, X, Y, (X, Y)), facts(network, ADAM, X, Y, 45)
    course: list[Statistics] = []
    before = None
    for iteration in (0, 60, 120, 180):
        parameters = {
            name: random.standard_normal(shape) * 10.0 ** (power * iteration / 180)
            for name, shape in network.shapes.items()
        }
        if iteration == 180 and odd:
            parameters["W1"][0, 0] = odd
        course.append(examine(network, parameters, sample, iteration, before))
        before = (iteration, parameters)
    finished = None if reason is None else Finished(reason, 180, 1.0, "so it ended")
    for finding in diagnose(TrainingRecord(network, ADAM, known, tuple(course), finished)):
        assert finding.sentence.endswith(".")
        assert all(finding.evidence)
        if finding.remedy is not None:
            assert finding.remedy.changes
            assert str(finding.remedy)
            assert all(change.before != change.after for change in finding.remedy.changes)
