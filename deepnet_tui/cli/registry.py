"""The commands by name, and where the function of each is, or the group of its own commands; it is imported to run."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, cast

COMMANDS = {
    "train": "commands.train:train",
    "search": "commands.search:search",
    "race": "commands.race:race",
    "predict": "commands.predict:predict",
    "explain": "understand.explain:explain",
    "datasets": "commands.datasets:datasets",
    "runs": "commands.runs.group:runs",
    "resume": "commands.resume:resume",
    "open": "commands.open_model:open_model",
    "report": "commands.runs.report:report",
    "export": "commands.export:export",
    "check": "commands.check:check",
    "serve": "serving.serve:serve",
    "serve-model": "serving.serve_model:serve_model",
    "learn": "commands.learn:learn",
    "keys": "terminal.keys:keys",
    "completions": "terminal.completions:completions",
    "man": "terminal.man_page:man",
}

ABOUT_ALL = frozenset(("completions", "man"))
"""Those that need all the others, whose options they list."""

QUICK = frozenset(("train", "predict"))
"""Those whose plain command lines need no typer: all their options are declared in `deepnet_tui.cli.parameters`."""


def function_of(place: str) -> Callable[..., Any]:
    """The function of a command, or the group of its own commands, at a place in COMMANDS."""
    module, _, name = place.partition(":")
    return cast(Callable[..., Any], getattr(import_module(f"deepnet_tui.cli.{module}"), name))
