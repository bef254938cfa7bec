"""Other keys for commands, as the configuration asks for them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

from deepnet_tui.commands.command import Command
from deepnet_tui.commands.key_names import is_key, is_typed, shown
from deepnet_tui.commands.registry import COMMANDS
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import did_you_mean

QUIT_LETTER = "quit_letter"
NO_KEY = "none"
ABOVE = {"lesson": "main"}  # whose commands work beside one another, though in different scopes
SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+h": "backspace", "ctrl+left_square_bracket": "escape"}
"""Keys that a terminal can't tell from others."""


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
            if key == "escape":
                raise InputError("escape always goes back, so no command can have it", name)
    commands = tuple(replace(command, keys=changes.get(command.id, command.keys)) for command in COMMANDS)
    _check_clashes(commands, changes)
    return commands


def keymap(commands: Iterable[Command]) -> dict[str, str]:
    """The keys of all commands as Textual takes them: by the id of a binding.

    A letter that quits has a binding of its own (`QUIT_LETTER`), because the other keys of `quit` come before all that
    is typed. Textual has no word for no key at all.
    """
    keys = {command.id: command.keys for command in commands}
    letters = [key for key in keys["quit"].split(",") if is_typed(key)]
    others = [key for key in keys["quit"].split(",") if not is_typed(key)]
    return keys | {"quit": ",".join(others) or NO_KEY, QUIT_LETTER: ",".join(letters) or NO_KEY}


def letters_first(commands: Iterable[Command]) -> tuple[Command, ...]:
    """The commands, those of the whole app shown with a key that no program around the terminal takes away."""

    def turned(command: Command) -> Command:
        keys = sorted(command.keys.split(","), key=lambda key: not is_typed(key))
        return replace(command, keys=",".join(keys)) if command.group == "App" else command

    return tuple(map(turned, commands))


def _check_clashes(commands: Sequence[Command], changes: Container[str]) -> None:
    """Raises InputError for a key with two meanings in one place.

    A command of a pane may not take a key of the whole app; the other way round the pane keeps what it has.
    """
    for scope in dict.fromkeys(command.scope for command in commands):
        together = [command for command in commands if command.scope in (scope, ABOVE.get(scope))]
        around = [command for command in commands if command.group == "App" and command not in together]
        owner: dict[str, Command] = {}
        for command in (*together, *around):
            for key in command.keys.split(","):
                other = owner.setdefault(SAME.get(key, key), command)
                if other is not command and (command not in around or other.id in changes):
                    place = _place(next(each for each in (other, command) if each.scope == scope))
                    raise InputError(
                        f"the key {shown(key)} is given to both {other.id} and {command.id} {place}; "
                        "give one of them another key",
                        command.id,
                    )


def _place(command: Command) -> str:
    """Where a command works."""
    return "on the main screen" if command.scope == "main" else f"{command.group[0].lower()}{command.group[1:]}"
