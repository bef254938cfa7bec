"""`open`: the app, with a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from deepnet_tui.cli.commands.open_app import PRESENT
from deepnet_tui.cli.model_files.options import describes_model, take_description
from deepnet_tui.cli.options import takes
from deepnet_tui.cli.terminal.app_start import run_app
from deepnet_tui.common.errors import InputError
from deepnet_tui.data.setting_list import READING


@describes_model
@takes("target", *READING)
def open_model(
    model: Annotated[Path, typer.Argument(help="Model file: .npz, .json, .onnx or .safetensors.", metavar="MODEL")],
    data: Annotated[
        str | None,
        typer.Argument(help="Data file or built-in data set; without it random rows are shown.", metavar="[DATA]"),
    ] = None,
    present: Annotated[bool, typer.Option("--present", help=PRESENT)] = False,
    **settings: Any,
) -> int:
    """Open the app with a trained model, on data if there are some.

    The model may come from here, or from another program: an ONNX file of a dense feed-forward network, or a
    state_dict of PyTorch in a safetensors file, whose activations must be said. Training goes on from its weights.

    \b
    Examples:  deepnet-tui open churn.npz customers.csv
               deepnet-tui open net.onnx iris
               deepnet-tui open net.safetensors --activation relu --output-activation sigmoid
    """
    from deepnet_tui.cli.source import check_source, reading_options, target_of
    from deepnet_tui.export import load
    from deepnet_tui.workbench.model_opening import model_on_data

    description = take_description(settings)
    given = {name: value for name, value in settings.items() if value is not None}
    target = target_of(given.pop("target", None))
    if data is None and (given or target):
        raise InputError(f"--{next(iter(given), 'target')} needs a data file", "data")
    if data is not None:
        check_source(data)
    opened = model_on_data(load(model, description), model, data, target, reading_options(given))
    instead = "; deepnet-tui predict MODEL DATA works without one"
    return run_app(instead, opened.experiment, restore=opened.restore, present=present)
