"""`train --folds`: its events, its file of predictions, and what it refuses."""

from __future__ import annotations

import csv
import signal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.deepnet_tui.cli.runner import Runner


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    rows = ["age,shop,day,note,bought"]
    for row in range(120):
        gap = row == 7
        day = "" if gap else f"2024-{row % 12 + 1:02d}-{row % 28 + 1:02d}"
        bought = "" if gap else ("no", "yes")[(row * 7 % 60 > 35) ^ (row % 11 == 0)]
        rows.append(f"{row * 7 % 60},s{row % 9},{day},{'ab'[row % 2]},{bought}")
    Path("shop.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return Runner(tmp_path / "home", capsys)


SHOP = ("train", "shop.csv", "--target", "bought", "--iterations", "20")


def test_the_events_are_those_that_are_documented(run: Runner) -> None:
    ended = run(*SHOP, "--folds", "3", "--json", "--predictions", "out.csv")
    assert ended.code == 0
    *before, last = ended.events
    folds = [event for event in before if event["event"] == "fold"]
    assert {event["event"] for event in before} == {"progress", "fold"}
    assert {event["fold"] for event in before} == {1, 2, 3}
    assert [event["fold"] for event in folds] == [1, 2, 3]
    assert sum(event["tested_on"] for event in folds) == 119
    assert (last["event"], last["reason"], last["folds"], last["finished"]) == ("folds", "completed", 3, 3)
    assert last["predictions"] == "out.csv"
    for model in ("metrics", "baseline", "naive"):
        for name, spread in last[model].items():
            values = [event[model][name] for event in folds]
            assert spread["mean"] == pytest.approx(np.mean(values))
            assert spread["std"] == pytest.approx(np.std(values, ddof=1))
    assert not run.home.exists()  # no run is kept


def test_predictions_are_a_line_for_each_row_with_a_target(run: Runner) -> None:
    ended = run(*SHOP, "--folds", "4", "--group", "shop", "--predictions", "out.csv", "--quiet")
    assert ended.code == 0
    assert ended.out.startswith("shop  4 folds"), "nothing else keeps the results"
    assert "accuracy" in ended.out
    assert ended.err == "119 predictions written to out.csv\n"
    with Path("out.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    with Path("shop.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(lines[0]) == ["row", "fold", "actual", "label", "probability no", "probability yes"]
    assert [int(line["row"]) for line in lines] == [row for row in range(1, 121) if row != 8]
    folds: dict[str, set[str]] = {}
    for line in lines:
        row = rows[int(line["row"]) - 1]
        assert line["actual"] == row["bought"]
        assert (line["label"] == "yes") == (float(line["probability yes"]) > 0.5)
        folds.setdefault(row["shop"], set()).add(line["fold"])
    assert all(len(found) == 1 for found in folds.values())
    assert "out.csv is there already" in run.refused(*SHOP, "--folds", "4", "--predictions", "out.csv")
    assert run(*SHOP, "--folds", "2", "--predictions", "out.csv", "--overwrite", "--quiet").code == 0


def test_forward_in_time_what_comes_first_is_only_trained_on(run: Runner) -> None:
    ended = run(*SHOP, "--folds", "3", "--time", "day", "--json", "--predictions", "out.csv")
    assert ended.code == 0
    folds = [event for event in ended.events if event["event"] == "fold"]
    sizes = [(event["trained_on"], event["tested_on"]) for event in folds]
    assert all(trained + tested == after for (trained, tested), (after, _) in pairwise(sizes))
    assert sum(sizes[-1]) == 119
    assert len(Path("out.csv").read_text(encoding="utf-8").splitlines()) == 1 + sum(tested for _, tested in sizes)


def test_the_table_fits_a_terminal(run: Runner) -> None:
    ended = run("train", "moons", "--folds", "3", "--iterations", "200", "--threshold", "f1")
    assert ended.code == 0
    for word in ("3 folds", "400 examples", "fold 3", "mean ± std", "linear", "majority", "log loss", "f1 of"):
        assert word in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80


def test_a_number_gets_folds_as_well(run: Runner) -> None:
    ended = run("train", "diabetes", "--folds", "3", "--iterations", "50", "--json", "--predictions", "out.csv")
    assert set(ended.events[-1]["metrics"]) == {"r2", "rmse", "mae"}
    assert ended.events[-1]["positive"] is None
    assert Path("out.csv").read_text(encoding="utf-8").startswith("row,fold,actual,prediction\n1,")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--folds", "1"), "--folds must be a whole number from 2, not 1"),
        (("--folds", "many"), "--folds must be a whole number, not 'many'"),
        (("--folds", "90"), "has only"),
        (("--folds", "3", "--group", "shap"), "there is no column 'shap'; did you mean 'shop'?"),
        (("--folds", "3", "--time", "dy"), "there is no column 'dy'; did you mean 'day'?"),
        (("--folds", "10", "--group", "shop"), "'shop' has 9 groups, too few for 10 folds"),
        (("--folds", "2", "--time", "note"), "'note' is no column of dates or numbers"),
        (("--folds", "2", "--group", "bought"), "'bought' is the target"),
        (("--folds", "100", "--time", "day"), "forward in time need at least 101"),
        (("--folds", "2", "--group", "shop", "--time", "day"), "not both"),
        (("--group", "shop"), "--group is about folds, so it needs --folds"),
        (("--time", "day"), "--time is about folds, so it needs --folds"),
        (("--predictions", "out.csv"), "--predictions is about folds, so it needs --folds"),
        (("--folds", "2", "--export", "m.npz"), "--export saves one network"),
        (("--folds", "2", "--validation", "0.1"), "--validation can't be given with --folds"),
        (("--folds", "2", "--test", "shop.csv"), "--test can't be given with --folds"),
        (("--folds", "2", "--predictions", "shop.csv", "--overwrite"), "it is one of the files that are read"),
        (("--folds", "2", "--predictions", "nowhere/out.csv"), "--predictions: "),
        (("--folds", "2", "--batch-size", "500"), "fold 1: "),
    ],
)
def test_what_can_not_be_done_is_refused_in_one_line(run: Runner, options: tuple[str, ...], said: str) -> None:
    assert said in run.refused(*SHOP, *options)


