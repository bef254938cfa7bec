"""The options of `train`, the settings of a file, and what is refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from deepnet_tui.experiment import Experiment
from deepnet_tui.runs.store import Store
from tests.deepnet_tui.cli.runner import Runner


def test_options_take_the_place_of_the_experiments_settings(run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "experiment.toml"
    experiment = Experiment.default("circles").replace("training", iterations=7, l2=0.25)
    experiment.replace("network", hidden=({"units": 5, "activation": "tanh"},)).write(path)
    options = (
        "--hidden 6,3 --learning-rate 0.1 --batch-size 50 --dropout 0.1 --validation 0.5 --seed 9 --initializer xavier"
    )
    finished = run("train", path, "--json", *options.split()).events[-1]
    kept = Store().open(finished["run"]).experiment()
    assert finished["iteration"] == 7
    assert [(layer.units, layer.activation, layer.dropout) for layer in kept.network.hidden] == [
        (6, "tanh", 0.1),
        (3, "tanh", 0.1),
    ]
    training = kept.training
    assert (training.learning_rate, training.batch_size, training.l2, training.seed) == (0.1, 50, 0.25, 9)
    assert (kept.data.source, kept.data.validation, kept.data.seed) == ("circles", 0.5, 9)
    assert kept.network.initializer == "xavier"


def test_a_full_batch_and_no_hidden_layer_can_be_asked_for(run: Runner) -> None:
    run("train", "digits", "--batch-size", "full", "--hidden", "none", "--iterations", "3", "--quiet")
    kept = Store().open("last").experiment()
    assert kept.training.batch_size is None
    assert kept.network.hidden == ()


def test_lbfgs_takes_all_examples_unless_a_batch_size_was_given(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text('[data]\nsource = "digits"\n[training]\noptimizer = "lbfgs"\n')
    for asked in (("digits", "--optimizer", "lbfgs"), ("e.toml",)):
        assert run("train", *asked, "--iterations", "2", "--quiet").code == 0
        assert Store().open("last").experiment().training.batch_size is None
    said = "batch_size must be full with lbfgs, which works on all examples at once, not 64"
    (tmp_path / "e.toml").write_text((tmp_path / "e.toml").read_text() + "batch_size = 64\n")
    assert run.refused("train", "e.toml") == said
    given = run.refused("train", "digits", "--optimizer", "lbfgs", "--batch-size", "64")
    assert given == said.replace("batch_size", "--batch-size")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("train", "Missing argument"),
        ("train trian", "no built-in data set or file 'trian'"),
        ("train mons", "did you mean moons?"),
        ("train missing.csv", "no file missing.csv"),
        ("train moons --bogus", "--bogus"),
        ("train moons --iterations many", "--iterations"),
        ("train moons --iterations 50 --iterations 1e3", "--iterations must be a whole number, not '1e3'"),
        ("train moons --class-weight balance", "choose one of balanced, none"),
        ("train moons --iterations -1", "iterations must be a whole number from 0"),
        ("train moons --learning-rate nan", "--learning-rate must be a finite number above 0, not nan"),
        ("train moons --learning-rate 0", "--learning-rate must be a finite number above 0"),
        ("train moons --learning-rate abc", "--learning-rate must be a number, not 'abc'"),
        ("train moons --hidden 0", "--hidden: units must be a whole number from 1"),
        ("train moons --hidden 1000000", "units must be a whole number from 1 to 100,000"),
        ("train moons --hidden 16,,8", "--hidden must be whole numbers"),
        ("train moons --activation swishy", "activation 'swishy' is unknown; choose one of"),
        ("train moons --initializer big", "initializer 'big' is unknown; choose one of"),
        ("train moons --optimizer fast", "optimizer 'fast' is unknown; choose one of"),
        ("train moons --batch-size half", "--batch-size must be a whole number or full"),
        ("train moons --batch-size 0", "--batch-size must be a whole number from 1"),
        ("train moons --batch-size 1000", "batch"),
        ("train moons --l2 -1", "l2"),
        ("train moons --dropout 1", "dropout"),
        ("train moons --validation 0.95", "--validation must be a number from 0 to 0.9"),
        ("train moons --validation nan", "--validation"),
        ("train moons --dtype float16", "dtype 'float16' is unknown"),
        ("train moons --seed -3", "--seed must be"),
        ("train moons --seed=-3", "--seed must be"),
        ("train moons --target y", "--target: the target of moons"),
        ("train moons --ignore x1", "--ignore: the columns of moons are built in"),
        ("train moons --patience 0", "patience"),
        ("train moons --report-every 0", "--report-every must be a whole number from 1"),
        ("moons extra", "extra"),
        ("nonsense", "no command, built-in data set or file 'nonsense'"),
        ("tarin", "did you mean train?"),
        ("tarin moons --json", "no command, built-in data set or file 'tarin'; did you mean train?"),
        ("--nonsense", "--nonsense"),
        ("resume last", "no runs"),
        ("export nothing m.npz", "no run"),
        ("runs --prune -1", "prune"),
    ],
)
def test_bad_input_is_one_plain_line(run: Runner, arguments: str, said: str) -> None:
    assert said in run.refused(*arguments.split())
    assert Store().list() == []


def test_a_bad_experiment_file_is_one_plain_line(run: Runner, tmp_path: Path) -> None:
    for text, said in (
        ("[network]\nhiden = [3]", "hiden"),
        ("[training]\nlearning_rate = nan", "learning_rate"),
        ("this is no toml", "not valid TOML"),
        ('[data]\nsource = "nowhere"', "experiment.toml: there is no"),
        ('[data]\nsource = "nowhere.csv"', "experiment.toml: there is no file nowhere.csv"),
    ):
        (tmp_path / "experiment.toml").write_text(text)
        assert said in run.refused("train", "experiment.toml")


def test_the_app_needs_a_terminal(run: Runner) -> None:
    assert "needs a terminal" in run.refused("moons")


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes as POSIX has them")
def test_what_is_no_ordinary_file_is_not_opened(run: Runner, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "is no ordinary file" in run.refused("pipe")
    assert "is a folder" in run.refused(tmp_path)


def test_classes_can_be_weighed(run: Runner, tmp_path: Path) -> None:
    rows = [f"{i * 37 % 61},{i * i % 11},{'ab'[i % 20 == 0]}" for i in range(200)]
    (tmp_path / "rare.csv").write_text("n,m,y\n" + "\n".join(rows) + "\n")
    asked = ("train", "rare.csv", "--target", "y", "--iterations", "5", "--json")
    assert "--class-weight balanced" in run(*asked).events[-1]["warnings"][0]
    for word, kept in (("balanced", "balanced"), ("none", None)):
        assert run(*asked, "--class-weight", word).code == 0
        assert Store().open("last").experiment().training.class_weight == kept
    assert "--class-weight: " in run.refused(*asked[:4], "--class-weight", "heavy")
    assert "--class-weight: class_weight needs one class" in run.refused("train", "diabetes", "--class-weight=balanced")


@pytest.mark.parametrize("word", ["none", "off"])
def test_patience_can_be_turned_off(run: Runner, tmp_path: Path, word: str) -> None:
    (tmp_path / "e.toml").write_text('[data]\nsource = "moons"\n[training]\npatience = 7\n')
    for options, patience in (((), 7), (("--patience", word), None), (("--patience", "3"), 3)):
        assert run("train", "e.toml", "--iterations", "3", "--quiet", *options).code == 0
        assert Store().open("last").experiment().training.patience == patience
    assert run.refused("train", "e.toml", "--patience", "some") == (
        "--patience must be a whole number from 1, or off, not 'some'"
    )
