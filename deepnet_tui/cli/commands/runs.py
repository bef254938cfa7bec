"""`runs`: lists or deletes the stored runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from deepnet_tui.runs.store import StoredRun


def runs(
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")] = False,
    prune: Annotated[
        int | None, typer.Option(help="First delete all but the N newest runs.", metavar="N", min=0)
    ] = None,
) -> None:
    """List the stored runs, newest first.

    Runs are only deleted by --prune.

    \b
    Examples:  deepnet-tui runs
               deepnet-tui runs --prune 20
    """
    from deepnet_tui.cli.output import emit, tell
    from deepnet_tui.runs.store import Store

    store = Store()
    if prune is not None:
        gone = store.prune(prune)
        tell(f"deleted {len(gone)} run{'' if len(gone) == 1 else 's'} in {store.folder}")
    records = store.list()
    if json:
        for record in records:
            emit({**record.about, "run": record.id, "state": record.state, "folder": str(record.folder)})
        return
    if not records:
        tell(f"there are no runs in {store.folder} yet")
        return
    wide = max(len(record.id) for record in records)
    print(f"{'run':{wide}}  {'state':11}  {'iteration':>10}  {'cost':>10}  network")
    for record in records:
        print(_row(record, wide))


def _row(record: StoredRun, wide: int) -> str:
    cost = "" if record.cost is None else f"{record.cost:.6g}"
    network = "-".join(map(str, record.about.get("network") or ()))
    if (members := record.about.get("ensemble", 1)) != 1:
        network += f" x {members}"
    return f"{record.id:{wide}}  {record.state:11}  {record.iteration:>10,}  {cost:>10}  {network}".rstrip()