def test_built_in_data_have_no_column_to_make_folds_by(run: Runner) -> None:
    assert "moons is built in" in run.refused("train", "moons", "--folds", "3", "--group", "x1")
    assert "moons is built in" in run.refused("train", "moons", "--folds", "3", "--time", "x1")


def test_a_gap_among_the_groups_is_named_by_its_row(run: Runner) -> None:
    text = Path("shop.csv").read_text(encoding="utf-8").splitlines()
    text[5] = text[5].replace("s4", "")
    Path("shop.csv").write_text("\n".join(text) + "\n", encoding="utf-8")
    said = run.refused(*SHOP, "--folds", "3", "--group", "shop")
    assert "shop.csv, row 5: 'shop' is empty" in said


def test_a_fold_that_would_know_one_class_is_refused(run: Runner) -> None:
    rows = [f"{row},{row},{'no' if row < 50 else 'yes'}" for row in range(100)]
    Path("late.csv").write_text("\n".join(["x,day,kind", *rows]) + "\n", encoding="utf-8")
    said = run.refused("train", "late.csv", "--target", "kind", "--folds", "4", "--time", "day")
    assert "fold 1 of 4 would be trained on the class 'no' only" in said


def test_a_class_that_a_fold_never_trained_on_is_told(run: Runner) -> None:
    rows = [f"{row * 7 % 90},{row},{'abc'[row % 2 + (row > 60 and row % 5 == 0)]}" for row in range(90)]
    Path("late.csv").write_text("\n".join(["x,day,kind", *rows]) + "\n", encoding="utf-8")
    options = ("--folds", "2", "--time", "day", "--iterations", "20")
    ended = run("train", "late.csv", "--target", "kind", *options)
    assert ended.code == 0
    assert "warning: The class 'c' is not among what is trained on, so it can't be predicted." in ended.err
    assert "dropped: 'day' is not used: the folds are made by it. To train on it, too: --feature day." in ended.err
    assert "Warning:" not in ended.err


def test_a_fold_that_diverges_gives_its_exit_code(run: Runner) -> None:
    options = ("--optimizer", "gd", "--learning-rate", "1e30", "--iterations", "50", "--json")
    ended = run("train", "diabetes", "--folds", "2", *options)
    assert ended.code == 3
    assert ended.events[-1]["diverged"] == [1, 2]
    assert "fold 1 diverged" in ended.err


def test_ctrl_c_reports_the_folds_that_are_finished(run: Runner) -> None:
    process = run.start("train", "moons", "--folds", "50", "--iterations", "2000", "--json", "--predictions", "o.csv")
    assert process.stdout is not None
    for line in process.stdout:
        if '"event": "fold"' in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    last = out.splitlines()[-1]
    assert '"event": "folds", "reason": "interrupted"' in last
    assert "of 50 folds finished" in err
    assert len(Path("o.csv").read_text(encoding="utf-8").splitlines()) > 1
