"""`export`: saves the network of a stored run to a file."""

from __future__ import annotations

from typing import Annotated

import typer

from deepnet_tui.cli.options import Best
from deepnet_tui.common.errors import InputError


def export(
    run: Annotated[str, typer.Argument(help="Name of a run, the beginning of it, or last.", metavar="RUN")],
    file: Annotated[str, typer.Argument(help="Where to save the model; the suffix names the format.", metavar="FILE")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing file.")] = False,
    best: Best = False,
) -> None:
    """Save the network of a stored run.

    \b
    Example:  deepnet-tui export last moons.safetensors
    """
    from deepnet_tui.cli.training_run import chooser_of
    from deepnet_tui.export import check_path
    from deepnet_tui.export import export as write
    from deepnet_tui.runs.store import Store
    from deepnet_tui.training.stored_run import model_of

    if not file:
        raise InputError("export needs the name of a file", "path")
    record = Store().open(run)
    sources = record.experiment().data.files
    check_path(file, overwrite, sources)
    model = model_of(record, chooser_of(record))
    print(write(model, file, overwrite, sources=sources, best=best).sentence)
