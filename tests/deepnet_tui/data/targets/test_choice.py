"""The check for a logarithmic scale: its line against scikit-learn's, its choices on targets whose answer is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.data.targets.choice import (
    FOLDS,
    PENALTY,
    LogarithmCheck,
    check_logarithm,
    cross_validated_r2,
    skewness,
)
from engine.ops.losses import LOSSES

random = np.random.default_rng(5)
X = random.normal(size=(4, 600))
LINE = np.array([1.0, 0.5, -0.5, 0.2]) @ X


def file(folder: Path, y: Any, name: str = "data.csv", words: Any = None) -> Path:
    lines = ["a,b,c,d,y" + (",w" if words is not None else "")]
    for j, value in enumerate(y):
        more = "" if words is None else f",{words[j]}"
        lines.append(",".join(repr(float(x)) for x in (*X[:, j], value)) + more)
    (folder / name).write_text("\n".join(lines) + "\n")
    return folder / name


def read(path: Path, **settings: Any) -> Dataset:
    return load(DataSettings(**{"source": str(path), "target": "y", "preparation": "rich", **settings}))


def test_the_line_is_scikit_learn_s_ridge_and_the_way_back_is_duan_s() -> None:
    linear_model: Any = pytest.importorskip("sklearn.linear_model")
    from sklearn.metrics import r2_score

    y = np.exp(LINE + random.normal(size=600)) - 0.1
    rows = random.permutation(600)[:583]
    y, Z, folds = y[rows], X[:, rows].T, np.arange(583) * FOLDS // 583
    logs = np.log(y + 0.3)
    plain, log_line, values = np.empty(583), np.empty(583), np.empty(583)
    for fold in range(FOLDS):
        other, inside = folds != fold, folds == fold
        for target, into in ((y, plain), (logs, log_line)):
            line = linear_model.Ridge(alpha=PENALTY * other.sum()).fit(Z[other], target[other])
            into[inside] = line.predict(Z[inside])
    for fold in range(FOLDS):
        other, inside = folds != fold, folds == fold
        smearing = np.mean(np.exp(logs[other] - log_line[other]))
        bounds = y[other].min(), y[other].max()
        values[inside] = np.clip(np.exp(log_line[inside]) * smearing - 0.3, *bounds)
        plain[inside] = np.clip(plain[inside], *bounds)
    found = cross_validated_r2(X, y, logs, 0.3, rows)
    assert found == pytest.approx((r2_score(y, plain), r2_score(y, values)), rel=1e-9)


def test_skewness_is_that_of_scipy() -> None:
    stats: Any = pytest.importorskip("scipy.stats")
    y = random.lognormal(size=100)
    assert skewness(y) == pytest.approx(stats.skew(y), rel=1e-12)
    assert skewness(np.full(9, 3.0)) == 0.0


TARGETS = {
    "a line in the logarithm": (np.exp(LINE), True),
    "counts with zeros": (np.floor(np.exp(LINE + 0.5)), True),
    "skewed, but a line as it is": ((LINE - LINE.min()) + random.exponential(0.5, 600), False),
    "the fourth power of a line": ((LINE - LINE.min()) ** 1.5, False),
    "even": (random.random(600), False),
    "both signs": (np.exp(LINE) - 1.0, False),
    "ten powers of ten": (10.0 ** (-3 + 10 * LINE.argsort().argsort() / 600), True),
    "ten powers of ten, all noise": (10.0 ** (-3 + 10 * random.random(600)), True),
}


@pytest.mark.parametrize("name", TARGETS)
def test_the_choice(name: str, tmp_path: Path) -> None:
    y, log = TARGETS[name]
    dataset = read(file(tmp_path, y))
    assert dataset.scaling.log is log
    assert any("y is trained on a logarithmic scale" in note for note in dataset.notes) is log
    values = np.array([float(value) for value in dataset.table["y"]])
    for part in (dataset.train, dataset.validation):
        assert part is not None
        assert np.allclose(dataset.scaling.unbounded(part.Y[0]), values[part.rows], rtol=1e-9, atol=1e-12)
    trained = values[dataset.train.rows]
    assert (dataset.scaling.low, dataset.scaling.high) == (trained.min(), trained.max())
    assert dataset.train.Y.mean() == pytest.approx(0.0, abs=1e-9)
    assert dataset.train.Y.std() == pytest.approx(1.0)


def test_amounts_bring_no_note_on_the_logarithm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its words are, the note goes with the scale, and no other note does."""
    monkeypatch.setattr(LogarithmCheck, "sentence", lambda self, target: f"the logarithm of {target} is learned")
    dataset = read(file(tmp_path, np.floor(np.exp(LINE + 0.5))))
    other = f"{dataset.target} is trained on a logarithmic scale of another kind"
    dataset = replace(dataset, notes=(*dataset.notes, other))
    assert dataset.notes == ("the logarithm of y is learned", other)
    amounts = dataset.for_loss(LOSSES["poisson"])
    assert amounts.notes == (other,)
    assert amounts.for_loss(LOSSES["huber"]).notes == dataset.notes


def test_the_plain_preparation_changes_nothing(tmp_path: Path) -> None:
    dataset = read(file(tmp_path, np.exp(LINE)), preparation="plain")
    assert dataset.scaling.is_plain
    assert dataset.notes == ()


def test_few_rows_and_many_inputs_are_not_checked() -> None:
    y = np.exp(LINE)
    assert check_logarithm(X[:, :40], y[:40], 0.0) is None
    assert check_logarithm(np.zeros((1001, 600)), y, 0.0) is None
    assert check_logarithm(X, y, -1e-9) is None


def test_statistics_of_the_target_are_on_its_scale(tmp_path: Path) -> None:
    words = [f"w{number % 150}" for number in range(600)]
    dataset = read(file(tmp_path, np.exp(LINE), words=words), columns={"w": {"kind": "categorical", "role": "feature"}})
    assert dataset.scaling.log
    entry: Any = dataset.preparation.entries[-1]
    mine = np.array([words[row] == "w7" for row in dataset.train.rows])
    expected = dataset.train.Y[0, mine].sum() / (mine.sum() + 10.0)
    assert entry.statistics[entry.known.index("w7")] == pytest.approx((expected,), abs=1e-9)


def test_values_of_a_test_file_that_have_no_logarithm(tmp_path: Path) -> None:
    path = file(tmp_path, np.exp(LINE))
    dataset = read(path, test=str(file(tmp_path, [1.0, -2.0, 0.0], "test.csv")))
    assert dataset.test is not None
    low: Any = dataset.scaling.low
    assert np.allclose(dataset.scaling.unbounded(dataset.test.Y[0]), [1.0, low, low], rtol=1e-9)
    assert "test.csv: 2 values of 'y' have no logarithm" in " ".join(dataset.notes)
