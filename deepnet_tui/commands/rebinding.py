"""Other keys for commands, as the configuration asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from deepnet_tui.commands.command import Command
from deepnet_tui.commands.key_names import is_key, shown
from deepnet_tui.commands.registry import COMMANDS
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import did_you_mean


def rebound(changes: Mapping[str, str]) -> tuple[Command, ...]:
    """All commands, those named in `changes` with other keys.

    Raises InputError for an unknown command or key, and for a key with two meanings in one scope.
    """
    known = {command.id for command in COMMANDS}
    for name, wanted in changes.items():
        if name not in known:
            instead = did_you_mean(name, known, 3) or "docs/keys.md and F1 name them all"
            raise InputError(f"there is no command {name!r}; {instead}", name)
        for key in wanted.split(","):
            if not is_key(key):
                raise InputError(
                    f"there is no key {key!r}; keys are written like a, A, f5, ctrl+s, space or full_stop", name
                )
    commands = tuple(replace(command, keys=changes.get(command.id, command.keys)) for command in COMMANDS)
    for scope in sorted({command.scope for command in commands}):
        owner: dict[str, str] = {}
        for command in commands:
            for key in command.keys.split(",") if command.scope == scope else ():
                if key in owner:
                    raise InputError(f"the key {shown(key)} is given to both {owner[key]} and {command.id}", command.id)
                owner[key] = command.id
    return commands
