"""The teaching tools in the app: networks side by side, histograms over time, and everything shown for a class."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.race import in_step
from deepnet_tui.screens.main import MainScreen
from deepnet_tui.screens.side_by_side.panel import NetworkPanel
from deepnet_tui.screens.side_by_side.screen import SideBySideScreen
from deepnet_tui.widgets.panes.key_echo import KeyEcho
from deepnet_tui.widgets.views.health.view import HealthView
from deepnet_tui.workbench.state import State
from deepnet_tui.workbench.value_list import ValueList
from tests.deepnet_tui.app.conftest import ready, screen_text, state, told, until

START = Experiment.default("moons").replace("training", iterations=60, report_every=20)


async def opened(pilot: Pilot[None], app: DeepnetApp) -> SideBySideScreen:
    """The screen, when the start of every network is there."""
    await pilot.press("V")
    await until(pilot, lambda: isinstance(app.screen, SideBySideScreen), "the screen")
    screen = app.screen
    assert isinstance(screen, SideBySideScreen)
    await rest(pilot, screen)
    return screen


async def rest(pilot: Pilot[None], screen: SideBySideScreen) -> None:
    """Nothing is trained, and everything is drawn."""
    await until(pilot, lambda: not screen.session.training and all(run.latest for run in screen.session.runs))
    screen.draw()
    await pilot.pause()


def pictures(screen: SideBySideScreen) -> list[str]:
    return [repr(panel.canvas._strips) for panel in screen.query(NetworkPanel)]


async def test_zeros_small_and_he_part_and_one_is_taken_over() -> None:
    app = DeepnetApp(START)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        screen = await opened(pilot, app)
        text = screen_text(app)
        for word in ("side by side  moons  initializer  boundary", "zeros", "small", "he", "start  0 of 60"):
            assert word in text
        await pilot.press("S")
        await rest(pilot, screen)
        first = pictures(screen)
        assert "20 of 60" in screen_text(app)
        assert len(set(first)) == 3
        await pilot.press("r")
        await rest(pilot, screen)
        assert screen.session.iteration == 0
        await pilot.press("S")
        await rest(pilot, screen)
        assert pictures(screen) == first, "the same keys, the same pictures"
        await pilot.press("v")
        await until(pilot, lambda: "weights" in screen_text(app) and pictures(screen) != first, "the histograms")
        panels = list(screen.query(NetworkPanel))
        await until(pilot, lambda: all(panel.canvas._strips for panel in panels), "those of every network")
        await pilot.press("space")
        await until(pilot, lambda: screen.session.over, "the end")
        await rest(pilot, screen)
        assert "finished  60 of 60" in screen_text(app)
        await pilot.press("right", "right", "enter")
        await until(pilot, lambda: isinstance(app.screen, MainScreen), "the workspace")
        await state(pilot, State.FINISHED)
        assert app.workbench.experiment.network.initializer == "he"
        assert "initializer he; u goes back" in told(app)


async def test_what_differs_is_chosen_and_typed_lists_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    app = DeepnetApp(START)
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        app.workbench.edit("training", learning_rate=ValueList((0.1, 0.2, 0.3, 0.4)))
        await pilot.press("V")
        assert any("two or three networks; learning_rate 0.1, 0.2, 0.3, 0.4 would be 4" in said for said in told(app))
        app.workbench.edit("training", learning_rate=ValueList((0.01, 0.1)))
        screen = await opened(pilot, app)
        assert [racer.label for racer in screen.session.racers] == ["0.01", "0.1"]
        await pilot.press("c", "o", "enter")
        field = app.focused
        assert isinstance(field, Input)
        assert field.value == "gd, momentum, adam"
        field.value = "gd, gradient"
        await pilot.press("enter")
        assert "optimizer must be" in screen_text(app)
        field.value = "gd, adam"
        await pilot.press("enter")
        await until(pilot, lambda: [racer.label for racer in screen.session.racers] == ["gd", "adam"], "the optimizers")
        await until(pilot, lambda: len(screen.query(NetworkPanel)) == 2)
        await rest(pilot, screen)
        assert "optimizer  boundary" in screen_text(app)
        monkeypatch.setattr(in_step, "HUGE", 1.0)
        await pilot.press("c", "s", "enter", "enter")
        await until(pilot, lambda: len(screen.session.racers) == 3, "the seeds")
        await rest(pilot, screen)
        await pilot.press("space", "s")
        assert screen.session.iteration == 0
        assert any("320 examples are too many to train 3 networks in step" in said for said in told(app))
        assert all(pictures(screen)), "their start is shown"
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen), "the workspace")


@pytest.mark.parametrize("size", [(80, 24)])
async def test_a_class_sees_the_keys_and_the_histograms(size: tuple[int, int]) -> None:
    app = DeepnetApp(START, present=True)
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        assert "[space] train" in echoed(app)
        await pilot.press("H")
        view = app.main.view
        assert isinstance(view, HealthView)
        await until(pilot, lambda: "iteration 60" in view.render().plain, "the histograms")
        assert "weights to iteration 60" in screen_text(app)
        assert "[H] histograms" in echoed(app)
        lines = view.as_text().splitlines()
        assert len(lines) == 1 + 4 * 3, "0, 20, 40, 60 in three layers"
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "weights to iteration 40" in screen_text(app), "as it was then")
        await pilot.press("H", "H")
        await until(pilot, lambda: "gradients to" in screen_text(app), "the next kinds")
        await pilot.press("v")
        await until(pilot, lambda: "in 19 checks" in screen_text(app) or "finding" in screen_text(app), "the findings")
        await pilot.press("d", "down", "down")
        await pilot.pause()
        assert "[↓] ×2" in echoed(app)
        await pilot.press("escape")
        assert "Architecture" not in screen_text(app)
        await pilot.press("P")
        assert not app.presenting
        await pilot.press("0")
        assert "[0]" not in screen_text(app)


def echoed(app: DeepnetApp) -> str:
    """The keys that are shown."""
    return " ".join(str(echo.query_one(Static).render()) for echo in app.screen.query(KeyEcho) if echo.display)
