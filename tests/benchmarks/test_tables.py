"""The benchmark on tables: rows, columns, answers, records, and a whole run on a small table."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks.tables import bundled, command, learners, ours, report
from benchmarks.tables.answers import Answers, scores
from benchmarks.tables.features import features, one_hot
from benchmarks.tables.listing import ListingError, Table, tables
from benchmarks.tables.records import Record, line, means, read
from benchmarks.tables.split import split


def small(folder: Path, rows: int = 60) -> Path:
    """A folder with a table of a number, a word with gaps and an id; its class follows the number."""
    random = np.random.RandomState(0)
    x = random.randn(rows)
    words = ["", "NA", "red", "green"]
    lines = ["size,colour,name,answer"]
    for number in range(rows):
        answer = "yes" if x[number] + 0.2 * random.randn() > 0 else "no"
        lines.append(f"{x[number]:.3f},{words[number % 4]},item {number},{answer}")
    lines.append("1.0,red,nobody knows,")
    (folder / "small.csv").write_text("\n".join(lines) + "\n")
    (folder / "tables.json").write_text(
        json.dumps([{"file": "small.csv", "target": "answer", "task": "classification"}])
    )
    return folder


def record(learner: str, score: float, task: str = "classification", table: str = "t", seed: int = 1) -> Record:
    names = {"classification": ("accuracy", "log_loss"), "regression": ("r2", "rmse")}[task]
    return Record(table, seed, learner, "", task, 30, 10, 4, 1.0, dict(zip(names, (score, 1 - score), strict=True)))


def test_a_split_has_every_row_with_a_target_once(tmp_path: Path) -> None:
    (table,) = tables(small(tmp_path))
    train, test = split(table, 1)
    assert (len(train), len(test)) == (45, 15)
    assert sorted([*train["name"], *test["name"]]) == sorted(f"item {number}" for number in range(60))
    assert abs((train["answer"] == "yes").mean() - (test["answer"] == "yes").mean()) < 0.05
    assert set(train["colour"]) == {"", "NA", "red", "green"}  # as in the file
    again, _ = split(table, 1)
    other, _ = split(table, 2)
    assert train.equals(again)
    assert not train.equals(other)


def test_the_only_row_of_a_class_is_trained_on(tmp_path: Path) -> None:
    path = tmp_path / "rare.csv"
    path.write_text("x,y\n" + "".join(f"{number},{'ab'[number % 2]}\n" for number in range(20)) + "99,c\n")
    for seed in range(5):
        train, test = split(Table(path, "y", "classification"), seed)
        assert "c" in set(train["y"])
        assert "c" not in set(test["y"])


def test_features_are_numbers_and_words_of_the_training_rows(tmp_path: Path) -> None:
    (table,) = tables(small(tmp_path))
    train, test = split(table, 1)
    test.loc[0, "colour"] = "blue"
    test.loc[1, "size"] = "large"
    X, other = features(train, test, "answer")
    assert [str(kind) for kind in X.dtypes] == ["float64", "category"]  # the names are left out
    assert list(X["c1"].cat.categories) == ["green", "red"]
    assert other.dtypes.equals(X.dtypes)
    assert other.loc[0].isna()["c1"]
    assert other.loc[1].isna()["c0"]
    matrix = one_hot(X).fit(X).transform(other)
    assert matrix.shape == (15, 4)  # the size; green, red and a gap
    assert np.isfinite(np.asarray(matrix)).all()


def test_scores_by_hand() -> None:
    answers = Answers(0.0, ["a", "b"], ["a", "b"], [[0.75, 0.25], [0.5, 0.5]])
    found = scores("classification", answers, [" a", "unseen"])
    assert found["accuracy"] == 0.5
    assert found["log_loss"] == pytest.approx(-(math.log(0.75) + math.log(1e-15)) / 2)
    assert scores("classification", Answers(0.0, [1.0], ["1.0"], [[1.0]]), ["1"])["accuracy"] == 1
    assert scores("regression", Answers(0.0, [1.0, 2.0]), ["1", "4"]) == {
        "r2": pytest.approx(1 - 2 / 2.25),
        "rmse": pytest.approx(math.sqrt(2)),
    }
    with pytest.raises(ValueError, match="1 predictions for 2 rows"):
        scores("regression", Answers(0.0, [1.0]), ["1", "4"])


def test_what_predict_prints_is_understood() -> None:
    text = '{"label": "no", "probabilities": {"no": 0.9, "yes": 0.1}}\n'
    answers = ours.parse(text, "classification", 2.0)
    assert (answers.predicted, list(answers.classes), answers.probabilities) == (["no"], ["no", "yes"], [[0.9, 0.1]])
    assert ours.parse('{"prediction": 2.5}\n', "regression", 1.0).predicted == [2.5]
    for task, other in (("regression", text), ("classification", '{"prediction": 2.5}'), ("regression", "")):
        with pytest.raises(ValueError, match="other way round"):
            ours.parse(other, task, 1.0)


def test_records_survive_an_interruption(tmp_path: Path) -> None:
    path = tmp_path / "tables.jsonl"
    first, second = record("ours", 0.5), record("linear", 0.25, seed=2)
    path.write_text(line(first) + line(second) + line(first)[:30])
    assert read(path) == [first, second]


def test_means_over_seeds_and_a_learner_that_failed_once() -> None:
    failed = Record("t", 2, "linear", "", "classification", 30, 10, 4, None, {}, "why")
    found = means([record("ours", 0.5), record("ours", 0.75, seed=2), record("linear", 0.5), failed])
    assert found["t"]["ours"]["accuracy"] == 0.625
    assert found["t"]["linear"] == {}


@pytest.mark.parametrize(
    ("task", "found", "expected"),
    [
        ("classification", {"ours": 0.881, "lightgbm": 0.9, "histogram": 0.85}, []),
        ("classification", {"ours": 0.87, "lightgbm": 0.9, "histogram": 0.85, "linear": 0.99}, ["LightGBM 0.900"]),
        ("regression", {"ours": 0.87, "lightgbm": 0.8, "histogram": 0.89, "linear": 0.88}, []),
        ("regression", {"ours": 0.8, "histogram": 0.84, "linear": 0.83}, ["HistGradientBoosting 0.840", "linear 0.83"]),
        ("regression", {"lightgbm": 0.9}, []),
    ],
)
def test_where_ours_is_behind(task: str, found: dict[str, float], expected: list[str]) -> None:
    lines = report.behind(means(record(name, score, task) for name, score in found.items()), {"t": task})
    assert len(lines) == len(expected)
    assert all(text in line for text, line in zip(expected, lines, strict=True))


def test_report_ranks_tables_that_all_have() -> None:
    records = [record("ours", 0.5), record("linear", 0.75), record("ours", 0.5, "regression", "u")]
    found = report.figures(records, ["ours", "linear"])
    assert found["ranks"]["accuracy and R2"]["tables"] == ["t"]
    assert found["ranks"]["accuracy and R2"]["mean"] == {"ours": 2.0, "linear": 1.0}
    assert found["ranks"]["log-loss and RMSE"]["mean"] == {"ours": 2.0, "linear": 1.0}
    text = report.page({"processor": "one"}, found, ["ours", "linear"], records)
    assert "| t | 40 | 4 | 0.500 | **0.750** |" in text
    assert set(report.pictures(found)) == {"tables.svg", "tables-loss.svg"}


def test_a_whole_run_is_resumed_without_training_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, output = small(tmp_path), tmp_path / "results"
    asked = [str(folder), "--models", "ours", "linear", "--ours=--iterations 5", "--output", str(output)]
    command.main(asked)
    written = read(output / "tables.jsonl")
    assert [(each.learner, each.error) for each in written] == [("ours", None), ("linear", None)]
    assert written[0].options == "--iterations 5"
    assert written[1].scores["accuracy"] > 0.7
    page = (output / "tables.md").read_text()
    assert "- options of deepnet-tui: --iterations 5" in page
    assert (output / "tables.svg").exists()

    monkeypatch.setattr(command, "learn", lambda *_: pytest.fail("trained again"))
    command.main([*asked, "--resume"])
    assert read(output / "tables.jsonl") == written

    known = ["--known", str(output / "tables.jsonl"), "--output", str(tmp_path / "other")]
    command.main([str(folder), "--models", "linear", *known])
    assert '"linear"' in (tmp_path / "other" / "tables.json").read_text()


def test_a_learner_that_fails_is_a_result_and_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Answers:
        raise ValueError("no\nmemory")

    folder, output = small(tmp_path), tmp_path / "results"
    asked = [str(folder), "--models", "linear", "--output", str(output)]
    with monkeypatch.context() as patch:
        patch.setattr(command, "learn", fail)
        command.main(asked)
    assert read(output / "tables.jsonl")[0].error == "no memory"
    assert "- small, seed 1, linear: no memory" in (output / "tables.md").read_text()
    command.main([*asked, "--resume"])
    assert [each.error for each in read(output / "tables.jsonl")] == [None]


def test_lightgbm_takes_words_and_gaps(tmp_path: Path) -> None:
    pytest.importorskip("lightgbm")
    (table,) = tables(small(tmp_path))
    train, test = split(table, 1)
    answers = learners.learn("lightgbm", table, train, test, 1)
    assert scores("classification", answers, test["answer"].tolist())["accuracy"] > 0.7


def test_a_missing_package_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(learners, "find_spec", lambda name: None)
    with pytest.raises(SystemExit) as stopped:
        command.main(["--models", "lightgbm"])
    assert stopped.value.code == 2
    assert "LightGBM is not installed; pip install 'deepnet-tui[bench]' adds it." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "not JSON"),
        ("[]", "a list of"),
        ('[{"file": "a.csv"}]', "entry 1: file, target and task are needed"),
        ('[{"file": "a.csv", "target": "y", "task": "guess"}]', "'guess' is unknown"),
        ('[{"file": "b.csv", "target": "y", "task": "regression"}]', "cannot be read"),
        ('[{"file": "a.csv", "target": "y", "task": "regression"}]', "no column 'y'"),
    ],
)
def test_a_list_that_cannot_be_used(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n")
    (tmp_path / "tables.json").write_text(text)
    with pytest.raises(ListingError, match=message):
        tables(tmp_path)


def test_bundled_tables_are_a_folder_like_any_other(tmp_path: Path) -> None:
    bundled.write(tmp_path)
    found = tables(tmp_path)
    assert {table.name for table in found} == {*bundled.LOADED, *bundled.MADE}
    for table in found:
        train, test = split(table, 1)
        assert len(train) > 100
        assert set(test[table.target]) <= set(train[table.target]) or table.task == "regression"
