"""A network is judged by the loss that it was trained with, as scikit-learn measures it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, mean_pinball_loss, mean_poisson_deviance

from deepnet_tui.data.load import load
from deepnet_tui.evaluate.baselines import linear_model
from deepnet_tui.evaluate.loss_metrics import loss_metric, pinball_errors, poisson_errors
from deepnet_tui.evaluate.metrics import actual_values, evaluate, measure
from deepnet_tui.evaluate.part_report import part_report
from deepnet_tui.evaluate.verdict import verdict
from deepnet_tui.experiment import Experiment
from engine.ops.losses import LOSSES
from engine.ops.number_losses import quantile_loss

pairs = st.lists(st.tuples(st.integers(0, 50), st.floats(1e-3, 50)), min_size=1, max_size=20)


@settings(max_examples=30)
@given(pairs, st.floats(0.01, 0.99))
def test_the_errors_are_those_of_scikit_learn(found: list[tuple[int, float]], quantile: float) -> None:
    actual, predicted = (np.array(values, dtype=np.float64) for values in zip(*found, strict=True))
    mean = float(pinball_errors(actual, predicted, quantile).mean())
    assert mean == pytest.approx(mean_pinball_loss(actual, predicted, alpha=quantile), rel=1e-9, abs=1e-12)
    deviance = float(poisson_errors(actual, predicted).mean())
    assert deviance == pytest.approx(mean_poisson_deviance(actual, predicted), rel=1e-9, abs=1e-9)


def trained(tmp_path: Path, loss: str) -> tuple[Any, Any]:
    path = tmp_path / "counts.csv"
    generator = np.random.default_rng(0)
    x = generator.normal(size=200)
    y = generator.poisson(np.exp(0.5 + x))
    path.write_text("x,often\n" + "".join(f"{a:.4f},{b}\n" for a, b in zip(x, y, strict=True)))
    experiment = Experiment.default(str(path), "often").replace("data", preparation="plain")
    experiment = experiment.replace("network", loss=loss, quantile=0.8, hidden=(4,)).replace("training", iterations=50)
    dataset = experiment.fitted(load(experiment.data))
    trainer = experiment.trainer(dataset)
    trainer.advance(50)
    return dataset, trainer


@pytest.mark.parametrize("loss", ["default", "huber", "absolute", "quantile", "poisson"])
def test_the_metric_of_the_loss_is_measured_and_judged_by(tmp_path: Path, loss: str) -> None:
    dataset, trainer = trained(tmp_path, loss)
    for name, metrics in evaluate(dataset, trainer.predict).items():
        part = getattr(dataset, name)
        if part is None:
            continue
        assert metrics is not None
        actual, predicted = actual_values(dataset, part), dataset.scaling.values(trainer.predict(part.X)[0])
        expected = {"r2": metrics["r2"], "rmse": metrics["rmse"], "mae": mean_absolute_error(actual, predicted)}
        if loss == "quantile":
            expected["pinball_loss"] = mean_pinball_loss(actual, predicted, alpha=0.8)
            expected["share_below"] = (actual <= predicted).mean()
        if loss == "poisson":
            expected["poisson_deviance"] = mean_poisson_deviance(actual, predicted)
        assert metrics == pytest.approx(expected, rel=1e-9)
    part = dataset.validation
    A, B = trainer.predict(part.X), linear_model(dataset)(part.X)
    first, second = verdict(dataset, "validation", part, A, B, part_report(dataset, part, A))
    by = {"absolute": "MAE", "quantile": "pinball loss of the quantile 0.8"}.get(loss, "RMSE")
    if loss != "poisson":  # the straight line predicts counts below 0, which have no deviance
        assert f"({by})" in first
    name = {"quantile": "pinball_loss", "absolute": "mae"}.get(loss, "rmse")
    if loss in ("quantile", "absolute"):
        ours = measure(dataset, part, A)[name]
        theirs = measure(dataset, part, B)[name]
        assert f"off by {ours:.4g} " in first
        assert f"baseline by {theirs:.4g}" in first
        assert f"would be off by {part_report(dataset, part, A).naive[name]:.4g}" in second


def test_a_prediction_that_has_no_deviance_is_none_and_compared_by_rmse(tmp_path: Path) -> None:
    dataset, trainer = trained(tmp_path, "poisson")
    part = dataset.validation
    A = trainer.predict(part.X)
    assert measure(dataset, part, np.where(np.arange(part.m) == 0, -1.0, A))["poisson_deviance"] is None
    report = part_report(dataset, part, A)
    assert "mean Poisson deviance" in verdict(dataset, "validation", part, A, A, report)[0]
    assert "RMSE" in verdict(dataset, "validation", part, A, -A, report)[0]


def test_data_are_made_ready_for_one_loss_at_a_time(tmp_path: Path) -> None:
    dataset, _ = trained(tmp_path, "quantile")
    plain = dataset.standardised
    assert loss_metric(plain) is None
    assert dataset.for_loss(quantile_loss(0.8)) is dataset
    assert dataset.for_loss(LOSSES["regression"]) is plain
    for loss, name in ((quantile_loss(0.1), "pinball_loss"), (LOSSES["poisson"], "poisson_deviance")):
        other = dataset.for_loss(loss)
        metric = loss_metric(other)
        assert metric is not None
        assert metric.name == name
        assert other.standardised is plain
