"""Evaluate: its numbers against scikit-learn, its words against counts, and the view by keys at 80 x 24."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix, mean_squared_error
from textual.pilot import Pilot

from deepnet_tui.app import DeepnetApp
from deepnet_tui.data.load import load
from deepnet_tui.drawing.thumbnails import image_of, pixels, scaled, thumbnail
from deepnet_tui.evaluate.report import EvaluationInput, Evaluator
from deepnet_tui.experiment import Experiment
from deepnet_tui.training.snapshots import Snapshot
from deepnet_tui.training.state import State
from deepnet_tui.widgets.views.evaluate.view import EvaluateView
from tests.deepnet_tui.app.conftest import ready, screen_text, state, until
from tests.deepnet_tui.views.test_views_in_app import view_of

SMALL = (80, 24)
SHARED = Path(os.environ.get("DEEPNET_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
cats = pytest.mark.skipif(not (SHARED / "train_catvnoncat.h5").is_file(), reason="the cats are not on this machine")


def trained(source: str, iterations: int = 100) -> tuple[EvaluationInput, Any]:
    experiment = Experiment.default(source).replace("training", iterations=iterations)
    dataset = load(experiment.data)
    trainer = experiment.trainer(dataset)
    trainer.advance(iterations)
    snapshot = Snapshot(iterations, trainer.cost(), trainer.validation_cost(), trainer.parameters)
    return EvaluationInput("run", dataset, trainer.network, snapshot), trainer


def words(app: DeepnetApp) -> str:
    return " ".join(screen_text(app).replace("│", " ").split())


async def assessed(pilot: Pilot[None], view: EvaluateView, iteration: int) -> None:
    """Wait for the assessment of an iteration, the linear model included."""

    def done() -> bool:
        made = view._report
        return made is not None and made.case.snapshot.iteration == iteration and made.parts["train"].linear is not None

    await until(pilot, done, f"the assessment of iteration {iteration}")


def test_a_classification_beside_a_logistic_regression() -> None:
    case, trainer = trained("breast_cancer")
    evaluator = Evaluator()
    assert evaluator.evaluate(case).parts["validation"].linear is None
    evaluator.fit(case.dataset)
    shown = evaluator.evaluate(case).parts["validation"]
    train, held = case.dataset.train, case.dataset.validation
    assert held is not None
    truth = held.Y[0].astype(int)
    line = LogisticRegression(max_iter=1000).fit(train.X.T, train.Y[0].astype(int)).predict(held.X.T)
    ours = (trainer.predict(held.X)[0] > 0.5).astype(int)
    assert shown.linear is not None
    assert shown.linear["accuracy"] == pytest.approx(accuracy_score(truth, line))
    np.testing.assert_array_equal(shown.report.confusion, confusion_matrix(truth, ours))
    right, linear_right = int((ours == truth).sum()), int((line == truth).sum())
    assert f"Of {held.m} validation examples the network gets {right} right" in shown.verdict[0]
    assert f"the logistic baseline {linear_right} (" in shown.verdict[0]
    majority = max(truth.mean(), 1 - truth.mean())
    said = f"Always predicting 'benign' gets {majority:.1%} right. F1 is that of 'malignant'."
    assert shown.verdict[1] == said


def test_a_number_beside_a_straight_line_and_the_mean() -> None:
    case, _ = trained("diabetes")
    evaluator = Evaluator()
    evaluator.fit(case.dataset)
    shown = evaluator.evaluate(case).parts["validation"]
    dataset, held = case.dataset, case.dataset.validation
    assert held is not None
    line = LinearRegression().fit(dataset.train.X.T, dataset.train.Y[0]).predict(held.X.T)
    rmse = float(np.sqrt(mean_squared_error(held.Y[0], line))) * dataset.target_scale
    assert shown.linear is not None
    assert shown.linear["rmse"] == pytest.approx(rmse)
    assert f"the linear baseline by {rmse:.4g}" in shown.verdict[0]
    assert f"Always predicting the mean, {dataset.target_mean:.4g}" in shown.verdict[1]
    worst = [mistake.loss for mistake in shown.mistakes]
    assert worst == sorted(worst, reverse=True)


def test_a_difference_that_chance_explains_is_called_so() -> None:
    case, _ = trained("moons", 1000)
    evaluator = Evaluator()
    evaluator.fit(case.dataset)
    part = evaluator.evaluate(case).parts["train"]
    assert "better than this baseline" in part.verdict[0]
    assert "chance" not in part.verdict[0], "moons are bent: the line can't keep up"
    evaluator._linear["train"] = evaluator._linear["train"].copy()
    right = case.dataset.train.Y[0] > 0.5
    from engine.network import predict

    A = predict(case.network, case.snapshot.parameters, case.dataset.train.X)
    B = A.copy()
    hit = int(np.flatnonzero((A[0] > 0.5) == right)[0])
    B[0, hit] = 1.0 - A[0, hit]
    evaluator._linear["train"] = B
    said = evaluator.evaluate(case).parts["train"].verdict[0]
    assert "better than this baseline by 0.3 points, so little that it may be chance." in said
    evaluator._linear["train"] = A
    assert "the same number." in evaluator.evaluate(case).parts["train"].verdict[0]


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
        await pilot.press("right")
        assert "accuracy" in words(app)
        assert view.as_text().startswith("part\tmeasure\tnetwork\t")


async def test_it_follows_the_time_machine_and_fits_every_screen() -> None:
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
            for strip in app.screen._compositor.render_strips():
                assert strip.cell_length == size[0]


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


def test_a_picture_shows_the_examples_own_pixels() -> None:
    case, _ = trained("digits", 1)
    block = image_of(case.dataset)
    assert block is not None
    raw = case.dataset.table["image"]
    part = case.dataset.train
    image = pixels(block, part.X[:, 3])
    np.testing.assert_allclose(image[:, :, 0] * 16, raw[part.rows[3]])
    assert scaled(image, 20, 20).shape == (16, 16, 3)
    np.testing.assert_allclose(scaled(image, 4, 4)[0, 0, 0], image[:2, :2, 0].mean())
    assert len(thumbnail(scaled(image, 20, 20)).lines()) == 8
    assert thumbnail(image, plain=True).lines()[3][0].text != " " * 8
    assert image_of(load(Experiment.default("moons").data)) is None


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
