"""Training, layers and settings by keyboard alone."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.widgets import Input

from deepnet_tui.app import DeepnetApp
from deepnet_tui.data import load as data_load
from deepnet_tui.experiment import Experiment
from deepnet_tui.export import load as load_model
from deepnet_tui.screens.dialogs.dialog import Choose
from deepnet_tui.screens.dialogs.export import ExportDialog
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import PATIENCE, ready, screen_text, state, told, type_text, until
from tests.deepnet_tui.app.keyboard.sizes import ENDLESS, NARROW, WIDE, dims, sizes


@sizes
async def test_trains_pauses_goes_on_and_finishes(size: tuple[int, int]) -> None:
    app = DeepnetApp(ENDLESS)
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.TRAINING)
        await until(pilot, lambda: app.workbench.iteration > 200)
        await pilot.press("space")
        await state(pilot, State.PAUSED)
        rested = app.workbench.iteration
        assert f"{rested:,}" in screen_text(app)
        assert "paused" in screen_text(app)
        await pilot.press("s")
        await until(pilot, lambda: app.workbench.iteration == rested + 1)
        await state(pilot, State.PAUSED)
        await pilot.press("S")
        await until(pilot, lambda: app.workbench.iteration % 100 == 0)
        await state(pilot, State.PAUSED)
        await pilot.press("space")
        await until(pilot, lambda: app.workbench.iteration > rested + 300)
        await until(pilot, lambda: app.workbench.rate() > 0, "a speed")


async def test_space_while_data_load_trains_once_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    may_load = threading.Event()
    load = data_load.load

    def slow(*args: Any, **more: Any) -> Any:
        assert may_load.wait(PATIENCE)
        return load(*args, **more)

    monkeypatch.setattr(data_load, "load", slow)
    app = DeepnetApp(ENDLESS)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await until(pilot, lambda: app.main.view is not None and app.data.expecting)
        await pilot.press("space")
        assert told(app) == ["Training starts as soon as the data are there"]
        await pilot.press("space")
        assert told(app) == ["Training waits for space"], "it takes the place of the message before"
        await pilot.press("space")
        assert app.workbench.state is State.EMPTY
        may_load.set()
        await state(pilot, State.TRAINING)
        await until(pilot, lambda: app.workbench.iteration > 0)
        await pilot.press("space")
        await state(pilot, State.PAUSED)


@sizes
async def test_a_run_from_start_to_export(size: tuple[int, int], tmp_path: Path) -> None:
    app = DeepnetApp()
    async with app.run_test(size=size, notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        assert "finished" in screen_text(app)
        assert "train with penalty 0." in screen_text(app)
        await pilot.press("1")
        assert "W1" in screen_text(app)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, ExportDialog))
        await pilot.press("enter")
        await type_text(pilot, "home/net.npz")
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, ExportDialog))
        assert any("verified" in message for message in told(app))
        model = load_model(tmp_path / "home" / "net.npz")
        shown = app.workbench.snapshot
        assert shown is not None
        assert np.array_equal(model.parameters["W1"], shown.parameters["W1"])


@sizes
async def test_layers_are_edited(size: tuple[int, int]) -> None:
    app = DeepnetApp()
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        await pilot.press("0", "right", "right", "minus")
        assert dims(app) == (2, 17, 8, 1)
        await pilot.press("down", "a")
        assert dims(app) == (2, 17, 8, 8, 1)
        await pilot.press("x")
        assert dims(app) == (2, 17, 8, 1)
        await pilot.press("home", "down", "enter")
        await type_text(pilot, "5")
        await pilot.press("enter")
        assert dims(app) == (2, 5, 8, 1)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, Choose))
        await pilot.press("down", "enter")
        await until(pilot, lambda: not isinstance(app.screen, Choose))
        assert app.workbench.network.hidden[0].activation == "leaky_relu"
        await pilot.press("u", "u")
        assert dims(app) == (2, 17, 8, 1)
        await pilot.press("U")
        assert dims(app) == (2, 5, 8, 1)
        assert "2-5-8-1" in screen_text(app)


@sizes
@pytest.mark.parametrize("typed", ["0", "1000000", "many", ""])
async def test_a_wrong_number_of_units_stands_beside_the_field(size: tuple[int, int], typed: str) -> None:
    app = DeepnetApp()
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        await pilot.press("0", "enter")
        await type_text(pilot, typed)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query(".editor.wrong"))
        assert isinstance(app.focused, Input)
        assert "whole number" in screen_text(app)
        assert dims(app) == (2, 16, 8, 1)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.focused, Input))
        assert dims(app) == (2, 16, 8, 1)


async def test_the_learning_rate_changes_while_training() -> None:
    app = DeepnetApp(ENDLESS)
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.TRAINING)
        await pilot.press("0", "tab", "down", "enter")
        await type_text(pilot, "0")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query(".editor.wrong"))
        await type_text(pilot, "1")
        await pilot.press("enter")
        trainer = app.workbench.training_run.trainer
        assert trainer is not None
        await until(pilot, lambda: trainer.training.learning_rate == 1)
        assert app.workbench.state is State.TRAINING
        await pilot.press("a")
        await pilot.pause()
        assert dims(app) == (2, 16, 8, 1)


async def test_training_from_an_earlier_snapshot_says_where_from() -> None:
    app = DeepnetApp(Experiment.default("tutorial"))
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        await pilot.press("S")
        await until(pilot, lambda: app.workbench.iteration == 100)
        await state(pilot, State.PAUSED)
        await pilot.press("left_square_bracket", "s")
        await until(pilot, lambda: app.workbench.iteration == 101)
        assert "Training goes on from 100, not 0; to train from there, press b first" in told(app)
