"""Boundary, Health and Picture in the whole app, by keys, at 80 x 24."""

from __future__ import annotations

import asyncio
from typing import TypeVar

import numpy as np
import pytest
from rich.segment import Segment
from textual.pilot import Pilot
from textual.widgets import Input

from deepnet_tui.app import DeepnetApp
from deepnet_tui.commands.views import VIEWS, ViewEntry
from deepnet_tui.drawing.numbers import short
from deepnet_tui.evaluate.plane import ends
from deepnet_tui.evaluate.unit_maps import pages
from deepnet_tui.experiment import Experiment
from deepnet_tui.training.state import State
from deepnet_tui.widgets.base.canvas import Canvas
from deepnet_tui.widgets.base.view import View
from deepnet_tui.widgets.views.boundary.view import BoundaryView
from deepnet_tui.widgets.views.health.view import HealthView
from deepnet_tui.widgets.views.picture.view import PictureView
from tests.deepnet_tui.app.conftest import ready, screen_text, state, told, until

V = TypeVar("V", bound=View)
SMALL = (80, 24)
KEYS = {entry.id: str(number) for number, entry in enumerate(VIEWS, start=1)}


async def view_of(pilot: Pilot[None], name: str, kind: type[V]) -> V:
    """Open a view with its key and wait for it."""
    app = pilot.app
    assert isinstance(app, DeepnetApp)
    await pilot.press(KEYS[name])
    await until(pilot, lambda: isinstance(app.main.view, kind), name)
    view = app.main.view
    assert isinstance(view, kind)
    return view


def tiny(source: str = "moons", iterations: int = 300) -> Experiment:
    return Experiment.default(source).replace("training", iterations=iterations, report_every=50)


async def examined(pilot: Pilot[None], health: HealthView, iteration: int) -> None:
    def done() -> bool:
        record = health._record
        return record is not None and bool(record.course) and record.now.iteration == iteration

    await until(pilot, done, f"examination of iteration {iteration}")


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
        assert "• train" in text
        assert "○ validation" in text
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


async def test_boundary_has_a_discrete_mode_other_planes_and_hides_its_points() -> None:
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


@pytest.mark.parametrize("source", ["diabetes", "digits", "gaussians"])
@pytest.mark.parametrize("size", [SMALL, (120, 36), (40, 12)])
async def test_every_kind_of_problem_fits_every_screen(source: str, size: tuple[int, int]) -> None:
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


async def test_without_colour_the_boundary_is_made_of_characters(monkeypatch: pytest.MonkeyPatch) -> None:
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


async def test_the_doctor_names_the_tutorials_trap_and_one_key_takes_the_remedy() -> None:
    app = DeepnetApp("tutorial")
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        health = await view_of(pilot, "health", HealthView)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await examined(pilot, health, 3000)
        text = screen_text(app)
        assert "2 findings" in text
        assert "too small for the signal" in text
        assert "f initializer small → he" in text
        await pilot.press("down")
        assert "▸ The labels look random" in screen_text(app)
        await pilot.press("f")
        assert app.workbench.experiment.network.initializer == "small", "random labels have no remedy"
        await pilot.press("up", "f")
        await until(pilot, lambda: app.workbench.experiment.network.initializer == "he", "the remedy")
        assert any("initializer small → he" in message.lower() for message in told(app))
        await examined(pilot, health, 0)
        await pilot.press("u")
        assert app.workbench.experiment.network.initializer == "small"
        assert app.workbench.iteration == 3000


async def test_a_run_that_is_over_is_marked_beside_the_tab_if_something_was_found() -> None:
    app = DeepnetApp("tutorial")
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        assert "Health!" not in screen_text(app)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await until(pilot, lambda: "4 Health!" in screen_text(app), "the mark")
        await pilot.press("r")
        await until(pilot, lambda: "Health!" not in screen_text(app), "a new run")
        await pilot.press("u")
        await until(pilot, lambda: "4 Health!" in screen_text(app), "the marked run is back")


