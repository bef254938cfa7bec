"""A chosen loss, from the experiment to exports, the command line and the workbench."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.cli import main
from deepnet_tui.common.errors import InputError
from deepnet_tui.data.load import load as load_data
from deepnet_tui.data.preparation.labels import amounts
from deepnet_tui.data.targets.scale import TargetScale
from deepnet_tui.experiment import Experiment
from deepnet_tui.explain.trace import trace
from deepnet_tui.explain.update import UpdateRule
from deepnet_tui.export import FORMATS, export, load
from deepnet_tui.model import Model
from deepnet_tui.training.stored_run import data_digest
from engine.diagnostics.statistics import facts
from engine.label_smoothing import smoothed
from tests.deepnet_tui.workbench.bench import Bench
from tests.deepnet_tui.workbench.conftest import bench

__all__ = ["bench"]

LOSSES = ("huber", "absolute", "quantile", "poisson")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def chosen(loss: str, source: str = "diabetes") -> Experiment:
    experiment = Experiment.default(source).replace("network", loss=loss, quantile=0.8)
    return experiment.replace("training", iterations=60)


def counts(path: Path, lowest: int = 0) -> Path:
    """A file of how often something happened, 300 times."""
    random = np.random.default_rng(0)
    x = random.normal(size=300)
    y = random.poisson(np.exp(1 + x)) + lowest
    path.write_text("x,often,kind\n" + "".join(f"{a:.4f},{b},{'ab'[b % 2]}\n" for a, b in zip(x, y, strict=True)))
    return path


@pytest.mark.parametrize("loss", LOSSES)
def test_an_experiment_is_written_and_read_with_its_loss(loss: str, tmp_path: Path) -> None:
    experiment = chosen(loss)
    experiment.write(tmp_path / "own.toml")
    assert f'loss = "{loss}"' in (tmp_path / "own.toml").read_text()
    assert Experiment.read(tmp_path / "own.toml") == experiment
    network = experiment.network_spec(load_data(experiment.data))
    assert (network.task, network.loss, network.quantile) == ("regression", loss, 0.8)
    assert network.layers[-1].activation == ("exp" if loss == "poisson" else "linear")


def test_amounts_are_divided_by_their_mean_and_given_back_in_their_unit(tmp_path: Path) -> None:
    path = counts(tmp_path / "counts.csv")
    squared = Experiment.default(str(path), "often").replace("data", preparation="plain")
    experiment = squared.replace("network", loss="poisson")
    plain = load_data(experiment.data)
    dataset = experiment.fitted(plain)
    raw = np.array([float(line.split(",")[1]) for line in path.read_text().splitlines()[1:]])
    assert dataset.scaling.mean == 0
    assert dataset.scaling.scale == pytest.approx(raw[dataset.train.rows].mean())
    assert dataset.train.Y.mean() == pytest.approx(1)
    back = dataset.train.Y * dataset.scaling.scale
    np.testing.assert_allclose(back, np.round(back), atol=1e-12)
    assert (dataset.train.Y == 0).any()
    assert experiment.fitted(dataset) is dataset
    assert squared.fitted(dataset) is plain
    trainer = experiment.trainer(plain)
    trainer.advance(800)
    model = Model.of(plain, trainer)
    values = model.predict([{"x": x, "kind": "a"} for x in (-1.0, 0.0, 1.0)]).values
    assert values is not None
    np.testing.assert_allclose(values, np.exp(1 + np.array([-1.0, 0.0, 1.0])), rtol=0.35)


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=20), st.integers(0, 3))
def test_whole_numbers_come_back_whole(values: list[int], places: int) -> None:
    y = np.array(values, float) / 10**places
    mean, scale = y.mean(), y.std() or 1.0
    found = amounts((y - mean) / scale, TargetScale(mean, scale))
    np.testing.assert_allclose(found, y, rtol=1e-9, atol=1e-9)
    assert found.min() >= 0 or y.min() > 0
    if not places:
        np.testing.assert_array_equal(found, y)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("suffix", [".npz", ".json", ".safetensors", ".py", ".h", ".onnx"])
@pytest.mark.parametrize("ensemble", [1, 3])
def test_an_export_agrees_with_its_model(tmp_path: Path, loss: str, suffix: str, ensemble: int) -> None:
    if suffix == ".h" and not any(shutil.which(name) for name in ("gcc", "clang", "cc")):
        pytest.skip("there is no compiler")
    if suffix == ".onnx" and importlib.util.find_spec("onnxruntime") is None:
        pytest.skip("onnxruntime is not installed")
    experiment = chosen(loss).replace("network", ensemble=ensemble)
    dataset = experiment.fitted(load_data(experiment.data))
    trainer = experiment.trainer(dataset)
    trainer.advance(60)
    model = Model.of(dataset, trainer)
    receipt = export(model, tmp_path / f"model{suffix}")
    assert receipt.verified, receipt.sentence
    if FORMATS[suffix].load:
        assert model.test_vectors is not None
        rows = model.test_vectors.raw
        copy = load(receipt.path)
        assert copy.network == model.network
        np.testing.assert_array_equal(copy.predict(rows).values, model.predict(rows).values)


def test_pytorch_gets_the_output_of_the_loss(tmp_path: Path) -> None:
    for loss in LOSSES:
        experiment = chosen(loss)
        dataset = load_data(experiment.data)
        text = export(Model.of(dataset, experiment.trainer(dataset)), tmp_path / f"{loss}.pt.py").path.read_text()
        compile(text, "model.pt.py", "exec")
        assert ('ends["regression"] = ACTIVATIONS["exp"]' in text) == (loss == "poisson")
        assert "type: ignore" not in text


@pytest.mark.parametrize("loss", LOSSES)
def test_explain_and_the_doctor_agree_with_the_trainer(loss: str) -> None:
    experiment = chosen(loss)
    dataset = experiment.fitted(load_data(experiment.data))
    trainer, part = experiment.trainer(dataset), dataset.train
    training, after = trainer.training, trainer.next_update()
    rule = UpdateRule(
        training.optimizer, training.momentum, training.beta2, training.epsilon, after.number, after.memory
    )
    shown = trace(trainer.network, trainer.parameters, part.X, part.Y, after.learning_rate, training.l2, rule=rule)
    assert float(shown.find("J").out.values[0, 0]) == pytest.approx(trainer.cost(), rel=1e-12)
    known = facts(trainer.network, training, part.X, part.Y)
    assert 0 < known.base < trainer.cost() * 1.1
    trainer.advance(500)
    assert trainer.cost() < known.base


@pytest.mark.parametrize("loss", LOSSES)
def test_train_check_and_resume_take_it(loss: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(counts(tmp_path / "counts.csv"))
    quantile = ["--quantile", "0.7"] if loss == "quantile" else []
    options = [path, "--target", "often", "--loss", loss, *quantile]
    assert main(["train", *options, "--ignore", "kind", "--iterations", "400", "--json", "--export", "m.npz"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["metrics"]["train"]["mae"] < last["naive"]["train"]["mae"]
    assert main(["check", *options]) == 0
    assert main(["resume", last["run"], "--iterations", "450"]) == 0
    Path("rows.csv").write_text("x\n0.5\n-1\n")
    capsys.readouterr()
    assert main(["predict", "m.npz", "rows.csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_what_does_not_fit_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, below = str(counts(tmp_path / "a.csv")), str(counts(tmp_path / "b.csv", lowest=-3))
    for arguments, sentence in (
        ([path, "--target", "kind", "--loss", "huber"], "--loss: huber is a loss for numbers, and kind is a class"),
        (["moons", "--loss", "poisson"], "--loss: poisson is a loss for numbers, and colour is a class"),
        (
            [below, "--target", "often", "--loss", "poisson"],
            "this loss is for amounts from 0, and often is as low as -3",
        ),
        (["diabetes", "--quantile", "0.9"], "--quantile is a setting of --loss quantile"),
        (["diabetes", "--loss", "quantile", "--quantile", "1"], "--quantile must be"),
        (["diabetes", "--loss", "nonsense"], "loss 'nonsense' is unknown"),
        (["diabetes", "--label-smoothing", "0.1"], "label_smoothing is for classes"),
        (["moons", "--label-smoothing", "0.7"], "--label-smoothing must be"),
    ):
        assert main(["train", *arguments]) == 2
        said = capsys.readouterr().err
        assert sentence in said
        assert len(said.splitlines()) == 1, said


def test_a_run_with_smoothed_labels_is_trained_and_resumed(capsys: pytest.CaptureFixture[str]) -> None:
    for source in ("moons", "iris"):
        assert main(["train", source, "--label-smoothing", "0.1", "--iterations", "100", "--json"]) == 0
        last = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert last["metrics"]["validation"]["accuracy"] > 0.6
        assert main(["resume", last["run"], "--iterations", "150"]) == 0
        assert main(["check", source, "--label-smoothing", "0.2"]) == 0
        capsys.readouterr()


def test_explain_shows_smoothed_labels() -> None:
    experiment = Experiment.default("iris").replace("training", label_smoothing=0.3)
    dataset = load_data(experiment.data)
    trainer, part = experiment.trainer(dataset), dataset.train
    Y = smoothed(part.Y, 0.3, "one-hot")
    shown = trace(trainer.network, trainer.parameters, part.X, Y, 0.1, trainer.training.l2)
    assert float(shown.find("J").out.values[0, 0]) == pytest.approx(trainer.cost(), rel=1e-12)
    for operation in shown.operations:
        assert operation.numbers(0, 0)


def test_the_workbench_brings_the_labels_of_each_loss(bench: Bench) -> None:
    workbench = bench.open(chosen("default"))
    plain = workbench.dataset
    workbench.edit("network", loss="poisson")
    bench.settle()
    assert workbench.network.layers[-1].activation == "exp"
    assert workbench.dataset.scaling.mean == 0
    assert workbench.dataset.train.Y.min() > 0
    workbench.start(5)
    bench.settle()
    model = workbench.model()
    assert (model.scaling.mean, model.scaling.scale) == (0, workbench.dataset.scaling.scale)
    workbench.edit("network", loss="huber")
    bench.settle()
    assert workbench.dataset.train is plain.train
    assert data_digest(workbench.dataset) == data_digest(load_data(chosen("default").data))
    workbench.undo()
    assert workbench.dataset.scaling.mean == 0


def test_the_workbench_refuses_a_loss_that_does_not_fit(bench: Bench) -> None:
    workbench = bench.open(Experiment.default("moons"))
    with pytest.raises(InputError, match="huber is a loss for numbers, and colour is a class") as error:
        workbench.edit("network", loss="huber")
    assert error.value.field == "loss"
    assert workbench.experiment.network.loss == "default"


def test_other_data_bring_their_own_loss_where_the_chosen_one_does_not_fit(tmp_path: Path) -> None:
    below = str(counts(tmp_path / "b.csv", lowest=-3))
    for experiment, kept in (
        (chosen("huber"), "huber"),
        (chosen("huber", "moons"), "default"),
        (Experiment.default(below, "often").replace("network", loss="poisson"), "default"),
    ):
        dataset = load_data(experiment.data)
        assert experiment.with_fitting_loss(dataset).network.loss == kept
        assert experiment.with_data_defaults(dataset, ()).network.loss == kept
        assert experiment.with_data_defaults(dataset, ("loss",)).network.loss == experiment.network.loss
