"""The keys of Explain in its own sentences, as the user has them."""

from __future__ import annotations

from collections.abc import Iterable

from deepnet_tui.commands.command import Command
from deepnet_tui.commands.key_names import shown

SCOPE = "explain_"


class Keys:
    """The keys of `commands`, by the names that these have in Explain."""

    def __init__(self, commands: Iterable[Command]) -> None:
        self._names = {
            entry.id.removeprefix(SCOPE): _name(entry.keys) for entry in commands if entry.scope == "explain"
        }

    def named(self, text: str) -> str:
        """The text with a key in the place of each {command}."""
        return text.format_map(self._names)


def _name(keys: str) -> str:
    """The key that takes the least room, a letter if there is one; a word begins with a capital."""
    name = min(shown(keys).split(), key=lambda name: (len(name), not name.isascii()))
    return name.capitalize() if len(name) > 1 else name
