"""The JSON events that the manual shows have the members of the real ones."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.deepnet_tui.cli.runner import Runner
from tests.manual.pages import DOCS, blocks


@pytest.fixture(scope="module")
def shown() -> list[dict[str, Any]]:
    return [json.loads(block) for block in blocks(DOCS / "events.md", "json")]


def like(shown: list[dict[str, Any]], **members: Any) -> dict[str, Any]:
    """The one that has these members."""
    (found,) = (event for event in shown if members.items() <= event.items())
    return found


def test_the_events_of_the_manual_are_the_real_ones(
    shown: list[dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    run = Runner(tmp_path / "home", capsys)
    short = ("--iterations", "3", "--json")
    progress, *_, finished = run("train", "moons", *short, "--export", "m.npz").events
    assert_same(like(shown, event="progress"), progress)
    assert_same(like(shown, event="finished", reason="completed"), finished)
    assert_same(cli("finished"), finished)
    assert set(like(shown, event="finished", reason="completed")["columns"][0]) == set(finished["columns"][0])

    folds = run("train", "moons", *short, "--folds", "2").events
    assert_same(like(shown, event="fold"), next(event for event in folds if event["event"] == "fold"))
    assert_same(like(shown, event="folds"), folds[-1])
    assert_same(cli("folds"), folds[-1])

    race = run("race", "moons", *short, "--vary", "learning_rate=0.01,0.1").events
    assert_same(like(shown, event="race"), race[-1])
    assert set(like(shown, event="race")["ranking"][0]) == set(race[-1]["ranking"][0])
    assert all("racer" in event for event in race[:-1])

    matrix, *_, passed = run("check", "moons", "--json", "--hidden", "2").events
    assert_same(like(shown, event="matrix"), matrix)
    assert set(like(shown, event="matrix")["worst"][0]) == set(matrix["worst"][0])
    assert_same(like(shown, event="finished", passed=True), passed)

    Path("rows.csv").write_text("x1,x2,colour\n0.5,0.2,blue\n-1,0.5,orange\n", encoding="utf-8")
    assert_same(like(shown, event="importance"), run("explain", "m.npz", "rows.csv", "--json").events[0])
    assert_same(
        like(shown, event="contributions"), run("explain", "m.npz", "rows.csv", "--row", "1", "--json").events[0]
    )
    assert_same(like(shown, label="orange"), run("predict", "m.npz", "rows.csv", "--json").events[0])
    assert_same(like(shown, name="moons"), run("datasets", "--json").events[0])
    assert set(like(shown, state="completed")) <= set(run("runs", "--json").events[0])


def assert_same(shown: dict[str, Any], real: dict[str, Any]) -> None:
    assert set(shown) == set(real), set(shown) ^ set(real)


def cli(event: str) -> dict[str, Any]:
    """An event as the page of the command line shows it, where `{...}`, `or null` and `...` stand for more."""
    for block in blocks(DOCS / "cli.md", ""):
        for text in re.findall(rf'^(\{{"event": "{event}".*?\}})$', block, flags=re.DOTALL | re.MULTILINE):
            plain = re.sub(r" or null", "", text).replace("{...}", "{}").replace(", ...", "")
            found: dict[str, Any] = json.loads(plain)
            return found
    raise AssertionError(f"docs/cli.md shows no {event}")
