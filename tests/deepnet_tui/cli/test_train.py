"""`train`: the published numbers, what it prints where, and what it keeps."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from deepnet_tui.cli.tables import aligned
from deepnet_tui.common.errors import InputError
from deepnet_tui.experiment import Experiment
from deepnet_tui.export import FORMATS
from deepnet_tui.runs.store import Store
from tests.deepnet_tui.cli.runner import Runner

PUBLISHED_COSTS = {
    0: 0.693147179101668,
    100: 0.6913663615472958,
    200: 0.6901428329273512,
    300: 0.6893019578750604,
    400: 0.6887238512106988,
    2700: 0.6874476979055951,
    2800: 0.6874476213206875,
    2900: 0.6874475684872733,
}
PUBLISHED_PARAMETERS = {
    "W1": [
        [0.01788646, 0.00436687, 0.00096225],
        [-0.01863628, -0.00277482, -0.00354674],
        [-0.00082677, -0.00627067, -0.00043808],
        [-0.00476898, -0.01314048, 0.00884857],
    ],
    "b1": [[-2.64082146e-07], [2.72834707e-07], [3.64257323e-07], [1.75856439e-06]],
    "W2": [
        [0.0088149, 0.01709711, 0.00049992, -0.00404753],
        [-0.0054536, -0.01546477, 0.00982367, -0.01101068],
        [-0.01185051, -0.00205634, 0.01486141, 0.00236701],
        [-0.01023786, -0.00712985, 0.00625262, -0.00160502],
        [-0.00768738, -0.00230125, 0.00745106, 0.01976248],
    ],
    "b2": [[2.34080642e-05], [0.0], [-2.81738458e-06], [1.85347160e-05], [8.13445992e-05]],
    "W3": [
        [-0.01244123, -0.00626417, -0.00803766, -0.02419083, -0.00923792],
        [-0.01024285, 0.01123978, -0.00131827, -0.01623289, 0.0064712],
    ],
    "b3": [[0.0], [0.00374547]],
    "W4": [[-0.00356271, -0.01783282]],
    "b4": [[-0.21327127]],
}
PRINTED = {"b1": "{:.8e}", "b2": "{:.8e}"}  # the others with eight decimals


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Runner(tmp_path / "home", capsys)


def test_the_tutorial_gives_its_published_costs_and_parameters(run: Runner, tmp_path: Path) -> None:
    ended = run("train", "tutorial", "--json", "--export", "tutorial.npz")
    assert ended.code == 0
    *progress, finished = ended.events
    assert [event["iteration"] for event in progress] == list(range(0, 3001, 100))
    costs = {event["iteration"]: event["cost"] for event in progress}
    for iteration, cost in PUBLISHED_COSTS.items():
        assert abs(costs[iteration] - cost) < 1e-12, iteration
    assert finished["event"] == "finished"
    assert (finished["reason"], finished["iteration"]) == ("completed", 3000)
    assert finished["cost"] == costs[3000]
    assert finished["metrics"]["validation"] is None
    assert finished["metrics"]["test"] is None
    with np.load(tmp_path / "tutorial.npz", allow_pickle=False) as saved:
        for name, published in PUBLISHED_PARAMETERS.items():
            digits = PRINTED.get(name, "{:.8f}").format
            assert [[digits(value) for value in row] for row in saved[name]] == [
                [digits(value) for value in row] for row in published
            ]


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


def test_export_can_be_asked_for_again_and_again(run: Runner, tmp_path: Path) -> None:
    finished = run(
        "train", "moons", "--iterations", "20", "--json", "--export", "m.npz", "--export", "m.safetensors"
    ).events[-1]
    assert finished["exports"] == ["m.npz", "m.safetensors"]
    assert (tmp_path / "m.npz").exists()
    assert (tmp_path / "m.safetensors").exists()


def test_an_export_that_can_not_be_is_refused_before_training(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "there.npz").write_text("mine")
    assert "already" in run.refused("train", "moons", "--export", "there.npz")
    assert "folder" in run.refused("train", "moons", "--export", tmp_path / "missing" / "m.npz")
    assert ".npz" in run.refused("train", "moons", "--export", "m.docx")
    (tmp_path / "folder.npz").mkdir()
    assert "folder" in run.refused("train", "moons", "--export", "folder.npz")
    assert Store().list() == []
    assert (tmp_path / "there.npz").read_text() == "mine"
    assert run("train", "moons", "--iterations", "5", "--quiet", "--overwrite", "--export", "there.npz").code == 0


def test_an_export_never_replaces_what_is_read(run: Runner, tmp_path: Path) -> None:
    text = "a,b,y\n" + "".join(f"{n},{n * n % 7},{n % 2}\n" for n in range(60))
    (tmp_path / "data.csv").write_text(text)
    (tmp_path / "test.csv").write_text(text)
    arguments = ["train", "data.csv", "--target", "y", "--test", "test.csv", "--iterations", "5", "--overwrite"]
    for name in ("data.csv", "test.csv"):
        assert "files that are read" in run.refused(*arguments, "--export", name)
    assert run(*arguments, "--quiet").code == 0
    assert "files that are read" in run.refused("export", "last", "data.csv", "--overwrite")
    assert (tmp_path / "data.csv").read_text() == (tmp_path / "test.csv").read_text() == text


def test_exports_need_names_of_their_own(run: Runner, tmp_path: Path) -> None:
    assert run.refused("train", "moons", "--export", "") == "--export needs the name of a file"
    assert "needs the name of a file" in run.refused("export", "last", "")
    assert "twice" in run.refused("train", "moons", "--export", "m.npz", "--export", tmp_path / "m.npz")
    assert "(--overwrite)" not in run.refused("train", "moons", "--export", "/dev/null")
    assert Store().list() == []


def test_an_export_that_fails_after_training_loses_nothing(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deepnet_tui.export.check_path", lambda *_: None)
    (tmp_path / "m.npz").mkdir()
    ended = run("train", "moons", "--iterations", "5", "--quiet", "--export", "m.npz")
    assert ended.code == 2
    assert "nothing is lost: deepnet-tui export " in ended.err
    assert run("export", "last", "other.npz").code == 0


@pytest.mark.parametrize("name", ["m.h", "m.py"])
def test_a_network_too_large_for_a_format_is_refused_first(run: Runner, name: str) -> None:
    asked = ("train", "moons", "--hidden", "1000,3000", "--iterations", "1", "--export", name)
    assert "hold at most" in run.refused(*asked)
    assert Store().list() == []


def test_a_missing_package_is_noticed_before_training(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert "pip install" in run.refused("train", "moons", "--export", "a.npz", "--export", "a.onnx")
    assert Store().list() == []


@pytest.mark.parametrize("wrong", [InputError("the disk is full"), RuntimeError("the disk is full")])
def test_a_failed_export_spares_the_others_and_the_results(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: Exception
) -> None:
    def fail(_model: object, _path: Path) -> None:
        raise wrong

    monkeypatch.setitem(FORMATS, ".safetensors", dataclasses.replace(FORMATS[".safetensors"], save=fail))
    asked = [word for suffix in ("npz", "safetensors", "json") for word in ("--export", f"a.{suffix}")]
    ended = run("train", "moons", "--iterations", "5", "--json", *asked)
    finished = ended.events[-1]
    assert (ended.code, finished["event"]) == (2, "finished")
    assert finished["exports"] == ["a.npz", "a.json"]
    assert "the disk is full" in finished["failed_exports"]["a.safetensors"]
    assert "the disk is full" in ended.err
    assert (tmp_path / "a.json").exists()
    assert not (tmp_path / "a.safetensors").exists()


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


def test_the_same_seed_gives_the_same_and_another_another(run: Runner) -> None:
    def costs(seed: int) -> list[float]:
        ended = run("train", "digits", "--iterations", "30", "--report-every", "10", "--seed", str(seed), "--json")
        return [event["cost"] for event in ended.events if event["event"] == "progress"]

    assert costs(5) == costs(5)
    assert costs(5) != costs(6)


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


@pytest.fixture
def leak(tmp_path: Path) -> Path:
    """Titanic in small: `alive` is the target under another name."""
    rows = [(i % 7, i * 5 % 13, "yes" if i * 5 % 13 > 6 else "no", i * 5 % 13 > 6) for i in range(80)]
    path = tmp_path / "leak.csv"
    path.write_text("a,b,alive,survived\n" + "".join(f"{a},{b},{c},{int(d)}\n" for a, b, c, d in rows))
    return path


def test_a_leak_is_told_once_with_its_remedy(run: Runner, leak: Path) -> None:
    asked = ("train", leak, "--target", "survived", "--iterations", "5")
    plain = run(*asked).err
    assert plain.count("'alive'") == 1, plain
    assert "--feature alive, or in the data screen." in plain
    finished = run(*asked, "--json").events[-1]
    assert "'alive'" in finished["dropped"][0]
    assert "'alive'" in finished["warnings"][0]


def test_the_roles_of_columns_can_be_given(run: Runner, leak: Path) -> None:
    asked = (leak, "--target", "survived")
    ended = run("train", *asked, "--feature", "alive", "--ignore", "a", "--ignore", "b", "--iterations", "5", "--json")
    assert "used as requested" in ended.events[-1]["warnings"][0]
    kept = Store().open("last")
    assert {name: column.role for name, column in kept.experiment().data.columns.items()} == {
        "alive": "feature",
        "a": "ignored",
        "b": "ignored",
    }
    assert run("check", *asked, "--ignore", "a").code == 0
    assert "did you mean 'alive'" in run.refused("train", *asked, "--feature", "alife")
    assert "is the target" in run.refused("train", *asked, "--ignore", "survived")
    assert "at once" in run.refused("train", *asked, "--ignore", "a", "--feature", "a")


def test_the_target_option_overrides_the_file(run: Runner, tmp_path: Path) -> None:
    rows = [f"{i * 37 % 61},{'uvw'[i % 3]},{'ab'[i * i // 7 % 2]}" for i in range(60)]
    (tmp_path / "table.csv").write_text("n,c,t\n" + "\n".join(rows) + "\n")
    said = '[data]\nsource = "table.csv"\n[data.columns.c]\nrole = "target"\n'
    (tmp_path / "one.toml").write_text(said)
    assert run("train", "one.toml", "--iterations", "5", "--quiet", "--export", "c.json").code == 0
    asked = ("train", "one.toml", "--target", "t", "--iterations", "5", "--quiet", "--export", "t.json")
    assert run(*asked).code == 0
    assert [json.loads((tmp_path / f"{name}.json").read_text())["target"] for name in "ct"] == ["c", "t"]
    (tmp_path / "two.toml").write_text(said + '[data.columns.t]\nrole = "target"\n')
    assert "both 'c' and 't' are set to be the target" in run.refused("train", "two.toml")
    (tmp_path / "two.toml").write_text(said.replace("\n[data.columns", '\ntarget = "t"\n[data.columns'))
    assert "both 'c' and 't'" in run.refused("train", "two.toml")
    assert run("train", "two.toml", "--target", "c", "--iterations", "5", "--quiet").code == 0


def test_what_was_understood_of_the_columns_is_told(run: Runner, leak: Path) -> None:
    asked = ("train", leak, "--target", "survived", "--iterations", "5")
    ended = run(*asked)
    shown = [line.split()[:3] for line in ended.err.splitlines()[:5]]
    assert shown == [
        ["column", "kind", "role"],
        ["a", "numeric", "feature"],
        ["b", "numeric", "feature"],
        ["alive", "boolean", "ignored"],
        ["survived", "boolean", "target"],
    ]
    assert run(*asked, "--quiet").err.startswith("warning: 'alive' is left out: ")
    ended = run(*asked, "--json")
    assert "because" not in ended.err
    told = ended.events[-1]["columns"]
    assert [info["name"] for info in told] == ["a", "b", "alive", "survived"]
    assert set(told[0]) == {"name", "kind", "role", "reason", "missing"}
    assert "gives the target away" in told[2]["reason"]


def test_what_a_rich_preparation_makes_of_the_columns_is_told(run: Runner, tmp_path: Path) -> None:
    rows = [f"{i * 7 % 61},{i * i // 7 % 2}" for i in range(200)]
    (tmp_path / "t.csv").write_text("\n".join(["a,y", *rows]))
    (tmp_path / "t.toml").write_text('[data]\nsource = "t.csv"\ntarget = "y"\npreparation = "rich"\n')
    ended = run("train", "t.toml", "--iterations", "5")
    assert ended.code == 0
    assert [line.split(maxsplit=3)[3] for line in ended.err.splitlines()[:2]] == [
        "inputs; because",
        "→ 6 bins; whole numbers",
    ]


def test_no_name_of_a_column_is_cut_in_a_pipe(run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    names = ("a_name_that_is_longer_than_any_terminal_has_room_for_in_one_line", "b", "y")
    rows = [f"{i % 7},w{i},{i * i % 2}" for i in range(80)]
    (tmp_path / "long.csv").write_text(",".join(names) + "\n" + "\n".join(rows) + "\n")
    ended = run("train", "long.csv", "--target", "y", "--iterations", "5")
    shown = [line.split()[0] for line in ended.err.splitlines()[1:4]]
    assert shown == list(names)
    assert "b  " in ended.err
    assert "identifier  ignored  80 different words in 80 rows, too many to be categories" in ended.err


def test_each_column_takes_one_line_of_a_terminal() -> None:
    rows = [("column", "kind", "because"), ("a name of thirty characters ..", "numeric", "long words " * 20)]
    wide, narrow = aligned(rows, 60), aligned(rows, 20)
    assert wide[0].split() == ["column", "kind", "because"]
    assert wide[1].startswith("a name of thirty charac\u2026  numeric  long words")
    assert max(map(len, wide)) <= 60
    assert narrow[1] == "a name of thirty charac\u2026  numeric  long wo\u2026"


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


def test_breast_cancer_does_well_with_its_defaults(run: Runner) -> None:
    found = []
    for seed in range(1, 6):
        finished = run("train", "breast_cancer", "--seed", str(seed), "--json").events[-1]
        found.append(finished["metrics"]["validation"]["accuracy"])
    assert np.mean(found) >= 0.965, found
    assert min(found) >= 0.94, found


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
