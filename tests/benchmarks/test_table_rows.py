"""The benchmark on tables: every learner has the rows and columns of the product, and is scored alike."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import accuracy_score, log_loss

from benchmarks.tables import learners, ours
from benchmarks.tables.features import features, one_hot
from benchmarks.tables.listing import Table, tables
from benchmarks.tables.outcome import scores
from benchmarks.tables.split import fingerprint, held_out, split
from deepnet_tui.evaluate.baselines import linear_metrics, naive_metrics
from tests.benchmarks.small_table import small


def mixed(path: Path, rows: int = 60) -> Table:
    """Dates, booleans, numbers, words, an identifier, and a column that gives the target away."""
    random = np.random.RandomState(1)
    lines = ["id,day,member,size,colour,y2,y"]
    for number in range(rows):
        y = random.randn()
        size = "" if number % 7 == 0 else f"{random.randn():.3f}"
        colour = ("red", "green", "blue")[number % 3]
        day = f"1970-01-{number % 28 + 1:02d}"
        lines.append(f"{number + 1},{day},{('yes', 'no')[number % 2]},{size},{colour},{2 * y:.6f},{y:.6f}")
    path.write_text("\n".join(lines) + "\n")
    return Table(path, "y", "regression")


def test_a_split_has_every_row_with_a_target_once_and_depends_on_the_seed(tmp_path: Path) -> None:
    (table,) = tables(small(tmp_path))
    dataset = split(table, 1)
    assert (dataset.train.m, held_out(dataset).m) == (48, 12)
    assert sorted([*dataset.train.rows, *held_out(dataset).rows]) == list(range(60))
    assert fingerprint(dataset) == fingerprint(split(table, 1))
    assert fingerprint(dataset) != fingerprint(split(table, 2))


@pytest.mark.parametrize("seed", [1, 2])
def test_ours_is_tested_on_the_rows_that_its_peers_are_tested_on(seed: int, tmp_path: Path) -> None:
    """`train` says how good a line and the majority are on its validation part: so they are on the peers' rows."""
    (table,) = tables(small(tmp_path))
    arguments = ["train", str(table.path), "--target", "answer", "--seed", str(seed), "--json", "--iterations", "1"]
    lines, first = ours._run(arguments, tmp_path, 0.0)
    end = ours._end(lines)
    dataset = split(table, seed)
    assert first is not None
    for name, expected in (("baseline", linear_metrics(dataset)), ("naive", naive_metrics(dataset))):
        assert expected is not None
        assert end[name]["validation"] == pytest.approx(expected["validation"])


def test_features_are_those_of_the_product(tmp_path: Path) -> None:
    dataset = split(mixed(tmp_path / "mixed.csv"), 1)
    X, other = features(dataset)
    assert [str(kind) for kind in X.dtypes] == ["float64", "float64", "float64", "category"]  # no id, no y2
    assert other.dtypes.equals(X.dtypes)
    rows = held_out(dataset).rows
    assert list(other["c0"]) == [row % 28 for row in rows]  # days since 1970-01-01
    assert list(other["c1"]) == [1 - row % 2 for row in rows]
    assert list(other["c2"].isna()) == [row % 7 == 0 for row in rows]
    assert list(other["c3"]) == [("red", "green", "blue")[row % 3] for row in rows]


def test_words_that_the_training_part_does_not_have_are_gaps(tmp_path: Path) -> None:
    (table,) = tables(small(tmp_path))
    row = int(held_out(split(table, 1)).rows[0])
    lines = table.path.read_text().splitlines()
    cells = lines[row + 1].split(",")
    lines[row + 1] = ",".join([cells[0], "blue", *cells[2:]])
    table.path.write_text("\n".join(lines) + "\n")
    X, other = features(split(table, 1))
    assert list(X["c1"].cat.categories) == ["green", "red"]
    assert other.loc[0].isna()["c1"]
    matrix = one_hot(X).fit(X).transform(other)
    assert matrix.shape == (12, 4)  # the size; green, red and a gap
    assert np.isfinite(np.asarray(matrix)).all()


def test_peers_are_scored_in_the_unit_of_the_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = mixed(tmp_path / "mixed.csv")
    dataset = split(table, 1)
    y = np.array([float(line.split(",")[-1]) for line in table.path.read_text().splitlines()[1:]])
    error = y[held_out(dataset).rows] - y[dataset.train.rows].mean()
    monkeypatch.setitem(learners.PEERS, "mean", learners.Peer("mean", lambda *_: DummyRegressor()))
    found = learners.learn("mean", table, dataset, 1).scores
    assert found["rmse"] == pytest.approx(math.sqrt((error**2).mean()))
    assert found["r2"] == pytest.approx(1 - (error**2).mean() / y[held_out(dataset).rows].var())


@pytest.mark.parametrize("classes", [2, 3])
def test_peers_are_scored_as_ours_is_when_they_are_sure_and_wrong(
    classes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "classes.csv"
    rows = [f"{(number * 37 % 61) / 7:.3f},{'cab'[number % classes]}" for number in range(60)]
    path.write_text("x,y\n" + "\n".join(rows) + "\n")
    table = Table(path, "y", "classification")
    dataset = split(table, 1)
    dummy = DummyClassifier(strategy="constant", constant=1)
    monkeypatch.setitem(learners.PEERS, "second", learners.Peer("second", lambda *_: dummy))
    found = learners.learn("second", table, dataset, 1).scores
    names = sorted("cab"[:classes])
    truth = ["cab"[row % classes] for row in held_out(dataset).rows]
    likely = np.full((len(truth), classes), 1e-15)
    likely[:, 1] = 1.0
    assert found["accuracy"] == accuracy_score(truth, [names[1]] * len(truth))
    assert found["log_loss"] == pytest.approx(log_loss(truth, likely, labels=names))


def test_scores_are_two_of_the_metrics() -> None:
    assert scores("classification", {"accuracy": 0.5, "log_loss": 0.7, "f1": None}) == {
        "accuracy": 0.5,
        "log_loss": 0.7,
    }
    with pytest.raises(ValueError, match="it has no r2"):
        scores("regression", {"r2": None, "rmse": 1.0})


def test_a_command_that_fails_is_quoted(tmp_path: Path) -> None:
    (table,) = tables(small(tmp_path))
    with pytest.raises(ValueError, match=r"train ended with 2 and said: .*--iterations"):
        ours.learn(table, 1, ["--iterations", "-1"])
    with pytest.raises(ValueError, match="did not say how it ended"):
        ours._end(['{"event": "progress"}\n'])
