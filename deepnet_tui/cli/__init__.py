"""The command line: one file a command. Nothing is imported before a command needs it, not even typer for the app."""

from deepnet_tui.cli.entry import main

__all__ = ["main"]
