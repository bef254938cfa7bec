"""`race`: trains several networks with different settings side by side."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deepnet_tui.cli.commands.train import SETTINGS_OF_TRAIN
from deepnet_tui.cli.options import AsJson, Export, Overwrite, Quiet, Source, takes


@takes(*SETTINGS_OF_TRAIN)
def race(
    source: Source,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            help="A setting and its values: learning_rate=0.001,0.01. Again for more: all combinations race.",
            metavar="NAME=VALUES",
        ),
    ] = None,
    export: Export = None,
    overwrite: Overwrite = False,
    json: AsJson = False,
    quiet: Quiet = False,
    **settings: Any,
) -> int:
    """Train networks with different settings side by side, and rank them.

    All have the same data and the same seed, so that only what varies makes a difference. The lists may also stand in
    the section [race] of an experiment file. --export saves the winner; every racer is kept as a run.

    \b
    Examples:  deepnet-tui race moons --vary learning_rate=0.001,0.01,0.1
               deepnet-tui race tutorial --vary initializer=zeros,small,he
               deepnet-tui race moons --vary hidden=16-8,4 --vary optimizer=gd,adam
    """
    from deepnet_tui.cli.race.run import run_and_rank, varied_settings
    from deepnet_tui.cli.source import chosen_settings, experiment_from
    from deepnet_tui.cli.training_run import Outputs
    from deepnet_tui.data.load import load
    from deepnet_tui.race.racers import check_count, racers_of

    varied = varied_settings(source, vary or [], settings)
    check_count(varied)
    experiment = experiment_from(source, settings)
    outputs = Outputs(tuple(export or ()), (source, *experiment.data.files), overwrite, json, quiet)
    outputs.check()
    chosen = chosen_settings(source, settings)
    dataset = load(experiment.data, dtype=experiment.dtype_of_inputs(chosen))
    experiment = experiment.with_data_defaults(dataset, None if chosen is None else (*chosen, *varied))
    racers = racers_of(experiment, varied)
    return run_and_rank(racers, experiment.fitted(dataset), outputs)
