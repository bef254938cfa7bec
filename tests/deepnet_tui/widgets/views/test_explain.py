"""Explain in the app, at 80x24 and by keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.widgets.views.explain.board import Board
from deepnet_tui.widgets.views.explain.view import ExplainView
from deepnet_tui.workbench.state import State
from engine import tutorial
from tests.deepnet_tui.app.conftest import ready, screen_text, state, told, until

TUTORIAL = Experiment.default("tutorial")
ENDLESS = Experiment.default("moons").replace("training", iterations=10**9)


async def opened(pilot: Pilot[None], *keys: str) -> tuple[DeepnetApp, ExplainView]:
    app = await ready(pilot)
    await pilot.press("2", *keys)
    await until(pilot, lambda: isinstance(app.main.view, ExplainView) and app.main.view.navigator.trace is not None)
    view = app.main.view
    assert isinstance(view, ExplainView)
    return app, view


@pytest.mark.parametrize("keys", [(), ("z",)], ids=["pane", "full screen"])
async def test_formula_numbers_and_matrices_fit_80x24(keys: tuple[str, ...]) -> None:
    app = DeepnetApp(TUTORIAL)
    async with app.run_test(size=(80, 24)) as pilot:
        app, view = await opened(pilot, *keys)
        text = screen_text(app)
        assert "Z1 = W1 A0 + b1" in text
        assert "tutorial: linear_forward" in text
        assert "(4, 1) = (4, 3) (3, 1) + (4, 1)" in text
        assert "Z1[0, 0] = 0.01789×(-0.5966) + 0.004365×0.4458 + 0.000965×1.298 + 0 =" in text
        assert "W1 (4, 3)" in text
        assert "iteration 0" in text
        assert view.navigator.position.index == 0


async def test_every_operation_shows_the_numbers_of_the_tutorial() -> None:
    app = DeepnetApp(TUTORIAL)
    async with app.run_test(size=(80, 24)) as pilot:
        app, view = await opened(pilot, "z")
        part = app.workbench.dataset.train
        parameters = app.workbench.training_run.prepare().parameters
        AL, caches = tutorial.L_model_forward(part.X[:, :1], parameters)
        grads = tutorial.L_model_backward(AL, part.Y[:, :1], caches)
        assert view.navigator.trace is not None
        for operation in view.navigator.trace.operations:
            assert view.navigator.operation is operation
            value = operation.value(0, 0)
            if operation.out.name in grads:
                assert value == pytest.approx(float(np.asarray(grads[operation.out.name])[0, 0]), rel=1e-12, abs=1e-18)
            shown_text = " ".join(screen_text(app).replace("│", " ").split())
            assert f"= {operation.result(0, 0)} " in f"{shown_text} "
            await pilot.press("right")


async def test_keys_for_entries_examples_and_following() -> None:
    app = DeepnetApp(TUTORIAL)
    async with app.run_test(size=(80, 24)) as pilot:
        app, view = await opened(pilot)
        await pilot.press("down", "down", "k")
        assert view.navigator.position.row == 1
        await pilot.press("plus", "plus", "l")
        assert view.count == 3
        assert view.navigator.position.column == 1
        await pilot.press("minus", "full_stop")
        assert "examples 1–2 of 150" in screen_text(app)
        await pilot.press("comma", "comma")
        assert view.first == 149
        await pilot.press("i", "1", "7", "enter")
        assert view.first == 17
        await pilot.press("i", "9", "9", "9", "enter")
        assert any("the examples are 0 to 149" in message for message in told(app))
        await pilot.press("escape", "end", "home", "pagedown")
        assert view.navigator.operation.out.name == "Z2"
        await pilot.press("enter")
        assert "Follow A1" in screen_text(app)
        await pilot.press("right", "enter")
        assert view.navigator.operation.out.name == "A1"
        assert view.navigator.position.row == 1
        await pilot.press("backspace")
        assert view.navigator.operation.out.name == "Z2"


async def test_guess_then_reveal() -> None:
    app = DeepnetApp(TUTORIAL)
    async with app.run_test(size=(80, 24)) as pilot:
        app, view = await opened(pilot, "g")
        assert "= ?" in screen_text(app)
        await pilot.press("enter", "1", "enter")
        text = screen_text(app)
        assert "You said 1: it is -0.007474" in text
        await pilot.press("down")
        assert "= ?" in screen_text(app)
        await pilot.press("enter", "enter")
        assert "0.005278" in screen_text(app)
        await pilot.press("g")
        assert not view.navigator.guessing


async def test_numbers_follow_the_training_until_a_key_is_pressed() -> None:
    app = DeepnetApp(ENDLESS)
    async with app.run_test(size=(120, 36)) as pilot:
        app, view = await opened(pilot, "space")
        await state(pilot, State.TRAINING)

        def iteration() -> int:
            assert view._source is not None
            return view._source.snapshot.iteration

        await until(pilot, lambda: iteration() > 0, "live numbers")
        await pilot.press("right")
        assert view.held
        assert "held" in str(view.border_title)
        held = iteration()
        before = app.workbench.iteration
        await until(pilot, lambda: app.workbench.iteration > before + 200)
        assert iteration() == held
        await pilot.press("f")
        await until(pilot, lambda: iteration() > held, "following again")
        await pilot.press("right", "space")
        await state(pilot, State.PAUSED)
        await until(pilot, lambda: iteration() == app.workbench.iteration, "the numbers of the rest")
        assert not view.held


async def test_it_shows_the_chosen_snapshot() -> None:
    app = DeepnetApp(TUTORIAL.replace("training", iterations=500))
    async with app.run_test(size=(120, 36)) as pilot:
        app, view = await opened(pilot, "space")
        await state(pilot, State.FINISHED)
        await pilot.press("left_square_bracket", "left_square_bracket")
        await until(pilot, lambda: app.workbench.cursor == 300)
        await until(pilot, lambda: "iteration 300" in screen_text(app))
        assert view._source is not None
        assert view._source.snapshot.iteration == 300


async def test_gradient_check_of_the_current_network() -> None:
    app = DeepnetApp(Experiment.default("moons").replace("network", activation="tanh"))
    async with app.run_test(size=(80, 24)) as pilot:
        app, view = await opened(pilot, "c")
        await until(pilot, lambda: view.checks, "the check")
        text = screen_text(app)
        assert view.checks == [True]
        assert "The gradient check passed" in text
        await pilot.press("z")
        await until(pilot, lambda: "db3" in screen_text(app))
        await pilot.press("c")
        assert "Z1 = W1 A0 + b1" in screen_text(app)


async def test_gradient_check_of_float32_is_in_double_precision() -> None:
    app = DeepnetApp(Experiment.default("moons").replace("training", dtype="float32"))
    async with app.run_test(size=(80, 24)) as pilot:
        app, view = await opened(pilot, "c")
        await until(pilot, lambda: "The gradient check passed" in " ".join(screen_text(app).split()))
        assert view.checks == [True]


async def test_cost_and_update_match_the_run() -> None:
    app = DeepnetApp(Experiment.default("moons").replace("training", schedule="exponential", decay_every=100))
    async with app.run_test(size=(80, 24)) as pilot:
        app, view = await opened(pilot, "S")
        await state(pilot, State.PAUSED)
        await until(pilot, lambda: "iteration 100" in screen_text(app), "the numbers of the rest")
        m, training = app.workbench.dataset.train.m, app.workbench.experiment.training
        view.count = m
        view._draw()
        trainer = app.workbench.training_run.prepare()
        assert view.navigator.trace is not None
        steps = view.navigator.trace
        assert steps.find("J").value(0, 0) == pytest.approx(trainer.cost(), rel=1e-9)
        await pilot.press("end")
        assert "0.001×" in screen_text(app)
        assert training.learning_rate == 0.01
        assert "0.9^101" in screen_text(app).replace("│", "")
        trainer.advance(1)
        for name, values in trainer.parameters.items():
            np.testing.assert_allclose(steps.find(f"{name}_new").out.values, values, rtol=1e-9)


async def test_missing_optimizer_memory_is_noted() -> None:
    app = DeepnetApp(Experiment.default("moons").replace("training", iterations=300))
    async with app.run_test(size=(80, 24)) as pilot:
        app, _ = await opened(pilot, "S")
        await state(pilot, State.PAUSED)
        training_run = app.workbench.training_run
        assert training_run.latest is not None
        training_run.latest = training_run.latest.without_memory()
        app.main.redraw()
        await pilot.press("z", "end")
        assert "was not kept" in screen_text(app)
        assert "0.9^1)" in screen_text(app)


async def test_hints_show_rebound_keys(home: Path) -> None:
    keys = {"next": "x", "guess": "O", "follow": "v", "check": "B", "return": "ctrl+r"}
    lines = [f'explain_{name} = "{key}"' for name, key in keys.items()]
    (home / "config.toml").write_text("\n".join(["[keys]", *lines]))
    app = DeepnetApp(TUTORIAL)
    async with app.run_test(size=(80, 24)) as pilot:
        app, view = await opened(pilot)
        assert "←x step  hjkl entry  v follow  , . example  O guess  B check" in screen_text(app)
        await pilot.press("O")
        assert "v takes your guess" in screen_text(app)
        await pilot.press("O", "pagedown", "v", "v")
        assert "^r goes back" in " ".join(screen_text(app).split())
        await pilot.press("B")
        await until(pilot, lambda: view.checks, "the check")
        assert "B goes back to the steps" in screen_text(app)


async def test_several_examples_are_shown_at_once() -> None:
    app = DeepnetApp(TUTORIAL)
    async with app.run_test(size=(80, 24)) as pilot:
        app, view = await opened(pilot, "z", *["plus"] * 8)
        assert view.count == 16
        await pilot.press(*["plus"] * 2)
        assert view.count == 64
        assert view.navigator.operation.out.shape == (4, 64)
        await pilot.press(*["l"] * 40)
        assert view.navigator.position.column == 40
        assert "40 +23›" in screen_text(app)
        await pilot.press("end")
        assert "This is from the 64 examples shown; training takes the mean over 150." in screen_text(app)
        await pilot.press(*["plus"] * 2)
        assert view.count == 150
        assert "training takes the mean" not in screen_text(app)
        await pilot.press(*["minus"] * 5)
        assert view.count == 8
        await pilot.press("minus")
        assert view.count == 7
        await pilot.press("comma")
        assert "example 149 of 150" in screen_text(app)


async def test_escape_closes_the_field_then_the_zoom() -> None:
    app = DeepnetApp(TUTORIAL)
    async with app.run_test(size=(80, 24)) as pilot:
        app, view = await opened(pilot, "z", "i")
        assert isinstance(app.focused, Input)
        await pilot.press("escape")
        assert app.main.maximized is view
        assert isinstance(app.focused, Board)
        await pilot.press("right")
        assert view.navigator.position.index == 1
        await pilot.press("escape")
        assert app.main.maximized is None


async def test_a_click_selects_and_follows() -> None:
    app = DeepnetApp(TUTORIAL)
    async with app.run_test(size=(80, 24)) as pilot:
        app, view = await opened(pilot, "z", "pagedown")
        board = view.children[0]
        sheet = getattr(board, "sheet")  # noqa: B009
        third = next(hit for hit in sheet.hits if hit.operand == -1 and hit.row == 2)
        await pilot.click(board, offset=(third.start + 2, third.y))
        assert view.navigator.position.row == 2
        origin = next(hit for hit in sheet.hits if hit.operand == 1 and hit.row == 1)
        await pilot.click(board, offset=(origin.start + 2, origin.y))
        assert view.navigator.operation.out.name == "A1"
        assert view.navigator.position.row == 1


async def test_new_data_are_explained_at_once() -> None:
    app = DeepnetApp(Experiment.default("iris").replace("network", dropout=0.2))
    async with app.run_test(size=(120, 40)) as pilot:
        app, view = await opened(pilot, "z")
        assert "Dropout is off here" in screen_text(app)
        assert "the inputs, numbers standardised: sepal length (cm), sepal width (cm)" in " ".join(
            screen_text(app).split()
        )
        assert view.navigator.trace is not None
        await pilot.press(*["right"] * view.navigator.trace.find("dW2").index)
        assert "λ/N W2, N = 120 in training" in screen_text(app)
        app.data.load("diabetes")
        await until(pilot, lambda: app.workbench.dataset.name == "diabetes" and app.workbench.snapshot is not None)
        await until(pilot, lambda: view._source is not None and view._source.dataset is app.workbench.dataset)
        assert view.navigator.trace is not None
        assert view.navigator.trace.network.task == "regression"
        assert "dA2" not in [operation.out.name for operation in view.navigator.trace.operations]
