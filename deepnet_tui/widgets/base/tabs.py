"""One line of tabs: the views, and on a narrow screen the design too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textual.content import Content

from deepnet_tui.widgets.base.clickable_line import ClickableLine


@dataclass(frozen=True)
class Tab:
    """A title with the key and the action that show what it names; `short` is for a line with little room."""

    key: str
    title: str
    action: str
    short: str = ""


class TabLine(ClickableLine):
    """Titles with their keys; each can be clicked."""

    def __init__(self, id: str) -> None:  # noqa: A002
        super().__init__(id, classes="tabs")
        self._tabs: list[Tab] = []
        self._current = ""

    def show(self, tabs: Sequence[Tab], current: str) -> None:
        """`current` is the action of the tab that is shown."""
        if (list(tabs), current) != (self._tabs, self._current):
            self._tabs, self._current = list(tabs), current
            self.refresh()

    def render(self) -> Content:
        """The line."""
        parts: list[tuple[Content | str, str]] = [(" ", "")]
        gap, titles = self._fitting()
        for tab, title in zip(self._tabs, titles, strict=True):
            style = "bold $text-primary underline" if tab.action == self._current else "dim"
            content = Content.assemble(Content.styled(f"{tab.key} ", "dim"), Content.styled(title, style))
            parts += [(content, tab.action), (" " * gap, "")]
        return self.line(parts)

    def _fitting(self) -> tuple[int, list[str]]:
        """How far the tabs stand apart, and their titles, so that all fit with a margin on both sides."""
        gap, titles = 1, [""] * len(self._tabs)
        for gap, titles in self._layouts():
            width = sum(len(tab.key) + 1 + len(title) for tab, title in zip(self._tabs, titles, strict=True))
            if width + gap * (len(titles) - 1) <= self.size.width - 2:
                break
        return gap, titles

    def _layouts(self) -> Iterator[tuple[int, list[str]]]:
        """From roomy to tight: in full, short but for the one that is shown, all short, cut."""
        full = [tab.title for tab in self._tabs]
        short = [tab.short or tab.title for tab in self._tabs]
        mixed = [tab.title if tab.action == self._current else tab.short or tab.title for tab in self._tabs]
        yield 2, full
        yield 1, full
        yield 1, mixed
        for most in range(max(map(len, short), default=1), 0, -1):
            yield 1, [title[:most] for title in short]
