"""`runs list`, which is `runs`: lists the stored runs, and prunes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from deepnet_tui.cli.commands.runs.options import Limit, Reverse, Sort, Source, Star, State, Tag, Words
from deepnet_tui.cli.options import AsJson
from deepnet_tui.common.text import counted, printable

if TYPE_CHECKING:
    from deepnet_tui.runs.store import StoredRun


def list_runs(
    words: Words = None,
    json: AsJson = False,
    prune: Annotated[
        int | None,
        typer.Option(help="First delete all but the N newest runs, and empty the trash.", metavar="N", min=0),
    ] = None,
    source: Source = "",
    state: State = "",
    tag: Tag = None,
    star: Star = False,
    sort: Sort = "started",
    reverse: Reverse = False,
    limit: Limit = None,
) -> None:
    """List the stored runs, newest first.

    Costs and times are sorted with the lowest first, accuracy, f1, roc_auc and r2 with the highest first.

    \b
    Examples:  deepnet-tui runs
               deepnet-tui runs moons --state completed --sort validation_cost --limit 10
               deepnet-tui runs --prune 20
    """
    from deepnet_tui.cli.output import emit, tell
    from deepnet_tui.runs.query import Query
    from deepnet_tui.runs.store import Store

    query = Query(words or (), source, state, tag or (), star, sort, reverse, limit)
    store = Store()
    if prune is not None:
        gone = store.prune(prune)
        tell(f"deleted {len(gone)} run{'' if len(gone) == 1 else 's'} in {store.folder}")
        if emptied := store.trash.empty():
            tell(f"emptied the trash: {counted(emptied, 'run')}")
    every = store.list()
    records = query.of(every)
    if json:
        for record in records:
            emit(record.plain())
        return
    if not records:
        tell(f"none of {counted(len(every), 'run')} fits" if every else f"there are no runs in {store.folder} yet")
        return
    wide = max(len(printable(record.id)) for record in records)
    print(f"{'run':{wide}}  {'state':11}  {'iteration':>10}  {'cost':>10}  network")
    for record in records:
        print(_row(record, wide))


def _row(record: StoredRun, wide: int) -> str:
    cost = f"{record.cost:.6g}" if isinstance(record.cost, int | float) else ""
    units = record.about.get("network")
    network = "-".join(map(str, units)) if isinstance(units, list) else ""
    if (members := record.about.get("ensemble", 1)) != 1:
        network += f" x {members}"
    cells = f"{printable(record.id):{wide}}  {record.state:11}  {record.iteration:>10,}  {cost:>10}  {network}"
    return printable(f"{cells}  {label_text(record)}".rstrip())


def label_text(record: StoredRun) -> str:
    """The star, the name and the tags of a run, "" where it has none."""
    labels = record.labels
    tags = f"[{', '.join(labels.tags)}]" if labels.tags else ""
    return printable(" ".join(word for word in ("*" if labels.star else "", labels.name, tags) if word))
