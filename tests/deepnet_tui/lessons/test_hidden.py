"""What a lesson hides can't be reached, and leaves no gap on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from textual.pilot import Pilot

from deepnet_tui.app import DeepnetApp
from deepnet_tui.commands.views import VIEWS
from deepnet_tui.lessons.lesson import Lesson
from deepnet_tui.screens.lesson.learn import LearnScreen
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import screen_text, until
from tests.deepnet_tui.lessons.test_walk import opened

ALL_VIEWS = tuple(f"view_{view.id}" for view in VIEWS)
ALL_PANES = ("data_pane", "architecture_pane", "training_pane")


def hiding(*names: str) -> DeepnetApp:
    """The app with a lesson that hides these."""
    step: dict[str, Any] = {"text": "Look.", "show": "cost"}
    return DeepnetApp(lesson=Lesson.model_validate({"title": "a", "hide": list(names), "step": [step]}))


def reads(app: DeepnetApp, *wanted: str, without: Sequence[str] = ()) -> bool:
    """Whether all of this can be read, and none of that."""
    text = screen_text(app)
    return all(part in text for part in wanted) and not any(part in text for part in without)


async def tabbed(pilot: Pilot[None], screen: LearnScreen) -> set[str]:
    """Where Tab leads."""
    seen = set()
    for _ in range(8):
        await pilot.press("tab")
        seen |= {str(node.id) for node in screen.focused.ancestors_with_self} if screen.focused else set()
    return seen


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_cost_fills_the_screen_if_all_else_is_hidden(size: tuple[int, int]) -> None:
    app = hiding("design", *ALL_PANES, *ALL_VIEWS)
    async with app.run_test(size=size) as pilot:
        screen = await opened(pilot)
        lines = screen_text(app).splitlines()
        assert not [line for line in lines if not line.strip()], "a blank line"
        assert lines[-2].startswith("╰")
        assert "Cost" in screen_text(app)
        assert await tabbed(pilot, screen) <= {"cost", "watch", "workspace", "_default", "None"}
        await pilot.press("0", "1", "a", "z", "z")
        await until(pilot, lambda: "Cost" in screen_text(app))
        assert "Parameters" not in screen_text(app)


async def test_a_hidden_design_can_not_be_opened_at_80_columns() -> None:
    app = hiding("design", *ALL_VIEWS)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        assert not [line for line in screen_text(app).splitlines() if not line.strip()]
        assert "design" not in await tabbed(pilot, screen)
        await pilot.press("a", "0")
        await pilot.pause()
        assert "Architecture" not in screen_text(app)
        assert "Cost" in screen_text(app)


async def test_a_design_with_all_panes_hidden_is_not_shown() -> None:
    app = hiding(*ALL_PANES)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        assert "0 Design" not in screen_text(app)
        await pilot.press("0")
        await pilot.pause()
        assert "Cost" in screen_text(app)
        assert "design" not in await tabbed(pilot, screen)


async def test_the_focus_skips_a_hidden_pane() -> None:
    app = hiding("architecture_pane")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("0")
        await until(pilot, lambda: screen.focused is not None and screen.focused.id == "data")


async def test_a_step_hides_for_that_step_only() -> None:
    first = {"text": "Guess.", "hide": ["train", "view_explain", "design", "training_pane"]}
    none = {"text": "Only the cost.", "hide": list(ALL_VIEWS)}
    steps = [{"text": "Look.", "show": "explain"}, first, none, {"text": "All."}]
    app = DeepnetApp(lesson=Lesson.model_validate({"title": "a", "hide": ["export"], "step": steps}))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await until(pilot, lambda: "Explain  example" in screen_text(app))
        await pilot.press("n")
        await until(pilot, lambda: reads(app, "Guess.", without=("Explain", "Design")))
        await pilot.press("space", "0", "2")
        assert app.workbench.iteration == 0
        assert app.workbench.state is State.IDLE
        assert "Explain" not in screen_text(app)
        await pilot.press("N", "n", "n", "N")
        await until(pilot, lambda: reads(app, "Guess.", without=("Explain",)))
        await pilot.press("n")
        await until(pilot, lambda: reads(app, "Only the cost.", "Cost", "0 Design", without=("Parameters",)))
        await pilot.press("n")
        await until(pilot, lambda: "All." in screen_text(app))
        await pilot.press("2")
        await until(pilot, lambda: "Explain  example" in screen_text(app))
        await pilot.press("0")
        await until(pilot, lambda: "learning rate" in screen_text(app))
        assert "export" not in screen_text(app)
