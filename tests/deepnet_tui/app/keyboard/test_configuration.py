"""Keys and controls as the configuration has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepnet_tui.app import DeepnetApp
from deepnet_tui.screens.dialogs.help import Help
from deepnet_tui.widgets.panes.cost import CostPane
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, screen_text, state, told, until
from tests.deepnet_tui.app.keyboard.sizes import ENDLESS, NARROW, WIDE, sizes


async def test_keys_are_rebound_in_the_configuration(home: Path) -> None:
    (home / "config.toml").write_text('theme = "nord"\n[keys]\ntrain = "g"\n')
    app = DeepnetApp(ENDLESS)
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        assert app.theme == "nord"
        assert "g train" in screen_text(app)
        await pilot.press("g")
        await state(pilot, State.TRAINING)


@sizes
async def test_controls_are_hidden_in_the_configuration(home: Path, size: tuple[int, int]) -> None:
    (home / "config.toml").write_text('hide = ["export", "view_parameters", "view_boundary", "training_pane"]\n')
    app = DeepnetApp()
    async with app.run_test(size=size, notifications=True) as pilot:
        await ready(pilot)
        assert not told(app)
        assert app.main.view is not None
        assert app.main.view.id == "view-explain"
        text = screen_text(app)
        assert "2 Explain" in text
        assert "Boundary" not in text
        assert "e export" not in text
        await pilot.press("e", "3", "1")
        assert app.screen is app.main
        assert app.main.view.id == "view-explain"
        await pilot.press("0")
        assert "Architecture" in screen_text(app)
        assert "learning rate" not in screen_text(app)
        offered = [command.title for command in app.get_system_commands(app.screen)]
        assert not [title for title in offered if title.startswith(("Export", "Boundary"))]
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, Help))
        assert "export" not in {command.id for command in app.screen._commands}  # type: ignore[attr-defined]


async def test_the_whole_design_can_be_hidden(home: Path) -> None:
    (home / "config.toml").write_text('hide = ["data_pane", "architecture_pane", "training_pane", "design"]\n')
    app = DeepnetApp()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        assert "Architecture" not in screen_text(app)
        assert app.main.query_one(CostPane).region.width == WIDE[0]
        await pilot.press("space")
        await state(pilot, State.FINISHED)


@pytest.mark.parametrize(
    "text",
    [
        "theme = [",
        "hide = true",
        'hide = ["moon"]',
        'hide = ["quit"]',
        "hide = [1]",
        "colour = 1",
        "theme = 3",
        '[keys]\ntrain = "s"',
        '[keys]\nfly = "g"',
        'theme = "mauve"',
    ],
)
async def test_a_broken_configuration_gives_one_sentence(home: Path, text: str) -> None:
    (home / "config.toml").write_text(text)
    app = DeepnetApp()
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot)
        assert len(told(app)) == 1
        assert "Traceback" not in told(app)[0]
