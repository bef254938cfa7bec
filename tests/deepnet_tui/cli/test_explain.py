"""`explain` on files: importance, one row, one column, and what is refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from deepnet_tui.data.preparation.entries import Categorical, Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.export import export
from tests.deepnet_tui.cli.runner import Runner
from tests.deepnet_tui.understand.models import make, rows_of

COLUMNS = ["age", "job", "member", "seen", "income"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    return Runner(tmp_path / "home", capsys)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A model of two classes, and rows with the labels that it predicts; one label is none of its classes."""
    model, rows = make("binary", seed=3), rows_of(30, 9)
    labels = list(model.predict(rows).labels)  # type: ignore[arg-type]
    labels[7] = "maybe"
    export(model, tmp_path / "model.npz")
    with (tmp_path / "rows.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["weight", *reversed(COLUMNS)])
        writer.writerows(
            [label, *(row[name] for name in reversed(COLUMNS))] for label, row in zip(labels, rows, strict=True)
        )
    return tmp_path / "model.npz", tmp_path / "rows.csv"


def test_importance_is_a_table_of_all_columns(run: Runner, files: tuple[Path, Path]) -> None:
    ended = run("explain", *files, "--repeats", "2", "--score", "accuracy")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[0].startswith("By how much accuracy (1 on 29 rows) falls when a column is shuffled")
    assert sorted(line.split()[0] for line in lines[3:]) == sorted(COLUMNS)
    assert ended.err == "note: 1 row whose target is no class of the model: not used for importance\n"
    again = run("explain", *files, "--repeats", "2", "--score", "accuracy", "--json").events
    assert [event["mean"] for event in again] == sorted((event["mean"] for event in again), reverse=True)
    assert {event["event"] for event in again} == {"importance"}


def test_a_row_and_a_column(run: Runner, files: tuple[Path, Path], tmp_path: Path) -> None:
    ended = run("explain", *files, "--row", "2", "--column", "job", "--for", "no")
    assert "probability of 'no'" in ended.out
    assert "(exact Shapley values)" in ended.out
    assert "Partial dependence of probability of 'no' on job, over 30 rows" in ended.out
    target = tmp_path / "answer.jsonl"
    assert run("explain", *files, "--row", "2", "--column", "income", "--output", target).out == ""
    import json

    row, column = map(json.loads, target.read_text().splitlines())
    assert row["base"] + sum(row["contributions"].values()) == pytest.approx(row["prediction"], abs=1e-9)
    assert column["values"] == sorted(column["values"])


def test_a_table_without_the_target_can_explain_rows_only(
    run: Runner, files: tuple[Path, Path], tmp_path: Path
) -> None:
    text = files[1].read_text().replace("weight", "other", 1)
    (tmp_path / "unlabelled.csv").write_text(text)
    assert run("explain", files[0], tmp_path / "unlabelled.csv", "--row", "1").code == 0
    said = run.refused("explain", files[0], tmp_path / "unlabelled.csv")
    assert said == "the data do not have the target, so importance can't be measured"


def test_what_is_not_there_is_refused(run: Runner, files: tuple[Path, Path]) -> None:
    assert run.refused("explain", *files, "--row", "31") == "--row: there is no row 31: the data have 30 rows"
    assert "no column 'incone'; did you mean 'income'" in run.refused("explain", *files, "--column", "incone")
    assert "no class 'never'; it has no, yes" in run.refused("explain", *files, "--row", "1", "--for", "never")
    assert "choose one of log_loss, accuracy, roc_auc" in run.refused("explain", *files, "--score", "r2")
    assert "is one of the files that are read" in run.refused("explain", *files, "--output", files[1], "--overwrite")


def test_hostile_names_reach_the_terminal_as_escapes(run: Runner, tmp_path: Path) -> None:
    name, word = "\x1b[31ma", "<b>\x07"
    preparation = Preparation((Numeric(name), Categorical("b\tc", (word, "x"))))
    export(make("regression", preparation=preparation), tmp_path / "model.npz")
    with (tmp_path / "rows.csv").open("w", newline="") as file:
        csv.writer(file).writerows([[name, "b\tc", "weight"], [1, word, 4], [2, "x", 5], [0, word, 9]])
    for options in (list[str](), ["--row", "1"], ["--column", "b\tc"]):
        ended = run("explain", tmp_path / "model.npz", tmp_path / "rows.csv", "--separator", ",", *options)
        assert ended.code == 0, ended
        assert "\x1b" not in ended.out + ended.err
        assert "\x07" not in ended.out + ended.err
