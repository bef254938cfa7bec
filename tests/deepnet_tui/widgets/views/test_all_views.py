"""What holds for every view, by keys at 80 x 24."""

from __future__ import annotations

import asyncio

import pytest

from deepnet_tui.app import DeepnetApp
from deepnet_tui.commands.views import VIEWS, ViewEntry
from deepnet_tui.drawing.numbers import short
from deepnet_tui.widgets.views.boundary.view import BoundaryView
from deepnet_tui.widgets.views.health.view import HealthView
from deepnet_tui.widgets.views.picture.view import PictureView
from tests.deepnet_tui.app.conftest import ready, screen_text, until
from tests.deepnet_tui.widgets.views.helpers import KEYS, SMALL, examined, tiny, view_of


@pytest.mark.parametrize("entry", VIEWS[1:], ids=lambda entry: entry.id)
async def test_a_view_is_not_drawn_before_it_is_whole(entry: ViewEntry) -> None:
    app = DeepnetApp(tiny())
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        showing = asyncio.ensure_future(app.main.show_view(entry.id))
        drawn = 0
        while not showing.done():
            app.main.redraw()
            drawn += 1
            await asyncio.sleep(0)
        await showing
        assert drawn > 1
        assert app.main.view is not None
        assert app.main.view.id == f"view-{entry.id}"


async def test_parameters_count_from_0_as_numpy_does() -> None:
    app = DeepnetApp(tiny().replace("network", hidden=[40, 30]))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        await pilot.press(KEYS["parameters"], "down", "down", "z")
        await until(pilot, lambda: "rows 0–" in screen_text(app))
        assert "of 30, columns 0–6 of 40" in screen_text(app)
        await pilot.press("right")
        await until(pilot, lambda: "columns 7–13 of 40" in screen_text(app))
        first = next(line for line in screen_text(app).splitlines() if line.strip(" │").startswith("0 "))
        snapshot = app.workbench.snapshot
        assert snapshot is not None
        assert short(float(snapshot.parameters["W2"][0, 7])) == first.strip(" │").split()[1]


@pytest.mark.parametrize("size", [SMALL, (100, 30), (120, 36)], ids=["80", "100", "120"])
async def test_no_tab_is_cut(size: tuple[int, int]) -> None:
    app = DeepnetApp(tiny(iterations=10**6))
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        app.main._findings = {app.workbench.training_run.id: 1}  # the mark beside Health takes room too
        for current in VIEWS:
            await pilot.press(KEYS[current.id])
            line = next(line for line in screen_text(app).splitlines() if "2 Explain" in line)
            assert line.endswith(" ")
            for entry in VIEWS:
                key = KEYS[entry.id]
                titles = [
                    f" {key} {title}{'!' if entry.id == 'health' else ''} " for title in (entry.title, entry.short)
                ]
                assert titles[0] in line or (entry.short and titles[1] in line), (entry.id, line)


@pytest.mark.parametrize("source", ["diabetes", "digits", "gaussians"])
@pytest.mark.parametrize("size", [SMALL, (120, 36), (40, 12)])
async def test_every_task_fits_every_screen(source: str, size: tuple[int, int]) -> None:
    app = DeepnetApp(tiny(source, 20))
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        await view_of(pilot, "boundary", BoundaryView)
        await pilot.press("z", "m", "p", "z")
        health = await view_of(pilot, "health", HealthView)
        await examined(pilot, health, 0)
        await view_of(pilot, "picture", PictureView)
        await pilot.press("right", "right", "down", "n", "z")
        for strip in app.screen._compositor.render_strips():
            assert strip.cell_length == size[0]


async def test_what_a_view_shows_can_be_copied() -> None:
    app = DeepnetApp(tiny(iterations=50))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        boundary = await view_of(pilot, "boundary", BoundaryView)
        assert boundary.as_text().startswith("x1\tx2\toutput 1\n")
        health = await view_of(pilot, "health", HealthView)
        await examined(pilot, health, 0)
        assert health.as_text().startswith("layer\tactivation\tunits\tspread\toutput\t")
        picture = await view_of(pilot, "picture", PictureView)
        lines = picture.as_text().splitlines()
        assert [line.split("\t")[0] for line in lines] == ["b1[0]", "W1[0, 0]", "W1[0, 1]"]


@pytest.mark.parametrize("width", range(44, 82, 4))
async def test_no_table_is_cut_on_a_narrow_screen(width: int) -> None:
    app = DeepnetApp("tutorial")
    async with app.run_test(size=(width, 24)) as pilot:
        await ready(pilot)
        await pilot.press("S")
        await until(pilot, lambda: app.workbench.iteration == 100)
        await until(pilot, lambda: "iteration 100" in screen_text(app))
        text = screen_text(app)
        assert "W1" in text
        assert "…" not in text.split("Parameters")[-1].split("all 8")[0]
        health = await view_of(pilot, "health", HealthView)
        await examined(pilot, health, 100)
        lines = screen_text(app).splitlines()
        heading = next(line for line in lines if "layer " in line and "size A" in line)
        assert heading.rstrip("│ ").endswith("flat")


@pytest.mark.parametrize("size", [(80, 16), (40, 12)])
async def test_on_a_low_screen_the_view_has_the_room(size: tuple[int, int]) -> None:
    app = DeepnetApp("tutorial")
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        for entry in VIEWS:
            await pilot.press(KEYS[entry.id])
            await until(pilot, lambda wanted=f"view-{entry.id}": app.main.view and app.main.view.id == wanted)  # type: ignore[misc]
            view = app.main.view
            assert view is not None
            await until(pilot, lambda shown=view: shown.size.height >= size[1] - 6, entry.id)  # type: ignore[misc]
            assert view.region.bottom < size[1]
