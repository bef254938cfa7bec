"""The first rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

CELL = 18  # characters of a cell, at most
MOST = 200  # columns


class FirstRows(DataTable[Text]):
    """The rows as they were read; the arrows scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "screen.use", show=False)]

    def __init__(self) -> None:
        super().__init__(cursor_type="none", zebra_stripes=False, cell_padding=1)

    def fill(self, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show these rows beneath the names of their columns."""
        self.clear(columns=True)
        for name in names[:MOST]:
            self.add_column(_cell(name))
        for row in rows:
            self.add_row(*(_cell(word) for word in row[:MOST]))


def _cell(word: str) -> Text:
    text = str(word).replace("\n", " ")
    return Text(text if len(text) <= CELL else text[: CELL - 1] + "…")
