"""From a file to data on the bench, by keys alone, at 80 x 24."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual.pilot import Pilot

from deepnet_tui.app import DeepnetApp
from deepnet_tui.cli.commands.open_app import opened_source
from deepnet_tui.data.settings import ColumnSettings
from deepnet_tui.experiment import Experiment
from deepnet_tui.screens.data.chooser import DataChooser
from deepnet_tui.screens.data.column_list import ColumnList
from deepnet_tui.screens.data.screen import DataScreen
from deepnet_tui.screens.dialogs.dialog import Choose
from deepnet_tui.screens.dialogs.help import Help
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, screen_text, state, told, until
from tests.deepnet_tui.data.peoples_files import FILES
from tests.deepnet_tui.data.tables import passengers

SMALL = (80, 24)
SHARED = Path(os.environ.get("DEEPNET_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
titanic = pytest.mark.skipif(not (SHARED / "titanic.csv").is_file(), reason="titanic.csv is not on this machine")


def words(app: DeepnetApp) -> str:
    """What can be read on the screen, in one line."""
    return " ".join(screen_text(app).translate(dict.fromkeys(map(ord, "│▁▂▃▄▅▆▇█"), " ")).split())


async def press_text(pilot: Pilot[None], text: str) -> None:
    names = {"/": "slash", ".": "full_stop", "_": "underscore", "-": "minus", "%": "percent_sign"}
    await pilot.press(*(names.get(key, key) for key in text))


@pytest.mark.parametrize("target", [None, "y"])
async def test_a_file_is_read_as_the_command_line_says(tmp_path: Path, target: str | None) -> None:
    path = tmp_path / "commas.csv"
    path.write_text("x:y\n" + "".join(f"{n * 7 % 50},5:{n},25\n" for n in range(40)))
    opened = opened_source(str(path), target, {"separator": ":", "decimal": ","})
    assert isinstance(opened, Experiment)
    app = DeepnetApp(opened, fresh=True)
    async with app.run_test(size=SMALL) as pilot:
        if target is None:
            await until(pilot, lambda: isinstance(app.screen, DataScreen), "the data screen")
            await until(pilot, lambda: "numeric" in words(app), "the columns")
        else:
            await ready(pilot)
            assert app.workbench.experiment.data.reading == {"separator": ":", "decimal": ","}
            assert [layer.units for layer in app.workbench.experiment.network.hidden] == [64, 64], "nobody's choice"


async def look_at(pilot: Pilot[None], path: str) -> DataScreen:
    """Open a file with the keys of the chooser."""
    app = pilot.app
    await pilot.press("d")
    await until(pilot, lambda: isinstance(app.screen, DataChooser), "the chooser")
    await pilot.press("f")
    await press_text(pilot, path)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, DataScreen), "the data screen")
    screen = app.screen
    assert isinstance(screen, DataScreen)
    return screen


async def settled(pilot: Pilot[None], screen: DataScreen) -> None:
    """Wait until the settings have taken effect or are refused."""
    await until(pilot, lambda: screen._state.dataset is not None or screen._state.failed is not None, "prepared data")


async def test_a_file_is_found_changed_and_used(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    passengers(tmp_path / "tables")
    app = DeepnetApp()
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, DataChooser))
        await pilot.press("f", "t")
        assert "tables/" in screen_text(app)
        assert "moons" not in screen_text(app).split("Choose data")[1]
        await pilot.press("tab", "down", "enter")
        await until(pilot, lambda: isinstance(app.screen, DataScreen))
        screen = app.screen
        assert isinstance(screen, DataScreen)
        await settled(pilot, screen)
        assert "Which column should be predicted?" in screen_text(app)
        assert "120 rows × 5 columns" in screen_text(app)
        await pilot.press("enter")
        assert screen.is_current, "without a target there is nothing to use"

        await pilot.press("up", "t")
        await settled(pilot, screen)
        text = words(app)
        assert "target saved (2 classes: 0, 1)" in text
        assert "'lived' is left out" in text
        assert "it gives the target away" in text
        assert "96 train, 24 validation" in text
        await pilot.press("tab", "end")
        await until(pilot, lambda: "'number' is not used" in words(app), "what was dropped")
        await pilot.press("shift+tab")

        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, Help))
        await pilot.press("escape", "p")
        assert "P0000" in screen_text(app)
        await pilot.press("p", "home", "down", "right")
        await settled(pilot, screen)
        assert "column 'age', row" in words(app)
        assert "set another kind" in words(app)
        assert "age boolean feature" in words(app)
        await pilot.press("backspace", "space")
        await settled(pilot, screen)
        assert screen._state.dataset is not None
        assert screen._state.dataset.columns[1].role == "ignored"
        assert screen._state.dataset.preparation.columns == ("deck",)

        await pilot.press("h")
        await press_text(pilot, "95")
        await pilot.press("enter")
        assert "must be from 0% to 90%, not 95" in screen_text(app)
        await pilot.press("backspace", "backspace", "2", "5", "enter", "s", "7", "enter")
        await settled(pilot, screen)
        await pilot.press("enter")
        await until(pilot, lambda: app.workbench.dataset.name == "people", "the data on the bench")
        await ready(pilot)
        assert app.workbench.experiment.training.batch_size == 32, "the default for so few"
        data = app.workbench.experiment.data
        assert (data.target, data.validation, data.seed) == ("saved", 0.25, 7)
        assert data.columns == {"age": ColumnSettings(role="ignored")}
        held = app.workbench.dataset.validation
        assert held is not None
        assert held.m == 30
        await pilot.press("u")
        assert app.workbench.dataset.name == "moons"
        await pilot.press("U", "space")
        await state(pilot, State.FINISHED)


async def test_the_present_data_can_be_looked_at_again() -> None:
    app = DeepnetApp(Experiment.default("moons").replace("training", learning_rate=0.02))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        await pilot.press("d", "c")
        await until(pilot, lambda: isinstance(app.screen, DataScreen))
        screen = app.screen
        assert isinstance(screen, DataScreen)
        await settled(pilot, screen)
        await pilot.press("h", "5", "0", "enter")
        await settled(pilot, screen)
        await pilot.press("enter")
        await until(pilot, lambda: app.workbench.dataset.train.m == 200, "the other split")
        assert app.workbench.experiment.training.learning_rate == 0.02


async def test_escape_goes_back_and_nothing_is_changed(tmp_path: Path) -> None:
    passengers(tmp_path)
    app = DeepnetApp()
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        await look_at(pilot, "people.csv")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, DataChooser))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main)
        assert app.workbench.dataset.name == "moons"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"a,b\n1,2\n3\n", "row 2"), (b"a,b\n", "no rows"), (b"", "is empty")],
)
async def test_a_broken_file_is_explained_in_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "bad.csv").write_bytes(content)
    app = DeepnetApp()
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        await pilot.press("d", "f")
        await press_text(pilot, "bad.csv")
        await pilot.press("enter")
        await until(pilot, lambda: sentence in words(app), sentence)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, DataScreen))


async def test_a_file_opened_without_a_target_is_asked_for_one(tmp_path: Path) -> None:
    app = DeepnetApp(str(passengers(tmp_path)))
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: isinstance(app.screen, DataScreen))
        screen = app.screen
        assert isinstance(screen, DataScreen)
        await settled(pilot, screen)
        await pilot.press("home", "down", "t")
        await settled(pilot, screen)
        await pilot.press("enter")
        await ready(pilot)
        assert app.workbench.dataset.task == "regression"
        assert app.workbench.dataset.target == "age"


async def test_one_input_is_said_in_the_singular(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("n,y\n" + "".join(f"{row // 7 % 2},{row % 2}\n" for row in range(60)))
    app = DeepnetApp()
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        screen = await look_at(pilot, "one.csv")
        await settled(pilot, screen)
        await pilot.press("end", "t")
        await settled(pilot, screen)
        assert "60 rows × 2 columns → 1 input, 48 train" in words(app)


async def test_a_wrong_target_can_be_corrected_or_left(tmp_path: Path) -> None:
    app = DeepnetApp(Experiment.default(str(passengers(tmp_path)), "save"))
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: isinstance(app.screen, DataScreen))
        await until(pilot, lambda: "did you mean 'saved'?" in screen_text(app), "the guess")
        await pilot.press("escape")
        await ready(pilot)
        assert app.workbench.dataset.name == "moons"


@titanic
async def test_titanic_opens_with_its_target_and_its_leak_is_left_out() -> None:
    app = DeepnetApp(Experiment.default(str(SHARED / "titanic.csv"), "survived"))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        assert "alive" not in app.workbench.dataset.preparation.columns
        assert any("'alive' is left out" in message for message in told(app))
        await pilot.press("d", "c")
        await until(pilot, lambda: isinstance(app.screen, DataScreen))
        screen = app.screen
        assert isinstance(screen, DataScreen)
        await settled(pilot, screen)
        assert "'alive' is left out" in screen_text(app)
        await pilot.press(*["end", "up"], "space")
        await settled(pilot, screen)
        assert "'alive' is used as requested" in words(app)


async def test_a_column_is_changed_by_mouse(tmp_path: Path) -> None:
    app = DeepnetApp(Experiment.default(str(passengers(tmp_path)), "saved"))
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        await pilot.press("d", "c")
        await until(pilot, lambda: isinstance(app.screen, DataScreen))
        screen = app.screen
        assert isinstance(screen, DataScreen)
        await settled(pilot, screen)
        await pilot.click("ColumnList", offset=(4, 2))
        await until(pilot, lambda: isinstance(app.screen, Choose))
        await pilot.click("Choices", offset=(2, 2))
        await until(pilot, lambda: app.screen is screen)
        await settled(pilot, screen)
        assert screen._state.dataset is not None
        assert {info.name: info.role for info in screen._state.dataset.columns}["deck"] == "ignored"


@pytest.mark.parametrize("size", [SMALL, (120, 36)])
async def test_the_screen_says_what_a_rich_preparation_makes_of_a_column(size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    lines = [
        f"{'' if n % 40 == 5 else n * 7 % 60},2024-{1 + n % 12:02}-{1 + n % 28:02},{n * n // 7 % 2}" for n in range(400)
    ]
    path.write_text("\n".join(["age,born,saved", *lines]))
    app = DeepnetApp(Experiment.default(str(path), "saved").replace("data", preparation="rich"))
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        assert app.workbench.dataset.columns[0].becomes == "6 bins, missing marked"
        await pilot.press("d", "c")
        await until(pilot, lambda: isinstance(app.screen, DataScreen))
        assert isinstance(app.screen, DataScreen)
        await settled(pilot, app.screen)
        text = words(app)
        assert "inputs; why" in text
        assert "→ 6 bins" in text
        await pilot.press("home", "down")
        await until(pilot, lambda: "born → date, weekday and month, 6 bins; " in words(app), "what the date becomes")
        for strip in app.screen._compositor.render_strips():
            assert strip.cell_length == size[0]


@pytest.mark.parametrize("size", [SMALL, (120, 36), (60, 20)])
async def test_the_screen_fits(size: tuple[int, int], tmp_path: Path) -> None:
    app = DeepnetApp(Experiment.default(str(passengers(tmp_path)), "saved"))
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        await pilot.press("d", "c")
        await until(pilot, lambda: isinstance(app.screen, DataScreen))
        assert isinstance(app.screen, DataScreen)
        await settled(pilot, app.screen)
        assert "use these data" in screen_text(app)
        for strip in app.screen._compositor.render_strips():
            assert strip.cell_length == size[0]


async def test_markup_and_escape_sequences_in_a_file_are_shown_as_text(tmp_path: Path) -> None:
    path = tmp_path / "escapes.csv"
    path.write_text(FILES["escapes.csv"][0].replace("word,", "w[red]ord\x1b[31m,"))
    app = DeepnetApp(Experiment.default(str(path), None), fresh=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, DataScreen), "the data screen")
        await until(pilot, lambda: "categorical" in words(app), "the columns")
        assert "w[red]ord[31m" in words(app)
        await pilot.press("t", "p")
        await until(pilot, lambda: "[31mred" in words(app), "the first rows")
        assert "[red]" in words(app).split("w[red]ord")[-1]
        assert "\x1b" not in screen_text(app)


async def test_the_columns_of_a_wide_file_are_seen_from_the_first_one(tmp_path: Path) -> None:
    """The cursor begins on the target or the last column only where that is seen without scrolling."""
    path = tmp_path / "wide.csv"
    header = ",".join(f"c{number}" for number in range(60))
    lines = [",".join(str((row * place) % 17) for place in range(1, 61)) for row in range(40)]
    path.write_text("\n".join([header, *lines]) + "\n")
    app = DeepnetApp(opened_source(str(path), None, {}), fresh=True)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: isinstance(app.screen, DataScreen), "the data screen")
        columns = app.screen.query_one(ColumnList)
        await until(pilot, lambda: columns.highlighted == 0, "the cursor")
        assert columns.scroll_offset.y == 0
        assert "c0" in words(app)
