"""Quitting, help, messages and the palette by keyboard alone."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input, Static

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.screens.dialogs.dialog import Confirm
from deepnet_tui.screens.dialogs.help import Help
from deepnet_tui.widgets.panes.cost import CostPane
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, screen_text, state, told, until
from tests.deepnet_tui.app.keyboard.sizes import ENDLESS, NARROW, WIDE


async def test_quit_asks_while_training_and_stops_the_thread() -> None:
    app = DeepnetApp(ENDLESS)
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.TRAINING)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("n")
        await until(pilot, lambda: not isinstance(app.screen, Confirm))
        assert app.workbench.state is State.TRAINING
        worker = app.workbench._runner._thread
        assert worker is not None
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await until(pilot, lambda: not app.is_running)
    assert not worker.is_alive()


async def test_quit_works_in_a_dialog_and_asks_once() -> None:
    app = DeepnetApp(ENDLESS)
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.TRAINING)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, Help))
        await pilot.press("ctrl+q", "ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert sum(isinstance(screen, Confirm) for screen in app.screen_stack) == 1
        await pilot.press("y")
        await until(pilot, lambda: not app.is_running)


async def test_a_letter_that_quits_can_still_be_typed(home: Path) -> None:
    (home / "config.toml").write_text('[keys]\nquit = "Q"\n')
    app = DeepnetApp()
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        await pilot.press("w")
        field = app.screen.query_one(Input)
        field.value = ""
        await pilot.press("Q")
        assert field.value == "Q"
        await pilot.press("escape", "Q")
        await until(pilot, lambda: not app.is_running)


async def test_help_begins_with_the_view_that_has_the_focus() -> None:
    app = DeepnetApp()
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        for view, group in (("6", "In Runs"), ("2", "In Explain"), ("0", "In a list")):
            await pilot.press(view, "question_mark")
            await until(pilot, lambda: isinstance(app.screen, Help))
            assert str(app.screen.query(".group").first(Static).render()) == group
            await pilot.press("escape")


async def test_a_message_goes_with_the_view_it_would_cover() -> None:
    app = DeepnetApp()
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("y")
        await until(pilot, lambda: any("to the terminal" in message for message in told(app)), "what is known of it")
        await pilot.press("4")
        assert told(app) == []


async def test_quit_at_rest_does_not_ask() -> None:
    app = DeepnetApp()
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)
    assert app.return_code == 0


async def test_help_copy_zoom_log_axis_and_the_time_machine() -> None:
    app = DeepnetApp(Experiment.default("moons").replace("training", iterations=500))
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, Help))
        assert "Train, pause or resume" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, Help))
        app.main.query_one(CostPane).focus()
        await pilot.press("y")
        assert app.clipboard.splitlines()[0] == "iteration\ttrain cost\tvalidation cost"
        assert len(app.clipboard.splitlines()) == 7
        await pilot.press("L")
        await until(pilot, lambda: " log " in screen_text(app))
        await pilot.press("left_square_bracket", "left_square_bracket")
        await until(pilot, lambda: " at 300" in screen_text(app))
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: " at 400" in screen_text(app))
        await pilot.press("b")
        await until(pilot, lambda: app.workbench.state is State.IDLE)
        await pilot.press("u")
        assert app.workbench.state is State.FINISHED
        await pilot.press("z")
        await until(pilot, lambda: "Architecture" not in screen_text(app))
        await pilot.press("z")
        await until(pilot, lambda: "Architecture" in screen_text(app))


async def test_the_palette_knows_every_command() -> None:
    app = DeepnetApp()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        names = [command.title for command in app.get_system_commands(app.screen)]
        for command in app.commands:
            if command.scope == "main" and command.id not in ("palette", "quit"):
                assert any(command.label.lower() in name.lower() for name in names), command.id
        await pilot.press("ctrl+p")
        await pilot.press(*"step", "enter")
        await until(pilot, lambda: app.workbench.iteration > 0)
