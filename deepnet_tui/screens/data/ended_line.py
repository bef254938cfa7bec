"""A line of parts that can be clicked, with something at its right end."""

from __future__ import annotations

from textual.content import Content

from deepnet_tui.widgets.base.clickable_line import ClickableLine


class EndedLine(ClickableLine):
    """What has no room beside the right end is cut."""

    def __init__(self, id: str) -> None:  # noqa: A002
        super().__init__(id)
        self._parts: list[tuple[Content | str, str]] = []
        self._right: Content | None = None

    def put(self, parts: list[tuple[Content | str, str]], right: Content | None = None) -> None:
        """Show these parts, each with the action that a click runs."""
        self._parts, self._right = parts, right
        self.refresh()

    def render(self) -> Content:
        """The line."""
        parts: list[tuple[Content | str, str]] = [(" ", ""), *self._parts]
        if self._right is not None:
            room = self.size.width - 2 - self._right.cell_length
            left = Content("").join([part if isinstance(part, Content) else Content(part) for part, _ in parts])
            if left.cell_length > room - 2:
                left = left.truncate(max(0, room - 2), ellipsis=True)
                parts = [(left, "")]
            parts += [(" " * max(1, room - left.cell_length), ""), (self._right, "")]
        return self.line(parts)
