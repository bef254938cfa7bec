"""The mouse on the layout: borders, the wheel over the chart, layers; and pastes, which are no keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.screens.data.chooser import DataChooser
from deepnet_tui.screens.data.screen import DataScreen
from deepnet_tui.screens.dialogs.dialog import Confirm
from deepnet_tui.screens.terminal.pasting import NOTHING
from deepnet_tui.widgets.base.chart import LineChart
from deepnet_tui.widgets.panes.architecture import ArchitecturePane
from deepnet_tui.widgets.panes.cost import CostPane
from deepnet_tui.widgets.views.picture.diagram import Diagram
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import PATIENCE, ready, screen_text, state, told, until

Place = tuple[int, int]


async def drag(pilot: Pilot[None], start: Place, stop: Place) -> None:
    await pilot.mouse_down(offset=start)
    await pilot.hover(offset=stop)
    await pilot.mouse_up(offset=stop)
    await pilot.pause()


def wheel(chart: LineChart, kind: type[events.MouseEvent], x: int, *, shift: bool = False) -> events.MouseEvent:
    return kind(chart, x, 3, 0, 0, 0, shift, False, False, screen_x=chart.region.x + x, screen_y=chart.region.y + 3)


async def test_borders_wheel_and_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    app = DeepnetApp(Experiment.default("moons").replace("training", iterations=500))
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        main = app.main
        design, cost, training = (main.query_one(f"#{name}") for name in ("design", "cost", "training"))
        await drag(pilot, (33, 3), (25, 3))  # from the border of the data pane into it: nothing is chosen
        assert not isinstance(app.screen, DataChooser)
        assert (design.region.width, main.query_one("#watch").region.x) == (26, 26)
        monkeypatch.setattr("deepnet_tui.screens.mouse.borders.TWICE", 0.0)
        await drag(pilot, (25, 10), (45, 10))
        monkeypatch.setattr("deepnet_tui.screens.mouse.borders.TWICE", PATIENCE)
        assert (design.region.width, cost.region.x) == (46, 46)
        before = cost.region.height
        await drag(pilot, (80, cost.region.bottom - 1), (80, cost.region.bottom + 3))
        assert abs(cost.region.height - before - 4) <= 1
        before = training.region.height
        await drag(pilot, (10, training.region.y), (10, training.region.y + 4))
        assert abs(before - training.region.height - 4) <= 1
        assert not main.selections, "dragging selects no text"
        await drag(pilot, (45, 10), (45, 10))
        await drag(pilot, (45, 10), (45, 10))
        assert design.region.width == 34, "pressed twice, it goes back to where it began"
        monkeypatch.setattr("deepnet_tui.screens.mouse.borders.TWICE", 0.0)
        await drag(pilot, (33, 10), (2, 10))
        assert main.borders.splits.design == 24, "a pane keeps room for what is in it"
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: cost.region.width == 80, "the whole width, where only one side is seen")
        await pilot.resize_terminal(120, 36)
        await until(pilot, lambda: design.region.width == 24)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        pane, chart = main.query_one(CostPane), main.query_one(LineChart)
        await until(pilot, lambda: chart.display)
        for _ in range(4):
            chart.post_message(wheel(chart, events.MouseScrollUp, chart.size.width - 1))
        await until(pilot, lambda: "zoomed" in screen_text(app))
        start, stop = pane._window.seen
        assert 500 * (1 - 0.8**4) - 1 <= start <= 500 * (1 - 0.8**4) + 1
        assert stop == 500, "what is under the pointer stays there"
        chart.post_message(wheel(chart, events.MouseScrollUp, 20, shift=True))
        await until(pilot, lambda: pane._window.seen[1] < 500)
        assert pane._window.seen[1] - pane._window.seen[0] == stop - start
        pane.focus()
        await pilot.press("minus", "minus", "minus")
        assert pane._window.seen == (0, 500)
        await pilot.press("plus")
        assert pane._window.seen == (250, 500)
        await pilot.press("backspace")
        assert "zoomed" not in screen_text(app)

        await pilot.press("7")
        diagram = main.query_one(Diagram)
        await until(pilot, lambda: diagram._columns)
        for layer in (3, 1):
            column = next(column for column in diagram._columns if column.layer == layer)
            await pilot.click(Diagram, offset=(column.x, column.rows[0]))
            await until(pilot, lambda: main.query_one(ArchitecturePane).chosen_layer == layer)  # noqa: B023


async def test_a_paste_runs_no_keys_and_data_are_opened(tmp_path: Path, home: Path) -> None:
    app = DeepnetApp()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await ready(pilot)
        app.post_message(events.Paste("d e x Q\nspace\x1b[A\ta q\r\n"))
        await until(pilot, lambda: NOTHING in told(app))
        assert app.is_running
        assert app.screen is app.main
        assert app.workbench.state is State.IDLE
        app.post_message(events.Paste("a,b,kind\r\n1,2,x\r\n3,4,y\r\n5,6,x\r\n"))
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "4 pasted lines" in screen_text(app)
        app.post_message(events.Paste("y"))
        await pilot.pause()
        assert isinstance(app.screen, Confirm), "a paste answers no question"
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, DataScreen))
        (path,) = (home / "pasted").iterdir()
        assert path.read_text() == "a,b,kind\n1,2,x\n3,4,y\n5,6,x\n"
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main)
        file = tmp_path / "my table.csv"
        file.write_text("a,b\n" + "".join(f"{row},{row % 2}\n" for row in range(20)))
        app.post_message(events.Paste(f" '{file}'\n"))  # as a terminal writes a file that is dropped on it
        await until(pilot, lambda: isinstance(app.screen, DataScreen))
