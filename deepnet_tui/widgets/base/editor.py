"""The field in which a setting is typed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static


class Editor(Vertical):
    """A field, and beneath it what may be typed there or what is wrong with what was typed."""

    _hint = ""
    _refused = ""  # the text that something is wrong with

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
        self._hint = hint
        self._accept()
        field.focus()

    def _accept(self) -> None:
        self.query_one(".hint", Static).update(Content(self._hint))
        self.remove_class("wrong")

    def refuse(self, message: str) -> None:
        """Say what is wrong with the value."""
        self.add_class("wrong")
        self._refused = self.query_one(Input).value
        self.query_one(".hint", Static).update(Content(f"✗ {message}"))

    def reconsider(self) -> None:
        """Take the complaint back once something else is typed."""
        if self.has_class("wrong") and self.query_one(Input).value != self._refused:
            self._accept()
