"""The commands of `runs`."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import pytest

from deepnet_tui.cli.commands.runs.group import COMMANDS
from deepnet_tui.cli.commands.runs.listing import SIBLINGS
from deepnet_tui.runs.store import Store
from tests.deepnet_tui.cli.runner import Runner
from tests.deepnet_tui.runs.many import make_runs

COLUMNS = "run state iteration cost network"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    make_runs(tmp_path / "home" / "runs", 12)
    return Runner(tmp_path / "home", capsys)


def ids(run: Runner, *arguments: str) -> list[str]:
    return [entry["run"] for entry in run("runs", *arguments, "--json").events]


def test_without_a_command_runs_are_listed_as_ever(run: Runner) -> None:
    lines = run("runs").out.splitlines()
    assert lines[0].split() == COLUMNS.split()
    assert len(lines) == 13
    assert all(line.endswith("2-16-8-1") for line in lines[1:])
    assert run("runs").out == run("runs", "list").out
    (entry,) = run("runs", "--json", "--limit", "1").events
    about = json.loads((Store().open("last").folder / "run.json").read_text())
    assert {name: entry[name] for name in about} == about
    assert entry["folder"] == str(Store().open("last").folder)


def test_runs_are_asked_for(run: Runner) -> None:
    every = ids(run)
    assert every == sorted(every, reverse=True)
    assert ids(run, "moons") == [name for name in every if name.endswith("moons")]
    assert ids(run, "MOONS", "diverged") == []
    assert "none of 12 runs fits" in run("runs", "moons", "diverged").err
    assert ids(run, "--source", "circ") == [name for name in every if name.endswith("circles")]
    assert len(ids(run, "--state", "diverged")) == 2
    assert ids(run, "--limit", "3") == every[:3]
    assert ids(run, "--limit", "0") == []
    assert ids(run, "--reverse") == every[::-1]
    assert ids(run, "--sort", "cost") == every  # the newer the cheaper, in this store
    assert ids(run, "--sort", "accuracy") == ids(run, "--sort", "train.accuracy") == every
    assert ids(run, "--sort", "log_loss", "--reverse") == every[::-1]


def test_the_list_shows_what_it_is_sorted_by(run: Runner) -> None:
    lines = [line.split() for line in run("runs", "--sort", "validation.accuracy").out.splitlines()]
    assert lines[0] == [*COLUMNS.split()[:4], "validation.accuracy", "network"]
    assert [line[4] for line in lines[1:4]] == ["0.11", "0.1", "0.09"]
    record = Store().open("last")
    (record.folder / "run.json").write_text(json.dumps({**record.about, "seconds": None}))
    lines = [line.split() for line in run("runs", "--sort", "seconds").out.splitlines()]
    assert lines[0] == [*COLUMNS.split()[:4], "seconds", "network"]
    assert lines[1][4] == "1.9"
    assert lines[-1][-1] == "2-16-8-1", "a run without the value has an empty cell"
    assert "moons" in run("runs", "--sort", "source", "--limit", "8").out.splitlines()[-1].split()
    assert run("runs", "--sort", "name").out.splitlines()[0].split() == COLUMNS.split()


def test_what_can_not_be_asked_for_is_refused(run: Runner) -> None:
    assert "did you mean accuracy" in run.refused("runs", "--sort", "acuracy")
    assert run.refused("runs", "--state", "done").startswith("--state must be one of running, completed")
    assert "runs list --help" in run.refused("runs", "--limit", "-1")
    assert "no run 'nothing'" in run.refused("runs", "show", "nothing")


def test_a_run_without_the_number_comes_last_either_way(run: Runner) -> None:
    record = Store().open("last")
    (record.folder / "run.json").write_text(json.dumps({**record.about, "cost": None}))
    assert ids(run, "--sort", "cost")[-1] == record.id
    assert ids(run, "--sort", "cost", "--reverse")[-1] == record.id


def test_labels_are_given_found_and_taken_away(run: Runner) -> None:
    newest, other = ids(run)[:2]
    assert run("runs", "name", "last", "two layers").out == f"run {newest} is called two layers\n"
    assert run("runs", "note", "two layers", "too slow").code == 0
    assert run("runs", "tag", newest, "paper", "base").out.endswith("is tagged paper, base\n")
    assert run("runs", "tag", other, "paper").code == 0
    assert run("runs", "star", newest, other).out.count("has a star") == 2
    assert run("runs").out.splitlines()[1].endswith("2-16-8-1  * two layers [paper, base]")
    assert ids(run, "slow") == [newest]
    assert ids(run, "--tag", "paper") == [newest, other]
    assert ids(run, "--tag", "paper", "--tag", "base") == [newest]
    assert ids(run, "--star") == [newest, other]
    entry = run("runs", "--json", "slow").events[0]
    assert (entry["name"], entry["note"]) == ("two layers", "too slow")
    assert (entry["tags"], entry["star"]) == (["paper", "base"], True)
    assert run("runs", "tag", newest, "base", "--remove").out.endswith("is tagged paper\n")
    for words in (("name", "--remove"), ("note", "--remove"), ("tag", "paper", "--remove"), ("star", "--remove")):
        assert run("runs", words[0], newest, *words[1:]).code == 0
    assert run("runs").out.splitlines()[1].endswith("2-16-8-1")
    assert "either" in run.refused("runs", "name", newest)
    assert "newest run" in run.refused("runs", "name", newest, "last")
    assert "at most 100" in run.refused("runs", "name", newest, "x" * 101)
    assert "empty" in run.refused("runs", "tag", newest, " ")


def test_escape_sequences_are_shown_harmless(run: Runner) -> None:
    nasty = "\x1b[31mred\x07\u202e"
    newest = ids(run)[0]
    outputs = [
        run("runs", "name", "last", nasty),
        run("runs", "note", "last", nasty + "\nline"),
        run("runs", "tag", "last", nasty),
        run("runs"),
        run("runs", "show", "last"),
        run("runs", "show", "last", "--json"),
        run("runs", "compare", "last", ids(run)[1]),
        run("runs", "export"),
        run("runs", "delete", "last"),
        run("runs", "restore"),
        run("runs", "restore", "last"),
    ]
    for ended in outputs:
        assert ended.code == 0, ended
        assert all(c.isprintable() or c == "\n" for c in ended.out + ended.err), ended
    assert Store().open(newest).labels.name == nasty


def test_one_run_is_shown(run: Runner) -> None:
    run("train", "moons", "--iterations", "5", "--learning-rate", "0.125", "--quiet")
    lines = dict(line.split(maxsplit=1) for line in run("runs", "show", "last").out.splitlines())
    assert lines["training.learning_rate"] == "0.125"
    assert lines["iteration"] == "5"
    (entry,) = run("runs", "show", "last", "--json").events
    assert entry["settings"]["training.learning_rate"] == 0.125
    assert entry["settings"]["network.hidden"] == [16, 8]
    assert entry["metrics"]["train"]["accuracy"] > 0


def test_only_the_settings_that_differ_are_compared(run: Runner) -> None:
    newest, second, third = ids(run)[:3]
    (found,) = run("runs", "compare", newest, second, third, "--json").events
    assert found["runs"] == [newest, second, third]
    assert set(found["settings"]) == {"data.source", "training.learning_rate"}
    assert found["settings"]["training.learning_rate"] == pytest.approx([0.1, 1.0, 0.0001])
    assert len(found["metrics"]["validation.accuracy"]) == 3
    text = run("runs", "compare", newest, second).out
    assert text.splitlines()[0].split() == ["run", newest, second]
    assert "training.l2" not in text
    assert "given twice" in run.refused("runs", "compare", newest, newest)
    assert "two runs or more" in run.refused("runs", "compare", newest)


def test_a_table_of_runs_is_written(run: Runner, tmp_path: Path) -> None:
    ended = run("runs", "export", "moons", "--sort", "cost")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert [row["run"] for row in rows] == ids(run, "moons", "--sort", "cost")
    assert all(math.isfinite(float(row["validation.log_loss"])) for row in rows)
    assert {row["network.hidden"] for row in rows} == {"16,8"}
    assert run("runs", "export", "--output", "runs.jsonl").code == 0
    lines = [json.loads(line) for line in (tmp_path / "runs.jsonl").read_text().splitlines()]
    assert [line["run"] for line in lines] == ids(run)
    assert lines[0]["started"] == "2023-11-14T22:13:31Z"
    assert "is there already" in run.refused("runs", "export", "--output", "runs.jsonl")
    assert "--format must be one of csv, json, parquet" in run.refused("runs", "export", "--format", "xml")
    assert "--output" in run.refused("runs", "export", "--format", "parquet")
    assert "no suffix" in run.refused("runs", "export", "--output", "runs.txt")


def test_a_table_of_runs_is_read_back_from_parquet(run: Runner, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    record = Store().open("last")
    (record.folder / "experiment.toml").write_text("torn = ")
    assert run("runs", "export", "--output", "runs.parquet").code == 0
    table = parquet.read_table(tmp_path / "runs.parquet").to_pydict()
    assert table["run"] == ids(run)
    assert table["training.learning_rate"][0] is None
    assert table["training.learning_rate"][1] == 1.0
    assert table["iteration"] == [1900] * 12


def test_without_pyarrow_one_sentence_says_how_to_get_it(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    assert "pip install 'deepnet-tui[files]'" in run.refused("runs", "export", "--output", "runs.parquet")


def test_deleting_is_undone_until_the_trash_is_emptied(run: Runner) -> None:
    every = ids(run)
    assert "no run 'nothing'" in run.refused("runs", "delete", every[0], "nothing")
    assert ids(run) == every
    assert f"runs restore {every[1]}" in run("runs", "delete", every[0], every[1]).out
    assert ids(run) == every[2:]
    assert run("runs", "restore").out.count("\n") == 2
    assert run("runs", "restore", *every[:2]).code == 0
    assert ids(run) == every
    run("runs", "delete", every[0])
    pruned = run("runs", "--prune", "5", "--json")
    assert "deleted 6 runs" in pruned.err
    assert "emptied the trash: 1 run\n" in pruned.err
    assert [entry["run"] for entry in pruned.events] == every[1:6]
    assert "no deleted runs" in run.refused("runs", "restore", "last")


def test_a_mistyped_command_is_a_word_with_a_hint(run: Runner) -> None:
    run("train", "xor", "--iterations", "2", "--quiet")
    assert "fits; did you mean show?" in run("runs", "shw", "last").err
    assert set(SIBLINGS) | {"list"} == set(COMMANDS)
