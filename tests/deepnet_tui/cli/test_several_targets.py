"""Several targets on the command line: from a table to predictions."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from deepnet_tui.experiment import Experiment
from tests.deepnet_tui.cli.runner import Runner
from tests.deepnet_tui.data.targets.test_several import table

TWO = ("--target", "y1", "--target", "y2", "--ignore", "churn", "--ignore", "count")
SHORT = ("--iterations", "30", "--ensemble", "1")


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    return Runner(tmp_path / "home", capsys)


def test_from_a_table_to_predictions(run: Runner, tmp_path: Path) -> None:
    path, model = table(tmp_path / "t.csv"), tmp_path / "model.json"
    ended = run("train", path, *TWO, *SHORT, "--json", "--export", model)
    assert ended.code == 0, ended.err
    finished = ended.events[-1]
    for found in (finished["metrics"], finished["baseline"], finished["naive"]):
        measured = found["validation"]
        assert list(measured) == ["r2", "rmse", "mae", "targets"]
        assert list(measured["targets"]) == ["y1", "y2"]
    assert [entry["name"] for entry in finished["columns"] if entry["role"] == "target"] == ["y1", "y2"]
    document = json.loads(model.read_text())
    assert [document["target"], document["further_targets"][0]["name"]] == ["y1", "y2"]
    answers = list(csv.reader(run("predict", model, path).out.splitlines()))
    assert answers[0] == ["prediction y1", "prediction y2"]
    assert len(answers) == 201
    shown = run("train", path, *TWO, *SHORT).out
    assert "  y1" in shown
    assert "  y2" in shown
    again = run("export", finished["run"], tmp_path / "again.npz")
    assert again.code == 0, again.err


@pytest.mark.parametrize("loss", [("huber",), ("absolute",), ("quantile", "--quantile", "0.9")])
def test_losses_are_for_all_targets_alike(run: Runner, tmp_path: Path, loss: tuple[str, ...]) -> None:
    ended = run("train", table(tmp_path / "t.csv"), *TWO, *SHORT, "--json", "--loss", *loss)
    assert ended.code == 0, ended.err


def test_what_is_refused(run: Runner, tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv")
    both = ("train", path, "--target", "y1", "--target")
    assert "several targets must all be numbers, and 'churn' is a class" in run.refused(*both, "churn")
    assert run.refused(*both, "y1") == "--target names the column 'y1' twice"
    assert "the column 'y2' is the target" in run.refused(*both, "y2", "--ignore", "y2")
    assert "for one target, not for 2" in run.refused("train", path, *TWO, "--loss", "poisson")
    file = tmp_path / "experiment.toml"
    for text, says in (
        ('["y1", "y1"]', "the target 'y1' is named twice"),
        ('["y1", "y2"]\n[data.columns.y2]\nrole = "ignored"', "'y2' can't be a target and ignored"),
        ('["y1", 2]', "data.target must be the name of a column or a list of such names"),
        ("[]", "data.target must be the name of a column or a list of such names"),
        ("3", "data.target must be a string, not 3"),
    ):
        file.write_text(f'[data]\nsource = "t.csv"\ntarget = {text}\n')
        assert says in run.refused("train", file)


def test_an_experiment_file_holds_a_list(run: Runner, tmp_path: Path) -> None:
    table(tmp_path / "t.csv")
    file = tmp_path / "experiment.toml"
    file.write_text('[data]\nsource = "t.csv"\ntarget = ["y2", "y1"]\n')
    experiment = Experiment.read(file)
    experiment.write(tmp_path / "copy.toml")
    assert Experiment.read(tmp_path / "copy.toml").data.targets == ("y2", "y1")
    ended = run("train", file, *SHORT, "--json", "--ignore", "churn")
    assert list(ended.events[-1]["metrics"]["train"]["targets"]) == ["y2", "y1"]
    ended = run("train", file, *SHORT, "--json", "--target", "y1")
    assert "targets" not in ended.events[-1]["metrics"]["train"]
