"""All commands except `train`, and the help."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deepnet_tui import __version__
from deepnet_tui.cli.registry import COMMANDS
from deepnet_tui.data.builtin import BUILTIN
from deepnet_tui.runs.store import Store
from engine import ACTIVATIONS, INITIALIZERS, OPTIMIZERS
from engine.network import backward
from tests.deepnet_tui.cli.runner import Runner


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Runner(tmp_path / "home", capsys)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(run: Runner, command: str) -> None:
    ended = run(command, "--help")
    assert ended.code == 0
    assert f"deepnet-tui {command}" in ended.out
    assert "Example" in ended.out
    assert command in run("--help").out


def test_the_help_lists_only_existing_names(run: Runner) -> None:
    words = run("train", "--help").out
    for option, names in (("--initializer", INITIALIZERS), ("--optimizer", OPTIMIZERS), ("--activation", ACTIVATIONS)):
        line = next(line for line in words.splitlines() if line.strip().startswith(option))
        listed = [word.split()[-1] for word in line.split("NAME")[1].replace(", ...", "").split(",")]
        assert listed
        assert set(listed) <= set(names), option


def test_the_version_is_that_of_the_package(run: Runner) -> None:
    assert run("--version").out.strip() == __version__


def test_datasets_lists_them_all(run: Runner) -> None:
    assert [line.split()[0] for line in run("datasets").out.splitlines()] == list(BUILTIN)
    assert [entry["name"] for entry in run("datasets", "--json").events] == list(BUILTIN)


def test_runs_are_listed_newest_first_and_pruned(run: Runner) -> None:
    assert run("runs", "--json").out == ""
    assert "no runs" in run("runs").err
    for source in ("moons", "xor", "circles"):
        run("train", source, "--iterations", "3", "--quiet")
    listed = run("runs", "--json").events
    assert [entry["source"] for entry in listed] == ["circles", "xor", "moons"]
    assert {entry["state"] for entry in listed} == {"completed"}
    assert [line.split()[0] for line in run("runs").out.splitlines()[1:]] == [entry["run"] for entry in listed]
    pruned = run("runs", "--prune", "1", "--json")
    assert "deleted 2 runs" in pruned.err
    assert [entry["source"] for entry in pruned.events] == ["circles"]


def test_a_stored_run_can_be_exported_later(run: Runner, tmp_path: Path) -> None:
    run("train", "moons", "--iterations", "10", "--quiet", "--export", "now.json")
    assert "saved" in run("export", "last", "later.json").out
    assert (tmp_path / "later.json").read_bytes() == (tmp_path / "now.json").read_bytes()
    assert "already" in run.refused("export", "last", "later.json")
    assert run("export", "last", "later.json", "--overwrite").code == 0


def test_a_stored_run_is_exported_without_its_data(run: Runner, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("a,b\n" + "".join(f"{i % 9},{'yes' if i * 7 % 11 > 5 else 'no'}\n" for i in range(60)))
    run("train", table, "--target", "b", "--iterations", "20", "--quiet", "--export", "now.json")
    table.unlink()
    assert run("export", "last", "later.json").code == 0
    assert (tmp_path / "later.json").read_bytes() == (tmp_path / "now.json").read_bytes()


def test_a_new_checkpoint_removes_the_older_model(run: Runner) -> None:
    run("train", "moons", "--iterations", "3", "--quiet")
    record = Store().open("last")
    kept = Store().resume(record)
    kept.checkpoint(record.checkpoint, now=True)
    kept.release()
    assert not (record.folder / "model.npz").exists()
    assert run("export", "last", "m.npz").code == 0


def test_a_completed_run_is_not_resumed(run: Runner) -> None:
    run("train", "moons", "--iterations", "3", "--quiet")
    assert "completed" in run.refused("resume", "last")


def test_a_stopped_run_resumes_only_with_more_iterations(run: Runner) -> None:
    args = ("--iterations", "50", "--patience", "2", "--report-every", "1", "--learning-rate", "5", "--quiet")
    run("train", "moons", *args)
    assert "could go to iteration 50 already" in run.refused("resume", "last", "--iterations", "30")
    assert run("resume", "last", "--iterations", "60", "--quiet").code == 0


def test_a_completed_run_resumes_with_more_iterations(run: Runner, tmp_path: Path) -> None:
    run("train", "moons", "--iterations", "250", "--quiet", "--export", "less.json")
    assert "--iterations lets it go on" in run.refused("resume", "last")
    assert "at iteration 250 already" in run.refused("resume", "last", "--iterations", "250")
    assert Store().open("last").state == "completed"
    assert run("resume", "last", "--iterations", "450", "--quiet", "--export", "more.json").code == 0
    record = Store().open("last")
    assert (record.state, record.iteration, record.experiment().training.iterations) == ("completed", 450, 450)
    assert [progress.iteration for progress in record.costs()] == [0, 100, 200, 250, 300, 400, 450]
    run("train", "moons", "--iterations", "450", "--quiet", "--export", "whole.json")
    more, whole = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("more", "whole"))
    assert more["parameters"] == whole["parameters"]


def test_a_run_limited_by_epochs_takes_no_more_iterations(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text('[data]\nsource = "iris"\n[training]\nbatch_size = 60\nepochs = 2\n')
    run("train", "e.toml", "--quiet")
    assert "does not go on with more iterations" in run.refused("resume", "last", "--iterations", "100000")
    assert Store().open("last").state == "completed"


def test_a_run_with_changed_data_is_not_exported(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    run("train", "moons", "--iterations", "3", "--quiet")
    (Store().open("last").folder / "model.npz").unlink()
    monkeypatch.setattr("deepnet_tui.training.stored_run.data_digest", lambda _: "another")
    assert "have changed" in run.refused("export", "last", "m.npz")


def test_a_damaged_state_file_is_reported(run: Runner) -> None:
    run("train", "moons", "--iterations", "3", "--quiet")
    state = Store().open("last").folder / "state.npz"
    (state.parent / "model.npz").unlink()
    state.write_bytes(state.read_bytes()[:-100])
    assert "can't be read" in run.refused("export", "last", "m.npz")
    state.unlink()
    assert "before its first checkpoint" in run.refused("export", "last", "m.npz")


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_a_table_without_rows_gives_no_predictions(run: Runner, tmp_path: Path, kind: str) -> None:
    import pandas as pd

    def table(*names: str) -> Path:
        path = tmp_path / f"{'_'.join(names)}.{kind}"
        frame = pd.DataFrame({name: pd.Series(dtype="float64") for name in names})
        getattr(frame, {"xlsx": "to_excel"}.get(kind, f"to_{kind}"))(path, index=False)
        return path

    run("train", "moons", "--iterations", "3", "--quiet", "--export", "m.npz")
    ended = run("predict", "m.npz", table("x2", "note", "x1"))
    assert ended.code == 0
    assert ended.out == "label,probability orange,probability blue\n"
    assert "0 rows predicted" in ended.err
    assert (run("predict", "m.npz", table("x1", "x2"), "--json").out, ended.code) == ("", 0)
    assert run("predict", "m.npz", table("x1", "x2"), "--output", "out.csv").code == 0
    assert (tmp_path / "out.csv").read_text() == ended.out
    assert "no column 'x2'" in run.refused("predict", "m.npz", table("x1", "note"))
    assert "a header but no rows" in run.refused("train", table("x1", "x2"), "--target", "x2")


@pytest.mark.parametrize("source", ["moons", "iris", "diabetes"])
def test_check_passes_on_built_in_data(run: Runner, source: str) -> None:
    ended = run("check", source)
    assert ended.code == 0
    assert "passed" in ended.out
    *matrices, finished = run("check", source, "--activation", "tanh", "--l2", "1", "--json").events
    assert finished["passed"] is True
    assert finished["relative_difference"] < 1e-7
    assert [matrix["name"] for matrix in matrices[:2]] == ["W1", "b1"]


def test_check_reports_what_it_left_out(run: Runner) -> None:
    ended = run("check", "digits", "--hidden", "40", "--initializer", "zeros")
    assert ended.code == 0
    assert "of 4 could not be checked" in ended.out
    assert "not checked: every entry lies at a kink" in ended.out
    assert "note: the first 256 of " in ended.err
    assert "note: 200 entries each were checked in dW1" in ended.err
    *matrices, finished = run("check", "digits", "--hidden", "40", "--initializer", "zeros", "--json").events
    left = [matrix["name"] for matrix in matrices if matrix["passed"] is None]
    assert left == finished["unchecked"] == ["b1"]


def test_every_command_takes_the_format_options(run: Runner, tmp_path: Path) -> None:
    table = tmp_path / "commas.csv"
    table.write_text("x:y\n" + "".join(f"{n * 7 % 50},5:{n},25\n" for n in range(40)))
    said = ("--separator", ":", "--decimal", ",", "--encoding", "cp1252")
    assert run("check", table, "--target", "y", *said).code == 0
    assert "decimal" in run.refused("check", table, "--target", "y", "--decimal", "x")
    assert "needs a terminal" in run.refused(table, *said)
    assert "decimal" in run.refused(table, "--decimal", "x")
    assert run.refused("--sheet", "Data") == "--sheet needs a data file to read"


def test_a_long_check_shows_its_progress(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepnet_tui.cli.commands.check.REPORT_AFTER", 0.0)
    assert "dW1: 0 of 32 entries" in run("check", "moons", "--hidden", "16").err


def test_a_wrong_gradient_has_exit_code_1(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*arguments: Any) -> dict[str, Any]:
        found = backward(*arguments)
        return {**found, "dW2": 2.0 * found["dW2"]}

    monkeypatch.setattr("engine.gradient_check.backward", wrong)
    ended = run("check", "moons")
    assert ended.code == 1
    (line,) = (line for line in ended.out.splitlines() if line.startswith("dW2"))
    assert "FAIL" in line


def test_predictions_of_a_saved_model(run: Runner, tmp_path: Path) -> None:
    run("train", "moons", "--quiet", "--export", "m.npz")
    (tmp_path / "rows.csv").write_text("note,x2,x1\na,1.0,-0.5\nb,-1.0,0.5\n")
    ended = run("predict", "m.npz", "rows.csv")
    assert ended.code == 0
    head, first, second = ended.out.splitlines()
    assert head.startswith("label,probability")
    assert (first.split(",")[0], second.split(",")[0]) == ("orange", "blue")
    assert "2 rows" in ended.err
    assert [line["label"] for line in run("predict", "m.npz", "rows.csv", "--json").events] == ["orange", "blue"]
    assert run("predict", "m.npz", "rows.csv", "--output", "out.csv").out == ""
    assert (tmp_path / "out.csv").read_text() == ended.out
    assert "out.csv" in run.refused("predict", "m.npz", "rows.csv", "--output", "out.csv")
    assert run("predict", "m.npz", "rows.csv", "--output", "out.csv", "--overwrite").code == 0
    (tmp_path / "less.csv").write_text("x1\n1\n")
    assert "no column 'x2'" in run.refused("predict", "m.npz", "less.csv")
    (tmp_path / "words.csv").write_text("x1,x2\n1,high\n")
    assert "row 1: 'high'" in run.refused("predict", "m.npz", "words.csv")
    assert "missing.npz" in run.refused("predict", "missing.npz", "rows.csv")
