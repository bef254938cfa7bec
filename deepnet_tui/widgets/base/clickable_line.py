"""One line of words that can be clicked."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.widget import Widget


class ClickableLine(Widget):
    """Subclasses add their parts with `put`; a click on one runs its action on the screen."""

    def __init__(self, id: str, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._targets: list[tuple[int, int, str]] = []

    def line(self, parts: list[tuple[Content | str, str]]) -> Content:
        """The parts in a row, each with the action it runs, "" for none."""
        self._targets = []
        at, contents = 0, []
        for part, action in parts:
            content = part if isinstance(part, Content) else Content(part)
            width = content.cell_length
            if action:
                self._targets.append((at, at + width, action))
            at += width
            contents.append(content)
        return Content("").join(contents)

    async def on_click(self, event: events.Click) -> None:
        """Run what was clicked."""
        for start, stop, action in self._targets:
            if start <= event.x < stop:
                await self.screen.run_action(action)
                return
