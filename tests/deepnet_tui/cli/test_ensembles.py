"""Ensembles and thresholds on the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from deepnet_tui.export import load
from deepnet_tui.runs.store import Store
from tests.deepnet_tui.cli.runner import Runner

SHORT = ("--iterations", "60")


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Runner(tmp_path / "home", capsys)


def test_train_says_what_it_trained_without_flooding(run: Runner) -> None:
    ended = run("train", "moons", "--ensemble", "5", *SHORT, "--export", "all.npz", "--export", "all.csv")
    assert ended.code == 0
    assert "2-16-8-1 x 5  965 parameters" in ended.out
    assert "16 x 2 x 5" in ended.out
    assert len(ended.out.splitlines()) < 45
    assert max(map(len, [line for line in ended.out.splitlines() if not line.startswith("saved")])) <= 80
    assert ended.out.count(", an ensemble of 5 networks, verified") == 2
    assert "by heart" not in ended.err  # 193 parameters each for 320 examples
    model = load("all.npz")
    assert model.parameters["W1"].shape == (5, 16, 2)
    assert f"(number {model.best_member + 1})" in run("export", "last", "one.json", "--best").out
    assert np.array_equal(load("one.json").parameters["b1"], model.parameters["b1"][model.best_member])


def test_best_saves_one_network(run: Runner) -> None:
    ended = run("train", "iris", "--ensemble", "3", *SHORT, "--best", "--export", "one.npz", "--export", "one.onnx")
    assert ended.out.count(", the best of 3 networks (number ") == 2
    assert load("one.npz").network.ensemble == 1
    assert run.refused("train", "moons", "--best") == "--best says which network --export saves, so it needs --export"
    assert run("train", "moons", *SHORT, "--best", "--export", "single.npz").code == 0


def test_an_ensemble_is_checked_and_resumed(run: Runner) -> None:
    ended = run("check", "moons", "--ensemble", "3")
    assert ended.code == 0
    assert "note: the first of 3 networks was checked" in ended.err
    run("train", "moons", "--ensemble", "3", *SHORT)
    ended = run("resume", "last", "--iterations", "90", "--json", "--export", "more.npz", "--best")
    assert ended.events[-1]["iteration"] == 90
    assert ended.events[-1]["exports"] == ["more.npz"]
    assert load("more.npz").network.ensemble == 1
    run("train", "moons", "--ensemble", "3", "--iterations", "90", "--export", "whole.npz")
    best = load("whole.npz").member(load("whole.npz").best_member)
    assert np.array_equal(best.parameters["W2"], load("more.npz").parameters["W2"])


def test_events_have_more_only_where_there_is_more(run: Runner) -> None:
    fixed = {"event", "iteration", "cost", "validation_cost", "learning_rate", "epoch", "seconds"}
    single = run("train", "moons", *SHORT, "--json").events
    assert set(single[0]) == fixed
    assert not {"threshold", "threshold_by"} & set(single[-1])
    kept = (Store().open("last").folder / "costs.jsonl").read_text().splitlines()
    assert set(json.loads(kept[0])) == fixed - {"event"}
    several = run("train", "moons", "--ensemble", "2", *SHORT, "--json").events
    assert set(several[0]) == fixed | {"lowest", "highest"}
    assert several[0]["lowest"] < several[0]["cost"] < several[0]["highest"]
    Path("internal.toml").write_text('[data]\nsource = "moons"\n[training]\ninternal = 0.2\niterations = 60\n')
    assert set(run("train", "internal.toml", "--json").events[0]) == fixed | {"internal_cost"}


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("rule", ["0.3", "f1", "cost:1,5"])
def test_the_threshold_goes_into_model_run_and_report(run: Runner, rule: str, members: int) -> None:
    options = ("--ensemble", str(members), *SHORT, "--threshold", rule)
    finished = run("train", "moons", *options, "--json", "--export", "model.npz").events[-1]
    assert finished["threshold_by"] == rule
    model = load("model.npz")
    assert model.threshold == finished["threshold"]
    assert model.metrics == {name: finished["metrics"][name] for name in ("train", "validation", "test")}
    run("export", "last", "again.json")
    assert load("again.json").threshold == model.threshold
    again = run("train", "moons", *options)
    said = next(line for line in again.out.splitlines() if line.startswith("threshold "))
    assert said.startswith(f"threshold {model.threshold:g}, ")
    about = Store().open("last").about
    assert (about["threshold"], about["threshold_value"]) == (rule, model.threshold)
    lines = run("runs", "show", "last").out.splitlines()
    number = f"{model.threshold:.6g}"
    said = next(line for line in lines if line.startswith("threshold "))
    assert said.split(maxsplit=1)[1] == (f"{number}, by {rule}" if rule != number else number)


def test_a_run_that_goes_on_keeps_its_rule(run: Runner) -> None:
    run("train", "moons", *SHORT, "--threshold", "0.2")
    finished = run("resume", "last", "--iterations", "80", "--json").events[-1]
    assert finished["threshold"] == 0.2
    (Store().open("last").folder / "model.npz").unlink()
    run("export", "last", "model.npz")
    assert load("model.npz").threshold == 0.2


def test_predict_takes_another_threshold(run: Runner) -> None:
    run("train", "moons", *SHORT, "--threshold", "0.9", "--export", "model.npz")
    grid = np.random.default_rng(0).normal(size=(50, 2))
    np.savetxt("rows.csv", grid, delimiter=",", header="x1,x2", comments="")
    model = load("model.npz")
    for options, threshold in (((), 0.9), (("--threshold", "0.2"), 0.2), (("--threshold", "0.5"), 0.5)):
        rows = list(csv.reader(run("predict", "model.npz", "rows.csv", *options).out.splitlines()))[1:]
        assert [row[0] for row in rows] == [model.classes[int(float(row[2]) > threshold)] for row in rows]
    assert "from 0 to 1, not 2" in run.refused("predict", "model.npz", "rows.csv", "--threshold", "2")


def test_a_threshold_is_for_two_classes(run: Runner) -> None:
    for source in ("iris", "diabetes"):
        said = run.refused("train", source, "--threshold", "0.5")
        assert said.startswith("--threshold: a threshold is for two classes; the target '")
    assert "must be a number from 0 to 1, f1, or cost:FP,FN" in run.refused("train", "moons", "--threshold", "best")
    run("train", "iris", *SHORT, "--export", "iris.npz")
    Path("rows.csv").write_text("x\n1\n")
    assert "a threshold is for two classes" in run.refused("predict", "iris.npz", "rows.csv", "--threshold", "0.5")
    assert Store().open("last").about["task"] == "multiclass"
