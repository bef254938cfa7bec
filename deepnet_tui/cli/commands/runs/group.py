"""The commands of `runs`. Without one of them `runs` lists, so that what follows are words that are looked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

from deepnet_tui.cli.commands.runs.comparison import compare
from deepnet_tui.cli.commands.runs.deletion import delete, restore
from deepnet_tui.cli.commands.runs.export import export
from deepnet_tui.cli.commands.runs.labels import name, note, star, tag
from deepnet_tui.cli.commands.runs.listing import list_runs
from deepnet_tui.cli.commands.runs.show import show
from deepnet_tui.cli.parameters.for_typer import for_typer

ABOUT = """List the stored runs, or show, compare, export, label and delete them.

RUN is the id of a run, the name you gave it, any unique beginning of its id, or last. Without a command `runs` lists;
its options are --json, --prune N, --source, --state, --tag, --star, --sort, --reverse and --limit, see runs list
--help.

\b
Examples:  deepnet-tui runs
           deepnet-tui runs moons --state completed --sort validation_cost --limit 10
           deepnet-tui runs compare last 20260131-14
           deepnet-tui runs --prune 20
"""


class RunsGroup(TyperGroup):
    """A group that takes whatever is none of its commands for words and options of `list`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `list` before what is for it."""
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["list", *args]
        return list(super().parse_args(ctx, args))


runs = typer.Typer(cls=RunsGroup, help=ABOUT, rich_markup_mode=None, subcommand_metavar="[WORDS] | COMMAND ...")
COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_runs,
    "show": show,
    "compare": compare,
    "export": export,
    "name": name,
    "note": note,
    "tag": tag,
    "star": star,
    "delete": delete,
    "restore": restore,
}
for _name, _command in COMMANDS.items():
    runs.command(_name)(for_typer(_command))
