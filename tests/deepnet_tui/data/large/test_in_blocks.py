"""A large table becomes the same inputs as any other one, in the precision in which it is trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.data import from_file
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.large import in_blocks
from deepnet_tui.data.load import load
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.experiment import Experiment
from deepnet_tui.training.stored_run import data_as_kept, data_digest
from engine import LayerSpec, NetworkSpec, Trainer, TrainingSpec

ROWS = 600


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Numbers with gaps, rare words, many words, dates and booleans; two words are in the validation part alone."""
    drawn = np.random.default_rng(5)
    lines = ["number,count,word,city,day,member,y"]
    for row in range(ROWS):
        number = "" if row % 17 == 3 else f"{drawn.normal():.4f}"
        word = "" if row % 29 == 1 else "abcde"[drawn.integers(5)]
        day = f"2024-{drawn.integers(1, 13):02d}-{drawn.integers(1, 29):02d}"
        city, member, y = f"town{drawn.integers(300)}", "yn"[drawn.integers(2)], drawn.choice(["go", "stay"])
        lines.append(f"{number},{drawn.poisson(4)},{word},{city},{day},{member},{y}")
    file = tmp_path_factory.mktemp("large") / "table.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def both(path: Path, monkeypatch: pytest.MonkeyPatch, dtype: str, **settings: Any) -> tuple[Dataset, Dataset]:
    """The data set as a small and as a large table, in blocks of a few examples."""
    chosen = DataSettings(source=str(path), target="y", **settings)
    small = load(chosen)
    monkeypatch.setattr(from_file, "LARGE", 1)
    monkeypatch.setattr(in_blocks, "FEWEST", 37)
    monkeypatch.setattr(in_blocks, "BLOCK", 1)
    return small, load(chosen, dtype=dtype)


@pytest.mark.parametrize("preparation", ["plain", "rich"])
def test_inputs_and_notes_are_the_same(path: Path, monkeypatch: pytest.MonkeyPatch, preparation: str) -> None:
    columns = {"city": {"kind": "categorical"}}
    small, large = both(path, monkeypatch, "float32", preparation=preparation, columns=columns)
    assert any("never saw" in note for note in small.notes)
    assert small.notes == large.notes
    assert small.warnings == large.warnings
    assert small.preparation == large.preparation
    for name in ("train", "validation"):
        one, other = getattr(small, name), getattr(large, name)
        assert (one.X.dtype, other.X.dtype) == (np.float64, np.float32)
        assert other.X.T.flags.c_contiguous
        np.testing.assert_array_equal(one.X.astype(np.float32), other.X)
        np.testing.assert_array_equal(one.Y, other.Y)
        np.testing.assert_array_equal(one.rows, other.rows)
    exact = load(DataSettings(source=str(path), target="y", preparation=preparation, columns=columns), dtype="float64")
    np.testing.assert_array_equal(exact.train.X, small.train.X)


def test_training_in_single_precision_is_the_same_to_the_last_bit(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    costs = []
    for dataset in both(path, monkeypatch, "float32", preparation="plain"):
        network = NetworkSpec(dataset.train.X.shape[0], (LayerSpec(8),), 1, "binary")
        training = TrainingSpec(optimizer="adam", iterations=12, batch_size=64, dtype="float32", report_every=4)
        assert dataset.validation is not None
        trainer = Trainer(
            network, training, dataset.train.X, dataset.train.Y, (dataset.validation.X, dataset.validation.Y)
        )
        trainer.advance(12)
        costs.append((trainer.report().cost, trainer.report().validation_cost, *trainer.parameters["W1"].ravel()))
    assert costs[0] == costs[1]


def test_numbers_too_large_for_single_precision_are_kept_in_double(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "far.csv"
    far = load_validation_row(tmp_path)
    rows = (f"{row * 37 % 11 + (3e60 if row == far else 0)},{'ab'[row % 2]}" for row in range(100))
    path.write_text("x,y\n" + "\n".join(rows) + "\n", encoding="utf-8")
    _, large = both(path, monkeypatch, "float32", preparation="plain")
    assert large.validation is not None
    assert large.train.X.dtype == np.float32
    assert large.validation.X.dtype == np.float64
    assert large.validation.X.max() > 1e59


def load_validation_row(folder: Path) -> int:
    """A row that is in the validation part of a table of a hundred rows with two classes in turn."""
    path = folder / "rows.csv"
    lines = (f"{row * 37 % 11},{'ab'[row % 2]}" for row in range(100))
    path.write_text("x,y\n" + "\n".join(lines) + "\n", encoding="utf-8")
    found = load(DataSettings(source=str(path), target="y", preparation="plain")).validation
    assert found is not None
    return int(found.rows[0])


def test_a_kept_run_has_its_data_again_in_the_precision_that_they_had(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = Experiment.from_dict({"data": {"source": str(path), "target": "y"}, "training": {"dtype": "float32"}})
    single, double = (both(path, monkeypatch, dtype, preparation="rich")[1] for dtype in ("float32", "float64"))
    for dataset in (single, double):
        again, same = data_as_kept(experiment, data_digest(dataset))
        assert same
        assert again.train.X.dtype == dataset.train.X.dtype
    assert data_as_kept(experiment, "another")[1] is False
