"""`runs delete` and `runs restore`."""

from __future__ import annotations

from typing import Annotated

import typer

from deepnet_tui.cli.commands.runs.options import Runs, opened
from deepnet_tui.cli.output import say
from deepnet_tui.common.text import printable


def delete(runs: Runs) -> None:
    """Delete runs. They can be restored until the next `runs --prune`.

    A run that is being trained is not deleted, and then none of the others is.

    \b
    Example:  deepnet-tui runs delete 20260131-142501-moons-3f
    """
    from deepnet_tui.runs.store import Store

    store = Store()
    records = opened(store, runs)
    store.delete(records)
    for record in records:
        say(printable(f"deleted run {record.id}; deepnet-tui runs restore {record.id} brings it back"))


def restore(
    runs: Annotated[
        list[str] | None,
        typer.Argument(help="Deleted runs, or last. Default: list them.", metavar="[RUN...]"),
    ] = None,
) -> None:
    """Bring deleted runs back; without a RUN, list them, the one that was deleted last first.

    \b
    Example:  deepnet-tui runs restore last
    """
    from deepnet_tui.cli.output import tell
    from deepnet_tui.runs.store import Store

    store = Store()
    if not runs:
        records = store.trash.list()
        for record in records:
            say(printable(f"{record.id}  {record.labels.name}".rstrip()))
        if not records:
            tell("there are no deleted runs")
    for name in runs or ():
        say(printable(f"restored run {store.trash.restore(name).id}"))
