"""What the monkey has found, each on its own."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.geometry import Size

from deepnet_tui.app import DeepnetApp
from deepnet_tui.screens.dialogs.dialog import Choose
from deepnet_tui.screens.dialogs.leaving import Palette
from tests.deepnet_tui.app.conftest import home as home
from tests.deepnet_tui.app.conftest import keys_take_effect as keys_take_effect
from tests.deepnet_tui.app.conftest import ready


async def test_what_is_left_twice_is_left_once_and_small_windows_have_pages() -> None:
    """A second click on a command ended the app, a page down in a list without a line did, too."""
    app = DeepnetApp("xor")
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("ctrl+p")
        palette = app.screen
        assert isinstance(palette, Palette)
        palette.dismiss()
        palette.dismiss()
        await pilot.pause()
        assert app.screen is app.main

        for choice in (Choose("One", {str(k): "x" for k in range(9)}, "3"), Palette()):
            app.push_screen(choice)
            await pilot.pause()
            await pilot.resize_terminal(5, 3)
            await pilot.press("pagedown", "pageup", "escape")
            await pilot.resize_terminal(80, 24)
            assert app.screen is app.main


async def test_a_screen_opens_while_another_of_its_kind_is_still_closing() -> None:
    """Two of them had one name, which ended the app."""
    app = DeepnetApp("xor")
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.main.action_all_runs()
        app.main.action_all_runs()
        app.data.look_at("")
        app.data.look_at("")
        await pilot.pause()
        await pilot.press(*["escape"] * 4)
        assert app.screen is app.main


async def test_input_to_an_app_that_is_closing_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    app = DeepnetApp("xor")
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        moved = events.MouseMove(None, 3, 3, 0, 0, 0, False, False, False)
        with monkeypatch.context() as patched:
            patched.setattr(type(app), "screen_stack", [])
            await app.on_event(moved)
            await app.on_event(events.Key("a", "a"))
        app.post_message(events.Resize(Size(80, 24), Size(80, 24)))
        await asyncio.sleep(0)
        assert app._exception is None
