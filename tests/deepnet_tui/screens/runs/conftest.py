"""The Runs screen alone, over a store of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from deepnet_tui.commands.command import Command
from deepnet_tui.commands.registry import COMMANDS
from deepnet_tui.drawing.color.themes import DARK
from deepnet_tui.runs.store import Store
from deepnet_tui.screens.runs.screen import RunsScreen
from deepnet_tui.widgets.base.view import View
from tests.deepnet_tui.app.conftest import home, keys_take_effect, until
from tests.deepnet_tui.runs.many import make_runs

__all__ = ["home", "keys_take_effect"]


class RunsApp(App[None]):
    """Shows the Runs screen; what is to be opened is noted in `opened`."""

    CSS_PATH = str(Path(__file__).parents[4] / "deepnet_tui" / "app.tcss")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    commands: tuple[Command, ...] = COMMANDS

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name
        self.opened: list[View.Open] = []
        self.store = store

    def on_mount(self) -> None:
        """Open the screen."""
        self.push_screen(RunsScreen(self.commands, self.store, self._open))

    def _open(self, request: View.Open) -> bool:
        self.opened.append(request)
        return True


def screen_of(pilot: Pilot[None]) -> RunsScreen:
    """The Runs screen of the app."""
    screen = pilot.app.screen
    assert isinstance(screen, RunsScreen)
    return screen


async def listed(pilot: Pilot[None], count: int) -> RunsScreen:
    """Wait until so many runs are listed."""
    await until(pilot, lambda: isinstance(pilot.app.screen, RunsScreen), "the screen")
    screen = screen_of(pilot)
    await until(pilot, lambda: screen.state.records is not None and len(screen.state.listed) == count, f"{count} runs")
    return screen


def text_of(pilot: Pilot[None]) -> str:
    """What can be read on the screen."""
    width, _ = pilot.app.size
    return "\n".join(strip.text[:width] for strip in pilot.app.screen._compositor.render_strips())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Twelve runs."""
    make_runs(tmp_path / "runs", 12)
    return Store(tmp_path / "runs")
