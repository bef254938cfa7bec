"""The commands and options of the command line, as click has them."""

from __future__ import annotations

from typing import Any

APP = "app"  # the hidden command that runs where none is named


def command_tree(context: Any) -> Any:
    """The group of all commands that a command's `context` belongs to, with the options of the app as its own."""
    group: Any = context.find_root().command
    known = {parameter.name for parameter in group.params}
    group.params += [parameter for parameter in group.commands[APP].params if parameter.name not in known]
    return group
