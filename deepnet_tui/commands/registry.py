"""All commands, in the order of the help. To add one, add an entry to the list of its scope."""

from __future__ import annotations

from collections.abc import Iterable

from deepnet_tui.commands.command import Command
from deepnet_tui.commands.main_commands import MAIN
from deepnet_tui.commands.runs_commands import RUNS_SCREEN
from deepnet_tui.commands.screen_commands import DATA_SCREEN, LESSON, RACE, SEARCH_SCREEN, SIDE_BY_SIDE, WHAT_IF
from deepnet_tui.commands.view_commands import IN_VIEWS

COMMANDS: tuple[Command, ...] = (
    *MAIN,
    *IN_VIEWS,
    *DATA_SCREEN,
    *RUNS_SCREEN,
    *RACE,
    *SIDE_BY_SIDE,
    *SEARCH_SCREEN,
    *WHAT_IF,
    *LESSON,
)


def groups(commands: Iterable[Command] = COMMANDS) -> dict[str, list[Command]]:
    """The commands by group, in order."""
    grouped: dict[str, list[Command]] = {}
    for command in commands:
        grouped.setdefault(command.group, []).append(command)
    return grouped
