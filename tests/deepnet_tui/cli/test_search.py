"""`search` on the command line."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

from deepnet_tui.experiment import Experiment
from deepnet_tui.runs.store import Store
from deepnet_tui.search.store import searches
from tests.deepnet_tui.cli.runner import Runner

QUICK = ("--iterations", "40", "--report-every", "4", "--jobs", "1")
VARY = ("--vary", "learning_rate=0.001..0.3:log", "--vary", "hidden=16,8;4;none")


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Runner(tmp_path / "home", capsys)


def test_the_best_settings_are_trained_as_an_ordinary_run(run: Runner, tmp_path: Path) -> None:
    ended = run(
        "search", "moons", *QUICK, *VARY, "--trials", "5", "--json", "--output", "best.toml", "--export", "m.npz"
    )
    assert ended.code == 0, ended.err
    *trials, last = ended.events
    assert [event["event"] for event in ended.events] == ["trial"] * 5 + ["finished"]
    assert [event["trial"] for event in trials] == list(range(5))
    assert trials[0]["settings"] == {"learning_rate": 0.01, "hidden": [16, 8]}
    done = [event for event in trials if event["state"] == "done"]
    best = min(done, key=lambda event: event["score"])
    assert last["best"]["trial"] == best["trial"] == trials[-1]["best"]["trial"]
    assert last["beats_defaults"] == (best["trial"] > 0)
    assert last["defaults"]["score"] == trials[0]["score"]
    assert (last["training_rows"], last["scored_by"]) == (320, "internal log-loss")
    record = Store().open(last["run"])
    assert record.state == "completed"
    assert record.about["search"] == last["search"] == searches(Store())[0].id
    assert record.about["metrics"] == last["metrics"]
    written = Experiment.read("best.toml")
    assert record.experiment() == written
    assert written.training.learning_rate == best["settings"]["learning_rate"]
    assert [layer.units for layer in written.network.hidden] == best["settings"]["hidden"]
    assert (tmp_path / "m.npz").exists()
    alone = run("train", "best.toml", "--json").events[-1]
    assert alone["metrics"] == last["metrics"]
    assert "is complete with 5 trials" in run.refused("search", "--resume")
    more = run("search", "--resume", last["search"][:18], "--trials", "6", "--jobs", "1")
    assert more.code == 0
    assert more.out.startswith("moons  6 trials (")
    assert "validation rows had no part in it" in more.out
    assert "the defaults: " in more.out
    assert more.out.count("\nvalidation ") == 1


def test_without_ranges_sensible_ones_are_searched_but_for_what_is_given(run: Runner) -> None:
    ended = run("search", "iris", *QUICK, "--hidden", "8", "--learning-rate", "0.02", "--trials", "2", "--json")
    assert [set(event["settings"]) for event in ended.events[:2]] == [{"dropout", "l2", "batch_size"}] * 2
    assert Store().open("last").experiment().training.learning_rate == 0.02


def test_the_section_of_a_file_says_what_is_searched(run: Runner, tmp_path: Path) -> None:
    text = '[data]\nsource = "moons"\n[training]\niterations = 20\n[search]\nl2 = [0.5, 1]\nunits = "4..8"\n'
    (tmp_path / "experiment.toml").write_text(text)
    ended = run("search", "experiment.toml", "--trials", "2", "--json", "--jobs", "1", "--sampler", "random")
    assert ended.code == 0, ended.err
    assert [set(event["settings"]) for event in ended.events[:2]] == [{"l2", "units"}] * 2
    assert run("train", "experiment.toml", "--quiet").code == 0
    assert "search" not in (Store().open("last").folder / "experiment.toml").read_text()
    again = Experiment.read("experiment.toml")
    again.write("again.toml")
    assert Experiment.read("again.toml").search == {"l2": [0.5, 1], "units": "4..8"}
    (tmp_path / "experiment.toml").write_text(text.replace('"4..8"', "true"))
    assert "[search] units must be a range" in run.refused("search", "experiment.toml")
    (tmp_path / "experiment.toml").write_text("search = 3\n" + text[: text.index("[search]")])
    assert "search must be a table" in run.refused("search", "experiment.toml")


def test_a_table_is_searched_with_single_networks_and_trained_as_an_ensemble(run: Runner, tmp_path: Path) -> None:
    rows = "".join(f"{n % 17},{(n * 7) % 13},{'yes' if (n * 7) % 13 > n % 17 else 'no'}\n" for n in range(60))
    (tmp_path / "table.csv").write_text("a,b,answer\n" + rows)
    vary = ("--vary", "units=4,8", "--iterations", "10", "--jobs", "1")
    ended = run("search", "table.csv", "--target", "answer", *vary, "--trials", "2", "--json")
    assert ended.code == 0, ended.err
    assert len(ended.events[0]["parts"]) == 5
    assert Store().open("last").experiment().network.ensemble == 8


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "needs a SOURCE"),
        (("moons", "--vary", "lr=1,2"), "--vary: there is no setting 'lr' to search"),
        (("moons", "--range", "loss=huber,absolute"), "can't be searched"),
        (("moons", "--trials", "0"), "--trials must be a whole number from 1, not 0"),
        (("moons", "--jobs", "0"), "--jobs must be a whole number from 1, not 0"),
        (("moons", "--time", "0"), "--time must be above 0 seconds, not 0"),
        (("moons", "--sampler", "grid"), "--sampler must be tpe or random, not 'grid'"),
        (("moons", "--jobs", "2", "--scheduler", "tcp://x:1"), "--jobs is about this machine"),
        (("--resume",), "there are no searches"),
        (("--resume", "--learning-rate", "0.1"), "--learning-rate can't be changed when a search is resumed"),
        (("moons", "--output", "nowhere/best.toml"), "--output"),
        (("nope",), "there is no built-in data set or file 'nope'"),
        (("moons", "--scheduler", "nonsense://x"), "must be such as tcp://HOST:8786, not 'nonsense://x'"),
    ],
)
def test_what_can_not_be_done_is_refused_in_a_sentence(run: Runner, words: tuple[str, ...], said: str) -> None:
    assert said in run.refused("search", *words)
    assert searches(Store()) == []


def test_without_the_extra_one_sentence_says_how_to_get_it(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        return None

    monkeypatch.setattr("deepnet_tui.search.extra.find_spec", missing)
    assert 'pip install "deepnet-tui[search]"' in run.refused("search", "moons")


def test_data_that_have_changed_are_not_searched_on(run: Runner, tmp_path: Path) -> None:
    header = "a,b,answer\n"
    rows = "".join(f"{n % 17},{(n * 7) % 13},{'yes' if (n * 7) % 13 > n % 17 else 'no'}\n" for n in range(60))
    (tmp_path / "table.csv").write_text(header + rows)
    words = ("search", "table.csv", "--target", "answer", "--iterations", "5", "--jobs", "1", "--vary", "units=4,8")
    assert run(*words, "--trials", "1", "--quiet").code == 0
    (tmp_path / "table.csv").write_text(header + rows.replace("3,", "4,"))
    assert "have changed since" in run.refused("search", "--resume", "--trials", "2")


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_ctrl_c_keeps_what_is_done_and_the_search_goes_on(run: Runner) -> None:
    process = run.start("search", "moons", "--iterations", "1000", "--jobs", "1", *VARY, "--trials", "3", "--json")
    assert process.stdout is not None
    first = [json.loads(process.stdout.readline()) for _ in range(1)]
    process.send_signal(signal.SIGINT)
    rest, err = process.communicate()
    assert process.returncode == 130, err
    assert "deepnet-tui search --resume 2" in err
    *meanwhile, last = map(json.loads, rest.splitlines())
    assert (last["reason"], last["run"]) == ("interrupted", None)
    assert last["trials"] == len(first) + len(meanwhile) + last["states"]["running"] < 3
    resumed = run("search", "--resume", "--json", "--jobs", "1")
    assert resumed.code == 0, resumed.err
    assert ("had not finished and will run again" in resumed.err) == (last["states"]["running"] > 0)
    assert [event["trial"] for event in (*first, *meanwhile, *resumed.events[:-1])] == list(range(3))
    assert resumed.events[-1]["trials"] == 3
    assert resumed.events[-1]["run"] is not None
