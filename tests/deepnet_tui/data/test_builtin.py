"""The built-in data sets against published numbers."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.builtin import BUILTIN, flower
from deepnet_tui.data.load import load
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.evaluate.baselines import linear_metrics
from deepnet_tui.evaluate.metrics import evaluate
from deepnet_tui.experiment import Experiment
from engine import LayerSpec, NetworkSpec, TrainingSpec
from engine.training.trainer import Trainer

PLANE = [name for name, entry in BUILTIN.items() if entry.source == "2-D"]


def test_the_tutorial_has_its_published_costs() -> None:
    experiment = Experiment.default("tutorial")
    dataset = load(experiment.data)
    assert dataset.validation is None
    costs = {event.iteration: event.cost for event in experiment.trainer(dataset).run()}
    published = {
        0: 0.693147179101668,
        100: 0.6913663615472958,
        200: 0.6901428329273512,
        300: 0.6893019578750604,
        400: 0.6887238512106988,
        2700: 0.6874476979055951,
        2800: 0.6874476213206875,
        2900: 0.6874475684872733,
    }
    for iteration, cost in published.items():
        assert costs[iteration] == pytest.approx(cost, abs=1e-12)


def test_the_flower_has_the_costs_of_the_course() -> None:
    petals = flower()
    X, Y = np.array(list(petals.columns.values())), petals.y[np.newaxis, :].astype(float)
    network = NetworkSpec(2, (LayerSpec(4, "tanh"),), initializer="small")
    training = TrainingSpec(learning_rate=1.2, iterations=3000, report_every=1000, seed=2)
    trainer = Trainer(network, training, X, Y)
    costs = [round(event.cost, 6) for event in trainer.run()]
    assert costs[:4] == [0.693048, 0.288083, 0.254385, 0.233864]
    trainer.change(iterations=10_000)
    trainer.advance(7000)
    assert np.mean((trainer.predict(X) > 0.5) == Y) == pytest.approx(0.9075, abs=0.005)


@pytest.mark.parametrize("name", PLANE)
def test_networks_beat_a_linear_model_on_plane_datasets(name: str) -> None:
    experiment = Experiment.default(name)
    dataset = load(experiment.data)
    trainer = experiment.trainer(dataset)
    first = trainer.cost()
    trainer.advance(experiment.training.iterations)
    ours, line = evaluate(dataset, trainer.predict)["train"], (linear_metrics(dataset) or {})["train"]
    assert ours is not None
    assert line is not None
    assert trainer.cost() < 0.5 * first
    assert float(ours["accuracy"] or 0) >= float(line["accuracy"] or 0) - 0.01
    if name != "gaussians":
        assert float(ours["accuracy"] or 0) > float(line["accuracy"] or 0) + 0.1


def test_breast_cancer_is_predicted_on_new_examples() -> None:
    experiment = Experiment.default("breast_cancer")
    found = []
    for seed in range(1, 6):
        drawn = experiment.replace("data", seed=seed).replace("training", seed=seed)
        dataset = load(drawn.data)
        trainer = drawn.trainer(dataset)
        trainer.advance(drawn.training.iterations)
        metrics = evaluate(dataset, trainer.predict)["validation"]
        assert metrics is not None
        found.append(float(metrics["accuracy"] or 0))
    assert np.mean(found) >= 0.965
    assert min(found) >= 0.94


@pytest.mark.parametrize(("name", "least"), [("iris", 0.93), ("wine", 0.95), ("digits", 0.96), ("diabetes", 0.4)])
def test_other_real_datasets_are_predicted(name: str, least: float) -> None:
    experiment = Experiment.default(name)
    dataset = load(experiment.data)
    trainer = experiment.trainer(dataset)
    trainer.advance(experiment.training.iterations)
    metrics = evaluate(dataset, trainer.predict)["validation"]
    assert metrics is not None
    assert float(metrics.get("accuracy", metrics.get("r2")) or 0) >= least


@pytest.mark.parametrize("name", BUILTIN)
def test_every_example_is_used_once(name: str) -> None:
    dataset = load(DataSettings(source=name, validation=0.25))
    assert dataset.validation is not None
    rows = np.sort(np.concatenate([dataset.train.rows, dataset.validation.rows]))
    np.testing.assert_array_equal(rows, np.arange(len(rows)))
    again = dataset.preparation.apply(dataset.table).X
    np.testing.assert_array_equal(again[:, dataset.validation.rows], dataset.validation.X)
    assert len(dataset.inputs) == dataset.train.X.shape[0]
    assert dataset.outputs == (len(dataset.classes) if dataset.task == "multiclass" else 1)


def test_plane_datasets_load_without_heavy_libraries() -> None:
    code = (
        "import sys; from deepnet_tui.experiment import Experiment; from deepnet_tui.data.load import load;"
        "load(Experiment.default('moons').data);"
        "print([name for name in ('sklearn', 'scipy', 'pandas', 'textual', 'h5py', 'pyarrow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_settings_a_built_in_does_not_take_are_refused() -> None:
    with pytest.raises(InputError, match="no built-in data set 'mons'"):
        load(DataSettings(source="mons"))
    with pytest.raises(InputError, match="the target of moons is 'colour'"):
        load(DataSettings(source="moons", target="y"))
    with pytest.raises(InputError, match="takes no test file"):
        load(DataSettings(source="moons", test="more.csv"))
