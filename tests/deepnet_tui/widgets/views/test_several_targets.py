"""Two targets in the app: every view draws, those that show one say which, and the data screen makes one of them."""

from __future__ import annotations

from pathlib import Path

from textual.geometry import Size

from deepnet_tui.app import DeepnetApp
from deepnet_tui.commands.views import VIEWS
from deepnet_tui.experiment import Experiment
from deepnet_tui.widgets.base.view import View
from deepnet_tui.widgets.views.evaluate.view import EvaluateView
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, screen_text, state, told, until
from tests.deepnet_tui.data.targets.test_several import table
from tests.deepnet_tui.widgets.views.helpers import KEYS, view_of
from tests.deepnet_tui.widgets.views.test_evaluate import assessed, words

WIDE = Size(120, 40)


def two(folder: Path) -> Experiment:
    columns = {name: {"role": "ignored"} for name in ("churn", "count", "word")}
    data = {"source": str(table(folder / "t.csv")), "target": ["y1", "y2"], "columns": columns}
    return Experiment.from_dict({"data": data, "training": {"iterations": 40}})


async def test_every_view_draws_and_says_which_target_it_shows(tmp_path: Path) -> None:
    app = DeepnetApp(two(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        assert "y1, y2: numbers" in screen_text(app)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        for entry in VIEWS:
            await pilot.press(KEYS[entry.id])
            await pilot.pause()
            assert isinstance(app.main.view, View)
            assert app.main.view.as_text() is not None
        await pilot.press(KEYS["boundary"])
        await until(pilot, lambda: "y1 (1 of 2)" in screen_text(app), "the legend")
        view = await view_of(pilot, "evaluate", EvaluateView)
        await assessed(pilot, view, 40)
        assert "This is the target y1, the first of 2." in words(app)
        assert "This is the target y1, the first of 2." in view.as_text()


async def test_the_data_screen_makes_one_target_of_two(tmp_path: Path) -> None:
    app = DeepnetApp(two(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        await pilot.press("d", "c")
        await until(pilot, lambda: "several come from the command line or a file" in screen_text(app), "both targets")
        assert "target y1, y2 (numbers;" in screen_text(app)
        await pilot.press("t")
        await until(pilot, lambda: any("One target instead of several" in each for each in told(app)), "a message")
        await until(pilot, lambda: "(a number)" in screen_text(app), "one target")
