"""Races in the app: value lists, the race screen, and taking a racer to the workspace."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.runs.store import Store
from deepnet_tui.screens.main import MainScreen
from deepnet_tui.screens.race.screen import RaceScreen
from deepnet_tui.screens.race.table import RankTable
from deepnet_tui.widgets.base.settings_pane import Rows
from deepnet_tui.widgets.panes.training import TrainingPane
from deepnet_tui.workbench.state import State
from deepnet_tui.workbench.value_list import ValueList
from tests.deepnet_tui.app.conftest import ready, screen_text, state, told, until

START = Experiment.default("moons").replace("training", iterations=200, report_every=50)


async def on_row(pilot: Pilot[None], app: DeepnetApp, name: str) -> None:
    """The cursor on a setting of the Training pane."""
    app.main.action_design()
    pane = app.main.query_one(TrainingPane)
    pane.query_one(Rows).focus()
    assert pane.go_to(name)
    await pilot.pause()


async def typed(pilot: Pilot[None], text: str) -> None:
    """Type into the field that has the focus, and Enter."""
    field = pilot.app.focused
    assert isinstance(field, Input)
    field.value = text
    await pilot.press("enter")


async def started(pilot: Pilot[None], app: DeepnetApp) -> RaceScreen:
    await pilot.press("R")
    await until(pilot, lambda: isinstance(app.screen, RaceScreen), "the race")
    screen = app.screen
    assert isinstance(screen, RaceScreen)
    return screen


async def over(pilot: Pilot[None], screen: RaceScreen) -> None:
    await until(pilot, lambda: screen._session.over and not screen._session.training, "the end of the race")
    screen._draw()
    await pilot.pause()


async def test_typed_values_race_and_the_winner_comes_to_the_workspace() -> None:
    app = DeepnetApp(START)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await on_row(pilot, app, "learning_rate")
        await pilot.press("enter")
        await typed(pilot, "0.00001, 0.1, -1")
        assert "learning_rate must be" in screen_text(app)
        await typed(pilot, "0.00001, 0.1, 1e200")
        assert app.workbench.varied == {"learning_rate": (0.00001, 0.1, 1e200)}
        assert app.workbench.experiment.training.learning_rate == START.training.learning_rate
        assert "1e-05, 0.1" in screen_text(app)
        assert "R starts the race" in screen_text(app)
        screen = await started(pilot, app)
        await over(pilot, screen)
        text = screen_text(app)
        for word in ("race  moons  3 racers", "1 diverged", "Validation cost", "learning rate", "finished"):
            assert word in text
        rows = [
            line for line in text.splitlines() if ("finished" in line and "e-05" in line) or "diverged after" in line
        ]
        assert [("1e-05" in row, "1e+200" in row) for row in rows] == [(True, False), (False, True)]
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, MainScreen), "the workspace")
        assert app.workbench.experiment.training.learning_rate == 0.1
        await state(pilot, State.FINISHED)
        assert app.workbench.iteration == 200
        assert len(app.workbench.training_run.history) == 5
        assert app.workbench.varied == {}
        assert "learning rate 0.1; u goes back" in told(app)
        await pilot.press("u")
        assert app.workbench.experiment == START
        assert app.workbench.state is State.IDLE
        await pilot.press("U")
        assert app.workbench.iteration == 200
    records = Store().list()
    assert sorted(record.state for record in records) == ["completed", "completed", "diverged"]
    assert all("race" in record.labels.tags for record in records)


async def test_a_racer_trains_as_it_does_alone() -> None:
    app = DeepnetApp(START)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.workbench.edit("training", learning_rate=ValueList((0.001, 0.01)))
        await over(pilot, await started(pilot, app))
        await pilot.press("down", "enter")
        await state(pilot, State.FINISHED)
        raced = app.workbench.training_run.history.curves()
        trainer = app.workbench.experiment.trainer(app.workbench.dataset)
        costs = [event.cost for event in trainer.run() if hasattr(event, "validation_cost")]
        assert raced.cost.tolist() == pytest.approx(costs, rel=1e-12)


async def test_several_names_are_marked_in_the_list_of_choices() -> None:
    app = DeepnetApp(START)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await on_row(pilot, app, "initializer")
        await pilot.press("enter", "space", "z", "space", "enter")
        assert app.workbench.varied == {"initializer": ("he", "zeros")}
        await on_row(pilot, app, "initializer")
        await pilot.press("enter")
        assert screen_text(app).count("● ") >= 2, "what is marked stays marked"
        await pilot.press("escape", "right")
        assert app.workbench.varied == {}, "a step back to one value"
        assert app.workbench.experiment.network.initializer == "xavier"


async def test_a_race_pauses_goes_on_and_leaves_its_runs_behind() -> None:
    app = DeepnetApp(START.replace("training", iterations=10**9, report_every=1000))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.workbench.edit("training", learning_rate=ValueList((0.001, 0.01)))
        screen = await started(pilot, app)
        session = screen._session
        await until(pilot, lambda: all(run.pulse[0] > 0 for run in session.runs), "training")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: "A race is under way. Stop it and quit?" in screen_text(app), "the question")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen, "the race")
        assert session.training
        await pilot.press("space")
        await until(pilot, lambda: not session.training, "the pause")
        before = [run.pulse[0] for run in session.runs]
        assert all(run.history.last_iteration == at for run, at in zip(session.runs, before, strict=True))
        await pilot.press("space")
        await until(pilot, lambda: all(run.pulse[0] > at for run, at in zip(session.runs, before, strict=True)), "more")
        chosen = screen.query_one(RankTable)
        await pilot.press("down")
        number = chosen.chosen
        assert number is not None
        await pilot.press("enter")
        await state(pilot, State.PAUSED)
        assert app.workbench.training_run is session.runs[number]
        iteration = app.workbench.iteration
        await pilot.press("s")
        await until(pilot, lambda: app.workbench.iteration == iteration + 1, "one more iteration")
        screen = await started_again(pilot, app)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen), "the workspace")
        assert "The race is closed; its runs are kept in Runs" in told(app)
        assert not screen._session.training
        assert app.workbench.training_run is session.runs[number]


async def started_again(pilot: Pilot[None], app: DeepnetApp) -> RaceScreen:
    await state(pilot, State.PAUSED)
    app.workbench.edit("training", learning_rate=ValueList((0.001, 0.01)))
    return await started(pilot, app)


async def test_the_marked_and_the_chosen_run_race_on_the_present_data() -> None:
    app = DeepnetApp(START)
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        await pilot.press("R")
        assert any("several values" in message for message in told(app))
        for optimizer in ("momentum", "rmsprop"):
            app.workbench.edit("training", optimizer=optimizer)
            await pilot.press("space")
            await state(pilot, State.FINISHED)
        await pilot.press("6")
        await until(pilot, lambda: "2 kept" in screen_text(app), "the runs")
        view = app.main.view
        await until(pilot, lambda: getattr(view, "_read", None) is not None, "the run")
        await pilot.press("m", "down")
        screen = await started(pilot, app)
        assert sorted(racer.label for racer in screen._session.racers) == ["momentum", "rmsprop"]
        await pilot.press("escape")


async def test_the_marked_runs_of_the_runs_screen_race() -> None:
    for rate in (0.2, 0.02, 0.002):
        Store().begin(START.replace("training", learning_rate=rate, iterations=100)).finish("completed")
    app = DeepnetApp(START)
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        app.main.action_all_runs()
        await until(pilot, lambda: "3 runs" in screen_text(app), "the runs")
        await pilot.press("M")
        screen = await started(pilot, app)
        assert {racer.label for racer in screen._session.racers} == {"0.2", "0.02", "0.002"}
        await over(pilot, screen)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, MainScreen), "the workspace")
        assert app.workbench.experiment.training.iterations == 100


async def test_settings_that_do_not_fit_are_said_before_the_race() -> None:
    app = DeepnetApp(START)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.workbench.edit("training", batch_size=ValueList((16, 5000)))
        await pilot.press("R")
        assert any("batch_size is 5,000" in message for message in told(app))
        assert isinstance(app.screen, MainScreen)
