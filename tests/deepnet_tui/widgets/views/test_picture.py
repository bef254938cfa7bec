"""Picture by keys at 80 x 24."""

from __future__ import annotations

from textual.widgets import Input

from deepnet_tui.app import DeepnetApp
from deepnet_tui.widgets.views.picture.view import PictureView
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, screen_text, state, until
from tests.deepnet_tui.widgets.views.helpers import SMALL, tiny, view_of


async def test_a_weight_is_changed_by_hand_and_back() -> None:
    app = DeepnetApp(tiny())
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        picture = await view_of(pilot, "picture", PictureView)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        before = app.workbench.snapshot
        assert before is not None
        await pilot.press("right", "up", "up", "up", "up", "up", "down", "n", "n", "n")
        assert picture.chosen == (2, 1)
        assert "W2[1, 2] =" in screen_text(app)
        await pilot.press("enter")
        assert isinstance(app.focused, Input)
        assert float(app.focused.value) == before.parameters["W2"][1, 2]
        await pilot.press("x", "enter")
        assert "x is not a finite number" in screen_text(app)
        assert app.workbench.snapshot is before
        await pilot.press("backspace", *"2.5", "enter")
        await until(pilot, lambda: app.workbench.snapshot not in (None, before), "the changed network")
        after = app.workbench.snapshot
        assert after is not None
        assert after.parameters["W2"][1, 2] == 2.5
        assert picture.has_focus
        app.main.redraw()
        await pilot.pause()
        assert "→ 2.5" in screen_text(app)
        assert f"cost {before.cost:.4f} → {after.cost:.4f}" in screen_text(app)
        await pilot.press("u")
        assert app.workbench.snapshot is before


async def test_escape_leaves_the_field_and_training_refuses_edits() -> None:
    app = DeepnetApp(tiny(iterations=10**7))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        picture = await view_of(pilot, "picture", PictureView)
        await pilot.press("enter", *"12", "escape")
        assert picture.has_focus
        assert app.workbench.iteration == 0
        await pilot.press("enter", *"7")
        app.workbench.start()
        await pilot.press("enter")
        await until(pilot, lambda: "Pause first" in screen_text(app), "the refusal")
        await until(pilot, lambda: app.workbench.iteration > 0, "the first iterations")
        app.workbench.pause()
        await state(pilot, State.PAUSED)
        await pilot.press("escape")
        assert picture.has_focus


async def test_escape_closes_the_field_before_it_ends_the_zoom() -> None:
    app = DeepnetApp(tiny())
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        picture = await view_of(pilot, "picture", PictureView)
        await pilot.press("z", "enter", "escape")
        assert picture.has_focus
        assert app.main.maximized is picture
        await pilot.press("escape")
        assert app.main.maximized is None


async def test_a_click_looks_into_a_unit() -> None:
    app = DeepnetApp(tiny())
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        picture = await view_of(pilot, "picture", PictureView)
        diagram = picture.query_one("#diagram")
        await pilot.click(diagram, offset=(diagram.size.width - 12, diagram.size.height // 2))
        assert picture.chosen == (3, 0)
        assert "output, unit 0 of 1" in screen_text(app)
