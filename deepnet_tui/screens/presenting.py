"""For a class or a projector, on every screen: large and bold, fewer panes, and the keys that are pressed are shown.

What is bolder and what is hidden stands in app.tcss under `.-presenting`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events
from textual.widgets import Input

from deepnet_tui.commands.key_names import shown
from deepnet_tui.screens.workspace import WorkspaceScreen
from deepnet_tui.widgets.panes.key_echo import KeyEcho

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen

CLASS = "-presenting"
WORDLESS = ("down", "up", "left")  # labels that say no more than the key


class Presenter:
    """Presents an app while it is `on`."""

    def __init__(self, app: App[Any], *, on: bool = False) -> None:
        self._app = app
        self.on = on
        app.set_class(on, CLASS)

    def toggle(self) -> None:
        """Present, or go back to work."""
        self.on = not self.on
        self._app.set_class(self.on, CLASS)
        for screen in self._app.screen_stack:
            for echo in screen.query(KeyEcho):
                echo.display = False
            if isinstance(screen, WorkspaceScreen):
                screen.arrange_again()
        self._app.refresh_css(animate=False)

    async def key(self, event: events.Key) -> None:
        """Show a key before it does what it does."""
        screen = self._app.screen
        echo = next(iter(screen.query(KeyEcho)), None)
        if echo is None:
            echo = KeyEcho()
            await screen.mount(echo)
        typed = isinstance(self._app.focused, Input) and event.is_printable
        echo.press(_name(event), "" if typed else _label(screen, event.key))


def _name(event: events.Key) -> str:
    return "space" if event.key == "space" else shown(event.key) or event.key


def _label(screen: Screen[Any], key: str) -> str:
    """What the key does here, as its command is called."""
    active = screen.active_bindings.get(key)
    label = "" if active is None else active.binding.description
    return "" if label.lower() in WORDLESS else label
