"""The whole way once more, by mouse alone."""

from __future__ import annotations

from pathlib import Path

from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Button

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.export import load as load_model
from deepnet_tui.screens.data.chooser import DataChooser
from deepnet_tui.screens.dialogs.dialog import Choose, Confirm
from deepnet_tui.screens.dialogs.export import ExportDialog
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, screen_text, state, until


async def click_word(pilot: Pilot[None], word: str, row: int | None = None) -> None:
    """Click the first place on the screen (or in a row of it) where a word stands."""
    app = pilot.app
    assert isinstance(app, DeepnetApp)
    lines = screen_text(app).splitlines()
    rows = range(len(lines)) if row is None else [row % len(lines)]
    for y in rows:
        if (x := lines[y].find(word)) >= 0:
            await pilot.click(offset=(x, y))
            await pilot.pause()
            return
    raise AssertionError(f"{word!r} is not on the screen:\n" + "\n".join(lines))


async def test_design_train_look_and_export(tmp_path: Path) -> None:
    app = DeepnetApp()
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        await click_word(pilot, "moons", row=2)
        await until(pilot, lambda: isinstance(app.screen, DataChooser))
        await click_word(pilot, "circles ")
        await until(pilot, lambda: app.workbench.dataset.name == "circles")
        await ready(pilot)
        await click_word(pilot, "add layer", row=-1)
        await until(pilot, lambda: len(app.workbench.network.hidden) == 3)
        await click_word(pilot, "optimizer")
        await until(pilot, lambda: isinstance(app.screen, Choose))
        await click_word(pilot, "rmsprop ")
        await until(pilot, lambda: app.workbench.experiment.training.optimizer == "rmsprop")
        await click_word(pilot, "undo", row=-1)
        await until(pilot, lambda: app.workbench.experiment.training.optimizer == "adam")
        await click_word(pilot, "train", row=-1)
        await state(pilot, State.FINISHED)
        await click_word(pilot, "Parameters")
        await click_word(pilot, "  W3 ")
        await until(pilot, lambda: "▸ W3" in screen_text(app))
        await click_word(pilot, "reset", row=-1)
        await until(pilot, lambda: app.workbench.iteration == 0)
        await click_word(pilot, "undo", row=-1)
        await until(pilot, lambda: app.workbench.state is State.FINISHED)
        await click_word(pilot, "export", row=-1)
        await until(pilot, lambda: isinstance(app.screen, ExportDialog))
        await click_word(pilot, ".json ")
        await until(pilot, lambda: "circles.json" in screen_text(app))
        await pilot.click("#save")
        await until(pilot, lambda: not isinstance(app.screen, ExportDialog))
        assert load_model(tmp_path / "circles.json").iterations == app.workbench.iteration


async def test_help_by_mouse() -> None:
    app = DeepnetApp()
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        await click_word(pilot, "help", row=-1)
        await until(pilot, lambda: "Train, pause or resume" in screen_text(app))
        await pilot.click(offset=(1, 1))
        await until(pilot, lambda: "Train, pause or resume" not in screen_text(app))
        assert app.screen is app.main


async def test_quitting_by_mouse_asks_while_training() -> None:
    app = DeepnetApp(Experiment.default("moons").replace("training", iterations=10_000_000))
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        await click_word(pilot, "train", row=-1)
        await state(pilot, State.TRAINING)
        await click_word(pilot, "palette", row=-1)
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        assert not app.screen.query(Button)
        await pilot.press(*"quit")
        await until(pilot, lambda: "Quit; asks while training" in screen_text(app))
        await click_word(pilot, "Quit; asks while training")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await click_word(pilot, "keep training")
        await until(pilot, lambda: app.screen is app.main)
        assert app.workbench.state is State.TRAINING
