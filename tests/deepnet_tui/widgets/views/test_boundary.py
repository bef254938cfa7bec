"""Boundary by keys at 80 x 24."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.segment import Segment

from deepnet_tui.app import DeepnetApp
from deepnet_tui.evaluate.plane import ends
from deepnet_tui.experiment import Experiment
from deepnet_tui.widgets.base.canvas import Canvas
from deepnet_tui.widgets.views.boundary.view import BoundaryView
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, screen_text, state, until
from tests.deepnet_tui.widgets.views.helpers import SMALL, tiny, view_of


def painted(boundary: BoundaryView) -> list[list[Segment]]:
    canvas = boundary.query_one(Canvas)
    return [list(canvas.render_line(y)) for y in range(canvas.size.height)]


async def test_boundary_follows_training_and_the_time_machine() -> None:
    app = DeepnetApp(tiny(iterations=10**6))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        boundary = await view_of(pilot, "boundary", BoundaryView)
        text = screen_text(app)
        assert "x1 → x2 ↑" in text
        assert "hollow: validation" in text
        assert "hidden 1  relu" in text
        await pilot.press("space")
        frames = boundary.frames
        await until(pilot, lambda: boundary.frames > frames + 5, "frames while training")
        await pilot.press("space")
        await state(pilot, State.PAUSED)
        app.main.redraw()
        assert boundary._shown is not None
        assert boundary._shown.snapshot is app.workbench.snapshot
        before = painted(boundary)
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: app.workbench.cursor is not None)
        app.workbench.back(10**6)
        app.main.redraw()
        assert app.workbench.cursor == boundary._shown.snapshot.iteration == 0
        assert painted(boundary) != before


async def test_boundary_modes_planes_and_points_by_keys() -> None:
    app = DeepnetApp(tiny("iris", 50))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        boundary = await view_of(pilot, "boundary", BoundaryView)
        assert "Boundary  components" in screen_text(app)
        assert "•" in screen_text(app).split("Boundary  components")[1].split("\n", 1)[1]
        await pilot.press("p")
        assert "•" not in screen_text(app).split("Boundary  components")[1].split("\n", 1)[1]
        await pilot.press("v")
        assert "sepal length" in screen_text(app)
        assert boundary.axes == (0, 1)
        await pilot.press("right")
        assert boundary.axes == (2, 1)
        await pilot.press("down")
        assert boundary.axes == (2, 0)
        soft = painted(boundary)
        await pilot.press("m")
        assert boundary.discrete
        assert painted(boundary) != soft


async def test_without_colour_boundary_is_drawn_in_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = DeepnetApp(tiny(iterations=200))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        await view_of(pilot, "boundary", BoundaryView)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        text = screen_text(app)
        assert "▀" not in text
        assert "░" in text
        assert "▓" in text
        for mark in "xoXO":
            assert mark in text


async def test_the_keys_page_through_the_units_and_name_them() -> None:
    app = DeepnetApp(tiny())
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        await view_of(pilot, "boundary", BoundaryView)
        text = screen_text(app)
        assert "hidden 1  relu  0–7 of 16" in text
        assert "PgDn units 1/3" in text
        await pilot.press("pagedown")
        assert "hidden 1  relu  8–15 of 16" in screen_text(app)
        await pilot.press("pagedown", "pagedown")
        assert "hidden 2  relu" in screen_text(app)
        await pilot.press("pageup", "pageup")
        assert "0–7 of 16" in screen_text(app)


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("source", ["moons", "iris", "wine", "digits", "diabetes"])
async def test_the_legend_is_whole(source: str, plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if plain:
        monkeypatch.setenv("NO_COLOR", "1")
    app = DeepnetApp(tiny(source, 20))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        boundary = await view_of(pilot, "boundary", BoundaryView)
        assert "validation ━" in screen_text(app).replace("─", "━")
        classes = app.workbench.dataset.classes
        title = str(boundary.border_title)
        assert all(name[:4] in title for name in classes) or all(str(number) in title for number in range(len(classes)))


async def test_the_axes_have_numbers_and_say_what_is_held_fixed() -> None:
    app = DeepnetApp(tiny("diabetes", 20))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        boundary = await view_of(pilot, "boundary", BoundaryView)
        assert "others at their mean" not in screen_text(app)
        await pilot.press("v", "right")
        assert "bmi →  others at their mean" in screen_text(app)
        assert boundary._plane is not None
        (low, high), _ = ends(app.workbench.dataset, boundary._plane)
        assert 10 < low < 20
        assert 40 < high < 50, "in kg/m², as the table has it"
        assert f"{low:.3g} " in screen_text(app)


async def test_the_axes_of_a_rich_preparation_are_columns_in_their_own_unit(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    rows = [f"{n * 7 % 61},{1000 + n * 13 % 97},{n * n // 7 % 2}" for n in range(200)]
    path.write_text("\n".join(["age,income,saved", *rows]))
    app = DeepnetApp(Experiment.default(str(path), "saved").replace("data", preparation="rich"))
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        boundary = await view_of(pilot, "boundary", BoundaryView)
        assert len(app.workbench.dataset.inputs) == 8
        text = screen_text(app)
        assert "age → income ↑" in text
        assert "others at their mean" not in text
        assert boundary._plane is not None
        (left, right), (low, high) = ends(app.workbench.dataset, boundary._plane)
        assert left < 0 < 60 < right
        assert low < 1000 < 1096 < high
        for number in (left, right, low, high):
            assert f"{number:.3g}" in text
