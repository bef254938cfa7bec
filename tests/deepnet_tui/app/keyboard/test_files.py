"""Data, exports, experiments and runs by keyboard alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.export import FORMATS
from deepnet_tui.export import load as load_model
from deepnet_tui.screens.data.chooser import DataChooser
from deepnet_tui.screens.dialogs.dialog import Confirm
from deepnet_tui.screens.dialogs.export import ExportDialog
from deepnet_tui.screens.dialogs.path import AskPath
from deepnet_tui.widgets.base.choices import Choices
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, screen_text, state, told, type_text, until
from tests.deepnet_tui.app.keyboard.sizes import NARROW, sizes


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
