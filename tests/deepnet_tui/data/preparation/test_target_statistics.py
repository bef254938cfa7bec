"""Statistics of the target against scikit-learn's TargetEncoder, and that no example sees its own target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.data.load import load
from deepnet_tui.data.preparation.entries import Categorical
from deepnet_tui.data.preparation.target_statistics import FOLDS, out_of_fold, smoothed
from deepnet_tui.data.settings import ColumnSettings, DataSettings

WORDS = 9


def theirs(codes: Any, y: Any, rows: Any, kind: str, at: Any) -> Any:
    """What scikit-learn says of the words `at`, fitted on `rows`, less the means of all, in standard deviations."""
    from sklearn.preprocessing import TargetEncoder

    encoder = TargetEncoder(smooth=10.0, target_type=kind, categories=[np.arange(WORDS)])
    encoder.fit(codes[rows, np.newaxis], y[rows])
    found = np.atleast_2d(encoder.transform(np.asarray(at)[:, np.newaxis]))
    part = y[rows] if kind != "multiclass" else y[rows, np.newaxis] == encoder.classes_
    return (found - encoder.target_mean_) / part.std(axis=0)


@pytest.mark.parametrize("kind", ["continuous", "binary", "multiclass"])
def test_the_statistics_are_those_of_target_encoder(kind: str) -> None:
    random = np.random.default_rng(1)
    codes = random.integers(0, WORDS, 200)
    y = random.normal(size=200) if kind == "continuous" else random.integers(0, 2 + (kind == "multiclass"), 200)
    Y = (np.arange(3)[:, np.newaxis] == y).astype(float) if kind == "multiclass" else y[np.newaxis].astype(float)
    everything = np.arange(200)
    np.testing.assert_allclose(
        smoothed(codes, Y, WORDS), theirs(codes, y, everything, kind, np.arange(WORDS)), atol=1e-12
    )
    fold = np.random.default_rng(7).permutation(200) % FOLDS
    found = out_of_fold(codes, Y, WORDS, 7)
    for number in range(FOLDS):
        here = fold == number
        np.testing.assert_allclose(found[:, here].T, theirs(codes, y, ~here, kind, codes[here]), atol=1e-12)


@given(st.integers(0, 99), st.floats(-10, 10), st.integers(0, 2**32 - 1))
def test_no_example_sees_its_own_target(place: int, value: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    codes, Y = random.integers(0, WORDS, 100), random.normal(size=(2, 100))
    before = out_of_fold(codes, Y, WORDS, seed)
    Y[:, place] = value
    after = out_of_fold(codes, Y, WORDS, seed)
    np.testing.assert_array_equal(before[:, place], after[:, place])
    alone = np.bincount(codes, minlength=WORDS)[codes] == 1
    assert (after[:, alone] == 0).all()


@pytest.mark.parametrize(("target", "width"), [("number", 1), ("two", 1), ("three", 3)])
def test_a_dataset_has_them_out_of_fold(tmp_path: Path, target: str, width: int) -> None:
    random = np.random.default_rng(2)
    words = np.array([f"word{number}" for number in range(100)] + ["", "once"], dtype=object)
    labels = {
        "number": random.normal(5, 3, 600),
        "two": random.choice(np.array(["no", "yes"]), 600),
        "three": random.choice(np.array(["a", "b", "c"]), 600),
    }
    frame = pd.DataFrame({"word": random.choice(words, 600), "x": random.normal(size=600), "t": labels[target]})
    frame.to_csv(tmp_path / "table.csv", index=False)
    settings = DataSettings(
        source=str(tmp_path / "table.csv"),
        target="t",
        seed=3,
        preparation="rich",
        columns={"word": ColumnSettings(kind="categorical")},
    )
    dataset = load(settings)
    assert dataset.validation is not None
    entry = dataset.preparation.entries[0]
    assert isinstance(entry, Categorical)
    assert entry.width == width
    known = {word: place for place, word in enumerate(entry.known)}
    of_all = np.array([*entry.statistics, (0.0,) * width])
    start = dataset.inputs.index("word statistic 1")
    cells = frame["word"].to_numpy()
    train = np.array([known[cells[row]] for row in dataset.train.rows])
    np.testing.assert_allclose(smoothed(train, dataset.train.Y, len(known)), of_all[:-1], atol=1e-12)
    validation = np.array([known.get(cells[row], -1) for row in dataset.validation.rows])
    np.testing.assert_array_equal(dataset.validation.X[start : start + width].T, of_all[validation])
    np.testing.assert_array_equal(
        dataset.train.X[start : start + width], out_of_fold(train, dataset.train.Y, len(known), 3)
    )


def test_many_classes_have_no_statistics(tmp_path: Path) -> None:
    words = [f"word{number % 70}" for number in range(700)]
    frame = pd.DataFrame({"word": words, "t": [f"class{number % 25}" for number in range(700)]})
    frame.to_csv(tmp_path / "table.csv", index=False)
    settings = DataSettings(
        source=str(tmp_path / "table.csv"), target="t", preparation="rich",
        columns={"word": ColumnSettings(kind="categorical", role="feature")},
    )  # fmt: skip
    entry = load(settings).preparation.entries[0]
    assert isinstance(entry, Categorical)
    assert not entry.statistics
    assert len(entry.rare) == 6
