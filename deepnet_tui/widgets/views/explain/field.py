"""The field of Explain: for a guess at the chosen entry, or for the number of an example."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import Input


class AskField(Input):
    """Closed until it asks for something; Escape closes it again."""

    DEFAULT_CSS = """
    AskField { height: 1; border: none; padding: 0; background: $panel; display: none; }
    AskField.-open { display: block; }
    """

    class Closed(Message):
        """The field was closed with Escape."""

    def __init__(self) -> None:
        super().__init__(compact=True)
        self.asking = ""

    def ask(self, what: str, placeholder: str) -> None:
        """Open it: `what` is "guess" or "example"."""
        self.asking = what
        self.value = ""
        self.placeholder = placeholder
        self.add_class("-open")
        self.focus()

    def close(self) -> None:
        """Close it."""
        self.asking = ""
        self.remove_class("-open")

    def on_key(self, event: events.Key) -> None:
        """Escape closes the field."""
        if event.key == "escape" and self.asking:
            event.stop()
            event.prevent_default()
            self.post_message(self.Closed())
