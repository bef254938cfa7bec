"""The correction of an ended run: temperature and smearing against SciPy and by hand, in the app and without it."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.data.load import load
from deepnet_tui.data.targets.scale import TargetScale
from deepnet_tui.evaluate.metrics import measure
from deepnet_tui.experiment import Experiment
from deepnet_tui.export import load as load_model
from deepnet_tui.runs.store import Store
from deepnet_tui.training import headless, stored_run
from deepnet_tui.training.calibration import calibrate, log_loss, log_probabilities, smearing_shift, temperature
from tests.deepnet_tui.workbench.bench import Bench

OPTIONS = {"iterations": 120, "report_every": 20, "internal": 0.25, "calibrate": True}


def logarithmic(folder: Path) -> Path:
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 4))
    y = np.exp(X.sum(axis=1) / 2 + random.normal(size=300) / 4)
    lines = [",".join(map(repr, map(float, (*x, value)))) for x, value in zip(X, y, strict=True)]
    (folder / "prices.csv").write_text("a,b,c,d,price\n" + "\n".join(lines) + "\n")
    return folder / "prices.csv"


def experiment(source: str = "moons", **training: Any) -> Experiment:
    data = {"source": source} | ({"target": "price", "preparation": "rich"} if source.endswith(".csv") else {})
    return Experiment.from_dict({"data": data, "training": OPTIONS | training})


def ended(chosen: Experiment) -> tuple[Any, Any]:
    dataset = load(chosen.data)
    trainer = chosen.trainer(dataset)
    for _ in trainer.run():
        pass
    return dataset, trainer


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 3]), st.floats(0.3, 4.0))
def test_the_temperature_is_that_of_scipy(seed: int, outputs: int, spread: float) -> None:
    optimize: Any = pytest.importorskip("scipy.optimize")
    special: Any = pytest.importorskip("scipy.special")
    random = np.random.default_rng(seed)
    Z = random.normal(size=(outputs, 60)) * spread
    A = special.expit(Z) if outputs == 1 else special.softmax(Z, axis=0)
    numbers, weights = random.integers(max(2, outputs), size=60), random.random(60)
    logs, labels = log_probabilities(A), (np.arange(max(2, outputs))[:, None] == numbers).astype(float)

    def loss(log_temperature: float) -> float:
        P = special.softmax(logs / np.exp(log_temperature), axis=0)
        return float(np.average(-np.log((P * labels).sum(axis=0)), weights=weights))

    theirs = optimize.minimize_scalar(loss, bounds=(-np.log(10), np.log(10)), method="bounded", options={"xatol": 1e-9})
    ours = temperature(logs, labels, weights)
    assert loss(np.log(ours)) <= theirs.fun + 1e-9
    assert log_loss(logs / ours, labels, weights) == pytest.approx(loss(np.log(ours)), rel=1e-9)


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 2.0))
def test_smearing_makes_the_mean_right(seed: int, shift: float) -> None:
    random = np.random.default_rng(seed)
    outputs, scaling = random.normal(size=200), TargetScale(1.0, 0.7, log=True, shift=shift)
    values = np.exp(scaling.mean + 0.7 * (outputs + random.normal(size=200))) - shift
    by = smearing_shift(scaling, outputs, values)
    factor = np.exp(0.7 * by)
    assert factor == pytest.approx((values + shift).mean() / np.exp(1.0 + 0.7 * outputs).mean(), rel=1e-9)
    assert scaling.values(outputs + by).mean() == pytest.approx(values.mean(), rel=1e-9, abs=1e-12)


def test_with_one_prediction_for_all_it_is_duan_s_estimator() -> None:
    random = np.random.default_rng(3)
    residuals = random.normal(size=500)
    scaling = TargetScale(0.5, 2.0, log=True)
    by = smearing_shift(scaling, np.full(500, 0.25), np.exp(0.5 + 2.0 * (0.25 + residuals)))
    assert np.exp(2.0 * by) == pytest.approx(np.exp(2.0 * residuals).mean(), rel=1e-9)


@pytest.mark.parametrize("source", ["moons", "digits"])
def test_classes_get_a_temperature_once(source: str) -> None:
    dataset, trainer = ended(experiment(source))
    before, A = trainer.internal_predictions(), trainer.predict(dataset.train.X)
    found = calibrate(dataset, trainer)
    assert found is not None
    assert found.kind == "temperature"
    assert found.after <= found.before
    assert found.examples == np.isfinite(before[0]).sum()
    expected = np.exp(log_probabilities(A) / found.value)
    expected = (expected / expected.sum(axis=0))[-len(A) :]
    assert np.allclose(trainer.predict(dataset.train.X), expected, atol=1e-9)
    assert found.sentence in trainer.finished().message
    assert calibrate(dataset, trainer) is None


def test_logarithms_are_smeared_whatever_the_setting(tmp_path: Path) -> None:
    dataset, trainer = ended(experiment(str(logarithmic(tmp_path)), calibrate=False))
    assert dataset.scaling.log
    A = trainer.internal_predictions()
    known = np.isfinite(A[0])
    found = calibrate(dataset, trainer)
    assert found is not None
    assert found.kind == "smearing"
    assert found.after == pytest.approx(dataset.scaling.unbounded(dataset.train.Y[0, known]).mean(), rel=1e-9)
    assert found.before == pytest.approx(dataset.scaling.values(A[0, known]).mean())
    assert np.log(found.value) / dataset.scaling.scale == pytest.approx(
        float((trainer.internal_predictions() - A)[0, known].mean())
    )


@pytest.mark.parametrize(
    "changes", [{"calibrate": False}, {"internal": 0.0}, {"learning_rate": 1e300, "optimizer": "gd"}]
)
def test_without_the_setting_an_internal_part_or_a_good_end_nothing_is_done(changes: dict[str, Any]) -> None:
    dataset, trainer = ended(experiment(**changes))
    before = trainer.parameters
    assert trainer.finished().reason == ("diverged" if "optimizer" in changes else "completed")
    assert calibrate(dataset, trainer) is None
    assert all(np.array_equal(trainer.parameters[name], value) for name, value in before.items())


def test_a_run_that_has_not_ended_is_left_alone() -> None:
    chosen = experiment()
    dataset = load(chosen.data)
    trainer = chosen.trainer(dataset)
    trainer.advance(30)
    assert calibrate(dataset, trainer) is None


def test_the_app_and_the_command_line_end_alike(tmp_path: Path) -> None:
    chosen = experiment()
    bench = Bench(Store(tmp_path / "app"))
    workbench = bench.open(chosen)
    workbench.start()
    bench.settle()
    run = workbench.training_run
    dataset, store = load(chosen.data), Store(tmp_path / "runs")
    trainer = chosen.trainer(dataset)
    writer = store.begin(chosen, data="", network=[], task="binary")
    nothing: Any = headless.Observer(lambda _: None, lambda _: None)
    ending = headless.train(dataset, trainer, writer, nothing, threading.Event())
    assert ending.calibration is not None
    assert run.calibration == ending.calibration
    assert run.finished == ending.finished
    assert run.latest is not None
    for name, value in trainer.parameters.items():
        assert np.array_equal(run.latest.parameters[name], value)
        assert np.array_equal(run.snapshots.items[-1].parameters[name], value)
        assert np.array_equal(workbench.model().parameters[name], value)
    assert run.latest.cost == ending.finished.cost
    (record,) = Store(tmp_path / "app").list()
    about = json.loads((record.folder / "run.json").read_text())
    assert about["calibration"]["value"] == ending.calibration.value
    assert np.array_equal(load_model(record.folder / "model.npz").parameters["W2"], trainer.parameters["W2"])
    workbench.close()


def test_a_stored_run_is_calibrated_once_and_again_after_it_went_on(tmp_path: Path) -> None:
    chosen, store = experiment(), Store(tmp_path)
    dataset = load(chosen.data)
    trainer = chosen.trainer(dataset)
    writer = store.begin(chosen, data=stored_run.data_digest(dataset), network=[], task="binary")
    nothing: Any = headless.Observer(lambda _: None, lambda _: None)
    first = headless.train(dataset, trainer, writer, nothing, threading.Event())
    writer.finish("completed")
    restored = stored_run.restore(store.open("last"))
    assert calibrate(*restored) is None
    assert all(np.array_equal(restored[1].parameters[name], value) for name, value in trainer.parameters.items())
    dataset, trainer, writer = stored_run.resume(store, store.open("last"), iterations=200)
    second = headless.train(dataset, trainer, writer, nothing, threading.Event())
    writer.finish("completed")
    assert second.finished.reason == "completed"
    assert second.calibration is not None
    assert second.calibration != first.calibration


def test_an_ensemble_is_softened_by_the_root_only(monkeypatch: pytest.MonkeyPatch) -> None:
    from deepnet_tui.training import calibration

    chosen = Experiment.from_dict(experiment().to_dict() | {"network": {"hidden": [4], "ensemble": 2}})
    for T, expected in ((2.25, 1.5), (0.5, 0.5)):
        dataset, trainer = ended(chosen)
        monkeypatch.setattr(calibration, "temperature", lambda *_, T=T: T)
        monkeypatch.setattr(calibration, "WORTH", -10.0)
        before = trainer.parameters["W2"]
        found = calibrate(dataset, trainer)
        assert found is not None
        assert found.value == expected
        assert np.allclose(trainer.parameters["W2"] * expected, before, rtol=1e-12)


def test_a_temperature_that_gains_nothing_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from deepnet_tui.training import calibration

    dataset, trainer = ended(experiment())
    monkeypatch.setattr(calibration, "temperature", lambda *_: 1.0001)
    before = trainer.parameters["W2"]
    found = calibrate(dataset, trainer)
    assert found is not None
    assert (found.value, found.after) == (1.0, found.before)
    assert "need no calibration" in found.sentence
    assert np.array_equal(trainer.parameters["W2"], before)


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_ten_powers_of_ten_give_a_run_of_use(noise: float, tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    X = random.random((500, 3))
    share = (X @ [0.6, 0.3, 0.1]).argsort().argsort() / 500 + noise * random.normal(size=500)
    lines = [",".join(map(repr, map(float, (*x, 10 ** (10 * s - 3))))) for x, s in zip(X, share, strict=True)]
    (tmp_path / "wide.csv").write_text("a,b,c,price\n" + "\n".join(lines) + "\n")
    dataset, trainer = ended(experiment(str(tmp_path / "wide.csv"), iterations=300))
    assert dataset.scaling.log
    assert calibrate(dataset, trainer) is not None
    assert dataset.validation is not None
    found = measure(dataset, dataset.validation, trainer.predict(dataset.validation.X))["r2"]
    assert found is not None
    assert found > (0.05 if noise else 0.5)


@pytest.mark.parametrize("loss", ["huber", "absolute", "quantile", "poisson"])
def test_a_median_is_not_smeared(loss: str, tmp_path: Path) -> None:
    chosen = experiment(str(logarithmic(tmp_path))).replace("network", loss=loss)
    dataset = load(chosen.data)
    trainer = chosen.trainer(dataset)
    for _ in trainer.run():
        pass
    assert dataset.scaling.log
    assert (calibrate(chosen.fitted(dataset), trainer) is not None) is (loss == "huber")
