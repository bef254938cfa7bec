"""`train`: trains without opening the app."""

from __future__ import annotations

from time import time as now
from typing import TYPE_CHECKING, Annotated, Any

from deepnet_tui.cli.options import DATA_OPTIONS, AsJson, Best, Engine, Export, Overwrite, Quiet, SafeCsv, Source, takes
from deepnet_tui.cli.parameters.declared import option
from deepnet_tui.common.errors import InputError

if TYPE_CHECKING:
    from deepnet_tui.evaluate.threshold import Rule
    from deepnet_tui.trackers.tracker import Destination

SETTINGS_OF_TRAIN = (
    *DATA_OPTIONS,
    "validation",
    "test",
    "preparation",
    "hidden",
    "activation",
    "initializer",
    "ensemble",
    "dropout",
    "loss",
    "quantile",
    "optimizer",
    "learning_rate",
    "iterations",
    "batch_size",
    "l2",
    "class_weight",
    "label_smoothing",
    "input_scale_rate",
    "internal",
    "patience",
    "schedule",
    "seed",
    "report_every",
    "dtype",
)


@takes(*SETTINGS_OF_TRAIN)
def train(
    source: Source,
    export: Export = None,
    overwrite: Overwrite = False,
    best: Best = False,
    threshold: Annotated[
        str | None,
        option(
            help="Probability above which the second of two classes is predicted: F, f1 or cost:FP,FN.", metavar="RULE"
        ),
    ] = None,
    log_to: Annotated[
        list[str] | None,
        option(
            help="Write the run to a tracker while it trains: tensorboard:DIR or mlflow:URI. Again for more.",
            metavar="WHERE",
        ),
    ] = None,
    engine: Engine = None,
    json: AsJson = False,
    quiet: Quiet = False,
    folds: Annotated[
        int | None, option(help="Cross-validation: train and test on N folds.", metavar="N", show_default=False)
    ] = None,
    group: Annotated[str | None, option(help="Column of groups: none is in two folds.", metavar="COLUMN")] = None,
    time: Annotated[
        str | None,
        option(help="Column of dates or numbers: each fold is tested on what comes later.", metavar="COLUMN"),
    ] = None,
    predictions: Annotated[
        str | None, option(help="Write the predictions of all folds as CSV.", metavar="FILE")
    ] = None,
    safe_csv: SafeCsv = False,
    **settings: Any,
) -> int:
    """Train without opening the app.

    Shows a progress bar, then a chart of the cost, the metrics and the parameters. Options override the experiment
    file and the defaults of the data set.

    \b
    Examples:  deepnet-tui train moons
               deepnet-tui train customers.csv --target churn --export churn.onnx
               deepnet-tui train tutorial --json
               deepnet-tui train customers.csv --target churn --folds 5
    """
    from deepnet_tui.cli.source import chosen_settings, experiment_from
    from deepnet_tui.cli.training_run import Outputs, train_and_report

    rule = None if threshold is None else _rule(threshold)
    if safe_csv and predictions is None:
        raise InputError("--safe-csv is about the CSV file of --predictions; give that, too", "safe_csv")
    experiment = experiment_from(source, settings)
    if folds is not None or group is not None or time is not None or predictions is not None:
        from deepnet_tui.cli.folds_run import FoldsRequest, run_folds

        saves = bool(export or best)
        if log_to:
            raise InputError("--log-to writes one run, and --folds trains several; train without --folds", "log_to")
        request = FoldsRequest(folds, group, time, predictions, (source, *experiment.data.files), overwrite, safe_csv)
        request.check(saves, settings)
        chosen = chosen_settings(source, settings)
        return run_folds(experiment, chosen, request, rule, json=json, quiet=quiet, engine=engine)
    outputs = Outputs(tuple(export or ()), (source, *experiment.data.files), overwrite, json, quiet, best)
    outputs.check()
    destinations = _destinations(log_to)
    from deepnet_tui.data.load import load
    from deepnet_tui.runs.store import Store
    from deepnet_tui.training.stored_run import data_digest

    chosen = chosen_settings(source, settings)
    dataset = load(experiment.data, dtype=experiment.dtype_of_inputs(chosen))
    if rule is not None:
        from deepnet_tui.evaluate.threshold import check_classes

        check_classes(dataset)
    experiment = experiment.with_data_defaults(dataset, chosen)
    dataset = experiment.fitted(dataset)
    outputs.check_size(experiment.network_spec(dataset))
    trainer = experiment.trainer(dataset, engine)
    network = trainer.network
    about: dict[str, Any] = {"data": data_digest(dataset), "network": list(network.dims), "task": dataset.task}
    about |= {"ensemble": network.ensemble} if network.ensemble > 1 else {}
    run = Store().begin(experiment, **about, **({"threshold": threshold} if threshold else {}))
    logs = None
    if destinations:
        from deepnet_tui.cli.output import tell
        from deepnet_tui.runs.metrics import settings_of
        from deepnet_tui.trackers.live import LiveLogs
        from deepnet_tui.trackers.tracker import RunAbout

        settings = settings_of(experiment)
        begun = RunAbout(run.id, now(), experiment.data.source, settings, dataset.task, network.dims)
        logs = LiveLogs(destinations, begun, lambda sentence: tell(f"warning: {sentence}"))
    return train_and_report(dataset, trainer, run, outputs, rule, logs=logs)


def _rule(text: str) -> Rule:
    from deepnet_tui.evaluate.threshold import parse

    return parse(text)


def _destinations(targets: list[str] | None) -> dict[str, Destination]:
    """The trackers that are asked for, connected. Raises InputError."""
    if not targets:
        return {}
    from deepnet_tui.trackers.registry import connect_to

    return {target: connect_to(target) for target in targets}
