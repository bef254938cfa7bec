"""The field in which a setting is typed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static


class Editor(Vertical):
    """A field, and beneath it what may be typed there or what is wrong with what was typed."""

    def compose(self) -> ComposeResult:
        """A field, and a line for the hint or the error."""
        yield Input(compact=True, select_on_focus=True)
        yield Static("", classes="hint")

    def open(self, label: str, text: str, hint: str) -> None:
        """Begin to edit the setting `label`, which is `text` now."""
        self.display = True
        self.border_title = Content(label)
        field = self.query_one(Input)
        field.value = text
        self.query_one(".hint", Static).update(hint)
        self.remove_class("wrong")
        field.focus()

    def refuse(self, message: str) -> None:
        """Say what is wrong with the value."""
        self.add_class("wrong")
        self.query_one(".hint", Static).update(Content(message))
