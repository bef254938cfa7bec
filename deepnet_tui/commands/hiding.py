"""What the configuration or a lesson can hide: commands of the main screen, and panes of the design."""

from __future__ import annotations

from deepnet_tui.commands.registry import COMMANDS

PANES = {"data_pane": "#data", "architecture_pane": "#architecture", "training_pane": "#training"}
ALWAYS_THERE = ("help", "palette", "quit", "suspend")


def hideable() -> tuple[str, ...]:
    """The names of all that can be hidden."""
    return (*(entry.id for entry in COMMANDS if entry.scope == "main" and entry.id not in ALWAYS_THERE), *PANES)
