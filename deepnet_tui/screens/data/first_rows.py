"""The first rows of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

CELL = 18  # characters of a cell, at most
MOST = 200  # columns
NUMBER = re.compile(r"\s*([-+]?\d+)((?:[.,]\d*)?(?:[eE][-+]?\d+)?)\s*")


class FirstRows(DataTable[Text]):
    """The rows as they were read; the arrows scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "screen.use", show=False)]

    def __init__(self) -> None:
        super().__init__(cursor_type="none", zebra_stripes=False, cell_padding=1)

    def fill(self, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show these rows beneath the names of their columns."""
        self.clear(columns=True)
        columns = [
            aligned([_cell(row[place]) if place < len(row) else "" for row in rows])
            for place in range(len(names[:MOST]))
        ]
        for name, cells in zip(names, columns, strict=False):
            wide = max(map(len, cells), default=0) if _are_numbers(cells) else 0
            self.add_column(Text(f"{_cell(name):>{wide}}" if wide else _cell(name)))
        for row in zip(*columns, strict=True):
            self.add_row(*(Text(cell) for cell in row))


def aligned(words: Sequence[str]) -> list[str]:
    """The words of a column, numbers with their decimal marks beneath one another."""
    if not _are_numbers(words):
        return list(words)
    pairs = [match.groups() if (match := NUMBER.fullmatch(word)) else ("", "") for word in words]
    before, after = (max(len(pair[side] or "") for pair in pairs) for side in (0, 1))
    return [f"{whole or '':>{before}}{rest or '':<{after}}" for whole, rest in pairs]


def _are_numbers(words: Sequence[str]) -> bool:
    return any(map(str.strip, words)) and all(NUMBER.fullmatch(word.strip()) or not word.strip() for word in words)


def _cell(word: str) -> str:
    text = str(word).replace("\n", " ")
    return text if len(text) <= CELL else text[: CELL - 1] + "…"
