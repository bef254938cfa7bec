"""The field for a number that a lesson asks for: what belongs to no number stays a key of the app."""

from __future__ import annotations

import re

from textual import events
from textual.widgets import Input

PARTS = frozenset("0123456789.,-+")
AFTER_DIGIT = frozenset("eE/%")  # 1e-3, 1/3, 50%


class NumberField(Input):
    """Takes the parts of a number; n, space and all other keys do what they do elsewhere."""

    DEFAULT_CSS = """
    NumberField { height: 1; width: 24; border: none; padding: 0 1; background: $panel; }
    NumberField:focus { border: none; }
    """

    def __init__(self) -> None:
        super().__init__(placeholder="a number", compact=True, select_on_focus=False, max_length=20)

    def _takes(self, character: str | None) -> bool:
        if character is None:
            return False
        return character in PARTS or (character in AFTER_DIGIT and self.value[-1:].isdigit())

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002
        """Whether this key is typed here."""
        return self._takes(character)

    async def _on_key(self, event: events.Key) -> None:
        if event.is_printable and not self._takes(event.character):
            event.prevent_default()  # the field does not get it; the screen does


def number_in(text: str) -> float | None:
    """The number that was typed, also with a comma, as a fraction or in per cent; None if it is none."""
    text = text.strip().replace(" ", "")
    thousands = "." in text or re.fullmatch(r"[+-]?[1-9]\d{0,2}(,\d{3})+", text)
    text = text.replace(",", "" if thousands else ".")
    try:
        if text.endswith("%"):
            return float(text[:-1]) / 100
        above, slash, below = text.partition("/")
        return float(above) / float(below) if slash else float(text)
    except (ValueError, ZeroDivisionError):
        return None
