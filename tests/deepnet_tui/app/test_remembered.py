"""How the app was left is how it opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepnet_tui import session_state
from deepnet_tui.app import DeepnetApp
from deepnet_tui.drawing.color.themes import DARK, LIGHT
from deepnet_tui.lessons.library import find
from deepnet_tui.session_state import SessionState, state_file
from deepnet_tui.widgets.panes.training import TrainingPane
from tests.deepnet_tui.app.conftest import ready, screen_text, until


async def test_theme_view_layout_and_fold_are_remembered(home: Path) -> None:
    app = DeepnetApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        assert app.theme == DARK.name
        app.theme = LIGHT.name
        await pilot.press("M", "3", "z")
    assert (home / "state.json").is_file()
    app = DeepnetApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        assert app.theme == LIGHT.name
        assert app.main.maximized is not None
        assert app.main.maximized.id == "view-boundary"
        assert "Boundary" in screen_text(app)
        assert app.main.query_one(TrainingPane).all_settings
        await pilot.press("z", "0")
    (home / "config.toml").write_text('theme = "nord"\nhide = ["view_boundary"]\n')
    app = DeepnetApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        assert app.theme == "nord", "what the configuration fixes wins"
        assert "Architecture" in screen_text(app), "the side that was seen"
        assert app.main._view == "parameters", "a view that is hidden is not opened"
    assert session_state.read() == SessionState(LIGHT.name, "parameters", "design", "", True)


async def test_a_lesson_leaves_the_layout_alone() -> None:
    session_state.write(SessionState(view="health"))
    app = DeepnetApp(lesson=find("tutorial"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.workbench.ready, "data")
        app.theme = "nord"
    assert session_state.read() == SessionState("nord", "health")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"theme": 3, "view": ["x"], "zoomed": null}', "[" * 100_000, '{"a": 1}', "\udcff"],
)
def test_a_broken_state_is_as_good_as_none(home: Path, text: str) -> None:
    state_file().write_bytes(text.encode("utf-8", "surrogateescape"))
    assert session_state.read() == SessionState()


def test_what_is_unknown_is_left_out(home: Path) -> None:
    state_file().write_text('{"theme": "mauve", "view": "moon", "side": "up", "more": 1}')
    state = session_state.read()
    assert (state.theme, state.view) == ("mauve", "moon")
    app = DeepnetApp()
    assert app.theme == DARK.name
    assert app._configuration_error == ""
    screen = app.get_default_screen()
    assert screen._side == "watch"
    assert screen._view == "parameters"


def test_a_place_that_can_not_be_written_is_no_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state_file().mkdir()
    session_state.write(SessionState("nord"))
    assert session_state.read() == SessionState()
    (home / "file").touch()
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(home / "file" / "folder"))
    session_state.write(SessionState("nord"))
    assert session_state.read() == SessionState()
