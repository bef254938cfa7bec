"""Numbers at the ends of what there is: each gives a finite, right answer, or one sentence that is true."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.evaluate.metrics import evaluate, measure
from deepnet_tui.experiment import Experiment
from deepnet_tui.export import export
from deepnet_tui.model import Model
from engine import Finished, LayerSpec, NetworkSpec, Trainer, TrainingSpec
from tests.deepnet_tui.cli.runner import Runner

random = np.random.default_rng(4)
Y = np.arange(40) % 2
BESIDE = random.standard_normal(40)  # a feature that says nothing
TELLS = BESIDE[::-1] + 4.0 * Y  # one that nearly tells the class


def table(path: Path, **columns: Any) -> str:
    rows = zip(*(np.asarray(values).tolist() for values in columns.values()), strict=True)
    lines = [
        ",".join(columns),
        *(",".join(value if isinstance(value, str) else repr(value) for value in row) for row in rows),
    ]
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def trained(source: str, dtype: str = "float64", **data: Any) -> tuple[Dataset, Trainer]:
    """After sixty updates of a small network."""
    experiment = Experiment.default(source, "y").replace("data", **data)
    dataset = load(experiment.data)
    hidden = [{"units": 8, "activation": "tanh"}]
    experiment = experiment.replace("network", hidden=hidden, ensemble=1)
    experiment = experiment.replace(
        "training", iterations=60, batch_size=None, learning_rate=0.05, dtype=dtype, patience=None, internal=0.0
    )
    trainer = experiment.trainer(dataset)
    trainer.advance(60)
    return dataset, trainer


def accuracy(dataset: Dataset, trainer: Trainer) -> float:
    found = evaluate(dataset, trainer.predict)["train"]
    assert found is not None
    assert all(value is None or np.isfinite(value) for value in found.values())
    return float(found["accuracy"])


LEARNED: dict[str, Callable[[], Any]] = {
    "1e99": lambda: TELLS * 1e99,
    "1e-99": lambda: TELLS * 1e-99,
    "1e9 apart": lambda: np.where(Y, 1e9, 0.0) + random.random(40) * 1e-3,
    "beyond float32": lambda: TELLS * 1e38,
    "near-constant on a large mean": lambda: 1e8 + TELLS * 1e-3,
}


@pytest.mark.parametrize("preparation", ["rich", "plain"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", LEARNED)
def test_what_tells_the_class_is_learned_whatever_its_size(
    name: str, dtype: str, preparation: str, tmp_path: Path, each_path: str
) -> None:
    if each_path == "compiled" and preparation == "plain":
        return
    source = table(tmp_path / "t.csv", a=LEARNED[name](), b=BESIDE, y=Y)
    dataset, trainer = trained(source, dtype, preparation=preparation)
    assert accuracy(dataset, trainer) > 0.9


@pytest.mark.parametrize("suffix", [".onnx", ".h", ".py"])
@pytest.mark.parametrize("name", ["1e99", "1e-99", "near-constant on a large mean"])
def test_an_exported_model_says_the_same_or_is_refused(name: str, suffix: str, tmp_path: Path) -> None:
    """`export` runs what it has written on the model's test vectors."""
    if suffix == ".onnx":
        pytest.importorskip("onnxruntime")
    source = table(tmp_path / "t.csv", a=LEARNED[name](), b=BESIDE, y=Y)
    dataset, trainer = trained(source, "float32", preparation="plain")
    path = tmp_path / f"model{suffix}"
    refusal = ""
    try:
        export(Model.of(dataset, trainer), path)
    except InputError as error:
        refusal = str(error)
    assert path.exists() != bool(refusal)
    assert "\n" not in refusal


def test_a_feature_of_1e300_is_refused_by_its_row(tmp_path: Path) -> None:
    source = table(tmp_path / "t.csv", a=np.where(np.arange(40) == 7, 1e300, TELLS), y=Y)
    with pytest.raises(InputError, match=r"column 'a', row 8: 1e\+300 is not a number up to 1e\+100"):
        load(Experiment.default(source, "y").data)


def test_differences_that_would_vanish_are_said_to(tmp_path: Path) -> None:
    source = table(tmp_path / "t.csv", a=TELLS * 1e-300, b=BESIDE, y=Y)
    dataset = load(Experiment.default(source, "y").data)
    assert [info.role for info in dataset.columns] == ["ignored", "feature", "target"]
    assert any("'a'" in said and "differences below 1e-100" in said for said in dataset.dropped)
    source = table(tmp_path / "t.csv", a=TELLS, y=TELLS * 1e-300)
    with pytest.raises(InputError, match="'y' has only one value but for differences below 1e-100, so there is"):
        load(Experiment.default(source, "y").data)


