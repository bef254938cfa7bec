"""Walks through the app that stop at every screen and dialog, so that each can be looked at."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from textual.pilot import Pilot
from textual.widgets import Input

from deepnet_tui.app import DeepnetApp
from deepnet_tui.commands.views import VIEWS
from deepnet_tui.common.background import LatestJob
from deepnet_tui.common.paths import runs_folder
from deepnet_tui.experiment import Experiment
from deepnet_tui.lessons.library import find
from deepnet_tui.screens.data.screen import DataScreen
from deepnet_tui.screens.dialogs.dialog import Confirm
from deepnet_tui.screens.lesson.learn import LearnScreen
from deepnet_tui.screens.race.screen import RaceScreen
from deepnet_tui.screens.runs.screen import RunsScreen
from deepnet_tui.screens.search.screen import SearchScreen
from deepnet_tui.screens.what_if.screen import WhatIfScreen
from deepnet_tui.search.background import Stage
from deepnet_tui.search.workers import ThisProcess
from deepnet_tui.widgets.views.evaluate.view import EvaluateView
from deepnet_tui.workbench.state import State
from deepnet_tui.workbench.value_list import ValueList
from tests.deepnet_tui.app.conftest import ready, screen_text, state, type_text, until
from tests.deepnet_tui.app.look.pictures import picture
from tests.deepnet_tui.runs.many import make_runs

PATIENCE = 200.0  # seconds for what is worked out for a picture
Tour = Callable[[Pilot[None]], AsyncIterator[str]]
MOONS = Experiment.default("moons").replace("training", iterations=200, report_every=20)
IRIS = Experiment.default("iris").replace("training", iterations=80, report_every=20)
TABLE = "age,city,income\n" + "".join(f"{20 + n},{'ABC'[n % 3]},{n * 7 % 50}.5\n" for n in range(40))


@contextmanager
def known_jobs() -> Iterator[list[LatestJob[object]]]:
    """Every job in the background that is made from here on, in a list."""
    jobs: list[LatestJob[object]] = []
    made = LatestJob.__init__

    def init(self: LatestJob[object], *args: object, **values: object) -> None:
        made(self, *args, **values)  # type: ignore[arg-type]
        jobs.append(self)

    with patch.object(LatestJob, "__init__", init):
        yield jobs


async def settled(pilot: Pilot[None], jobs: list[LatestJob[object]]) -> None:
    """Wait until nothing is worked out any more and the screen stays as it is."""
    app = pilot.app
    assert isinstance(app, DeepnetApp)
    before = ""
    for field in app.screen.query(Input):
        field.cursor_blink = False
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        app.main.redraw()
        for screen in (app.screen, *app._background_screens):
            screen.refresh(layout=True)
            if isinstance(screen, RunsScreen):
                screen.draw()
        await pilot.pause()
        await asyncio.sleep(0.01)  # for what waits for the next refresh
        seen = (app.screen, *app._background_screens)
        if any(job.running for job in jobs) or any(screen.size != app.size for screen in seen):
            before = ""
        elif (now := picture(app)) == before:
            return
        else:
            before = now
    raise TimeoutError("the screen never comes to rest")


async def trained(pilot: Pilot[None]) -> DeepnetApp:
    """The network, trained to its end."""
    app = await ready(pilot)
    await pilot.press("space")
    await state(pilot, State.FINISHED)
    app.clear_notifications()
    return app


async def shown(pilot: Pilot[None], kind: type) -> None:
    """Wait for a screen."""
    await until(pilot, lambda: isinstance(pilot.app.screen, kind), kind.__name__)


async def workspace(pilot: Pilot[None]) -> AsyncIterator[str]:
    """The main screen before and after the training, with every view."""
    await ready(pilot)
    yield "ready"
    await pilot.press("0")
    yield "design"
    app = await trained(pilot)
    for number, entry in enumerate(VIEWS, start=1):
        await pilot.press(str(number))
        yield f"view-{entry.id}"
    app.clear_notifications()
    await pilot.press("3", "z")
    app.clear_notifications()
    yield "zoomed"
    await pilot.press("z", "left_square_bracket", "L")
    yield "time-machine"


async def dialogs(pilot: Pilot[None]) -> AsyncIterator[str]:
    """Every dialog of the main screen."""
    app = await trained(pilot)
    for key, name in (
        ("question_mark", "help"),
        ("ctrl+p", "palette"),
        ("d", "data-chooser"),
        ("o", "open"),
        ("ctrl+s", "save-pane"),
    ):
        await pilot.press(key)
        yield name
        await pilot.press("escape")
    await pilot.press("e")
    yield "export"
    await pilot.press("enter")
    await type_text(pilot, "no/such/folder/m.npz")
    await pilot.press("enter")
    yield "export-refused"
    await pilot.press("escape", "escape")
    app.push_screen(
        Confirm("Quit", "The network is being trained. Stop the training and quit?", "quit", "keep training")
    )
    yield "quit"
    await pilot.press("escape")


async def errors(pilot: Pilot[None]) -> AsyncIterator[str]:
    """What is refused, and a network that has diverged."""
    app = await ready(pilot)
    await pilot.press("0", "tab", "enter")
    yield "choose-value"
    await pilot.press("escape", "down", "enter")
    await until(pilot, lambda: isinstance(app.focused, Input), "the field")
    field = app.focused
    assert isinstance(field, Input)
    field.value = "-1"
    await pilot.press("enter")
    yield "refused-value"
    await pilot.press("escape")
    app.workbench.edit("training", learning_rate=1e200)
    await pilot.press("space")
    await state(pilot, State.DIVERGED, State.FINISHED)
    await pilot.press("5")
    app.clear_notifications()
    yield "diverged"


async def evaluating(pilot: Pilot[None]) -> AsyncIterator[str]:
    """The pages of Evaluate, and What if."""
    app = await trained(pilot)
    await pilot.press("5")
    view = app.main.view
    assert isinstance(view, EvaluateView)
    await until(pilot, lambda: view._report is not None and not view._jobs.running, "the report")
    await pilot.press("right")
    yield "evaluate-classes"
    await pilot.press("right", "right")
    yield "evaluate-mistakes"
    await pilot.press("i")
    job = view._importance
    await until(pilot, lambda: bool(job.columns()) and not job.running, "importance")
    yield "importance"
    await pilot.press("enter")
    await until(pilot, lambda: job.curve is not None, "curve")
    yield "dependence"
    await pilot.press("backspace", "c")
    await shown(pilot, WhatIfScreen)
    screen = app.screen
    assert isinstance(screen, WhatIfScreen)
    await until(pilot, lambda: screen._found is not None, "contributions")
    yield "what-if"


async def race(pilot: Pilot[None]) -> AsyncIterator[str]:
    """Values that are to race, and the race."""
    app = await ready(pilot)
    app.workbench.edit("training", learning_rate=ValueList((0.001, 0.01, 1e200)))
    await pilot.press("0")
    yield "values-to-race"
    await pilot.press("R")
    await shown(pilot, RaceScreen)
    screen = app.screen
    assert isinstance(screen, RaceScreen)
    await until(pilot, lambda: screen._session.over and not screen._session.training, "the end of the race")
    screen._draw()
    yield "race"


async def search(pilot: Pilot[None]) -> AsyncIterator[str]:
    """The search before it and after it."""
    app = await ready(pilot)
    with (
        patch("deepnet_tui.search.background.Processes", lambda rows, _count: ThisProcess(rows, lambda: False)),
        patch("deepnet_tui.search.background.TRIALS", 8),
    ):
        await pilot.press("F")
        await shown(pilot, SearchScreen)
        screen = app.screen
        assert isinstance(screen, SearchScreen)
        yield "search-ready"
        await pilot.press("space")
        while screen.search.stage is not Stage.FINISHED:
            await pilot.pause(0.01)
        app.clear_notifications()
        screen.poll()
        yield "search"


async def runs(pilot: Pilot[None]) -> AsyncIterator[str]:
    """The Runs screen without runs, with one and with many."""
    app = await ready(pilot)
    await pilot.press("C")
    await shown(pilot, RunsScreen)
    yield "runs-none"
    await pilot.press("escape")
    make_runs(runs_folder(), 40)
    await pilot.press("C")
    await shown(pilot, RunsScreen)
    screen = app.screen
    assert isinstance(screen, RunsScreen)
    await until(pilot, lambda: screen.state.records is not None and len(screen.state.listed) == 40, "the runs")
    yield "runs"
    await pilot.press("space", "down", "space", "down", "space")
    await until(pilot, lambda: len(screen.state.drawn(screen.runs.chosen)) == 3, "the curves")
    yield "runs-marked"
    await pilot.press("slash")
    await type_text(pilot, "nothing")
    yield "runs-no-match"


async def data(pilot: Pilot[None]) -> AsyncIterator[str]:
    """The data screen with a built-in set and with a file."""
    app = await ready(pilot)
    path = Path("table.csv")
    path.write_text(TABLE)
    app.data.load(str(path))
    await shown(pilot, DataScreen)
    await until(pilot, lambda: "numeric" in screen_text(app), "the columns")
    yield "data-file"
    await pilot.press("p")
    yield "data-rows"


async def lesson(pilot: Pilot[None]) -> AsyncIterator[str]:
    """The first steps of a lesson."""
    await until(pilot, lambda: isinstance(pilot.app.screen, LearnScreen), "the lesson")
    app = pilot.app
    assert isinstance(app, DeepnetApp)
    await until(pilot, lambda: app.workbench.ready and app.workbench.snapshot is not None, "data")
    yield "lesson"
    await pilot.press("n")
    yield "lesson-step"


def _moons() -> DeepnetApp:
    return DeepnetApp(MOONS)


TOURS: dict[str, tuple[Callable[[], DeepnetApp], Tour]] = {
    "workspace": (_moons, workspace),
    "dialogs": (_moons, dialogs),
    "errors": (_moons, errors),
    "evaluating": (lambda: DeepnetApp(IRIS), evaluating),
    "race": (_moons, race),
    "search": (_moons, search),
    "runs": (_moons, runs),
    "data": (_moons, data),
    "lesson": (lambda: DeepnetApp(lesson=find("tutorial")), lesson),
}
