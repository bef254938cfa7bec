"""From a file through the rich preparation and a trained network to every format and back to a file of predictions."""

from __future__ import annotations

import csv
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.data.settings import ColumnSettings, DataSettings
from deepnet_tui.export import FORMATS, export
from deepnet_tui.model import Model
from deepnet_tui.predict.file import predict_file
from engine import LayerSpec, NetworkSpec, Trainer, TrainingSpec
from tests.deepnet_tui.export.test_formats import able


def people(folder: Path, target: str, test: bool = False) -> Dataset:
    random = np.random.default_rng(8)
    m = 500
    towns = np.array([f"town {number}" for number in range(80)] + [""], dtype=object)
    frame = pd.DataFrame(
        {
            "age": np.where(random.random(m) < 0.1, np.nan, random.gamma(2.0, 20.0, m).round(2)),
            "town": random.choice(towns, m),
            "born": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 1000, m), "D"),
            "happy": random.choice(np.array(["yes", "no", ""]), m),
            "number": random.normal(7.0, 3.0, m),
            "two": random.choice(np.array(["in", "out"]), m),
            "three": random.choice(np.array(["a", "b", "c"]), m),
        }
    )
    frame[["age", "town", "born", "happy", target]].to_csv(folder / "people.csv", index=False)
    if test:
        new = frame.iloc[:40].assign(town="Atlantis", age=np.nan)
        new.to_csv(folder / "test.csv", index=False)
    return load(
        DataSettings(
            source=str(folder / "people.csv"),
            target=target,
            test=str(folder / "test.csv") if test else None,
            preparation="rich",
            columns={"town": ColumnSettings(kind="categorical")},
        )
    )


def trained(dataset: Dataset) -> Model:
    network = NetworkSpec(dataset.train.X.shape[0], (LayerSpec(6, "tanh"),), dataset.outputs, dataset.task, "xavier")
    trainer = Trainer(network, TrainingSpec(iterations=20), dataset.train.X, dataset.train.Y)
    trainer.advance(20)
    return Model.of(dataset, trainer)


@pytest.mark.parametrize("target", ["number", "two", "three"])
def test_a_trained_model_predicts_the_same_everywhere(tmp_path: Path, target: str) -> None:
    dataset = people(tmp_path, target)
    model = trained(dataset)
    assert model.test_vectors is not None
    whole = model.predict(pd.read_csv(tmp_path / "people.csv", dtype=str, keep_default_na=False))
    expected = whole.values[:, np.newaxis] if whole.values is not None else whole.probabilities
    for suffix, entry in FORMATS.items():
        receipt = export(model, tmp_path / ("model" + suffix.rstrip("/")))
        assert receipt.verified == able(suffix), receipt.sentence
        if entry.load:
            predict_file(receipt.path, tmp_path / "people.csv", tmp_path / "out.csv", None, True, lambda _line: None)
            with (tmp_path / "out.csv").open() as file:
                rows = list(csv.reader(file))[1:]
            found = np.array([[float(cell) for cell in row[-expected.shape[1] :]] for row in rows])  # type: ignore[union-attr]
            assert found == pytest.approx(expected, abs=1e-9)
    with (tmp_path / "people.csv").open() as file:
        answers = runpy.run_path(str(tmp_path / "model.py"))["predict"](list(csv.DictReader(file)))
    found = answers["prediction"][:, np.newaxis] if target == "number" else answers["probabilities"]
    assert np.abs(found - expected).max() <= 1e-12


def test_a_test_file_gets_the_statistics_of_the_training_part(tmp_path: Path) -> None:
    dataset = people(tmp_path, "two", test=True)
    assert dataset.test is not None
    place = {name: number for number, name in enumerate(dataset.inputs)}
    assert (dataset.test.X[place["town other"]] == 1).all()
    assert (dataset.test.X[place["town statistic 1"]] == 0).all()
    assert (dataset.test.X[place["age missing"]] == 1).all()
    assert "test.csv: 40 words of 'town' were never seen in training." in dataset.notes
    new = pd.read_csv(tmp_path / "test.csv")
    np.testing.assert_array_equal(dataset.preparation.apply(new).X, dataset.test.X)
