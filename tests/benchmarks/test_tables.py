"""The benchmark on tables: rows, columns, answers, records, and a whole run on a small table."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.tables import bundled, command, learners, report
from benchmarks.tables.listing import ListingError, tables
from benchmarks.tables.outcome import Outcome
from benchmarks.tables.records import Record, line, means, read
from benchmarks.tables.split import split
from tests.benchmarks.small_table import small


def record(learner: str, score: float, task: str = "classification", table: str = "t", seed: int = 1) -> Record:
    names = {"classification": ("accuracy", "log_loss"), "regression": ("r2", "rmse")}[task]
    return Record(table, seed, learner, "", task, 30, 10, 4, 1.0, dict(zip(names, (score, 1 - score), strict=True)))


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
    assert written[0].split == written[1].split
    assert (written[0].iterations, written[1].iterations) == (5, None)
    assert 0 < (written[0].first_report or 0) < (written[0].seconds or 0)
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
    def fail(*_: object) -> Outcome:
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


def test_known_records_of_other_rows_are_measured_again(tmp_path: Path) -> None:
    folder, first, second = small(tmp_path), tmp_path / "first", tmp_path / "second"
    asked = [str(folder), "--models", "linear"]
    command.main([*asked, "--output", str(first)])
    file = folder / "small.csv"
    file.write_text(file.read_text() + "0.5,red,somebody else,yes\n")
    command.main([*asked, "--known", str(first / "tables.jsonl"), "--output", str(second)])
    (before,), (after,) = read(first / "tables.jsonl"), read(second / "tables.jsonl")
    assert after.train_rows + after.test_rows == before.train_rows + before.test_rows + 1
    assert after.split != before.split


def test_a_table_that_the_product_takes_for_another_task_is_a_failure(tmp_path: Path) -> None:
    folder, output = small(tmp_path), tmp_path / "results"
    listed = folder / "tables.json"
    listed.write_text(listed.read_text().replace("classification", "regression"))
    command.main([str(folder), "--models", "linear", "--output", str(output)])
    assert read(output / "tables.jsonl")[0].error == "deepnet-tui takes it for classification, not regression"


def test_options_that_change_the_data_are_a_failure(tmp_path: Path) -> None:
    folder, output = small(tmp_path), tmp_path / "results"
    asked = ["--models", "ours", "--ours=--iterations 5 --validation 0.4", "--output", str(output)]
    command.main([str(folder), *asked])
    assert "change the data" in (read(output / "tables.jsonl")[0].error or "")


def test_lightgbm_takes_words_and_gaps(tmp_path: Path) -> None:
    pytest.importorskip("lightgbm")
    (table,) = tables(small(tmp_path))
    assert learners.learn("lightgbm", table, split(table, 1), 1).scores["accuracy"] > 0.6


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
        assert split(table, 1).train.m > 100  # and it is taken for the task that is listed
