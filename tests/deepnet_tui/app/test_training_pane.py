"""The training pane offers what has an effect, and nothing else."""

from __future__ import annotations

from functools import partial

from deepnet_tui.app import DeepnetApp
from deepnet_tui.common.errors import InputError
from deepnet_tui.data.load import load
from deepnet_tui.experiment import Experiment
from deepnet_tui.widgets.panes.training import FIRST, FOLD, SETTINGS, TrainingPane
from deepnet_tui.workbench.value_list import ValueList
from engine import INITIALIZERS, OPTIMIZERS, SCHEDULES
from tests.deepnet_tui.app.conftest import ready, screen_text, type_text, until


def names(app: DeepnetApp) -> list[str]:
    return [row.name for row in app.main.query_one(TrainingPane).rows]


def is_set(app: DeepnetApp, name: str, value: object) -> bool:
    return bool(getattr(app.workbench.experiment.training, name) == value)


async def test_settings_come_and_go_with_what_reads_them() -> None:
    app = DeepnetApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        await pilot.press("M")
        for optimizer, entry in OPTIMIZERS.items():
            app.workbench.edit("training", optimizer=optimizer)
            app.main.redraw()
            shown = {"momentum", "beta2"} & set(names(app))
            assert shown == {"momentum", "beta2"} & set(entry.settings), optimizer
        app.workbench.edit("training", optimizer="adam")
        for schedule, plan in SCHEDULES.items():
            app.workbench.edit("training", schedule=schedule)
            app.main.redraw()
            assert {"decay", "decay_every"} & set(names(app)) == set(plan.settings), schedule
        for initializer, start in INITIALIZERS.items():
            app.workbench.edit("network", initializer=initializer)
            app.main.redraw()
            assert ("scale" in names(app)) == start.scaled, initializer
        assert "class_weight" in names(app)
        known = {setting.name for setting in SETTINGS}
        assert set(names(app)) - {FOLD} < known


async def test_the_cursor_stays_on_its_setting() -> None:
    app = DeepnetApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("M")
        pane = app.main.query_one(TrainingPane)
        while pane.chosen is None or pane.chosen.name != "schedule":
            await pilot.press("down")
        await pilot.press("right")
        await until(pilot, lambda: app.workbench.experiment.training.schedule == "step")
        assert pane.chosen is not None
        assert pane.chosen.name == "schedule"
        await pilot.press("down", "enter")
        await type_text(pilot, "2")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query(".editor.wrong"))
        assert "decay must be" in " ".join(screen_text(app).split())
        await type_text(pilot, "0.5")
        await pilot.press("enter")
        await until(pilot, lambda: app.workbench.experiment.training.decay == 0.5)


async def test_weights_and_bounds_can_be_turned_on_and_off() -> None:
    app = DeepnetApp()
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        await pilot.press("M")
        pane = app.main.query_one(TrainingPane)
        for name, key, on in (("class_weight", "right", "balanced"), ("clip_norm", "left", 100.0)):
            while pane.chosen is None or pane.chosen.name != name:
                await pilot.press("down")
            await pilot.press(key)
            await until(pilot, partial(is_set, app, name, on))
            await pilot.press("right")
            await until(pilot, partial(is_set, app, name, None))


async def test_losses_are_for_numbers_and_smoothing_for_classes() -> None:
    app = DeepnetApp()
    async with app.run_test(size=(120, 50)) as pilot:
        await ready(pilot)
        await pilot.press("M")
        assert "label_smoothing" in names(app)
        assert not {"loss", "quantile"} & set(names(app))
        assert "smoothing      0" in screen_text(app)
        experiment = Experiment.default("diabetes")
        app.workbench.adopt(experiment, load(experiment.data))
        await until(pilot, lambda: "loss" in names(app), "a row for the loss")
        assert not {"label_smoothing", "class_weight", "quantile"} & set(names(app))
        app.workbench.edit("network", loss="quantile")
        await until(pilot, lambda: "quantile" in names(app), "a row for the quantile")
        app.workbench.edit("network", loss="poisson")
        await until(pilot, lambda: "quantile" not in names(app), "no row for the quantile")
        await until(pilot, lambda: "exp" in screen_text(app), "the output of the loss")


async def test_what_is_seldom_changed_is_folded_unless_it_acts() -> None:
    app = DeepnetApp(Experiment.default("moons").replace("training", warmup=30))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("0")
        pane = app.main.query_one(TrainingPane)
        hidden = len(SETTINGS) - len(FIRST)
        assert names(app) == [*FIRST, "warmup", FOLD], "what is not as it begins is seen"
        assert "▸ 1" in pane.rows[-1].cells.plain
        assert int(pane.rows[-1].cells.plain.split()[1]) < hidden
        app.workbench.edit("training", momentum=ValueList((0.5, 0.9)))
        app.main.redraw()
        assert names(app) == [*FIRST, "warmup", "momentum", FOLD], "so is what races"
        await pilot.press("tab", "end", "enter")
        assert len(names(app)) > 15
        assert pane.chosen is not None
        assert pane.chosen.name == FOLD
        await pilot.press("left")
        assert len(names(app)) < 12, "left folds"
        app.main._attempt(refusing)
        assert "clip_norm" in names(app), "an error about a setting opens the fold"
        await pilot.press("M")
        assert "clip_norm" not in names(app)
        assert pane.go_to("clip_norm")
        assert pane.chosen.name == "clip_norm"
        line = next(y for y, row in enumerate(screen_text(app).splitlines()) if "▾ fewer" in row)
        await pilot.click(pane, offset=(4, line - pane.region.y))
        assert "clip_norm" not in names(app), "a click folds"


def refusing() -> None:
    raise InputError("too small", "clip_norm")


async def test_a_complaint_goes_when_the_value_is_corrected() -> None:
    app = DeepnetApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("0", "tab", "down", "enter")
        await type_text(pilot, "0.1, -1")
        await pilot.press("enter")
        assert app.screen.query(".editor.wrong")
        await pilot.press("backspace", "backspace", "2")
        assert not app.screen.query(".editor.wrong")
        assert "several race" in screen_text(app)
