"""Keys in lesson texts: `{train}` stands for the key of the command `train`, as the reader has it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from deepnet_tui.commands.command import Command
from deepnet_tui.commands.key_names import shown
from deepnet_tui.commands.registry import COMMANDS
from deepnet_tui.common.text import did_you_mean

NAMED = re.compile(r"\{(\w+)\}")
NAMES = {command.id: command for command in COMMANDS}


def keyed(text: str, commands: Iterable[Command]) -> str:
    """The text with every `{command}` replaced by its first key; other braces stay."""
    keys = {command.id: shown(command.keys, first=True) for command in commands}
    return NAMED.sub(lambda found: keys.get(found[1], found[0]), text)


def named(text: str) -> list[Command]:
    """The commands whose keys the text wants."""
    return [NAMES[name] for name in NAMED.findall(text) if name in NAMES]


def misnamed(text: str) -> str:
    """What is wrong with the braces of a text, "" for nothing. A single letter or a number may stand in braces."""
    depth = 0
    for letter in text:
        depth += (letter == "{") - (letter == "}")
        if depth < 0:
            break
    if depth:
        return "a { has no }" if depth > 0 else "a } has no {"
    for name in NAMED.findall(text):
        if name not in NAMES and len(name) > 1 and not name.isdecimal():
            return f"there is no command {name!r}; {did_you_mean(name, NAMES) or 'docs/keys.md names them'}"
    return ""
