"""`train`: what it prints where, and what it keeps."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from deepnet_tui.runs.store import Store
from tests.deepnet_tui.cli.runner import Runner


def test_json_is_one_object_a_line_as_documented(run: Runner) -> None:
    ended = run("train", "moons", "--iterations", "250", "--json")
    *progress, finished = ended.events
    assert [event["iteration"] for event in progress] == [0, 100, 200, 250]
    assert all(event["event"] == "progress" for event in progress)
    assert all(isinstance(event["validation_cost"], float) for event in progress)
    assert set(finished["metrics"]) == {"train", "validation", "test"}
    for part in ("train", "validation"):
        assert set(finished["metrics"][part]) == {"accuracy", "log_loss", "roc_auc", "f1"}
    assert Store().open("last").id == finished["run"]


def test_a_number_is_measured_as_one(run: Runner) -> None:
    finished = run("train", "diabetes", "--iterations", "50", "--json").events[-1]
    assert set(finished["metrics"]["validation"]) == {"r2", "rmse", "mae"}


def test_results_go_to_stdout_and_the_rest_to_stderr(run: Runner) -> None:
    ended = run("train", "moons", "--iterations", "300")
    assert ended.code == 0
    for word in ("train", "validation", "iteration", "accuracy", "W3", "2-16-8-1", "completed at iteration 300"):
        assert word in ended.out
    assert "\x1b" not in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80
    assert ended.err == ""


def test_quiet_is_quiet(run: Runner, tmp_path: Path) -> None:
    ended = run("train", "moons", "--iterations", "20", "--quiet", "--export", "m.json")
    assert (ended.code, ended.out) == (0, "")
    assert "saved" in ended.err
    assert (tmp_path / "m.json").exists()


def test_warnings_and_json_are_the_same_when_it_is_quiet(run: Runner, leak: Path) -> None:
    asked = ("train", leak, "--target", "survived", "--iterations", "5")
    loud, quiet = run(*asked).err.splitlines(), run(*asked, "-q").err.splitlines()
    assert quiet == [line for line in loud if line.startswith("warning: ")]
    *_, loudly = run(*asked, "--json").events
    *_, quietly = run(*asked, "--json", "-q").events
    varying = ("run", "seconds")
    assert [loudly[key] for key in loudly if key not in varying] == [
        quietly[key] for key in quietly if key not in varying
    ]
    assert quietly["naive"]["train"]["accuracy"] > 0.5


def test_divergence_exits_with_3_and_keeps_good_parameters(run: Runner, tmp_path: Path) -> None:
    ended = run("train", "moons", "--optimizer", "gd", "--learning-rate", "1e200", "--json", "--export", "m.npz")
    assert ended.code == 3
    finished = ended.events[-1]
    assert finished["reason"] == "diverged"
    assert math.isfinite(finished["cost"])
    assert "iteration" in finished["message"]
    assert finished["message"] in ended.err
    with np.load(tmp_path / "m.npz", allow_pickle=False) as saved:
        assert all(np.isfinite(saved[name]).all() for name in ("W1", "b1", "W2", "b2", "W3", "b3"))
    assert Store().open("last").state == "diverged"


def test_scores_without_bound_are_null_in_json(run: Runner) -> None:
    settings = ("--optimizer", "momentum", "--learning-rate", "50", "--iterations", "300")
    ended = run("train", "diabetes", *settings, "--json")
    assert ended.code == 3
    assert ended.events[-1]["metrics"]["train"]["r2"] is None
    assert "Warning" not in ended.err
    assert Store().open("last").about["metrics"]["train"]["r2"] is None


@pytest.mark.parametrize(("source", "name"), [("moons", "majority"), ("iris", "majority"), ("diabetes", "mean")])
def test_the_simplest_answer_stands_beside_the_metrics(run: Runner, source: str, name: str) -> None:
    finished = run("train", source, "--iterations", "5", "--json").events[-1]
    for part in ("train", "validation"):
        assert set(finished["naive"][part]) == set(finished["metrics"][part])
    measure, value = ("r2", 0.0) if source == "diabetes" else ("roc_auc", 0.5)
    assert finished["naive"]["train"][measure] == pytest.approx(value)
    assert f"\n  {name}" in run("train", source, "--iterations", "5").out


def test_f1_names_the_class_that_it_speaks_of(run: Runner, tmp_path: Path) -> None:
    rows = [f"{i * 37 % 61},{i * i % 11},{'fraud' if i % 25 == 0 else 'ok'}" for i in range(400)]
    (tmp_path / "rare.csv").write_text("n,m,y\n" + "\n".join(rows) + "\n")
    asked = ("train", "rare.csv", "--target", "y", "--iterations", "5")
    assert "f1 of fraud" in run(*asked).out
    finished = run(*asked, "--json").events[-1]
    assert finished["positive"] == "fraud"
    assert finished["naive"]["train"]["f1"] == 0.0
    for source in ("iris", "diabetes"):
        assert run("train", source, "--iterations", "5", "--json").events[-1]["positive"] is None


def test_the_curve_says_that_it_has_a_penalty(run: Runner) -> None:
    assert "train with penalty" in run("train", "moons", "--iterations", "200", "--l2", "0.1").out
    assert "penalty" not in run("train", "moons", "--iterations", "200", "--l2", "0").out


def test_patience_without_held_out_data_is_warned_of(run: Runner) -> None:
    asked = ("train", "moons", "--patience", "5", "--iterations", "5", "--json")
    assert any("patience" in line for line in run(*asked, "--validation", "0").events[-1]["warnings"])
    assert not any("patience" in line for line in run(*asked).events[-1]["warnings"])


def test_a_store_that_can_not_be_written_is_one_warning(run: Runner) -> None:
    run.home.mkdir()
    (run.home / "runs").write_text("in the way")
    ended = run("train", "moons", "--iterations", "300", "--json")
    assert ended.code == 0
    assert ended.err.count("warning") == 1
    assert ended.events[-1]["run"] is None


def test_the_cost_of_a_run_is_kept_as_it_was_printed(run: Runner) -> None:
    *progress, finished = run("train", "moons", "--iterations", "250", "--json").events
    record = Store().open(finished["run"])
    assert [kept.cost for kept in record.costs()] == [event["cost"] for event in progress]
    assert record.about["metrics"] == json.loads(json.dumps(finished["metrics"]))


def test_any_number_of_reports(run: Runner) -> None:
    result = run("train", "moons", "--report-every", "1", "--iterations", "1500", "--json")
    assert result.code == 0
    assert len(result.events) == 1502


def test_a_stored_run_has_the_validation_cost_of_the_parameters_that_were_brought_back(run: Runner) -> None:
    asked = (
        "train",
        "moons",
        "--learning-rate",
        "0.1",
        "--l2",
        "0",
        "--patience",
        "3",
        "--report-every",
        "10",
        "--json",
    )
    ended = run(*asked).events[-1]
    assert ended["reason"] == "early_stopping"
    stored = run("runs", "--json").events[0]
    assert stored["validation_cost"] == pytest.approx(ended["metrics"]["validation"]["log_loss"], rel=1e-9)