def test_scores_of_targets_a_billion_apart_are_those_of_exact_arithmetic(tmp_path: Path) -> None:
    values = np.where(Y, 1e9, 1.0) + random.random(40)
    dataset, trainer = trained(table(tmp_path / "t.csv", a=TELLS, y=values), validation=0.0, preparation="plain")
    A = trainer.predict(dataset.train.X)
    found = measure(dataset, dataset.train, A)
    truth = [Fraction(value) for value in dataset.scaling.unbounded(dataset.train.Y[0])]
    guess = [Fraction(value) for value in dataset.scaling.values(A[0])]
    rest = sum((a - b) ** 2 for a, b in zip(truth, guess, strict=True))
    mean = sum(truth) / len(truth)
    assert found["r2"] == pytest.approx(float(1 - rest / sum((a - mean) ** 2 for a in truth)), rel=1e-12)
    assert found["rmse"] == pytest.approx(float(rest / len(truth)) ** 0.5, rel=1e-12)


def test_undefined_scores_are_none(tmp_path: Path) -> None:
    dataset, _ = trained(table(tmp_path / "t.csv", a=TELLS, y=BESIDE), validation=0.5)
    part = dataset.validation
    assert part is not None
    part.Y[:] = part.Y[0, 0]
    assert measure(dataset, part, part.Y + 1.0)["r2"] is None
    dataset, _ = trained(table(tmp_path / "t.csv", a=TELLS, y=Y), validation=0.5)
    part = dataset.validation
    assert part is not None
    part.Y[:] = 0.0
    found = measure(dataset, part, np.full(part.Y.shape, 0.2), positive=1)
    assert (found["accuracy"], found["roc_auc"], found["f1"]) == (1.0, None, None)
    assert found["log_loss"] == pytest.approx(-np.log(0.8))


def test_a_single_member_of_a_class_stays_in_training_and_one_class_is_held_out(tmp_path: Path) -> None:
    source = table(tmp_path / "t.csv", a=TELLS, y=["p"] * 38 + ["q", "r"])
    for seed in range(5):
        dataset = load(Experiment.default(source, "y").replace("data", seed=seed, validation=0.2).data)
        assert set(dataset.train.Y.argmax(axis=0)) == {0, 1, 2}
        assert dataset.validation is not None
        assert set(dataset.validation.Y.argmax(axis=0)) == {0}
        assert any("no example of the class" in said for said in dataset.warnings)


def test_labels_1_and_1_0_are_one_class(tmp_path: Path) -> None:
    labels = np.array(["0", "1"])[Y].tolist()
    mixed = [label + ".0" * (place % 3 == 0) for place, label in enumerate(labels)]
    found = load(Experiment.default(table(tmp_path / "t.csv", a=TELLS, y=mixed), "y").data)
    plain = load(Experiment.default(table(tmp_path / "u.csv", a=TELLS, y=labels), "y").data)
    assert found.classes == plain.classes == ("0", "1")
    np.testing.assert_array_equal(found.train.Y, plain.train.Y)


@pytest.mark.parametrize("rows", [1, 2])
def test_one_and_two_rows_are_a_run_or_a_sentence(
    rows: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Runner(tmp_path, capsys)
    source = table(tmp_path / "t.csv", a=TELLS[:rows], y=BESIDE[:rows])
    if rows == 1:
        assert "'y' has only one value" in run.refused("train", source, "--target", "y")
    else:
        events = run("train", source, "--target", "y", "--json", "--iterations", "5").events
        assert events[-1]["metrics"]["train"]["r2"] is None
        assert np.isfinite(events[-1]["cost"])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("task", ["binary", "regression"])
def test_a_rate_of_1e10_and_inputs_of_1e30_end_with_finite_parameters(task: str, dtype: str, each_path: str) -> None:
    X = np.vstack([TELLS * 1e30, BESIDE])
    labels = (Y if task == "binary" else TELLS)[np.newaxis].astype(float)
    network = NetworkSpec(2, (LayerSpec(6, "relu"),), task=task, initializer="he")
    for spec, inputs in (
        (TrainingSpec("gd", 1e10, 30, dtype=dtype), X[1:2].repeat(2, axis=0)),
        (TrainingSpec("gd", 0.1, 30, dtype=dtype), X),
    ):
        trainer = Trainer(network, spec, inputs, labels)
        *_, last = trainer.run()
        assert isinstance(last, Finished)
        assert last.reason in ("completed", "diverged")
        assert last.message if last.reason == "diverged" else np.isfinite(last.cost)
        assert all(np.isfinite(value).all() for value in trainer.parameters.values())


def test_json_has_null_and_the_screen_a_dash_for_what_is_undefined(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Runner(tmp_path, capsys)
    source = table(tmp_path / "t.csv", a=TELLS, y=["p"] * 36 + ["q"] * 4)
    test = table(tmp_path / "new.csv", a=TELLS[:9], y=["p"] * 9)
    words = ("train", source, "--target", "y", "--test", test, "--iterations", "5")
    assert run(*words, "--json").events[-1]["metrics"]["test"]["roc_auc"] is None
    line = next(line for line in run(*words).out.splitlines() if line.startswith("test"))
    assert "–" in line
    assert "nan" not in json.dumps(line)
