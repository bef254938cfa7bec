"""Several targets, from the data to the metrics, against scikit-learn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from deepnet_tui.data.load import load
from deepnet_tui.evaluate.baselines import linear_metrics, linear_model, naive_metrics
from deepnet_tui.evaluate.metrics import actual_values, evaluate
from deepnet_tui.evaluate.report import EvaluationInput, Evaluator
from deepnet_tui.experiment import Experiment
from deepnet_tui.model import Model
from deepnet_tui.training.calibration import CalibrationByTarget, calibrate
from deepnet_tui.training.snapshots import Snapshot
from tests.deepnet_tui.data.targets.test_several import loaded, table


def linear(source: Path, **training: Any) -> Experiment:
    data = {"source": str(source), "target": ["y1", "y2"], "columns": {name: {"role": "ignored"} for name in UNUSED}}
    return Experiment.from_dict({"data": data, "network": {"hidden": []}, "training": training})


UNUSED = ("churn", "count")


def test_a_network_without_hidden_layers_is_least_squares(tmp_path: Path) -> None:
    experiment = linear(table(tmp_path / "t.csv"), optimizer="gd", learning_rate=0.3, batch_size="full", l2=0.0)
    experiment = experiment.replace("data", preparation="plain").replace("training", iterations=5000, patience=None)
    dataset = load(experiment.data)
    assert experiment.network_spec(dataset).outputs == 2
    trainer = experiment.replace("network", ensemble=1).replace("training", internal=0.0).trainer(dataset)
    trainer.advance(5000)
    X = dataset.train.X.T
    values = np.stack([actual_values(dataset, dataset.train, place) for place in range(2)], axis=1)
    line = LinearRegression().fit(X, values)
    found = Model.of(dataset, trainer).interpret(trainer.predict(dataset.train.X)).values
    assert found is not None
    assert np.abs(found - line.predict(X)).max() < 1e-6 * np.abs(values).max()
    baseline = Model.of(dataset, trainer).interpret(linear_model(dataset)(dataset.train.X)).values
    assert baseline is not None
    assert np.allclose(baseline, line.predict(X))


def test_metrics_are_those_of_each_target_and_their_mean(tmp_path: Path) -> None:
    dataset = loaded(table(tmp_path / "t.csv"), "y1", "y2", preparation="rich")
    assert [scaling.log for scaling in dataset.scalings] == [False, True]
    for found in (evaluate(dataset, linear_model(dataset)), linear_metrics(dataset), naive_metrics(dataset)):
        assert found is not None
        measured = found["validation"]
        assert measured is not None
        assert list(measured["targets"]) == ["y1", "y2"]
        for name in ("r2", "rmse", "mae"):
            assert measured[name] == pytest.approx(np.mean([each[name] for each in measured["targets"].values()]))
    part = dataset.validation
    assert part is not None
    A = linear_model(dataset)(part.X)
    values = [scaling.values(row) for scaling, row in zip(dataset.scalings, A, strict=True)]
    measured = evaluate(dataset, linear_model(dataset))["validation"]
    assert measured is not None
    for place, name in enumerate(dataset.targets):
        truth = actual_values(dataset, part, place)
        assert measured["targets"][name] == {
            "r2": pytest.approx(r2_score(truth, values[place])),
            "rmse": pytest.approx(root_mean_squared_error(truth, values[place])),
            "mae": pytest.approx(mean_absolute_error(truth, values[place])),
        }


def test_only_the_target_on_a_logarithmic_scale_is_smeared(tmp_path: Path) -> None:
    experiment = linear(table(tmp_path / "t.csv")).replace("data", preparation="rich")
    experiment = experiment.replace("network", ensemble=2).replace("training", internal=0.3, iterations=100)
    dataset = load(experiment.data)
    trainer = experiment.trainer(dataset)
    while trainer.finished() is None:
        trainer.advance(trainer.until_report) if trainer.until_report else trainer.report()
    before = trainer.predict(dataset.train.X)
    A = trainer.internal_predictions()
    known = np.flatnonzero(np.isfinite(A).all(axis=0))
    found = calibrate(dataset, trainer)
    assert isinstance(found, CalibrationByTarget)
    assert list(found.targets) == ["y2"]
    assert found.sentence.startswith("y2: predictions are multiplied by")
    shift = trainer.predict(dataset.train.X) - before
    assert np.allclose(shift[0], 0.0)
    assert np.allclose(np.exp(shift[1] * dataset.scalings[1].scale), found.targets["y2"].value)
    moved = dataset.scalings[1].values(A[1, known] + shift[1, 0]).mean()
    assert moved == pytest.approx(actual_values(dataset, dataset.train, 1)[known].mean(), rel=1e-6)


def test_the_view_evaluate_is_about_the_first_target_and_says_so(tmp_path: Path) -> None:
    experiment = linear(table(tmp_path / "t.csv"), iterations=20)
    dataset = load(experiment.data)
    trainer = experiment.trainer(dataset)
    trainer.advance(20)
    evaluator = Evaluator()
    evaluator.fit(dataset)
    snapshot = Snapshot(20, 0.0, None, trainer.parameters)
    report = evaluator.evaluate(EvaluationInput("run", dataset, trainer.network, snapshot))
    assert report.remark == "This is the target y1, the first of 2."
    whole = evaluate(dataset, trainer.predict)
    for name, part in report.parts.items():
        measured = whole[name]
        assert measured is not None
        assert part.report.metrics == measured["targets"]["y1"]
        assert part.verdict
