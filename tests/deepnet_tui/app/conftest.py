"""The app under test: its own home, and bounded waiting for what shall happen."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from deepnet_tui.app import DeepnetApp
from deepnet_tui.workbench import State

PATIENCE = 30.0


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Configuration and runs go to a folder of the test."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(folder))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.chdir(tmp_path)
    return folder


async def until(pilot: Pilot[None], condition: Callable[[], object], what: str = "") -> None:
    """Let the app run until `condition` holds; fail after a while."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"waited {PATIENCE:g} s in vain{': ' + what if what else ''}")
        await pilot.pause(0.01)
    await pilot.pause()


async def ready(pilot: Pilot[None]) -> DeepnetApp:
    """Wait for the data and the first parameters to be on the screen."""
    app = pilot.app
    assert isinstance(app, DeepnetApp)
    await until(pilot, lambda: app.workbench.ready and app.workbench.shown is not None, "data")
    await until(pilot, lambda: app.main.view is not None and app.workbench.state is State.IDLE, "the first view")
    app.main.redraw()
    await pilot.pause()
    return app


async def state(pilot: Pilot[None], *wanted: State) -> None:
    """Wait for a state."""
    app = pilot.app
    assert isinstance(app, DeepnetApp)
    await until(pilot, lambda: app.workbench.state in wanted, f"{wanted}, it is {app.workbench.state}")
    app.main.redraw()
    await pilot.pause()


def screen_text(app: DeepnetApp) -> str:
    """What can be read on the screen."""
    width, _ = app.size
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text[:width] for strip in strips)


def told(app: DeepnetApp) -> list[str]:
    """The messages that are shown."""
    return [notification.message for notification in app._notifications]
