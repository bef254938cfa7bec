"""What `train` tells of the columns of a table, and what can be said about them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deepnet_tui.cli.tables import aligned
from deepnet_tui.runs.store import Store
from tests.deepnet_tui.cli.runner import Runner


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
