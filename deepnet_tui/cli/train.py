"""`train` and `resume`: the experiment without a screen."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deepnet_tui.cli.options import (
    L2,
    Activation,
    AsJson,
    Decimal,
    Encoding,
    Feature,
    Hidden,
    Ignore,
    Initializer,
    Iterations,
    Seed,
    Separator,
    Sheet,
    Source,
    Target,
)
from deepnet_tui.common.errors import InputError

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.runs import RunWriter
    from engine.training.trainer import Trainer

EXIT_CODE = {"diverged": 3, "interrupted": 130}

DATA, NETWORK, TRAINING, RESULTS = "The data", "The network", "The training", "The results"


def train(
    source: Source,
    target: Target = None,
    feature: Feature = None,
    ignore: Ignore = None,
    hidden: Hidden = None,
    activation: Activation = None,
    initializer: Initializer = None,
    optimizer: Annotated[
        str | None, typer.Option(help="gd, momentum, nesterov, rmsprop, adam, ...", metavar="NAME")
    ] = None,
    learning_rate: Annotated[float | None, typer.Option(help="The step of an update.", metavar="F")] = None,
    iterations: Iterations = None,
    batch_size: Annotated[
        str | None, typer.Option(help="Examples in an update, or full for all.", metavar="N|full")
    ] = None,
    l2: L2 = None,
    class_weight: Annotated[
        str | None, typer.Option(help="balanced: every class counts the same in the cost; or none.", metavar="NAME")
    ] = None,
    dropout: Annotated[
        float | None, typer.Option(help="The share of every hidden layer's units that is left out.", metavar="F")
    ] = None,
    validation: Annotated[
        float | None, typer.Option(help="The share of the examples held out, 0 to 0.9.", metavar="F")
    ] = None,
    test: Annotated[str | None, typer.Option(help="A second file, only measured on.", metavar="FILE")] = None,
    separator: Separator = None,
    encoding: Encoding = None,
    decimal: Decimal = None,
    sheet: Sheet = None,
    patience: Annotated[
        int | None, typer.Option(help="Stop after N reports without a better held-out cost.", metavar="N")
    ] = None,
    seed: Seed = None,
    report_every: Annotated[int | None, typer.Option(help="Iterations between two reports.", metavar="N")] = None,
    dtype: Annotated[str | None, typer.Option(help="float64 or float32.", metavar="NAME")] = None,
    export: Annotated[
        list[str] | None,
        typer.Option(help="Save the model; the suffix names the format. Again for more.", metavar="FILE"),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Let --export replace files.")] = False,
    json: AsJson = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress, no chart, no summary; warnings stay.")
    ] = False,
) -> int:
    """Train without a screen.

    A progress bar, then the chart of the cost, the metrics and the parameters.
    An option takes the place of what the experiment file or the data set's defaults say.

    \b
    Examples:  deepnet-tui train moons
               deepnet-tui train customers.csv --target churn --export churn.onnx
               deepnet-tui train tutorial --json
    """
    given = dict(locals())
    from deepnet_tui.cli.source import decided, experiment_from

    experiment = experiment_from(source, given)
    outputs = Outputs(tuple(export or ()), (source, *experiment.data.files), overwrite, json, quiet)
    outputs.check()
    from deepnet_tui.data.load import load
    from deepnet_tui.runs import Store
    from deepnet_tui.training.headless import digest

    dataset = load(experiment.data)
    experiment = experiment.suited(dataset, decided(source, given))
    outputs.check_size(experiment.network_spec(dataset).size)
    trainer = experiment.trainer(dataset)
    run = Store().begin(experiment, data=digest(dataset), network=list(trainer.network.dims), task=dataset.task)
    return finish(dataset, trainer, run, outputs)


def resume(
    run: Annotated[str, typer.Argument(help="A run, the beginning of its name, or last.", metavar="RUN")],
    iterations: Iterations = None,
    export: Annotated[
        list[str] | None,
        typer.Option(help="Save the model; the suffix names the format. Again for more.", metavar="FILE"),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Let --export replace files.")] = False,
    json: AsJson = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress, no chart, no summary; warnings stay.")
    ] = False,
) -> int:
    """Go on with an interrupted run.

    The result is that of a run that was never interrupted, bit for bit. With more --iterations than it had, a run that
    has completed goes on as well.

    \b
    Examples:  deepnet-tui resume last
               deepnet-tui resume last --iterations 5000
    """
    from deepnet_tui.runs import Store
    from deepnet_tui.training import headless

    store = Store()
    record = store.open(run)
    outputs = Outputs(tuple(export or ()), record.experiment().data.files, overwrite, json, quiet)
    outputs.check()
    dataset, trainer, kept = headless.resume(store, record, iterations)
    try:
        outputs.check_size(trainer.network.size)
    except InputError:
        kept.release()
        raise
    return finish(dataset, trainer, kept, outputs)


@dataclass(frozen=True)
class Outputs:
    """What shall come out, and how; never over `sources`, what is read."""

    files: tuple[str, ...]
    sources: tuple[str, ...]
    overwrite: bool
    json: bool
    quiet: bool

    def check(self) -> None:
        """Refuse, before anything is trained, files that could not be written afterwards. Raises InputError."""
        if not self.files:
            return
        from deepnet_tui.export import check_path

        if not all(self.files):
            raise InputError("--export needs the name of a file", "export")
        places = [check_path(path, self.overwrite, self.sources) for path in self.files]
        for number, path in enumerate(self.files):
            if places[number] in places[:number]:
                raise InputError(f"--export names {path} twice; every file needs a path of its own", "export")

    def check_size(self, size: int) -> None:
        """Refuse, before anything is trained, files that can't hold `size` parameters. Raises InputError."""
        if self.files:
            from deepnet_tui.export import check_size

            for path in self.files:
                check_size(path, size)


