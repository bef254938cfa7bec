"""Runs: listed, compared and opened again, by keys at 80 x 24."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from deepnet_tui.app import DeepnetApp
from deepnet_tui.evaluate.metrics import evaluate
from deepnet_tui.experiment import Experiment
from deepnet_tui.runs.follow import CostsFile
from deepnet_tui.runs.query import Query
from deepnet_tui.runs.store import Store
from deepnet_tui.screens.runs.screen import RunsScreen
from deepnet_tui.widgets.views.runs.table import COLUMNS, column_widths
from deepnet_tui.widgets.views.runs.view import RunsView
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, screen_text, state, told, until
from tests.deepnet_tui.widgets.views.helpers import view_of

SMALL, WIDE = (80, 24), (120, 36)


QUICK = Experiment.default("moons").replace("training", iterations=60, report_every=20)


async def train(pilot: Pilot[None]) -> None:
    await pilot.press("space")
    await state(pilot, State.FINISHED)


async def looked(pilot: Pilot[None], view: RunsView, source: str) -> None:
    """Wait until the chosen run has been read."""

    def done() -> bool:
        side = view._read
        chosen = view.chosen
        return side is not None and chosen is not None and side.name == chosen.id and chosen.source == source

    await until(pilot, done, f"the run of {source}")


async def two_runs(pilot: Pilot[None], app: DeepnetApp) -> RunsView:
    """Train on moons, then with other settings on circles, and open the view."""
    await ready(pilot)
    await train(pilot)
    app.data.load(Experiment.default("circles").replace("training", iterations=40, learning_rate=0.05, report_every=20))
    await until(pilot, lambda: app.workbench.dataset.name == "circles")
    await ready(pilot)
    await train(pilot)
    view = await view_of(pilot, "runs", RunsView)
    await until(pilot, lambda: view._records is not None and len(view._records) == 2, "two runs")
    await looked(pilot, view, "circles")
    return view


async def test_runs_are_listed_newest_first_and_compared() -> None:
    app = DeepnetApp(QUICK)
    async with app.run_test(size=SMALL) as pilot:
        view = await two_runs(pilot, app)
        lines = [line for line in screen_text(app).splitlines() if "completed" in line]
        assert "circles" in lines[0]
        assert "▸" in lines[0]
        assert "he adam 0.05" in lines[0]
        assert "moons" in lines[1]
        assert "2-16-8-1" in lines[1]
        cost = app.workbench.training_run.history.curves().cost[-1]
        assert f"{cost:.4f}" in lines[0]
        await pilot.press("down")
        await looked(pilot, view, "moons")
        await pilot.press("right")
        text = screen_text(app)
        assert "data" in text
        assert "circles → moons" in text
        assert "0.05 → 0.01" in text
        assert "40 → 60" in text
        await until(pilot, lambda: "⠀" in screen_text(app) or any("⠁" <= c <= "⣿" for c in screen_text(app)))
        await pilot.press("up")
        await looked(pilot, view, "circles")
        assert "The settings are the same." in screen_text(app)
        await pilot.press("m", "down")
        await looked(pilot, view, "moons")
        assert "━ marked" in screen_text(app)
        await pilot.press("left")
        assert "completed" in screen_text(app)


async def test_a_run_is_opened_with_its_parameters_and_undone() -> None:
    app = DeepnetApp(QUICK)
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        await train(pilot)
        first = app.workbench.snapshot
        assert first is not None
        await pilot.press("r")
        app.data.load(Experiment.default("circles").replace("training", iterations=40))
        await until(pilot, lambda: app.workbench.dataset.name == "circles")
        view = await view_of(pilot, "runs", RunsView)
        await looked(pilot, view, "moons")
        await pilot.press("p")
        await until(pilot, lambda: app.workbench.dataset.name == "moons", "the run's data")
        await until(pilot, lambda: app.workbench.snapshot is not None, "its parameters")
        shown = app.workbench.snapshot
        assert shown is not None
        assert shown.iteration == 0
        for name, values in first.parameters.items():
            np.testing.assert_array_equal(shown.parameters[name], values)
        assert app.workbench.experiment == Store().list()[0].experiment()
        await pilot.press("u")
        assert app.workbench.dataset.name == "circles"


async def test_an_ended_run_gets_the_metrics_that_train_stores_too() -> None:
    app = DeepnetApp(QUICK)
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        await train(pilot)
        await until(pilot, lambda: "metrics" in Store().list()[0].about, "the metrics")
        stored = Store().list()[0]
        expected = evaluate(app.workbench.dataset, app.workbench.training_run.prepare().predict)
        assert stored.about["metrics"] == expected
        assert Query(sort="validation.f1").of(Store().list()) == [stored]
        edited = QUICK.replace("training", iterations=80).training.iterations
        app.workbench.edit("training", iterations=edited)
        await until(pilot, lambda: app.workbench.state is State.PAUSED, "settings that let it go on")
        await pilot.press("s")
        await state(pilot, State.PAUSED)
        assert "metrics" not in Store().list()[0].about, "they were those of other parameters"
        await train(pilot)
        await until(pilot, lambda: "metrics" in Store().list()[0].about, "the metrics of the new end")
        assert Store().list()[0].iteration == 80


async def test_opening_a_run_says_that_undo_goes_back() -> None:
    app = DeepnetApp(QUICK)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await two_runs(pilot, app)
        training_run = app.workbench.training_run
        trained = app.workbench.snapshot
        await pilot.press("enter")
        await until(pilot, lambda: app.workbench.training_run is not training_run, "the run's experiment")
        assert told(app) == ["A new run starts; u brings the trained network back"]
        await pilot.press("u")
        assert app.workbench.training_run is training_run
        assert app.workbench.snapshot is trained
        assert app.workbench.state is State.FINISHED


async def test_the_runs_screen_opens_a_run_in_the_workspace() -> None:
    app = DeepnetApp(QUICK)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await ready(pilot)
        await train(pilot)
        app.workbench.edit("training", learning_rate=0.5, iterations=10**9)
        await until(pilot, lambda: app.workbench.state is State.PAUSED, "settings that let it go on")
        await pilot.press("space", "C")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and app.screen.runs.chosen is not None, "a run")
        await pilot.press("enter")
        assert any("Pause first" in message for message in told(app))
        assert isinstance(app.screen, RunsScreen)
        app.workbench.pause()
        await state(pilot, State.PAUSED)
        stored = Store().open("last").experiment()
        app.main.action_reset()
        app.workbench.edit("training", learning_rate=0.25)
        await pilot.press("enter")
        await until(pilot, lambda: app.workbench.experiment == stored, "the run's experiment")
        assert app.screen_stack == [app.main]


async def test_a_run_whose_data_are_gone_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "line.csv"
    path.write_text("x,y\n" + "\n".join(f"{row / 10},{row * row / 50}" for row in range(60)) + "\n", encoding="utf-8")
    app = DeepnetApp(Experiment.default(str(path), "y").replace("training", iterations=40))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        await train(pilot)
        path.unlink()
        view = await view_of(pilot, "runs", RunsView)
        await looked(pilot, view, str(path))
        for key in ("enter", "p"):
            app.clear_notifications()
            await pilot.press(key)
            await until(pilot, lambda: any("there is no file" in message for message in told(app)), key)
        assert app.workbench.dataset.name == "line"
        assert app.workbench.iteration == 40


@pytest.mark.parametrize("size", [WIDE, SMALL, (40, 14)])
async def test_it_fits_every_screen(size: tuple[int, int]) -> None:
    app = DeepnetApp(QUICK)
    async with app.run_test(size=size) as pilot:
        await two_runs(pilot, app)
        for keys in (["z"], ["right"], ["z"]):
            await pilot.press(*keys)
            await pilot.pause()
            for strip in app.screen._compositor.render_strips():
                assert strip.cell_length == size[0]


async def test_without_a_run_it_says_so() -> None:
    app = DeepnetApp(QUICK)
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        await view_of(pilot, "runs", RunsView)
        await until(pilot, lambda: "Every run is kept and listed here." in screen_text(app))
        await pilot.press("enter", "p", "m", "down", "right")
        assert app.workbench.dataset.name == "moons"


@given(st.integers(30, 160), st.integers(1, 40), st.integers(1, 14))
def test_costs_are_shown_whole_or_not_at_all(room: int, training: int, network: int) -> None:
    row = ("▸ 25 Nov 23:47", "tutorial", "n" * network, "t" * training, "4.95e-05", "1.94e-05", "interrupted")
    widths = dict(zip(COLUMNS, column_widths([COLUMNS, row], room), strict=True))
    assert sum(widths.values()) + sum(width > 0 for width in widths.values()) <= max(room, 30) + 1
    assert (widths["train"], widths["validation"]) == (8, len("validation"))
    assert all(widths[name] in (0, len(cell)) for name, cell in (("when", row[0]), ("state", row[6])))


async def test_the_costs_of_the_present_run_are_not_read_from_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def costs_file(folder: Path) -> CostsFile:
        read.append(folder)
        return CostsFile(folder)

    monkeypatch.setattr("deepnet_tui.widgets.views.runs.view.CostsFile", costs_file)
    app = DeepnetApp(QUICK)
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        await train(pilot)
        view = await view_of(pilot, "runs", RunsView)
        await looked(pilot, view, "moons")
        assert view._read is not None
        assert list(view._read.curves.cost) == list(app.workbench.training_run.history.curves().cost)
        assert not read
        app.workbench.edit("training", iterations=90)
        await until(pilot, lambda: "iterations  60 → 90" in screen_text(app) or "90 → 60" in screen_text(app))
