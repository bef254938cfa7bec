"""A command: one thing that the user can do, with its keys and its texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deepnet_tui.commands.key_names import shown


@dataclass(frozen=True)
class Command:
    """One thing that the user can do.

    `keys` are Textual's names of keys, separated by commas. `scope` is "main" for the whole screen, or the kind of pane
    that must have the focus. Commands with `footer` > 0 are offered in the line of keys, in this order. `calls` is the
    action as Textual runs it, if it is not `id`.
    """

    id: str
    keys: str
    label: str
    help: str
    group: str
    scope: str = "main"
    footer: int = 0
    calls: str = ""

    @property
    def action(self) -> str:
        """The action as Textual runs it."""
        return self.calls or self.id

    @property
    def title(self) -> str:
        """What the palette calls it, with its first key."""
        return f"{self.label[0].upper()}{self.label[1:]}  ({shown(self.keys, first=True)})"


def commands_of(group: str, scope: str, prefix: str = "") -> Callable[..., Command]:
    """Makes the commands of one scope: from a name, keys, a label, a help text, and what is called."""

    def command(name: str, keys: str, label: str, help_: str, calls: str = "") -> Command:
        return Command(prefix + name, keys, label, help_, group, scope, calls=calls)

    return command
