"""`export`: saves the network of a stored run, or a model from a file, to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from deepnet_tui.cli.model_files.options import describes_model, take_description
from deepnet_tui.cli.options import Best
from deepnet_tui.cli.output import say
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import is_file

MODELS = (".npz", ".safetensors", ".json", ".onnx")


@describes_model
def export(
    run: Annotated[
        str, typer.Argument(help="Name of a run, the beginning of it, or last; or a model file.", metavar="RUN")
    ],
    file: Annotated[str, typer.Argument(help="Where to save the model; the suffix names the format.", metavar="FILE")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing file.")] = False,
    best: Best = False,
    **settings: Any,
) -> None:
    """Save the network of a stored run, or a model from a file in another format.

    A model file may come from another program: an ONNX file of a dense feed-forward network, or a state_dict of
    PyTorch in a safetensors file, whose activations must be said.

    \b
    Examples:  deepnet-tui export last moons.safetensors
               deepnet-tui export net.onnx net.h
               deepnet-tui export net.safetensors net.npz --activation relu --output-activation softmax
    """
    from deepnet_tui.export import check_path
    from deepnet_tui.export import export as write

    if not file:
        raise InputError("export needs the name of a file", "path")
    description = take_description(settings)
    if Path(run).suffix.lower() in MODELS and is_file(run):
        from deepnet_tui.export import load

        check_path(file, overwrite, (run,))
        say(write(load(run, description), file, overwrite, sources=(run,), best=best).sentence)
        return
    if not description.is_empty:
        raise InputError(f"{run} is no model file, so there is nothing to say about it", "run")
    from deepnet_tui.cli.training_run import chooser_of
    from deepnet_tui.runs.store import Store
    from deepnet_tui.training.stored_run import model_of

    record = Store().open(run)
    sources = record.experiment().data.files
    check_path(file, overwrite, sources)
    model = model_of(record, chooser_of(record))
    say(write(model, file, overwrite, sources=sources, best=best).sentence)
