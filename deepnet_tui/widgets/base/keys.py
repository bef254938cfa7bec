"""The registry of commands as widgets use it: bindings, and the keys that the user has for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from textual.binding import Binding, BindingType

from deepnet_tui.commands.command import Command
from deepnet_tui.commands.key_names import shown
from deepnet_tui.commands.registry import COMMANDS

if TYPE_CHECKING:
    from textual.widget import Widget


@runtime_checkable
class HasCommands(Protocol):
    """An app in which keys can be rebound."""

    commands: tuple[Command, ...]


def commands_for(widget: Widget) -> tuple[Command, ...]:
    """All commands with the keys that the user has for them; in an app of somebody else, with their usual keys."""
    app = widget.app
    return app.commands if isinstance(app, HasCommands) else COMMANDS


def key_of(widget: Widget, name: str) -> str:
    """The first key of a command as people read it, "" if there is no such command."""
    return next((shown(entry.keys, first=True) for entry in commands_for(widget) if entry.id == name), "")


def bindings(scope: str) -> list[BindingType]:
    """The bindings of all commands of a scope."""
    return [binding_of(command) for command in COMMANDS if command.scope == scope]


def binding_of(command: Command) -> Binding:
    """A command as Textual binds it; its id lets the user's keys take the place of the usual ones."""
    return Binding(command.keys, command.action, command.label, id=command.id, tooltip=command.help, show=False)
