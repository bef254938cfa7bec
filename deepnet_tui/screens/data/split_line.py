"""A line of parts that can be clicked, with a text aligned to the right."""

from __future__ import annotations

from textual.content import Content

from deepnet_tui.widgets.base.clickable_line import ClickableLine


class SplitLine(ClickableLine):
    """A clickable line; where the text on the right leaves too little room, the parts are shortened, then cut."""

    def __init__(self, id: str) -> None:  # noqa: A002
        super().__init__(id)
        self._parts: list[tuple[Content | str, str]] = []
        self._right: Content | None = None
        self._shorter: Content | None = None

    def put(
        self, parts: list[tuple[Content | str, str]], right: Content | None = None, shorter: Content | None = None
    ) -> None:
        """Show these parts, each with the action that a click runs; `shorter` takes their place if they don't fit."""
        self._parts, self._right, self._shorter = parts, right, shorter
        self.refresh()

    def render(self) -> Content:
        """The line."""
        parts: list[tuple[Content | str, str]] = [(" ", ""), *self._parts]
        if self._right is not None:
            room = self.size.width - 2 - self._right.cell_length
            left = Content("").join([part if isinstance(part, Content) else Content(part) for part, _ in parts])
            if left.cell_length > room - 2:
                left = Content.assemble(" ", self._shorter) if self._shorter is not None else left
                left = left.truncate(max(0, room - 2), ellipsis=True)
                parts = [(left, "")]
            parts += [(" " * max(1, room - left.cell_length), ""), (self._right, "")]
        return self.line(parts)
