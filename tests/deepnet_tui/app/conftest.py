"""The app under test: its own home, and bounded waiting for what shall happen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual._context import active_app
from textual._queue import Queue
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.widgets import Input

from deepnet_tui.app import DeepnetApp
from deepnet_tui.workbench.state import State

PATIENCE = 30.0


def _waits(pump: MessagePump) -> bool:
    """Whether it has handled all that was sent to it, and waits for more."""
    queue: Queue[Message | None] = pump._message_queue
    return pump._closed or (queue.empty() and bool(queue.ready_event._waiters))


async def _handled(app: App[None]) -> None:
    """Every message has been handled, and those that followed from it."""
    end = time.monotonic() + PATIENCE
    while not app._exception_event.is_set():
        await asyncio.sleep(0)
        if all(map(_waits, (app, *app.screen.walk_children(with_self=True)))):
            return
        if time.monotonic() > end:
            pytest.fail(f"messages were not handled in {PATIENCE:g} s")


async def settled(*_: float) -> None:
    """Every message has been handled, and the screen is drawn."""
    app = active_app.get()
    await _handled(app)
    app.screen._on_timer_update()
    await _handled(app)
    app.screen._on_timer_update()


@pytest.fixture(autouse=True)
def keys_take_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key counts as pressed once its messages are handled.

    Textual's pilot goes on as soon as the process looks idle, which on a busy machine may be too early, and while a
    network is trained comes only after a second. It also sends a message to each widget to learn that it waits.
    """

    async def wait_for_screen(pilot: Pilot[None], timeout: float = PATIENCE) -> bool:
        await settled()
        return not pilot.app._exception_event.is_set()

    monkeypatch.setattr("textual.app.wait_for_idle", settled)
    monkeypatch.setattr("textual.pilot.wait_for_idle", settled)
    monkeypatch.setattr(Pilot, "_wait_for_screen", wait_for_screen)


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
    await until(pilot, lambda: app.workbench.ready and app.workbench.snapshot is not None, "data")
    await until(pilot, lambda: app.main.focused is not None and app.workbench.state is State.IDLE, "the first view")
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


async def type_text(pilot: Pilot[None], text: str) -> None:
    """Type into the field that has the focus, in place of what is there."""
    await until(pilot, lambda: isinstance(pilot.app.focused, Input), "a field to type into")
    field = pilot.app.focused
    assert isinstance(field, Input)
    field.value = ""
    names = {"-": "minus", ".": "full_stop", "/": "slash", "_": "underscore"}
    await pilot.press(*(names.get(key, key) for key in text))


def screen_text(app: DeepnetApp) -> str:
    """What can be read on the screen."""
    width, _ = app.size
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text[:width] for strip in strips)


def told(app: DeepnetApp) -> list[str]:
    """The messages that are shown."""
    return [notification.message for notification in app._notifications]
