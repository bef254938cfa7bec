"""Short messages over a screen."""

from __future__ import annotations

from collections.abc import Sequence

from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from deepnet_tui.common.text import in_app
from deepnet_tui.screens.dialogs.leaving import LeftOnce

LEAST, MOST = 3.0, 7.0  # seconds for which a message stays,
PAUSE, SPEED = 2.0, 20.0  # which are a pause, and the time to read so many characters a second


class NoticeScreen(LeftOnce[None], Screen[None]):
    """A screen that says things in messages which go by themselves."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)  # Textual's own paints the whole screen again

    def say(self, text: str) -> None:
        """Show a message in place of the one before; nothing for ""."""
        if text:
            self.app.clear_notifications()
            self.app.notify(text, timeout=_seconds(text), markup=False)

    def warn(self, text: str, *, replace: bool = True) -> None:
        """Say what can't be done, and why: in place of the message before, or along with it."""
        if replace:
            self.app.clear_notifications()
        self.app.notify(text, severity="warning", timeout=_seconds(text), markup=False)

    def warn_of_data(self, warnings: Sequence[str]) -> None:
        """Show the first warning about data, if there is any, and how many more there are."""
        if warnings:
            more = len(warnings) - 1
            rest = f" ({more} more: data, look closer)" if more else ""
            self.warn(in_app(warnings[0]) + rest, replace=False)


def _seconds(text: str) -> float:
    return min(MOST, max(LEAST, PAUSE + len(text) / SPEED))
