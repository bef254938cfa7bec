"""`runs list`, which is `runs`: lists the stored runs, and prunes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from deepnet_tui.cli.commands.runs.options import with_query
from deepnet_tui.cli.commands.runs.show import shown
from deepnet_tui.cli.options import AsJson
from deepnet_tui.cli.output import say
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted, did_you_mean, printable
from deepnet_tui.runs.query import Query, value_of

if TYPE_CHECKING:
    from deepnet_tui.runs.store import StoredRun

SIBLINGS = ("compare", "delete", "export", "name", "note", "restore", "show", "star", "tag")  # the other commands
SHOWN = ("started", "name", "state", "iteration", "cost")  # a run's id begins with when it started


@with_query
def list_runs(
    query: Query,
    json: AsJson = False,
    prune: Annotated[
        int | None,
        typer.Option(help="First delete all but the N newest runs, and empty the trash.", metavar="N", min=0),
    ] = None,
) -> None:
    """List the stored runs, newest first.

    Costs and times are sorted with the lowest first, accuracy, f1, roc_auc and r2 with the highest first. What is
    sorted by has a column of its own.

    \b
    Examples:  deepnet-tui runs
               deepnet-tui runs moons --state completed --sort validation_cost --limit 10
               deepnet-tui runs --prune 20
    """
    from deepnet_tui.cli.output import emit, tell
    from deepnet_tui.runs.store import Store

    store = Store()
    if prune is not None:
        gone = store.prune(prune)
        tell(f"deleted {len(gone)} run{'' if len(gone) == 1 else 's'} in {store.folder}")
        if emptied := store.trash.empty():
            tell(f"emptied the trash: {counted(emptied, 'run')}")
        if store.trash.refusal:
            raise InputError(f"not all could be deleted in {store.folder}: {store.trash.refusal}", "prune")
    every = store.list()
    for name in store.damaged(every):
        tell(f"warning: run {name} can't be read: its run.json is damaged")
    records = query.of(every)
    if json:
        for record in records:
            emit(record.plain())
        return
    if not records:
        nothing = f"none of {counted(len(every), 'run')} fits" if every else f"there are no runs in {store.folder} yet"
        hint = did_you_mean(query.words[0], SIBLINGS) if query.words else ""
        tell(f"{nothing}; {hint}" if hint else nothing)
        return
    wide = max(len(printable(record.id)) for record in records)
    more = query.sort if query.sort not in SHOWN else ""
    column = [shown(value_of(record, more)) if more else "" for record in records]
    wide_column = max(len(cell) for cell in (more, *column)) if more else 0
    heading = f"{more:>{wide_column}}  " if more else ""
    say(f"{'run':{wide}}  {'state':11}  {'iteration':>10}  {'cost':>10}  {printable(heading)}network")
    for record, cell in zip(records, column, strict=True):
        say(_row(record, wide, f"{cell:>{wide_column}}  " if more else ""))


def _row(record: StoredRun, wide: int, more: str) -> str:
    cost = f"{record.cost:.6g}" if isinstance(record.cost, int | float) else ""
    units = record.about.get("network")
    network = "-".join(map(str, units)) if isinstance(units, list) else ""
    if (members := record.about.get("ensemble", 1)) != 1:
        network += f" x {members}"
    cells = f"{printable(record.id):{wide}}  {record.state:11}  {record.iteration:>10,}  {cost:>10}  {more}{network}"
    return printable(f"{cells}  {label_text(record)}".rstrip())


def label_text(record: StoredRun) -> str:
    """The star, the name and the tags of a run, "" where it has none."""
    labels = record.labels
    tags = f"[{', '.join(labels.tags)}]" if labels.tags else ""
    return printable(" ".join(word for word in ("*" if labels.star else "", labels.name, tags) if word))
