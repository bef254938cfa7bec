"""The settings of a two-dimensional set, by keys, at 80 x 24."""

from __future__ import annotations

from textual.widgets import Input

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.screens.data.screen import DataScreen
from deepnet_tui.widgets.base.editor import Editor
from tests.deepnet_tui.app.conftest import ready, screen_text, told, until


async def test_transforms_noise_and_a_function_are_typed() -> None:
    app = DeepnetApp(Experiment.default("function").replace("data", points=60))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("d", "c")
        await until(pilot, lambda: isinstance(app.screen, DataScreen), "the data screen")
        await until(pilot, lambda: "transforms none" in screen_text(app), "the settings")

        async def typed(key: str, text: str) -> None:
            await pilot.press(key)
            await until(pilot, lambda: app.screen.query_one(Editor).display, "the editor")
            app.screen.query_one(Editor).query_one(Input).value = text
            await pilot.press("enter")

        await typed("f", "y >")
        await until(pilot, lambda: "something is missing at the end" in " ".join(screen_text(app).split()), "why not")
        await pilot.press("escape")
        await typed("f", "sin(x) + y")
        await typed("x", "x1^2, sin x2")
        await typed("n", "0.1")
        await until(pilot, lambda: "noise 0.1" in screen_text(app) and "ready" in screen_text(app), "the data")
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, DataScreen), "the main screen")
        dataset = app.workbench.dataset
        assert (dataset.inputs, dataset.task) == (("x1", "x2", "x1^2", "sin(x2)"), "regression")
        await pilot.press("3", "7", "s")
        assert not [notice for notice in app._notifications if notice.severity == "error"], told(app)
