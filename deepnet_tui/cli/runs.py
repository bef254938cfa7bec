"""`runs` and `export`: what was trained before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from deepnet_tui.common.errors import InputError

if TYPE_CHECKING:
    from deepnet_tui.runs import StoredRun


def runs(
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")] = False,
    prune: Annotated[
        int | None, typer.Option(help="Delete all but the N newest runs first.", metavar="N", min=0)
    ] = None,
) -> None:
    """List the runs that are kept, newest first.

    Nothing is ever deleted unless --prune asks for it.

    \b
    Examples:  deepnet-tui runs
               deepnet-tui runs --prune 20
    """
    from deepnet_tui.cli.report import emit, tell
    from deepnet_tui.runs import Store

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
    return f"{record.id:{wide}}  {record.state:11}  {record.iteration:>10,}  {cost:>10}  {network}".rstrip()


def export(
    run: Annotated[str, typer.Argument(help="A run, the beginning of its name, or last.", metavar="RUN")],
    file: Annotated[str, typer.Argument(help="Where to save the model; the suffix names the format.", metavar="FILE")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
) -> None:
    """Save the network of a run that is kept.

    \b
    Example:  deepnet-tui export last moons.safetensors
    """
    from deepnet_tui.export import check_path
    from deepnet_tui.export import export as write
    from deepnet_tui.runs import Store
    from deepnet_tui.training.headless import model_of

    if not file:
        raise InputError("export needs the name of a file", "path")
    record = Store().open(run)
    sources = record.experiment().data.files
    check_path(file, overwrite, sources)
    print(write(model_of(record), file, overwrite, sources=sources).sentence)