def finish(dataset: Dataset, trainer: Trainer, run: RunWriter, outputs: Outputs) -> int:
    """Train, keep, measure, save, show; gives the exit code."""
    from deepnet_tui.cli.output import tell
    from deepnet_tui.cli.report import JsonReporter, Reporter, Result, TerminalReporter, data_notes
    from deepnet_tui.cli.tables import column_table
    from deepnet_tui.evaluate.metrics import baseline, evaluate, naive, positive_class
    from deepnet_tui.experiment import warnings
    from deepnet_tui.model import Model
    from deepnet_tui.runs.run import finite
    from deepnet_tui.training import headless

    remarks = warnings(dataset, trainer.network.size, trainer.training)
    shown = (
        JsonReporter(dataset, remarks)
        if outputs.json
        else Reporter()
        if outputs.quiet
        else TerminalReporter(dataset, trainer)
    )
    if not (outputs.quiet or outputs.json):
        column_table(dataset)
    data_notes(dataset, remarks, only_warnings=outputs.quiet)
    try:
        with stoppable() as stop, shown:
            finished = headless.train(trainer, run, headless.Watching(shown.report, shown.tick), stop)
        metrics = evaluate(dataset, trainer.predict)
        run.keep_model(lambda: Model.of(dataset, trainer, metrics))
        run.finish(
            headless.state_of(finished),
            finished.reason,
            iteration=finished.iteration,
            cost=finite(finished.cost),
            metrics=metrics,
        )
    finally:
        run.release()
    if run.warning:
        tell(f"warning: {run.warning}")
    saved, failed = save(dataset, trainer, metrics, outputs)
    compared = outputs.json or not outputs.quiet
    linear = baseline(dataset) if compared and finished.reason != "interrupted" else None
    simple = naive(dataset) if compared else None
    kept_as = run.id if run.kept else None
    shown.finished(Result(finished, metrics, linear, simple, positive_class(dataset), kept_as, saved, failed))
    if finished.reason == "interrupted" and run.kept:
        tell(f"{finished.message}; deepnet-tui resume {run.id} goes on from there")
    elif finished.reason == "diverged":
        tell(f"{finished.message}; a smaller learning rate may help")
    if failed:
        kept = f"; nothing is lost: deepnet-tui export {run.id} FILE" if run.kept else ""
        raise InputError("; ".join(failed.values()) + kept, "export")
    return EXIT_CODE.get(finished.reason, 0)


def save(
    dataset: Dataset, trainer: Trainer, metrics: dict[str, Any], outputs: Outputs
) -> tuple[dict[str, str], dict[str, str]]:
    """Write every file that was asked for; gives a sentence for each that is there, and for each that is not."""
    saved: dict[str, str] = {}
    failed: dict[str, str] = {}
    if not outputs.files:
        return saved, failed
    from deepnet_tui.export import export
    from deepnet_tui.model import Model

    model = Model.of(dataset, trainer, metrics)
    for path in outputs.files:
        try:
            saved[path] = export(model, path, outputs.overwrite, sources=outputs.sources).sentence
        except InputError as error:
            failed[path] = str(error)
        except Exception as error:  # the other files and the results are still to come
            failed[path] = f"can't save {path}: {str(error) or type(error).__name__}"
    return saved, failed


@contextmanager
def stoppable() -> Iterator[threading.Event]:
    """An event that Ctrl-C and a polite kill set, so that an iteration is never cut in two. The second one is final."""
    stop = threading.Event()
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

    def ask(_number: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
