"""Hostile names on every screen of the app: nothing steers the terminal, nothing is taken for markup, lines keep
their width."""

from __future__ import annotations

from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from deepnet_tui.app import DeepnetApp
from deepnet_tui.commands.views import VIEWS
from deepnet_tui.experiment import Experiment
from deepnet_tui.lessons.loader import read
from deepnet_tui.runs.store import Store
from deepnet_tui.screens.data.screen import DataScreen
from deepnet_tui.screens.dialogs.help import Help
from deepnet_tui.screens.dialogs.leaving import Palette
from deepnet_tui.screens.runs.screen import RunsScreen
from deepnet_tui.screens.search.screen import SearchScreen
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import home, keys_take_effect, ready, state, until
from tests.deepnet_tui.hostile.texts import COLUMNS, TARGET, steering, write_table

__all__ = ["home", "keys_take_effect"]

TERMINAL = Console(color_system="truecolor")  # a style keeps the codes of the terminal that it was first drawn for
OURS = ("app.quit", "app.bell", "evil.example")  # what the names would like to do
NAME = "n\x1b[31m\u202e\x00[@click=app.quit]q[/]" + "\u0301" * 40
NOTE = "line\nline\x9b1m [link=http://evil.example]l[/] " + "x" * 3000
LESSON = """
title = "t[@click=app.quit]q[/]\u202eabc"
about = "[bold]about[/] \u2066"

[experiment.data]
source = "moons"

[[step]]
text = "[@click=app.bell]bell[/] \u202e reversed [/]"

[step.question]
choices = ["[@click=app.quit]one[/]", "two\u2067"]
answer = 1
right = "[red]right[/]\u202e"
wrong = "[/] wrong"
"""


class Look:
    """Looks at the screen of an app; `seen` are the places that it has looked at."""

    def __init__(self, app: App[None]) -> None:
        self.app = app
        self.seen: list[str] = []

    def __call__(self, where: str) -> str:
        """What can be read there, after nothing foreign was found in it."""
        width, height = self.app.size
        strips = self.app.screen._compositor.render_strips()
        assert len(strips) == height
        for number, strip in enumerate(strips):
            place = f"{where}, line {number}: {strip.text!r}"
            assert strip.cell_length == width == cell_len(strip.text), place
            assert steering(strip.text) == "", place
            assert steering(strip.render(TERMINAL)) == "", place
            for segment in strip:
                style = segment.style
                meta = "" if style is None else f"{style.meta} {style.link}"
                assert not any(word in meta for word in OURS), place
        self.seen.append(where)
        return "\n".join(strip.text for strip in strips)


async def opened(pilot: Pilot[None], app: DeepnetApp, kind: type[object], command: str, *keys: str) -> None:
    await app.main.run_action(command)
    if keys:
        await until(pilot, lambda: app.screen is not app.main, "the dialog")
        await pilot.press(*keys)
    await until(pilot, lambda: isinstance(pilot.app.screen, kind), kind.__name__)
    await pilot.pause()


async def back(pilot: Pilot[None], app: DeepnetApp) -> None:
    while app.screen is not app.main:
        await pilot.press("escape")
        await pilot.pause()
    await until(pilot, lambda: not app.data.expecting, "the run that was opened")


async def test_every_screen_shows_hostile_names_as_text(tmp_path: Path) -> None:
    table = write_table(tmp_path / "a[@click=app.quit]\u202e.csv")
    made = Experiment.default(str(table), TARGET).replace("training", iterations=30, report_every=10)
    app = DeepnetApp(made)
    async with app.run_test(size=(110, 36)) as pilot:
        await ready(pilot)
        look = Look(app)
        look("start")
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        (run,) = Store().list()
        Store().label(run, lambda labels: labels.named(NAME[:99]).noted(NOTE).tagged([NAME[:30], "[red]t[/]"]))
        for number, view in enumerate(VIEWS, start=1):
            await pilot.press(str(number))
            await pilot.pause(0.05)
            look(view.id)
            for key in ("down", "enter"):
                await pilot.press(key)
                look(f"{view.id}, {key}")
            if isinstance(app.focused, Input):
                await pilot.press("escape")
            await back(pilot, app)
        app.main.warn(f"warned of {COLUMNS['markup']} {COLUMNS['direction']}")
        app.main.say(COLUMNS["screen"])
        await pilot.pause(0.05)
        look("toasts")
        await opened(pilot, app, Help, "help")
        look("help")
        await back(pilot, app)
        await opened(pilot, app, Palette, "palette")
        look("palette")
        await back(pilot, app)
        for key in ("export", "write", "open", "save_pane", "data"):
            await app.main.run_action(key)
            await pilot.pause(0.05)
            look(key)
            if isinstance(app.focused, Input):
                app.focused.value = str(tmp_path / "a")
                await pilot.pause(0.05)
                look(f"{key}, paths")
            await back(pilot, app)
        await opened(pilot, app, RunsScreen, "all_runs")
        await pilot.pause(0.05)
        look("runs")
        for key in ("down", "m", "n", "escape", "enter"):
            await pilot.press(key)
            look(f"runs, {key}")
        await back(pilot, app)
        await opened(pilot, app, DataScreen, "data", "c")
        await pilot.pause(0.05)
        look("data")
        for key in ("down", "enter", "escape", "p", "right"):
            await pilot.press(key)
            await pilot.pause(0.05)
            look(f"data, {key}")
        await back(pilot, app)
        await opened(pilot, app, SearchScreen, "search")
        look("search")
        await back(pilot, app)


async def test_a_lesson_is_shown_as_text(tmp_path: Path) -> None:
    path = tmp_path / "l.toml"
    path.write_text(LESSON, encoding="utf-8")
    app = DeepnetApp(lesson=read(path))
    async with app.run_test(size=(110, 36)) as pilot:
        await ready(pilot)
        look = Look(app)
        shown = look("lesson")
        assert "[@click=app.bell]bell[/]" in shown
        assert "[@click=app.quit]one[/]" in shown
        await pilot.press("tab", "down", "enter")
        look("lesson, answered")
