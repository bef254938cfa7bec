"""What is drawn when: edits at once, the training in its turn, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import pytest
from textual._compositor import Compositor
from textual.geometry import Size

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.screens.redraws import Redraws
from deepnet_tui.widgets.panes.training import TrainingPane
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import home, keys_take_effect, ready, screen_text, state, until

__all__ = ["home", "keys_take_effect"]


def workbench(state: State, edits: int = 0, pulse: int = 0) -> Any:
    return SimpleNamespace(state=state, edits=(edits,), version=(edits, state, pulse))


@pytest.fixture
def redraws() -> Redraws:
    """At rest, everything drawn, and with all the processor time that it wants."""
    found = Redraws()
    found._budget = cast("Any", SimpleNamespace(allows_redraw=lambda: True))
    assert found.changed(workbench(State.IDLE))
    return found


def test_the_beginning_of_a_training_is_news_but_panes_wait_for_their_turn(redraws: Redraws) -> None:
    assert redraws.changed(workbench(State.TRAINING))
    assert redraws.is_news
    assert not redraws.at_once
    assert not redraws.due(11)
    assert redraws.changed(workbench(State.PAUSING))
    assert (redraws.is_news, redraws.at_once) == (True, False)
    assert redraws.changed(workbench(State.PAUSED))
    assert redraws.at_once


def test_an_edit_is_drawn_at_once_while_it_trains_and_what_goes_on_is_not(redraws: Redraws) -> None:
    redraws.changed(workbench(State.TRAINING, pulse=1))
    assert redraws.changed(workbench(State.TRAINING, pulse=2))
    assert not redraws.is_news
    assert redraws.changed(workbench(State.TRAINING, edits=1, pulse=2))
    assert redraws.at_once


def test_turns_are_taken_within_ticks_only(redraws: Redraws) -> None:
    redraws.changed(workbench(State.TRAINING))
    taken = []
    for _ in range(20):
        with redraws.tick():
            taken.append((redraws.due(11), redraws.due(2)))
        assert not redraws.due(11)
    assert all(often for often, _ in taken)
    assert [seldom for _, seldom in taken].count(True) == 4


def test_a_pane_that_comes_back_with_its_old_size_is_not_drawn_twice(redraws: Redraws) -> None:
    class Pane:
        shown, size = 0, Size(80, 20)

        def version(self, _: object) -> int:
            return 1

        def show(self, _: object) -> None:
            self.shown += 1

    pane: Any = Pane()
    assert redraws.draw(pane, workbench(State.IDLE))
    pane.size = Size(0, 0)  # it was hidden, and has not been laid out since
    redraws.forget(pane)
    assert redraws.draw(pane, workbench(State.IDLE))
    pane.size = Size(80, 20)
    assert not redraws.draw(pane, workbench(State.IDLE))
    pane.size = Size(60, 20)
    assert redraws.draw(pane, workbench(State.IDLE))
    assert pane.shown == 3


@contextmanager
def whole_screens() -> Iterator[list[Compositor]]:
    """The pictures of the whole screen that are painted from here on."""
    painted: list[Compositor] = []
    paint = Compositor.render_full_update

    def count(self: Compositor, *args: Any, **values: Any) -> Any:
        painted.append(self)
        return paint(self, *args, **values)

    with patch.object(Compositor, "render_full_update", count):
        yield painted


async def test_moving_the_focus_and_showing_a_view_paint_no_whole_screen() -> None:
    app = DeepnetApp(Experiment.default("moons"))
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        for key in ("1", "2"):
            await pilot.press(key)
        with whole_screens() as painted:
            for key, words in (("1", "W1"), ("2", "forward"), ("1", "W1")):
                await pilot.press(key)
                await until(pilot, lambda words=words: words in screen_text(app), words)  # type: ignore[misc]
            await pilot.press("tab", "tab")
        assert not painted


async def test_a_key_lets_the_training_go_on_once_its_frame_is_painted() -> None:
    app = DeepnetApp(Experiment.default("moons").replace("training", iterations=10**7))
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.TRAINING)
        seen: list[str] = []
        make_way, go_on = app.workbench.make_way, app.workbench.go_on

        def stood() -> None:
            seen.append("make way")
            make_way()

        def went() -> None:
            seen.append("all settings" if app.main.query_one(TrainingPane).all_settings else "too early")
            go_on()

        with patch.object(app.workbench, "make_way", stood), patch.object(app.workbench, "go_on", went):
            await pilot.press("M")
            await until(pilot, lambda: len(seen) == 2)
        app.workbench.pause()
        assert seen == ["make way", "all settings"]
