"""`search`: looks for better settings, and trains with the best."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deepnet_tui.cli.commands.train import SETTINGS_OF_TRAIN
from deepnet_tui.cli.options import AsJson, Best, Export, Overwrite, Quiet, takes
from deepnet_tui.common.errors import InputError


@takes(*SETTINGS_OF_TRAIN)
def search(
    source: Annotated[
        str | None,
        typer.Argument(help="Built-in data set, data file or experiment.toml.", metavar="SOURCE", show_default=False),
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            "--range",
            help="What to search: learning_rate=1e-4..1e-1:log, units=8..64, optimizer=adam,adamw. Again for more.",
            metavar="NAME=RANGE",
        ),
    ] = None,
    trials: Annotated[
        int | None, typer.Option(help="Number of trials in all, 30 by default.", metavar="N", show_default=False)
    ] = None,
    time: Annotated[
        float | None, typer.Option(help="Begin no trial after so many seconds.", metavar="SECONDS", show_default=False)
    ] = None,
    sampler: Annotated[
        str | None,
        typer.Option(help="What draws settings: tpe, the default, or random.", metavar="NAME", show_default=False),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(help="Processes, by default one for each core.", metavar="N", show_default=False),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Dask scheduler whose workers train: tcp://HOST:PORT.", metavar="ADDRESS")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue a search; SOURCE is its name then, by default the last one.")
    ] = False,
    output: Annotated[str | None, typer.Option(help="Write the best experiment as TOML.", metavar="FILE")] = None,
    export: Export = None,
    overwrite: Overwrite = False,
    best: Best = False,
    json: AsJson = False,
    quiet: Quiet = False,
    **settings: Any,
) -> int:
    """Search for better settings, and train with the best.

    Trials are scored on training rows only. Without --vary and without a section [search] in the experiment file
    learning rate, layers, units, dropout, L2 and batch size are searched around their defaults, but for those that are
    given as options. Ctrl-C keeps what is done.

    \b
    Examples:  deepnet-tui search breast_cancer
               deepnet-tui search customers.csv --target churn --trials 50 --export churn.onnx
               deepnet-tui search moons --vary learning_rate=1e-4..1e-1:log --vary "hidden=8;16,8"
               deepnet-tui search --resume
    """
    from deepnet_tui.search.extra import CLUSTER, PACKAGES, require

    require(PACKAGES if scheduler is None else (*PACKAGES, *CLUSTER))
    for name, count in (("trials", trials), ("jobs", jobs)):
        if count is not None and count < 1:
            raise InputError(f"--{name} must be a whole number from 1, not {count}", name)
    if time is not None and not time > 0:
        raise InputError(f"--time must be above 0 seconds, not {time:g}", "time")
    if jobs is not None and scheduler is not None:
        raise InputError("--jobs is about this machine; with --scheduler the workers of the cluster train", "jobs")
    from deepnet_tui.cli.search.run import SearchRequest, resumed, run_search, started
    from deepnet_tui.cli.source import chosen_settings, experiment_from
    from deepnet_tui.cli.training_run import Outputs
    from deepnet_tui.common.text import did_you_mean
    from deepnet_tui.export.output_path import output_path_for
    from deepnet_tui.search.study import SAMPLERS

    if sampler is not None and sampler not in SAMPLERS:
        instead = did_you_mean(sampler, SAMPLERS) or "choose one"
        raise InputError(f"--sampler must be {' or '.join(SAMPLERS)}, not {sampler!r}; {instead}", "sampler")
    given = {name: value for name, value in settings.items() if value is not None}
    if resume and given:
        name = next(iter(given)).replace("_", "-")
        raise InputError(f"--{name} can't be changed when a search is resumed", next(iter(given)))
    if not resume and source is None:
        raise InputError("search needs a SOURCE: a built-in data set, a data file or an experiment.toml", "source")
    experiment = None if resume else experiment_from(source or "", settings)
    files = () if experiment is None else (source or "", *experiment.data.files)
    outputs = Outputs(tuple(export or ()), files, overwrite, json, quiet, best)
    outputs.check()
    written = None if output is None else output_path_for(output, overwrite, files, field="output")
    request = SearchRequest(trials, time, sampler, jobs, scheduler, tuple(vary or ()), written)
    if experiment is None:
        kept, case = resumed(source or "last", request)
    else:
        kept, case = started(experiment, chosen_settings(source or "", settings), given, request)
    outputs.check_size(case.experiment.network_spec(case.dataset))
    return run_search(kept, case, request, outputs)
