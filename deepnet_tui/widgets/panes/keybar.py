"""The last line: the keys that matter now. Each can be clicked."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from deepnet_tui.commands.command import Command
from deepnet_tui.commands.key_names import shown
from deepnet_tui.widgets.base.clickable_line import ClickableLine

LAST = ("help", "palette")
GAP = "  "
SEVERAL = ("palette", "quit")


class KeyBar(ClickableLine):
    """Commands in the order of their importance, as many as fit; help and palette always do."""

    def __init__(self) -> None:
        super().__init__("keybar")
        self._commands: list[tuple[Command, str]] = []

    def show(self, commands: Sequence[tuple[Command, str]]) -> None:
        """The commands with the labels they have now."""
        if list(commands) != self._commands:
            self._commands = list(commands)
            self.refresh()

    def render(self) -> Content:
        """The line."""
        entries = [(entry(command, label), command) for command, label in self._commands]
        tail = [(content, command) for content, command in entries if command.id in LAST]
        room = self.size.width - 2 - sum(content.cell_length + len(GAP) for content, _ in tail)
        parts: list[tuple[Content | str, str]] = [(" ", "")]
        for content, command in entries:
            if command.id not in LAST and content.cell_length + len(GAP) <= room:
                parts += [(content, command.action), (GAP, "")]
                room -= content.cell_length + len(GAP)
        parts.append((" " * max(0, room + len(GAP)), ""))
        for content, command in tail:
            parts += [(content, command.action), (GAP, "")]
        return self.line(parts)


def entry(command: Command, label: str) -> Content:
    """Key and label; every key where a program around the app may have taken the first."""
    key = Content.styled(shown(command.keys, first=command.id not in SEVERAL), "bold $text-accent")
    return Content.assemble(key, f" {label}")
