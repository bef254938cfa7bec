"""Importance, curves and What if by keys."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.screens.what_if.screen import WhatIfScreen
from deepnet_tui.widgets.views.evaluate.view import EvaluateView
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, screen_text, state, until
from tests.deepnet_tui.widgets.views.helpers import SMALL, view_of


async def test_from_importance_to_a_curve_and_to_what_if() -> None:
    app = DeepnetApp(Experiment.default("iris").replace("training", iterations=80))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        view = await view_of(pilot, "evaluate", EvaluateView)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await until(pilot, lambda: view._report is not None and view._report.case.snapshot.iteration == 80, "report")
        await pilot.press("i")
        job = view._importance
        await until(pilot, lambda: bool(job.columns()) and not job.running, "importance")
        names = [column.name for column in job.columns()]
        assert job.columns()[0].mean > job.columns()[-1].mean
        await pilot.press("down")
        text = screen_text(app)
        assert f"▸ {names[1]}"[:12] in text
        assert "By how much log-loss" in text
        assert "█" in text
        await pilot.press("enter")
        await until(pilot, lambda: job.curve is not None, "curve")
        await pilot.pause()
        assert f"by {names[1]}" in screen_text(app)
        first = job.curve.title  # type: ignore[union-attr]
        await pilot.press("enter")
        await until(pilot, lambda: job.curve is not None and job.curve.title != first, "curve of the next class")
        await pilot.press("backspace")
        assert "By how much" in screen_text(app)
        assert "column\timportance\tstd" in view.as_text()
        await _what_if(app, pilot)


async def _what_if(app: DeepnetApp, pilot: Pilot[None]) -> None:
    await pilot.press("c")
    await until(pilot, lambda: isinstance(app.screen, WhatIfScreen), "what if")
    screen = app.screen
    assert isinstance(screen, WhatIfScreen)
    await until(pilot, lambda: screen._found is not None, "contributions")
    await pilot.pause()
    text = screen_text(app)
    assert "exact Shapley values" in text
    assert "layer 1" in text
    before = screen.case.answers()
    await pilot.press("down", "right")
    assert 1 in screen.case.changed
    assert screen.case.answers() != before
    await pilot.press("enter", "end")
    screen.query_one(Input).value = "wide"
    await pilot.press("enter")
    assert "must be a number, not 'wide'" in " ".join(screen_text(app).split())
    screen.query_one(Input).value = "3.25"
    await pilot.press("enter")
    assert screen.case.value(1) == 3.25
    now = screen.case.answers()[screen.case.answer.place][2]

    def explained() -> bool:
        made = screen._found
        return made is not None and abs(made.prediction - now) < 1e-12

    await until(pilot, explained, "contributions of the changed row")
    made = screen._found
    assert made is not None
    assert made.base + made.values.sum() == pytest.approx(made.prediction, abs=1e-9)
    assert "3.25" in screen.as_text()
    row = screen.case.row
    await pilot.press("backspace", "full_stop")
    assert screen.case.row != row
    assert not screen.case.changed
    await pilot.press("escape")
    await until(pilot, lambda: app.screen is app.main, "the main screen")


async def test_inputs_made_of_columns_are_not_told_apart_and_the_app_says_so() -> None:
    experiment = Experiment.default("moons").replace("training", iterations=20).replace("data", transform=("x1^2",))
    app = DeepnetApp(experiment)
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        view = await view_of(pilot, "evaluate", EvaluateView)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await until(pilot, lambda: view._report is not None and view._report.case.snapshot.iteration == 20, "report")
        await pilot.press("c")
        await until(
            pilot, lambda: any("made of one column" in told.message for told in app._notifications), "the reason"
        )
        assert not isinstance(app.screen, WhatIfScreen)
        await pilot.press("i")
        await until(pilot, lambda: not view._importance.running, "importance")
        await pilot.pause()
        assert "told apart only" in " ".join(screen_text(app).split())
