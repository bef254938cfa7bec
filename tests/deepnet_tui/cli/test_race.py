"""`race`: its events, ranks, exit codes, and the runs that it keeps."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from deepnet_tui.race import headless
from deepnet_tui.runs.store import Store
from tests.deepnet_tui.cli.runner import Runner

SHORT = ("moons", "--iterations", "60", "--report-every", "20")


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Runner(tmp_path / "home", capsys)


def of(events: list[dict[str, Any]], kind: str, **values: Any) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == kind and (not values or event["racer"] == values)]


def test_each_racer_has_the_costs_that_train_gives(run: Runner) -> None:
    ended = run("race", *SHORT, "--vary", "learning_rate=0.001,0.1", "--vary", "hidden=4-3,5", "--json")
    assert ended.code == 0
    for rate, hidden, units in ((0.001, "4,3", [4, 3]), (0.1, "5", [5])):
        alone = run("train", *SHORT, "--learning-rate", str(rate), "--hidden", hidden, "--json").events
        raced = of(ended.events, "progress", learning_rate=rate, hidden=units)
        singles = of(alone, "progress")
        assert [event["iteration"] for event in raced] == [0, 20, 40, 60]
        for name in ("cost", "validation_cost", "learning_rate"):
            assert [event[name] for event in raced] == pytest.approx([event[name] for event in singles], rel=1e-12)
        (end,) = of(ended.events, "finished", learning_rate=rate, hidden=units)
        assert end["metrics"]["validation"] == pytest.approx(alone[-1]["metrics"]["validation"])
        assert end["reason"] == "completed"
    last = ended.events[-1]
    assert (last["event"], last["reason"]) == ("race", "completed")
    assert last["winner"] == last["ranking"][0]["racer"]
    costs = [entry["validation_cost"] for entry in last["ranking"]]
    assert costs == sorted(costs)
    assert [entry["rank"] for entry in last["ranking"]] == [1, 2, 3, 4]


def test_every_racer_is_a_run_that_can_go_on(run: Runner) -> None:
    ended = run("race", *SHORT, "--vary", "initializer=he,small", "--json").events[-1]
    records = {record.id: record for record in Store().list()}
    assert {entry["run"] for entry in ended["ranking"]} == set(records)
    tags = {record.labels.tags for record in records.values()}
    assert len(tags) == 1, "one race has one tag"
    assert tags.pop()[0] == "race"
    for entry in ended["ranking"]:
        record = records[entry["run"]]
        assert record.experiment().network.initializer == entry["racer"]["initializer"]
        assert (record.state, record.iteration) == ("completed", 60)
        on = run("resume", entry["run"], "--iterations", "80", "--json").events[-1]
        assert (on["reason"], on["iteration"]) == ("completed", 80)


def test_one_that_diverges_does_not_fail_the_race(run: Runner) -> None:
    rates = "learning_rate=1e300,0.01"
    ended = run("race", *SHORT, "--optimizer", "gd", "--vary", rates, "--json")
    assert ended.code == 0
    first, second = ended.events[-1]["ranking"]
    assert (first["racer"], first["rank"], first["reason"]) == ({"learning_rate": 0.01}, 1, "completed")
    assert (second["rank"], second["reason"]) == (None, "diverged")
    assert "learning rate 1e+300: the cost became infinite" in ended.err
    every = run("race", *SHORT, "--optimizer", "gd", "--vary", "learning_rate=1e300,1e301", "--export", "best.onnx")
    assert every.code == 3
    assert not Path("best.onnx").exists()


def test_the_winner_is_saved_and_the_ranks_are_shown(run: Runner) -> None:
    ended = run("race", *SHORT, "--vary", "learning_rate=0.00001,0.1", "--export", "best.json")
    assert ended.code == 0
    assert "validation cost" in ended.out
    lines = ended.out.splitlines()
    ranks = [line.split() for line in lines if line.startswith(("1 ", "2 "))]
    assert [rank[2] for rank in ranks] == ["0.1", "1e-05"]
    assert any(line.startswith("winner: learning rate 0.1, run ") for line in lines)
    assert json.loads(Path("best.json").read_text())["iterations"] == 60


def test_a_file_says_what_varies_and_the_command_line_adds_to_it(run: Runner) -> None:
    text = '[data]\nsource = "moons"\n[training]\niterations = 20\n[race]\nlearning_rate = [0.1, 0.01]\nseed = [1, 2]\n'
    Path("e.toml").write_text(text)
    ended = run("race", "e.toml", "--vary", "seed=5,6,7", "--json").events[-1]
    assert len(ended["ranking"]) == 6
    ended = run("race", "e.toml", "--seed", "5", "--json").events[-1]
    assert len(ended["ranking"]) == 2
    assert run("train", "e.toml", "--quiet").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "a race needs a setting with at least two values"),
        (("--vary", "learning_rate=1,2", "--learning-rate", "1"), "--learning-rate and --vary learning_rate are given"),
        (("--vary", "optimizer=adam,lbfgs", "--dropout", "0.1"), "optimizer lbfgs: lbfgs needs a deterministic cost"),
        (("--vary", "batch_size=9,99999"), "batch size 99999: batch_size is 99,999, but there are only 320 examples"),
        (("--vary", "seed=1,2", "--vary", "seed=3"), "--vary names seed twice"),
    ],
)
def test_what_is_refused_is_refused_before_anything_is_kept(run: Runner, words: tuple[str, ...], said: str) -> None:
    assert said in run.refused("race", "moons", *words)
    assert Store().list() == []


def test_an_interrupted_race_keeps_what_was_trained(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    started = headless.run_race

    def interrupted(entrants: Any, observer: Any, stop: threading.Event) -> None:
        before = entrants[0].report

        def report() -> Any:
            if entrants[0].trainer.iteration == 40:
                signal.raise_signal(signal.SIGINT)
            return before()

        monkeypatch.setattr(entrants[0], "report", report)
        started(entrants, observer, stop)

    monkeypatch.setattr("deepnet_tui.cli.race.run.run_race", interrupted)
    ended = run("race", *SHORT, "--vary", "learning_rate=0.001,0.1", "--json")
    assert ended.code == 130
    last = ended.events[-1]
    assert (last["reason"], [entry["reason"] for entry in last["ranking"]]) == ("interrupted", ["interrupted"] * 2)
    assert "deepnet-tui resume" in ended.err
    for record in Store().list():
        assert (record.state, record.iteration) == ("interrupted", 40)
    on = run("resume", last["ranking"][0]["run"], "--json").events[-1]
    assert (on["reason"], on["iteration"]) == ("completed", 60)


def test_a_terminal_shows_the_ranks_while_it_trains(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(headless, "LOOK", 0.0)
    ended = run("race", *SHORT, "--vary", "learning_rate=0.001,1e300", "--optimizer", "gd")
    assert "60 of 60" in ended.err or "40 of 60" in ended.err
    assert "of 120 iterations" in ended.err
    assert "diverged after 0" in ended.out
    assert "\x1b[" in ended.out, "curves have colours"
