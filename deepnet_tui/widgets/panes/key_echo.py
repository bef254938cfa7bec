"""The keys that were just pressed, large enough for a class to follow, with what they do."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

SECONDS = 5.0  # for which keys stay
MOST = 4  # keys beside each other
TALL = 30  # lines of the screen from which there is room for a frame


class KeyEcho(Container):
    """Lies over the screen above the last line, and goes when no key has been pressed for a while."""

    DEFAULT_CSS = """
    KeyEcho {
        layer: _toastrack;
        dock: bottom;
        width: 1fr;
        height: auto;
        margin: 0 0 1 0;
        align: center bottom;
        visibility: hidden;
        & > Static {
            visibility: visible;
            width: auto;
            max-width: 100%;
            height: auto;
            padding: 0 1;
            background: $accent;
            color: auto 95%;
            text-style: bold;
        }
        & > .-framed { border: outer $accent; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[tuple[str, str, int]] = []  # as people read it, what it does, how many times in a row
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """One line."""
        yield Static("", markup=False)

    def on_mount(self) -> None:
        """Nothing has been pressed yet."""
        self.display = bool(self._keys)
        self._show()

    def press(self, key: str, does: str) -> None:
        """A key was pressed; `does` says what for, "" if that is not known."""
        if self._keys and self._keys[-1][:2] == (key, does):
            self._keys[-1] = (key, does, self._keys[-1][2] + 1)
        else:
            self._keys = [*self._keys[1 - MOST :], (key, does, 1)]
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(SECONDS, self._forget)
        self._show()

    def _forget(self) -> None:
        self._keys = []
        self.display = False

    def _show(self) -> None:
        found = self.query(Static)
        if not found or not self._keys:
            return
        parts = []
        for key, does, times in self._keys:
            often = f" ×{times}" if times > 1 else ""
            parts.append(f"[{key}]{often}{f' {does}' if does else ''}")
        line = found.first()
        line.set_class(self.screen.size.height >= TALL, "-framed")
        line.update(Content("   ".join(parts)))
        self.display = True
