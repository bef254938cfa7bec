"""A learner who does exactly what a step says, so that a wrong instruction fails the test."""

from __future__ import annotations

import re

from textual.pilot import Pilot
from textual.widgets import OptionList

from deepnet_tui.commands.registry import COMMANDS
from deepnet_tui.lessons.key_text import keyed
from deepnet_tui.lessons.lesson import Question
from deepnet_tui.screens.dialogs.dialog import Choose
from deepnet_tui.screens.learn import LearnScreen
from deepnet_tui.widgets.base.settings_pane import Rows, SettingsPane
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
        else:
            await pilot.press(*("full_stop" if letter == "." else letter for letter in part))


async def answer(pilot: Pilot[None], question: Question) -> None:
    """Give the right answer."""
    await pilot.press(*["down"] * (question.answer - 1), "enter")


async def _press_until(pilot: Pilot[None], screen: LearnScreen, key: str, operation: str) -> None:
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
