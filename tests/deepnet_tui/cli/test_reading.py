"""How a file is written, said on the command line, in an experiment and by a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepnet_tui.cli.source import experiment_from
from deepnet_tui.experiment import Experiment
from deepnet_tui.export import load
from tests.deepnet_tui.cli.runner import Runner

HEAD = "one,two,three\nfour,five,six\n"
ROWS = "".join(f"{row * 7 % 31},{('NA', 'ZA', 'DE')[row % 3]},{'ab'[row % 2]}\n" for row in range(60))


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text(HEAD + "n,c,y\n! off, for, now\n" + ROWS)
    return Runner(tmp_path / "home", capsys)


def test_what_train_is_told_holds_for_predict(run: Runner, tmp_path: Path) -> None:
    said = ("--skip", "2", "--comment", "!", "--missing", "NA,-1")
    ended = run("train", "rows.csv", "--target", "y", *said, "--iterations", "2", "--export", "m.npz")
    assert ended.code == 0, ended.err
    assert "Lines that begin with '!' are comments and were skipped." in ended.err
    assert "'c': 20 missing values are a category of their own." in ended.err
    reading = dict(load(tmp_path / "m.npz").reading)
    assert reading == {"decimal": ".", "skip": "2", "comment": "!", "missing": "NA,-1"}
    predicted = run("predict", "m.npz", "rows.csv")
    assert predicted.code == 0
    assert len(predicted.out.splitlines()) == 61
    (tmp_path / "plain.csv").write_text(
        "c,n\n" + "".join(f"{line.split(',')[1]},{line.split(',')[0]}\n" for line in ROWS.splitlines())
    )
    assert run("predict", "m.npz", "plain.csv").out == predicted.out
    assert run("predict", "m.npz", "rows.csv", "--skip", "2", "--comment", "!").out == predicted.out
    assert "no column 'n'" in run.refused("predict", "m.npz", "rows.csv", "--skip", "4")


def test_what_is_not_said_is_found_and_noted(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("Station 7\nn,c,y\n" + ROWS)
    ended = run("train", "rows.csv", "--target", "y", "--iterations", "2")
    assert "note: 1 line above the header was skipped, the first is 'Station 7'." in ended.err
    assert "note: NA is a word in 'c' (20 cells), since it stands beside words like it" in ended.err


def test_an_experiment_says_how_its_file_is_written(run: Runner, tmp_path: Path) -> None:
    experiment = experiment_from("rows.csv", {"target": "y", "skip": 2, "comment": "!", "missing": ""})
    experiment.write(tmp_path / "e.toml")
    text = (tmp_path / "e.toml").read_text()
    assert 'skip = 2\ncomment = "!"\nmissing = ""\n' in text
    assert Experiment.read(tmp_path / "e.toml").data.reading == experiment.data.reading
    assert run("train", "e.toml", "--iterations", "2").code == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--skip", "-1"), "--skip must be at least 0, not -1"),
        (("--skip", "x"), "--skip must be a whole number, not 'x'"),
        (("--skip", "70"), "without 70 lines there is no header"),
        (("--comment", '"'), "a comment mark has no quotes"),
    ],
)
def test_what_can_not_be_is_refused(options: tuple[str, ...], says: str, run: Runner) -> None:
    assert says in run.refused("train", "rows.csv", "--target", "y", *options)


@pytest.mark.parametrize("option", ["--skip=1", "--comment=#", "--missing=NA"])
def test_built_in_data_are_not_read(option: str, run: Runner) -> None:
    assert "is built in and takes no" in run.refused("train", "moons", option)


def test_a_model_that_lies_about_its_file_is_refused(run: Runner, tmp_path: Path) -> None:
    run(
        "train", "rows.csv", "--target", "y", "--skip", "2", "--comment", "!", "--iterations", "2", "--export", "m.json"
    )
    path = tmp_path / "m.json"
    path.write_text(path.read_text().replace('"skip": "2"', '"skip": "-2"'))
    assert run("predict", "m.json", "rows.csv").code == 2
