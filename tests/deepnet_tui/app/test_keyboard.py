"""The whole app by keyboard alone."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.widgets import Input, Static

from deepnet_tui.app import DeepnetApp
from deepnet_tui.data import load as data_load
from deepnet_tui.experiment import Experiment
from deepnet_tui.export import FORMATS
from deepnet_tui.export import load as load_model
from deepnet_tui.screens.data.chooser import DataChooser
from deepnet_tui.screens.dialogs.dialog import Choose, Confirm
from deepnet_tui.screens.dialogs.export import ExportDialog
from deepnet_tui.screens.dialogs.help import Help
from deepnet_tui.screens.dialogs.path import AskPath
from deepnet_tui.widgets.base.choices import Choices
from deepnet_tui.widgets.panes.cost import CostPane
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import PATIENCE, ready, screen_text, state, told, type_text, until

WIDE, NARROW = (120, 36), (80, 24)
sizes = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
ENDLESS = Experiment.default("moons").replace("training", iterations=10**9)


def dims(app: DeepnetApp) -> tuple[int, ...]:
    """The units of every layer."""
    return app.workbench.network.dims


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

    def slow(*args: Any) -> Any:
        assert may_load.wait(PATIENCE)
        return load(*args)

    monkeypatch.setattr(data_load, "load", slow)
    app = DeepnetApp(ENDLESS)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await until(pilot, lambda: app.main.view is not None)
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
        await pilot.press("0", "tab", "down", "down", "enter")
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


@sizes
async def test_data_are_chosen(size: tuple[int, int]) -> None:
    app = DeepnetApp()
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, DataChooser))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.workbench.dataset.name == "circles")
        await ready(pilot)
        assert "circles" in screen_text(app)
        await pilot.press("u")
        assert app.workbench.dataset.name == "moons"


async def test_a_file_that_is_not_there_is_explained() -> None:
    app = DeepnetApp()
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, DataChooser))
        await pilot.press("tab")
        await type_text(pilot, "nowhere.csv")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query(".hint.wrong"))
        assert "nowhere.csv" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, DataChooser))
        assert app.workbench.dataset.name == "moons"


async def test_an_unknown_source_is_reported_and_the_default_opens() -> None:
    app = DeepnetApp("mons")
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot)
        assert any("mons" in message for message in told(app))
        assert app.workbench.dataset.name == "moons"


async def test_quit_asks_while_training_and_stops_the_thread() -> None:
    app = DeepnetApp(ENDLESS)
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.TRAINING)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("n")
        await until(pilot, lambda: not isinstance(app.screen, Confirm))
        assert app.workbench.state is State.TRAINING
        worker = app.workbench._runner._thread
        assert worker is not None
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await until(pilot, lambda: not app.is_running)
    assert not worker.is_alive()


async def test_quit_works_in_a_dialog_and_asks_once() -> None:
    app = DeepnetApp(ENDLESS)
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.TRAINING)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, Help))
        await pilot.press("ctrl+q", "ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert sum(isinstance(screen, Confirm) for screen in app.screen_stack) == 1
        await pilot.press("y")
        await until(pilot, lambda: not app.is_running)


async def test_a_letter_that_quits_can_still_be_typed(home: Path) -> None:
    (home / "config.toml").write_text('[keys]\nquit = "Q"\n')
    app = DeepnetApp()
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        await pilot.press("w")
        field = app.screen.query_one(Input)
        field.value = ""
        await pilot.press("Q")
        assert field.value == "Q"
        await pilot.press("escape", "Q")
        await until(pilot, lambda: not app.is_running)


async def test_help_begins_with_the_view_that_has_the_focus() -> None:
    app = DeepnetApp()
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        for view, group in (("6", "In Runs"), ("2", "In Explain"), ("0", "In a list")):
            await pilot.press(view, "question_mark")
            await until(pilot, lambda: isinstance(app.screen, Help))
            assert str(app.screen.query(".group").first(Static).render()) == group
            await pilot.press("escape")


async def test_a_message_goes_with_the_view_it_would_cover() -> None:
    app = DeepnetApp()
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("y")
        assert any("Copied" in message for message in told(app))
        await pilot.press("4")
        assert told(app) == []


async def test_quit_at_rest_does_not_ask() -> None:
    app = DeepnetApp()
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)
    assert app.return_code == 0


@pytest.mark.parametrize("kind", ["directory", "missing folder", "foreign folder", "existing"])
async def test_export_refuses_beside_the_field(kind: str, tmp_path: Path) -> None:
    (tmp_path / "d.npz").mkdir()
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "thesis.txt").write_text("x")
    (tmp_path / "old.npz").write_bytes(b"precious")
    names = {"directory": "d.npz", "missing folder": "no/net.npz", "foreign folder": "foreign/", "existing": "old.npz"}
    target = names[kind]
    app = DeepnetApp()
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, ExportDialog))
        await pilot.press("enter")
        await type_text(pilot, target)
        await pilot.press("enter")
        if kind == "existing":
            await until(pilot, lambda: isinstance(app.screen, Confirm))
            await pilot.press("n")
            await until(pilot, lambda: isinstance(app.screen, ExportDialog))
            assert (tmp_path / "old.npz").read_bytes() == b"precious"
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, Confirm))
            await pilot.press("y")
            await until(pilot, lambda: not isinstance(app.screen, ExportDialog | Confirm))
            assert load_model(tmp_path / "old.npz").network.dims == (2, 16, 8, 1)
        else:
            await until(pilot, lambda: app.screen.query(".hint.wrong"))
            assert isinstance(app.screen, ExportDialog)


async def test_the_typed_ending_chooses_the_format(tmp_path: Path) -> None:
    app = DeepnetApp()
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, ExportDialog))
        formats = list(FORMATS)
        rows, field = app.screen.query_one(Choices), app.screen.query_one(Input)
        for suffix in (*formats[1:], formats[0]):
            await pilot.press("down" if suffix != formats[0] else "home")
            await until(pilot, lambda wanted=f"moons{suffix}": field.value == wanted)  # type: ignore[misc]
            assert rows.highlighted == formats.index(suffix)
        await pilot.press("enter")
        await type_text(pilot, "net.JSON")
        await until(pilot, lambda: rows.highlighted == formats.index(".json"))
        await type_text(pilot, "net.pkl")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query(".hint.wrong"))
        assert not (tmp_path / "net.pkl").exists()
        await type_text(pilot, "net.safetensors")
        await until(pilot, lambda: rows.highlighted == formats.index(".safetensors"))
        assert field.value == "net.safetensors"
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, ExportDialog))
        assert load_model(tmp_path / "net.safetensors").network.dims == (2, 16, 8, 1)


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


async def test_a_name_without_suffix_gets_that_of_the_format(tmp_path: Path) -> None:
    app = DeepnetApp()
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        for keys, name in ((("m", "y"), "my.npz"), (("down", "down", "n", "e"), "ne.json"), (("f", "slash"), "f")):
            await pilot.press("e")
            await until(pilot, lambda: isinstance(app.screen, ExportDialog))
            await pilot.press(*keys, "enter")
            await until(pilot, lambda: not isinstance(app.screen, ExportDialog))
            assert (tmp_path / name).is_dir() if name == "f" else load_model(tmp_path / name)


async def test_an_experiment_is_written_and_opened_again(tmp_path: Path) -> None:
    app = DeepnetApp()
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        await pilot.press("0", "right", "w")
        await until(pilot, lambda: isinstance(app.screen, AskPath))
        await type_text(pilot, "mine.toml")
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, AskPath))
        assert Experiment.read(tmp_path / "mine.toml") == app.workbench.experiment
        await pilot.press("u", "o")
        await until(pilot, lambda: isinstance(app.screen, AskPath))
        await type_text(pilot, "mine.tom")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query(".hint.wrong"))
        await type_text(pilot, "mine.toml")
        await pilot.press("enter")
        await until(pilot, lambda: app.workbench.network.dims == (2, 17, 8, 1))


async def test_help_copy_zoom_log_axis_and_the_time_machine() -> None:
    app = DeepnetApp(Experiment.default("moons").replace("training", iterations=500))
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, Help))
        assert "Train, pause or resume" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, Help))
        app.main.query_one(CostPane).focus()
        await pilot.press("y")
        assert app.clipboard.splitlines()[0] == "iteration\ttrain cost\tvalidation cost"
        assert len(app.clipboard.splitlines()) == 7
        await pilot.press("L")
        await until(pilot, lambda: " log " in screen_text(app))
        await pilot.press("left_square_bracket", "left_square_bracket")
        await until(pilot, lambda: " at 300" in screen_text(app))
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: " at 400" in screen_text(app))
        await pilot.press("b")
        await until(pilot, lambda: app.workbench.state is State.IDLE)
        await pilot.press("u")
        assert app.workbench.state is State.FINISHED
        await pilot.press("z")
        await until(pilot, lambda: "Architecture" not in screen_text(app))
        await pilot.press("z")
        await until(pilot, lambda: "Architecture" in screen_text(app))


async def test_the_palette_knows_every_command() -> None:
    app = DeepnetApp()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        names = [command.title for command in app.get_system_commands(app.screen)]
        for command in app.commands:
            if command.scope == "main" and command.id not in ("palette", "quit"):
                assert any(command.label.lower() in name.lower() for name in names), command.id
        await pilot.press("ctrl+p")
        await pilot.press(*"step", "enter")
        await until(pilot, lambda: app.workbench.iteration > 0)


async def test_keys_are_rebound_in_the_configuration(home: Path) -> None:
    (home / "config.toml").write_text('theme = "nord"\n[keys]\ntrain = "g"\n')
    app = DeepnetApp(ENDLESS)
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        assert app.theme == "nord"
        assert "g train" in screen_text(app)
        await pilot.press("g")
        await state(pilot, State.TRAINING)


@sizes
async def test_controls_are_hidden_in_the_configuration(home: Path, size: tuple[int, int]) -> None:
    (home / "config.toml").write_text('hide = ["export", "view_parameters", "view_boundary", "training_pane"]\n')
    app = DeepnetApp()
    async with app.run_test(size=size, notifications=True) as pilot:
        await ready(pilot)
        assert not told(app)
        assert app.main.view is not None
        assert app.main.view.id == "view-explain"
        text = screen_text(app)
        assert "2 Explain" in text
        assert "Boundary" not in text
        assert "e export" not in text
        await pilot.press("e", "3", "1")
        assert app.screen is app.main
        assert app.main.view.id == "view-explain"
        await pilot.press("0")
        assert "Architecture" in screen_text(app)
        assert "learning rate" not in screen_text(app)
        offered = [command.title for command in app.get_system_commands(app.screen)]
        assert not [title for title in offered if title.startswith(("Export", "Boundary"))]
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, Help))
        assert "export" not in {command.id for command in app.screen._commands}  # type: ignore[attr-defined]


async def test_the_whole_design_can_be_hidden(home: Path) -> None:
    (home / "config.toml").write_text('hide = ["data_pane", "architecture_pane", "training_pane", "design"]\n')
    app = DeepnetApp()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        assert "Architecture" not in screen_text(app)
        assert app.main.query_one(CostPane).region.width == WIDE[0]
        await pilot.press("space")
        await state(pilot, State.FINISHED)


@pytest.mark.parametrize(
    "text",
    [
        "theme = [",
        "hide = true",
        'hide = ["moon"]',
        'hide = ["quit"]',
        "hide = [1]",
        "colour = 1",
        "theme = 3",
        '[keys]\ntrain = "s"',
        '[keys]\nfly = "g"',
        'theme = "mauve"',
    ],
)
async def test_a_broken_configuration_gives_one_sentence(home: Path, text: str) -> None:
    (home / "config.toml").write_text(text)
    app = DeepnetApp()
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot)
        assert len(told(app)) == 1
        assert "Traceback" not in told(app)[0]


async def test_a_kept_run_is_opened_again() -> None:
    app = DeepnetApp(Experiment.default("circles").replace("training", iterations=100))
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await app.main.show_view("runs")
        await until(pilot, lambda: "completed" in screen_text(app))
        app.data.load("xor")
        await until(pilot, lambda: app.workbench.dataset.name == "xor")
        await pilot.press("enter")
        await until(pilot, lambda: app.workbench.dataset.name == "circles")
        assert app.workbench.experiment.training.iterations == 100
