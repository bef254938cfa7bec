"""The page of Explain on the screen: its colours and its clicks. The view around it does the rest."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from deepnet_tui.explain.layout import Sheet, StyledLine

STYLES = {
    "name": "bold",
    "index": "dim",
    "plain": "",
    "formula": "bold",
    "shapes": "dim",
    "numbers": "$text-accent",
    "tutorial": "$text-primary",
    "note": "dim",
    "marked": "$text-primary bold",
    "used": "bold $text-primary on $panel",
    "pointed": "bold reverse",
    "followed": "bold reverse $text-accent",
    "sign": "bold",
    "pass": "bold $text-success",
    "fail": "bold reverse $text-error",
}


class Board(Widget, can_focus=True):
    """Shows what `page` gives for a width and a height, and posts clicks on entries of its matrices."""

    ALLOW_MAXIMIZE = False

    class Clicked(Message):
        """An entry was clicked: that of the result or of an operand."""

        def __init__(self, operand: int, row: int, column: int) -> None:
            super().__init__()
            self.operand, self.row, self.column = operand, row, column

    def __init__(self, page: Callable[[int, int], Sheet]) -> None:
        super().__init__()
        self.sheet = Sheet([], [])
        self._page = page

    def render(self) -> Content:
        """The lines of the page in their colours."""
        self.sheet = self._page(self.size.width, self.size.height)
        return Content("\n").join(_content(line) for line in self.sheet.lines[: self.size.height])

    def on_click(self, event: events.Click) -> None:
        """Say which entry was clicked, if it was one."""
        for hit in self.sheet.hits:
            if hit.y == event.y and hit.start <= event.x < hit.stop:
                self.post_message(self.Clicked(hit.operand, hit.row, hit.column))


def _content(line: StyledLine) -> Content:
    return Content.assemble(*((text, STYLES[role]) for text, role in line)) if line else Content("")
