"""All keys, from the registry of commands."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from deepnet_tui.commands.command import Command
from deepnet_tui.commands.key_names import shown
from deepnet_tui.commands.mouse import GESTURES
from deepnet_tui.commands.registry import groups
from deepnet_tui.screens.dialogs.dialog import Dialog
from deepnet_tui.screens.dialogs.key_table import KeyTable


class Help(Dialog[None]):
    """Groups of commands with their keys."""

    TITLE_TEXT = "Keys"
    KEYS = "↑ ↓ scroll   Escape goes back"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,f1,q", "leave", show=False)]

    def __init__(self, commands: tuple[Command, ...]) -> None:
        super().__init__(classes="help")
        self._commands = commands

    def body(self) -> ComposeResult:
        """A table for each group."""
        with VerticalScroll():
            for group, commands in groups(self._commands).items():
                yield Static(group, classes="group")
                yield KeyTable((shown(command.keys), command.help) for command in commands)
            yield Static("Mouse", classes="group")
            yield KeyTable(GESTURES)
