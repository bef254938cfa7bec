"""An ensemble in the app, by keys, on a small and a large screen."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pytest
from textual.content import Content
from textual.pilot import Pilot

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.screens.dialogs.export import ExportDialog
from deepnet_tui.widgets.base.view import View
from deepnet_tui.widgets.panes.architecture import ArchitecturePane
from deepnet_tui.widgets.panes.cost import CostPane
from deepnet_tui.widgets.views.boundary.view import BoundaryView
from deepnet_tui.widgets.views.evaluate.view import EvaluateView
from deepnet_tui.widgets.views.explain.view import ExplainView
from deepnet_tui.widgets.views.health.view import HealthView
from deepnet_tui.widgets.views.parameters import ParametersView
from deepnet_tui.widgets.views.picture.view import PictureView
from deepnet_tui.widgets.views.runs.view import RunsView
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, screen_text, state, told, until

V = TypeVar("V", bound=View)

K = 3
SIZES = [(80, 24), (120, 36)]
START = Experiment.default("moons").replace("training", iterations=300, report_every=50, internal=0.2)
NEXT, PREVIOUS = "right_curly_bracket", "left_curly_bracket"


def ensemble() -> Experiment:
    return START.replace("network", ensemble=K)


async def opened(pilot: Pilot[None], key: str, kind: type[V]) -> V:
    app = pilot.app
    assert isinstance(app, DeepnetApp)
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.main.view, kind), kind.__name__)
    view = app.main.view
    assert isinstance(view, kind)
    return view


async def trained(pilot: Pilot[None]) -> DeepnetApp:
    app = await ready(pilot)
    await pilot.press("space")
    await state(pilot, State.FINISHED)
    return app


def title(view: View) -> str:
    return Content.from_markup(view.border_title or "").plain


@pytest.mark.parametrize("size", SIZES)
async def test_every_view_shows_every_network(size: tuple[int, int]) -> None:
    app = DeepnetApp(ensemble())
    async with app.run_test(size=size) as pilot:
        await trained(pilot)
        snapshot = app.workbench.snapshot
        assert snapshot is not None
        assert "3 × 2-16-8-1" in screen_text(app)
        assert f"{3 * 193:,} parameters" in screen_text(app)
        views = {
            "Parameters": await opened(pilot, "1", ParametersView),
            "Explain": await opened(pilot, "2", ExplainView),
            "Health": await opened(pilot, "4", HealthView),
            "Picture": await opened(pilot, "7", PictureView),
        }
        for key, (name, view) in zip("1247", views.items(), strict=True):
            await pilot.press(key)
            seen = set()
            for k in range(K):
                wanted = f"{name}: network {k + 1} of {K}"
                await until(pilot, lambda view=view, wanted=wanted: title(view).strip().startswith(wanted), wanted)  # type: ignore[misc]
                assert wanted in screen_text(app)
                assert "iteration 300" in title(view)
                seen.add(view.as_text())
                await pilot.press(NEXT)
            assert len(seen) == K, name
        await pilot.press(PREVIOUS)
        assert app.workbench.shown_member == K - 1
        await pilot.press("7")
        assert f"cost {snapshot.member(K - 1).cost:.4f}" in title(views["Picture"])
        evaluate = await opened(pilot, "5", EvaluateView)
        await until(pilot, lambda: title(evaluate).startswith("Evaluate: mean of 3"), "evaluation")
        runs = await opened(pilot, "6", RunsView)
        await until(pilot, lambda: "2-16-8-1 × 3" in runs.as_text(), "the list of runs")
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, ExportDialog), "export")


async def test_explain_checks_the_gradients_of_the_network_that_is_shown() -> None:
    app = DeepnetApp(ensemble())
    async with app.run_test(size=(120, 36)) as pilot:
        await trained(pilot)
        explain = await opened(pilot, "2", ExplainView)
        await pilot.press(NEXT)
        trace, snapshot = explain.navigator.trace, app.workbench.snapshot
        assert trace is not None
        assert snapshot is not None
        W1 = trace.find("Z1").operands[0]
        np.testing.assert_array_equal(W1.values, snapshot.member(1).parameters["W1"])
        await pilot.press("c")
        await until(pilot, lambda: explain.checks, "the check")
        assert explain.checks == [True]


async def test_explain_says_which_examples_the_network_does_not_train_on() -> None:
    app = DeepnetApp(ensemble())
    async with app.run_test(size=(120, 50)) as pilot:
        await ready(pilot)
        explain = await opened(pilot, "2", ExplainView)
        trainer = app.workbench.training_run.trainer
        assert trainer is not None
        assert trainer.kept_aside is not None
        own, other = (set(trainer.kept_aside[k].tolist()) for k in (0, 1))
        example = min(own - other)
        await pilot.press("i", *str(example), "enter")
        note = "This example is in the network's internal part: it does not train on it."
        assert note in explain.as_text()
        await pilot.press(NEXT)
        assert note not in explain.as_text()
        await pilot.press("end")
        trained_on = app.workbench.dataset.train.m - len(own)
        assert f"training takes the mean over {trained_on:,}." in " ".join(explain.as_text().split())


async def test_boundary_is_of_the_mean_and_of_one_network_by_a_key() -> None:
    app = DeepnetApp(ensemble())
    async with app.run_test(size=(80, 24)) as pilot:
        await trained(pilot)
        boundary = await opened(pilot, "3", BoundaryView)
        assert title(boundary).startswith("Boundary: mean of 3, units of 1 ")
        mean = outputs(boundary)
        await pilot.press(NEXT)
        assert title(boundary).startswith("Boundary: mean of 3, units of 2 ")
        np.testing.assert_array_equal(outputs(boundary), mean)
        await pilot.press("n")
        each = []
        for k in (2, 3, 1):
            assert title(boundary).startswith(f"Boundary: network {k} of 3 ")
            each.append(outputs(boundary))
            await pilot.press(NEXT)
        np.testing.assert_allclose(np.mean(each, axis=0), mean, rtol=1e-9)
        assert "n mean" in str(boundary.border_subtitle)


def outputs(boundary: BoundaryView) -> list[float]:
    """The output at every point of the raster."""
    return [float(line.split("\t")[2]) for line in boundary.as_text().splitlines()[1:]]


@pytest.mark.parametrize("size", SIZES)
async def test_the_chart_names_its_lines(size: tuple[int, int]) -> None:
    app = DeepnetApp(ensemble())
    async with app.run_test(size=size) as pilot:
        await trained(pilot)
        pane = app.main.query_one(CostPane)
        snapshot = app.workbench.snapshot
        assert snapshot is not None
        for words in ("mean of 3", "lowest", "highest", "int", "val"):
            assert words in title(pane)
        assert title(pane) in screen_text(app), "it is not cut off"
        head, *rows = pane.as_text().splitlines()
        assert head.split("\t") == ["iteration", "train cost", "validation cost", "lowest", "highest", "internal cost"]
        assert all(len(row.split("\t")) == 6 for row in rows)
        await pilot.press("left_square_bracket")
        cursor = app.workbench.cursor
        assert cursor is not None
        assert f"at {cursor}" in title(pane)
        assert title(pane) in screen_text(app)


async def test_a_change_by_hand_is_told_for_the_network_in_which_it_was_made() -> None:
    app = DeepnetApp(ensemble())
    async with app.run_test(size=(120, 36)) as pilot:
        await trained(pilot)
        await opened(pilot, "7", PictureView)
        await pilot.press(NEXT, "n", "enter", *"3.5", "enter")
        await until(pilot, lambda: "→ 3.5" in screen_text(app), "the change")
        await state(pilot, State.IDLE)
        assert "Picture: network 2 of 3" in screen_text(app)
        await pilot.press(NEXT)
        assert "→ 3.5" not in screen_text(app)
        assert app.workbench.snapshot is not None
        entries = app.workbench.snapshot.parameters["W1"][:, 0, 0]
        assert (entries == 3.5).tolist() == [False, True, False]


async def test_a_kept_ensemble_is_opened_with_its_parameters() -> None:
    app = DeepnetApp(ensemble())
    async with app.run_test(size=(120, 36)) as pilot:
        await trained(pilot)
        before = app.workbench.snapshot
        assert before is not None
        runs = await opened(pilot, "6", RunsView)
        await until(pilot, lambda: runs.chosen, "the list of runs")
        await pilot.press("p")
        await until(pilot, lambda: app.workbench.training_run.given_parameters is not None, "the run")
        await until(pilot, lambda: app.workbench.state is State.IDLE and app.workbench.snapshot is not None)
        after = app.workbench.snapshot
        assert after is not None
        for one, other in zip(before.members, after.members, strict=True):
            assert one.cost == other.cost
            for name, values in one.parameters.items():
                np.testing.assert_array_equal(other.parameters[name], values)


async def test_an_ensemble_is_set_up_and_taken_back_by_keys() -> None:
    app = DeepnetApp(START)
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        pane = app.main.query_one(ArchitecturePane)
        assert str(pane.border_subtitle or "") == ""
        await pilot.press("M", "end", "up", "right")
        assert app.workbench.members == 2
        assert "2 networks of 2-16-8-1" in screen_text(app)
        assert "W1 (16, 2)  b1 (16, 1)" in screen_text(app)
        await pilot.press("u")
        assert app.workbench.members == 1
        assert "networks" not in screen_text(app)


async def test_one_network_is_shown_as_ever() -> None:
    app = DeepnetApp(START.replace("training", internal=0.0))
    async with app.run_test(size=(120, 36)) as pilot:
        await trained(pilot)
        for key, kind in zip("123", (ParametersView, ExplainView, BoundaryView), strict=True):
            view = await opened(pilot, key, kind)
            assert "mean of" not in title(view)
            assert "network" not in title(view)
        text = screen_text(app)
        for word in ("×  2", "mean of", "lowest", "internal cost", "} network", "n one network"):
            assert word not in text
        await pilot.press(NEXT, "n")
        assert any("There is only one network" in text for text in told(app))
        assert app.workbench.shown_member == 0


async def test_another_network_is_offered_only_where_one_is_shown() -> None:
    app = DeepnetApp(ensemble())
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        for key, kind, of_one in (("1", ParametersView, True), ("5", EvaluateView, False), ("6", RunsView, False)):
            await opened(pilot, key, kind)
            offered = {command.id for command, _ in app.main._offered()}
            assert ("next_member" in offered) is of_one
            before = app.workbench.shown_member
            await pilot.press(NEXT)
            assert (app.workbench.shown_member != before) is of_one
        assert "This view is about all networks together" in told(app)
