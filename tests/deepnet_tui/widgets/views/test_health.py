"""Health by keys at 80 x 24."""

from __future__ import annotations

import numpy as np

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.widgets.views.health.view import HealthView
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, screen_text, state, told, until
from tests.deepnet_tui.widgets.views.helpers import SMALL, examined, tiny, view_of


async def test_one_key_applies_the_remedy_for_the_tutorial() -> None:
    app = DeepnetApp("tutorial")
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        health = await view_of(pilot, "health", HealthView)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await examined(pilot, health, 3000)
        text = screen_text(app)
        assert "2 findings" in text
        assert "too small for the signal" in text
        assert "f initializer small → he" in text
        assert health.as_text().endswith("\nComputed by NumPy calls: as it was asked for")
        await pilot.press("down")
        assert "▸ The labels look random" in screen_text(app)
        await pilot.press("f")
        assert app.workbench.experiment.network.initializer == "small", "random labels have no remedy"
        await pilot.press("up", "f")
        await until(pilot, lambda: app.workbench.experiment.network.initializer == "he", "the remedy")
        assert any("initializer small → he" in message.lower() for message in told(app))
        await examined(pilot, health, 0)
        await pilot.press("u")
        assert app.workbench.experiment.network.initializer == "small"
        assert app.workbench.iteration == 3000


async def test_a_finished_run_with_findings_marks_the_tab() -> None:
    app = DeepnetApp("tutorial")
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        assert "Health!" not in screen_text(app)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await until(pilot, lambda: "4 Health!" in screen_text(app), "the mark")
        await pilot.press("r")
        await until(pilot, lambda: "Health!" not in screen_text(app), "a new run")
        await pilot.press("u")
        await until(pilot, lambda: "4 Health!" in screen_text(app), "the marked run is back")


async def test_health_shows_the_remedy_and_pages_to_all_layers() -> None:
    experiment = Experiment.default("circles").replace("training", iterations=300)
    app = DeepnetApp(experiment.replace("network", hidden=[8] * 6, initializer="small"))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        health = await view_of(pilot, "health", HealthView)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await examined(pilot, health, 300)
        await until(pilot, lambda: "PgUp PgDn all lines" in screen_text(app))
        assert "initializer small → he" in screen_text(app)
        assert "the size of the signal." in screen_text(app), "the remedy's last line"
        assert " 1 relu " not in screen_text(app)
        await pilot.press("pageup", "pageup", "pageup")
        assert all(f" {layer} relu " in screen_text(app) for layer in range(1, 7))
        await pilot.press("pagedown", "pagedown", "pagedown")
        assert "the size of the signal." in screen_text(app)


async def test_health_follows_the_time_machine() -> None:
    app = DeepnetApp(tiny())
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        health = await view_of(pilot, "health", HealthView)
        assert "Nothing stands out" in screen_text(app) or health._record is None
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await examined(pilot, health, 300)
        await pilot.press("left_square_bracket", "left_square_bracket")
        await examined(pilot, health, 200)
        assert "iteration 200" in screen_text(app)
        assert health._record is not None
        assert [look.iteration for look in health._record.course] == [0, 50, 100, 150, 200]
        assert "Nothing stands out in 15 checks" in screen_text(app)


async def test_a_diverged_run_goes_on_from_its_good_point() -> None:
    experiment = Experiment.default("diabetes").replace("network", activation="relu")
    experiment = experiment.replace("training", optimizer="gd", learning_rate=30.0, report_every=10, l2=0.0)
    app = DeepnetApp(experiment)
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        first = app.workbench.snapshot
        assert first is not None
        health = await view_of(pilot, "health", HealthView)
        await pilot.press("space")
        await state(pilot, State.DIVERGED)
        await until(pilot, lambda: [finding.name for finding in health._findings] == ["diverged"], "the finding")
        assert "from the good parameters of iteration 0: learning rate 30 → 3" in screen_text(app)
        run = app.workbench.training_run.id
        await pilot.press("f")
        await until(pilot, lambda: app.workbench.experiment.training.learning_rate == 3.0, "the remedy")
        await until(
            pilot, lambda: app.workbench.training_run.id != run and app.workbench.snapshot is not None, "a new run"
        )
        shown = app.workbench.snapshot
        assert shown is not None
        for name, values in first.parameters.items():
            np.testing.assert_array_equal(shown.parameters[name], values)
        assert app.workbench.state is State.IDLE
