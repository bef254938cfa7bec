"""Keys in lesson texts: `{train}` stands for the key of the command `train`, as the reader has it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from deepnet_tui.keys import Command, shown


def keyed(text: str, commands: Iterable[Command]) -> str:
    """The text with every `{command}` replaced by its first key; other braces stay."""
    keys = {command.id: shown(command.keys, first=True) for command in commands}
    return re.sub(r"\{(\w+)\}", lambda found: keys.get(found[1], found[0]), text)
