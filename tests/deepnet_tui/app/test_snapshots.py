"""What the app looks like, as accepted by people who looked at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, state

Compare = Callable[..., bool]
SIZES = {"narrow": (80, 24), "wide": (120, 36)}
START = Experiment.default("moons").replace("training", iterations=200)


def after(*keys: str, train: bool = False) -> Callable[[Pilot[None]], Any]:
    """Wait for the data, train to the end if asked, then press keys."""

    async def act(pilot: Pilot[None]) -> None:
        app = await ready(pilot)
        if train:
            await pilot.press("space")
            await state(pilot, State.FINISHED)
        await pilot.press(*keys)
        await pilot.pause()
        app.main.redraw()
        app.clear_notifications()
        await pilot.pause()

    return act


@pytest.mark.parametrize("size", SIZES)
def test_trained(snap_compare: Compare, size: str) -> None:
    assert snap_compare(DeepnetApp(START), terminal_size=SIZES[size], run_before=after("1", train=True))


def test_the_design_on_a_narrow_screen(snap_compare: Compare) -> None:
    assert snap_compare(DeepnetApp(START), terminal_size=SIZES["narrow"], run_before=after("0"))


@pytest.mark.parametrize("size", SIZES)
def test_choosing_data(snap_compare: Compare, size: str) -> None:
    assert snap_compare(DeepnetApp(START), terminal_size=SIZES[size], run_before=after("d"))


def test_exporting_on_a_narrow_screen(snap_compare: Compare) -> None:
    assert snap_compare(DeepnetApp(START), terminal_size=SIZES["narrow"], run_before=after("e"))


def test_a_refused_value_stands_beside_its_field(snap_compare: Compare) -> None:
    press = after("0", "enter", "end", "backspace", "backspace", "0", "enter")
    assert snap_compare(DeepnetApp(START), terminal_size=SIZES["narrow"], run_before=press)
