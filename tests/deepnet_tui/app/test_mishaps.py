"""What people do that nobody thought of: it ends in a sentence, and never in a crash."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key

from deepnet_tui.app import DeepnetApp
from deepnet_tui.common.errors import InputError
from deepnet_tui.experiment import Experiment
from deepnet_tui.screens.data.chooser import DataChooser
from deepnet_tui.screens.data.screen import DataScreen
from deepnet_tui.widgets.base.settings_pane import Rows
from deepnet_tui.widgets.panes.training import SETTINGS, PaneSetting
from deepnet_tui.widgets.views.picture.view import PictureView, ValueInput
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, screen_text, state, told, type_text, until

WIDE, NARROW = (120, 36), (80, 24)
ENDLESS = Experiment.default("moons").replace("training", iterations=10**9)


def units(app: DeepnetApp) -> tuple[int, ...]:
    return app.workbench.network.dims


async def test_layers_are_edited_before_the_design_was_ever_seen() -> None:
    app = DeepnetApp()
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        await pilot.press("a")
        await until(pilot, lambda: units(app) == (2, 16, 16, 8, 1))
        assert told(app) == []
        await pilot.press("1", "u", "x")
        await until(pilot, lambda: units(app) == (2, 16, 1))


async def test_an_edit_starts_from_the_present_experiment() -> None:
    app = DeepnetApp()
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        await pilot.press("0", "right", "right", "right")
        assert units(app) == (2, 19, 8, 1)
        await pilot.press("1", "u", "u", "u", "a")
        await until(pilot, lambda: units(app) == (2, 16, 16, 8, 1))
        app.data.load("spiral")
        await until(pilot, lambda: app.workbench.dataset.name == "spiral" and not app.data.expecting)
        await pilot.press("1", "a")
        await until(pilot, lambda: units(app) == (2, 32, 32, 32, 1))


async def test_an_activation_is_not_offered_while_training() -> None:
    app = DeepnetApp(ENDLESS)
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.TRAINING)
        await pilot.press("t")
        await until(pilot, lambda: told(app) and "Pause first" in told(app)[0])
        assert app.screen is app.main


@pytest.mark.parametrize("key", ["w", "e"])
@pytest.mark.parametrize("name", ["~nosuchuser/x.npz", "n" * 300 + ".npz", "model\x1b[31m/x.npz"])
async def test_a_path_that_can_not_be_is_refused_in_a_sentence(key: str, name: str) -> None:
    app = DeepnetApp()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        await pilot.press(key)
        if key == "e":
            await pilot.press("enter")
        await type_text(pilot, "")
        field = app.focused
        assert field is not None
        field.value = name  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query(".hint.wrong"))
        await pilot.press("escape")
        assert app.workbench.state is State.IDLE


async def test_a_path_is_shown_as_it_is(tmp_path: Path) -> None:
    app = DeepnetApp()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        await pilot.press("w")
        await type_text(pilot, "")
        (tmp_path / "r[bold]").mkdir()
        app.focused.value = "r[bold]/x[/v2].toml"  # type: ignore[union-attr]
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query(".hint.wrong"))
        (tmp_path / "r[bold]" / "x[").mkdir()
        await pilot.press("enter")
        await until(pilot, lambda: told(app) == ["Wrote r[bold]/x[/v2].toml"])
        assert not next(iter(app._notifications)).markup


async def test_a_field_does_not_outlive_its_row() -> None:
    app = DeepnetApp()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.screen.query("#architecture .editor").first().display)
        await pilot.press("tab", "x", "shift+tab", "enter")
        assert units(app) == (2, 16, 1)
        await pilot.press("escape", "space")
        await state(pilot, State.FINISHED)


def allowed(setting: PaneSetting, value: Any) -> bool:
    try:
        ENDLESS.replace(setting.section, **{setting.name: value})  # type: ignore[arg-type]
    except InputError:
        return False
    return True


@pytest.mark.parametrize("setting", [entry for entry in SETTINGS if entry.step], ids=lambda entry: entry.name)
def test_stepping_goes_the_right_way_and_keeps_the_bounds(setting: PaneSetting) -> None:
    assert setting.step is not None
    values = [value for value in (0.0, 1e-308, 1e-9, 0.5, 0.99, 1e308, 0, 1, 7, 5 * 10**9) if allowed(setting, value)]
    assert len(values) > 1
    for value in values:
        more, less = setting.step(value, 1), setting.step(value, -1)
        assert more is None or more >= value
        assert less is None or less <= value
        assert allowed(setting, more), (value, more)
        assert allowed(setting, less), (value, less)


async def test_a_batch_larger_than_the_data_is_refused() -> None:
    app = DeepnetApp()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        await pilot.press("tab", *["down"] * 3, "enter")
        await type_text(pilot, "1000000")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query(".editor.wrong"))
        assert "batch" in screen_text(app)
        assert app.workbench.state is State.IDLE
        assert app.workbench.experiment.training.batch_size is None


async def test_early_stopping_is_told_with_what_can_be_done() -> None:
    early = Experiment.default("moons").replace("training", patience=1, report_every=5, learning_rate=0.5)
    app = DeepnetApp(early)
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await until(pilot, lambda: any("were the best and have been brought back" in text for text in told(app)))
        await pilot.press("space")
        await until(pilot, lambda: any("It stopped early" in text for text in told(app)))


async def test_the_chart_says_what_it_waits_for() -> None:
    app = DeepnetApp(ENDLESS.replace("training", report_every=10**9))
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        assert "space starts the training" in screen_text(app)
        await pilot.press("space")
        await state(pilot, State.TRAINING)
        await until(pilot, lambda: "reported every 1,000,000,000" in screen_text(app))
        assert "starts the training" not in screen_text(app)


async def test_resetting_an_untrained_network_keeps_the_undo_history() -> None:
    app = DeepnetApp(Experiment.default("moons").replace("training", iterations=100))
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await pilot.press("r", "r", "r", "u")
        await state(pilot, State.FINISHED)
        assert app.workbench.iteration == 100


def burst(app: DeepnetApp, *keys: str) -> None:
    """Send keys as a slow line delivers them: all at once."""
    for key in keys:
        event = Key(key, key if len(key) == 1 else None)
        event.set_sender(app)
        app._driver.send_message(event)  # type: ignore[union-attr]


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_keys_typed_in_a_burst_go_where_they_were_meant(size: tuple[int, int], tmp_path: Path) -> None:
    app = DeepnetApp()
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        burst(app, "0", "enter", "ctrl+u", "3", "2", "enter", "down", "enter", "ctrl+u", "5", "enter")
        await until(pilot, lambda: units(app) == (2, 32, 5, 1))
        burst(app, "w", "ctrl+u", *"ab1", "enter", "1", "2")
        await until(pilot, lambda: (tmp_path / "ab1").is_file())
        await until(pilot, lambda: app.main.view is not None and app.main.view.id == "view-explain")
        burst(app, "d", "down", "down", "enter", "space")
        await until(pilot, lambda: app.workbench.dataset.name == "xor" and not app.data.expecting)


async def test_a_key_typed_before_the_first_view_waits_for_it() -> None:
    app = DeepnetApp()
    async with app.run_test(size=NARROW) as pilot:
        burst(app, "0")
        await ready(pilot)
        await until(pilot, lambda: app.main.query_one("#design").display)
        assert isinstance(app.focused, Rows)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_asked_to_end_the_app_leaves_in_good_order(number: signal.Signals) -> None:
    app = DeepnetApp(ENDLESS)
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.TRAINING)
        os.kill(os.getpid(), number)
        while app.return_code is None:
            await pilot._wait_for_screen()
    assert app.return_code == 128 + number
    assert not any(worker.is_alive() for worker in app.workbench._runner._threads)


async def test_data_that_arrive_while_a_screen_covers_the_chooser_take_nothing_away() -> None:
    app = DeepnetApp()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, DataChooser))
        chooser = app.screen
        assert isinstance(chooser, DataChooser)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, DataScreen))
        chooser._load("circles")  # as if it had been asked before, and came late
        await until(pilot, lambda: app.workbench.dataset.name == "circles" and not app.data.expecting)
        assert isinstance(app.screen, DataScreen), "somebody is at work there"
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main, "the chooser has done its work")
        await pilot.press("escape", "d")
        await until(pilot, lambda: isinstance(app.screen, DataChooser))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main)


async def test_data_that_the_chooser_did_not_ask_for_leave_it_open() -> None:
    app = DeepnetApp()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, DataChooser))
        app.data.load("circles")  # as a run opened a moment ago does
        await until(pilot, lambda: app.workbench.dataset.name == "circles" and not app.data.expecting)
        assert isinstance(app.screen, DataChooser), "somebody is choosing there"
        await pilot.press("home", "enter")
        await until(pilot, lambda: app.screen is app.main, "the chooser has done its work")


async def test_a_value_typed_for_one_network_never_reaches_another() -> None:
    app = DeepnetApp()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        await pilot.press("7", "right", "n", "enter")
        await until(pilot, lambda: isinstance(app.focused, ValueInput), "the field")
        app.data.load("circles")
        await until(pilot, lambda: app.workbench.dataset.name == "circles" and not app.data.expecting)
        await until(pilot, lambda: isinstance(app.focused, PictureView), "the field has closed")
