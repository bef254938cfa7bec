"""Keys and what they do, in two columns."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

KEYS = 16  # columns
LEAST = 8  # columns for the text


class KeyTable(Widget):
    """Rows of (keys, text); laid out by hand, since there are hundreds of rows to lay out whenever the help opens."""

    DEFAULT_CSS = "KeyTable { height: auto; }"

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._rows = tuple(rows)
        self._laid_out: tuple[int, list[Content]] = (0, [])

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual asks
        """As many lines as there are at this width."""
        return len(self._lines(width))

    def render(self) -> Content:
        """All lines."""
        return Content("\n").join(self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        if width != self._laid_out[0]:
            self._laid_out = (width, [line for row in self._rows for line in _lines_of(*row, width)])
        return self._laid_out[1]


def _lines_of(keys: str, text: str, width: int) -> Iterable[Content]:
    for number, line in enumerate(wrap(text, max(LEAST, width - KEYS)) or [""]):
        first = "" if number else keys
        yield Content.assemble((f"{first:<{KEYS - 2}.{KEYS - 2}}  ", "bold"), line)