async def test_health_shows_the_remedy_at_once_and_every_layer_by_a_key() -> None:
    experiment = Experiment.default("circles").replace("training", iterations=300)
    app = DeepnetApp(experiment.replace("network", hidden=[8] * 6, initializer="small"))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        health = await view_of(pilot, "health", HealthView)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await examined(pilot, health, 300)
        await until(pilot, lambda: "PgUp PgDn all lines" in screen_text(app))
        assert "initializer small → he" in screen_text(app)
        assert "as large as it came." in screen_text(app), "the remedy's last line"
        assert " 1 relu " not in screen_text(app)
        await pilot.press("pageup", "pageup", "pageup")
        assert all(f" {layer} relu " in screen_text(app) for layer in range(1, 7))
        await pilot.press("pagedown", "pagedown", "pagedown")
        assert "as large as it came." in screen_text(app)


async def test_health_follows_the_time_machine() -> None:
    app = DeepnetApp(tiny())
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        health = await view_of(pilot, "health", HealthView)
        assert "Nothing stands out" in screen_text(app) or health._record is None
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await examined(pilot, health, 300)
        await pilot.press("left_square_bracket", "left_square_bracket")
        await examined(pilot, health, 200)
        assert "iteration 200" in screen_text(app)
        assert health._record is not None
        assert [look.iteration for look in health._record.course] == [0, 50, 100, 150, 200]
        assert "Nothing stands out in 11 checks" in screen_text(app)


async def test_a_diverged_run_goes_on_from_its_good_point() -> None:
    experiment = Experiment.default("diabetes").replace("network", activation="relu")
    experiment = experiment.replace("training", optimizer="gd", learning_rate=30.0, report_every=10, l2=0.0)
    app = DeepnetApp(experiment)
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        first = app.workbench.snapshot
        assert first is not None
        health = await view_of(pilot, "health", HealthView)
        await pilot.press("space")
        await state(pilot, State.DIVERGED)
        await until(pilot, lambda: [finding.name for finding in health._findings] == ["diverged"], "the finding")
        assert "from the good parameters of iteration 0: learning rate 30 → 3" in screen_text(app)
        run = app.workbench.training_run.id
        await pilot.press("f")
        await until(pilot, lambda: app.workbench.experiment.training.learning_rate == 3.0, "the remedy")
        await until(
            pilot, lambda: app.workbench.training_run.id != run and app.workbench.snapshot is not None, "a new run"
        )
        shown = app.workbench.snapshot
        assert shown is not None
        for name, values in first.parameters.items():
            np.testing.assert_array_equal(shown.parameters[name], values)
        assert app.workbench.state is State.IDLE


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


async def test_escape_leaves_the_field_and_nothing_is_changed_while_training() -> None:
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


@pytest.mark.parametrize(
    ("counts", "width", "height"), [([4], 60, 16), ([16, 8], 28, 9), ([500] * 40, 20, 9), ([3, 3], 5, 2)]
)
def test_every_unit_has_a_map_on_some_page(counts: list[int], width: int, height: int) -> None:
    wide, tall, found = pages(counts, width, height)
    across = max(1, width // wide)
    units = [(part.layer, unit) for page in found for part in page for unit in range(part.first, part.stop)]
    assert units == [(layer, unit) for layer, count in enumerate(counts) for unit in range(count)]
    for page in found:
        lines = sum(1 + tall * -(-(part.stop - part.first) // across) for part in page)
        assert lines <= max(height, 1 + tall)


def test_maps_are_as_large_as_the_room_allows() -> None:
    assert pages([4], 60, 29)[:2] == (28, 14)
    assert len(pages([16, 8], 28, 9)[2]) == 3
    assert len(pages([16, 8], 46, 24)[2]) == 1


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
        assert "validation ─" in screen_text(app)
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


@pytest.mark.parametrize("width", range(44, 82, 4))
async def test_no_table_of_numbers_is_cut_on_a_narrow_screen(width: int) -> None:
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
