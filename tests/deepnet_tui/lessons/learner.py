"""A learner who does exactly what a step says, so that a wrong instruction fails the test."""

from __future__ import annotations

import re

from textual.pilot import Pilot
from textual.widgets import OptionList

from deepnet_tui.commands.registry import COMMANDS
from deepnet_tui.lessons.key_text import keyed
from deepnet_tui.lessons.lesson import NumberQuestion, Question
from deepnet_tui.screens.dialogs.dialog import Choose
from deepnet_tui.screens.lesson.learn import LearnScreen
from deepnet_tui.screens.side_by_side.screen import SideBySideScreen
from deepnet_tui.widgets.base.settings_pane import Rows, SettingsPane
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import until

KEYS = {"→": "right", "Enter": "enter", "PgDn": "pagedown", "Home": "home", "space": "space", "tab": "tab"}
MOST = 60  # presses of one key


async def follow(pilot: Pilot[None], screen: LearnScreen, press: str) -> None:
    """Press what the step names: keys, "KEY until OPERATION", a row of the design, "Enter on ROW", a choice."""
    press = keyed(press, COMMANDS)
    first, *_ = press.split(", or ")
    goal = re.search(r" until (\S+)$", press)
    for part in re.split(r", (?:then )?", first) if first else []:
        key = part.removesuffix(goal.group()) if goal else part
        await until(pilot, lambda: screen.workbench.state not in (State.TRAINING, State.PAUSING), "the training")
        if goal and (key != part or ", or " in press):
            await _press_until(pilot, screen, KEYS[key], goal[1])
        elif isinstance(pilot.app.screen, Choose):
            await _choose(pilot, pilot.app.screen.query_one(OptionList), part)
        elif isinstance(screen.focused, Rows) and part not in KEYS and len(part) > 1:
            await _go_to_row(pilot, screen.focused, part.removeprefix("Enter on "))
            if part.startswith("Enter on "):
                await pilot.press("enter")
        elif part in KEYS:
            await pilot.press(KEYS[part])
        elif part == "Escape at the end":
            await _leave_at_the_end(pilot, screen)
        else:
            await pilot.press(*("full_stop" if letter == "." else letter for letter in part))


async def answer(pilot: Pilot[None], question: Question | NumberQuestion) -> None:
    """Give the right answer; before a right number comes a wrong one, which must do no harm."""
    if isinstance(question, Question):
        await pilot.press(*["down"] * (question.answer - 1), "enter")
        return
    wrong = f"{question.answer + 1 + question.tolerance:g}"
    right = f"{question.answer:.5g}"
    for text in (wrong, right):
        await pilot.press(*("full_stop" if letter == "." else letter for letter in text), "enter")
        await pilot.press(*["backspace"] * len(text) if text == wrong else [])


async def _leave_at_the_end(pilot: Pilot[None], screen: LearnScreen) -> None:
    """Leave the networks side by side once they are trained."""
    shown = pilot.app.screen
    assert isinstance(shown, SideBySideScreen)
    await until(pilot, lambda: shown.session.over and not shown.session.training, "the end of the networks")
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is screen, "the lesson")


async def _press_until(pilot: Pilot[None], screen: LearnScreen, key: str, operation: str) -> None:
    await until(pilot, lambda: screen.explain is not None and screen.explain.navigator.trace is not None, "the numbers")
    for _ in range(MOST):
        if screen.explain is not None and operation in screen.explain.navigator.visited:
            return
        await pilot.press(key)
    raise AssertionError(f"{key} never leads to {operation}")


async def _go_to_row(pilot: Pilot[None], rows: Rows, label: str) -> None:
    names = [row.label for row in rows.pane.rows]
    assert isinstance(rows.pane, SettingsPane)
    assert label in names, f"no row is called {label!r}, but {names}"
    for _ in range(MOST):
        if rows.highlighted is not None and names[rows.highlighted] == label:
            return
        await pilot.press("down")
    raise AssertionError(f"the row {label!r} can't be reached")


async def _choose(pilot: Pilot[None], choices: OptionList, name: str) -> None:
    assert name in [option.id for option in choices.options]
    for _ in range(MOST):
        if choices.highlighted_option is not None and choices.highlighted_option.id == name:
            await pilot.press("enter")
            await until(pilot, lambda: not isinstance(pilot.app.screen, Choose))
            return
        await pilot.press("down")
    raise AssertionError(f"{name!r} can't be chosen")
