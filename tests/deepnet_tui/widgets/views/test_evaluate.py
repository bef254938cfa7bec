"""Evaluate by keys at 80 x 24."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.widgets.views.evaluate.view import EvaluateView
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, screen_text, state, until
from tests.deepnet_tui.widgets.views.helpers import SMALL, view_of

SHARED = Path(os.environ.get("DEEPNET_SHARED_DATA", Path(__file__).parents[5] / "shared" / "data"))


cats = pytest.mark.skipif(not (SHARED / "train_catvnoncat.h5").is_file(), reason="the cats are not on this machine")


def words(app: DeepnetApp) -> str:
    return " ".join(screen_text(app).replace("│", " ").split())


async def assessed(pilot: Pilot[None], view: EvaluateView, iteration: int) -> None:
    """Wait for the assessment of an iteration, the linear model included."""

    def done() -> bool:
        made = view._report
        return made is not None and made.case.snapshot.iteration == iteration and made.parts["train"].linear is not None

    await until(pilot, done, f"the assessment of iteration {iteration}")


async def test_the_pages_by_keys() -> None:
    app = DeepnetApp(Experiment.default("breast_cancer").replace("training", iterations=60))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        view = await view_of(pilot, "evaluate", EvaluateView)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await assessed(pilot, view, 60)
        text = words(app)
        for word in ("accuracy", "log-loss", "ROC AUC", "F1", "logistic", "majority", "Always predicting 'benign'"):
            assert word in text
        assert "Evaluate validation iteration 60" in text
        await pilot.press("v")
        assert "Evaluate train iteration 60" in words(app)
        await pilot.press("v", "right")
        text = words(app)
        assert "class precision recall F1 pred." in text
        await pilot.press("right")
        assert "observed" in words(app)
        await pilot.press("right", "down")
        assert "▸" in screen_text(app)
        made = view._report
        assert made is not None
        second = made.parts["validation"].mistakes[1]
        line = next(line for line in screen_text(app).splitlines() if "▸" in line)
        assert f"{second.row + 1:,}" in line.split()
        value = next(iter(second.values))
        assert value in words(app)
        await pilot.press("right", "right")
        assert "accuracy" in words(app)
        assert view.as_text().startswith("part\tmeasure\tnetwork\t")


def fills(app: DeepnetApp, width: int) -> bool:
    """Whether every line is as wide as the screen."""
    return all(strip.cell_length == width for strip in app.screen._compositor.render_strips())


async def test_it_follows_the_time_machine_on_every_screen() -> None:
    app = DeepnetApp(Experiment.default("iris").replace("training", iterations=100, report_every=50))
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        view = await view_of(pilot, "evaluate", EvaluateView)
        await assessed(pilot, view, 0)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await assessed(pilot, view, 100)
        await pilot.press("left_square_bracket")
        await assessed(pilot, view, 50)
        await pilot.press("z")
        text = words(app)
        assert "Classes" in text
        assert "virginica" in text
        await pilot.press("right", "right", "right")
        for size in (SMALL, (40, 14)):
            await pilot.resize_terminal(*size)
            await until(pilot, partial(fills, app, size[0]), "the new size")


async def test_digits_that_were_misread_are_shown_as_pictures() -> None:
    app = DeepnetApp(Experiment.default("digits").replace("training", iterations=40))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        view = await view_of(pilot, "evaluate", EvaluateView)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await assessed(pilot, view, 40)
        await pilot.press("down")
        made = view._report
        assert made is not None
        mistake = made.parts["validation"].mistakes[1]
        text = screen_text(app)
        assert "▀" in text
        assert f"row {mistake.row + 1:,}" in text
        assert f"actual {mistake.actual}" in text
        assert f"predicted {mistake.predicted}" in text
        await pilot.press("left", "left", *["down"] * 9)
        assert "\n│ 9 " in screen_text(app).replace("┃", "│") or " 9 " in words(app)
        assert "class↑" in screen_text(app)
        await pilot.press("right", "right")
        await pilot.resize_terminal(120, 36)
        await pilot.press("z")
        await until(pilot, lambda: screen_text(app).count("predicted ") >= 6, "a second row of pictures")
        assert sum("row " in line for line in screen_text(app).splitlines()) == 2


@cats
async def test_the_cats_are_pictures() -> None:
    experiment = Experiment.default(str(SHARED / "train_catvnoncat.h5")).replace("training", iterations=2)
    app = DeepnetApp(experiment)
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        view = await view_of(pilot, "evaluate", EvaluateView)
        await until(pilot, lambda: view._report is not None, "the assessment")
        await pilot.press("down")
        text = screen_text(app)
        assert "▀" in text
        assert "actual cat" in text or "actual non-cat" in text


def test_scikit_learn_is_not_loaded_by_the_view() -> None:
    code = "import sys, deepnet_tui.app, deepnet_tui.widgets.views.evaluate; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_a_calibrated_end_is_told() -> None:
    training = {"iterations": 60, "internal": 0.25, "calibrate": True}
    app = DeepnetApp(Experiment.default("breast_cancer").replace("training", **training))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        view = await view_of(pilot, "evaluate", EvaluateView)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await until(pilot, lambda: "the probabilities are calibrated (temp" in view.as_text(), "the calibration")


async def test_folds_are_trained_beside_the_network_that_is_shown() -> None:
    app = DeepnetApp(Experiment.default("moons").replace("training", iterations=60))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        view = await view_of(pilot, "evaluate", EvaluateView)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await assessed(pilot, view, 60)
        assert "Folds" not in words(app)
        trained = app.workbench.snapshot
        await pilot.press("f")
        await until(pilot, lambda: "over 5 folds" in words(app), "the folds")
        result = view._folds.result
        assert result is not None
        assert len(result.folds) == 5
        spread = result.metrics["accuracy"]
        assert f"{spread.mean:.4f} ± {spread.std:.4f}" in words(app)
        assert app.workbench.snapshot is trained
        await pilot.press("left")
        assert "Scores Folds Classes" in words(app)


async def test_folds_need_not_wait_for_the_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    app = DeepnetApp(Experiment.default("moons").replace("training", iterations=20))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        view = await view_of(pilot, "evaluate", EvaluateView)
        monkeypatch.setattr(view, "_report", None)
        view.action_folds()
        await until(pilot, lambda: view._folds.result is not None, "the folds")
        assert view._page == "folds"


async def test_folds_are_stopped_by_their_key_and_dropped_with_their_settings() -> None:
    app = DeepnetApp(Experiment.default("moons").replace("training", iterations=500_000))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        view = await view_of(pilot, "evaluate", EvaluateView)
        await assessed(pilot, view, 0)
        await pilot.press("f")
        await until(pilot, lambda: "0 of 5 folds are trained" in words(app), "the first fold")
        await pilot.press("f")
        await until(pilot, lambda: "Stopped after 0 of 5 folds" in words(app), "the end of it")
        assert not view._folds.running
        await pilot.press("f")
        app.workbench.edit("training", learning_rate=0.02)
        await until(pilot, lambda: view._folds.experiment is None, "the folds to be dropped")
        assert not view._folds.running


async def test_folds_that_can_not_be_made_say_why(tmp_path: Path) -> None:
    rows = [f"{row},{row * 7 % 50},{'rare' if row < 3 else 'ab'[row % 2]}" for row in range(80)]
    path = tmp_path / "few.csv"
    path.write_text("\n".join(["x1,x2,kind", *rows]) + "\n", encoding="utf-8")
    app = DeepnetApp(Experiment.default(str(path), "kind"))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        view = await view_of(pilot, "evaluate", EvaluateView)
        await assessed(pilot, view, 0)
        await pilot.press("f")
        await until(pilot, lambda: "too few for 5 folds" in words(app), "the reason")
        assert "'rare' has only 3 examples" in words(app)
