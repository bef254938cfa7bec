"""Real files: what is inferred of them, and that the defaults do well on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.data.settings import DataSettings
from engine.training.events import Finished


@pytest.mark.parametrize(
    ("name", "target", "task", "m"),
    [
        ("titanic", "survived", "binary", 891),
        ("penguins", "species", "multiclass", 344),
        ("mpg", "mpg", "regression", 398),
    ],
)
def test_real_tables(name: str, target: str, task: str, m: int, shared: Callable[[str], Path]) -> None:
    dataset = load(DataSettings(source=str(shared(f"{name}.csv")), target=target))
    assert dataset.validation is not None
    assert (dataset.task, dataset.train.m + dataset.validation.m) == (task, m)
    ignored = {info.name for info in dataset.columns if info.role == "ignored"}
    assert ignored == {"titanic": {"alive"}, "penguins": set(), "mpg": {"name"}}[name]
    assert any("'alive' is left out" in warning for warning in dataset.warnings) == (name == "titanic")


def scikit_learn_score(dataset: Dataset, seed: int) -> float:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    from deepnet_tui.evaluate.metrics import actual_values

    train, validation = dataset.train, dataset.validation
    assert validation is not None
    if dataset.task == "regression":
        network: Any = MLPRegressor(max_iter=1000, random_state=seed).fit(train.X.T, actual_values(dataset, train))
        return float(network.score(validation.X.T, actual_values(dataset, validation)))

    def numbers(Y: Any) -> Any:
        return Y[0] if dataset.task == "binary" else Y.argmax(axis=0)

    network = MLPClassifier(max_iter=1000, random_state=seed).fit(train.X.T, numbers(train.Y))
    return float(network.score(validation.X.T, numbers(validation.Y)))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("name", "target"), [("titanic", "survived"), ("penguins", "species"), ("mpg", "mpg")])
def test_defaults_are_as_good_as_scikit_learn(name: str, target: str, shared: Callable[[str], Path]) -> None:
    from deepnet_tui.evaluate.baselines import linear_metrics
    from deepnet_tui.evaluate.metrics import evaluate
    from deepnet_tui.experiment import Experiment

    scores = []
    for seed in range(1, 6):
        experiment = Experiment.default(str(shared(f"{name}.csv")), target)
        experiment = experiment.replace("data", seed=seed).replace("training", seed=seed)
        dataset = load(experiment.data)
        experiment = experiment.with_data_defaults(dataset, ())
        trainer = experiment.trainer(dataset)
        assert isinstance([*trainer.run()][-1], Finished)
        measure = "r2" if dataset.task == "regression" else "accuracy"
        plain = load(experiment.replace("data", preparation="plain").data)
        ours, line = evaluate(dataset, trainer.predict)["validation"], (linear_metrics(plain) or {})["validation"]
        assert ours is not None
        assert line is not None
        scores.append((ours[measure] or 0.0, scikit_learn_score(dataset, seed), line[measure] or 0.0))
    ours_, theirs, lines = np.mean(scores, axis=0)
    assert ours_ >= theirs
    assert ours_ >= lines - 0.01  # five splits tell no less apart


def test_defaults_for_pictures_beat_a_line(shared: Callable[[str], Path]) -> None:
    from deepnet_tui.evaluate.baselines import linear_metrics
    from deepnet_tui.evaluate.metrics import evaluate
    from deepnet_tui.experiment import Experiment

    experiment = Experiment.default(str(shared("train_catvnoncat.h5")))
    experiment = experiment.replace("data", test=str(shared("test_catvnoncat.h5")), validation=0.0)
    dataset = load(experiment.data)
    found = []
    for seed in range(1, 6):
        trainer = experiment.replace("training", seed=seed).trainer(dataset)
        trainer.advance(experiment.training.iterations)
        test = evaluate(dataset, trainer.predict)["test"]
        assert test is not None
        found.append(test["accuracy"] or 0.0)
    line = (linear_metrics(dataset) or {})["test"]
    assert line is not None
    assert np.mean(found) >= (line["accuracy"] or 0.0)


def test_the_course_network_finds_cats(shared: Callable[[str], Path]) -> None:
    from deepnet_tui.evaluate.metrics import evaluate
    from deepnet_tui.experiment import Experiment

    experiment = Experiment.default(str(shared("train_catvnoncat.h5")))
    experiment = experiment.replace("data", test=str(shared("test_catvnoncat.h5")), validation=0.0, seed=1)
    experiment = experiment.replace("network", initializer="lecun", hidden=[20, 7, 5])
    experiment = experiment.replace("training", learning_rate=0.0075, iterations=2500, seed=1)
    dataset = load(experiment.data)
    assert dataset.classes == ("non-cat", "cat")
    trainer = experiment.trainer(dataset)
    costs = [event.cost for event in trainer.run()][:4]
    np.testing.assert_allclose(costs, [0.771749, 0.672053, 0.648263, 0.611507], atol=1e-4)
    test = evaluate(dataset, trainer.predict)["test"]
    assert test is not None
    assert float(test["accuracy"] or 0) >= 0.78
