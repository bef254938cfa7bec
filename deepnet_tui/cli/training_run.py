"""A training run on the command line: what is reported, what is kept and what is saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from deepnet_tui.cli.stop_signal import stop_on_signal
from deepnet_tui.common.errors import InputError

if TYPE_CHECKING:
    from deepnet_tui.cli.report import Reporter
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.evaluate.threshold import Rule
    from deepnet_tui.model import Model
    from deepnet_tui.runs.store import StoredRun
    from deepnet_tui.runs.writer import RunWriter
    from deepnet_tui.trackers.live import LiveLogs
    from deepnet_tui.trackers.tracker import RunEnd
    from engine.spec import NetworkSpec
    from engine.training.events import Finished, Progress
    from engine.training.trainer import Trainer

NEEDED_AT_THE_END = ("sklearn.metrics", "sklearn.linear_model")  # the second for the linear model beside the network
LARGE = 16_000_000  # numbers in X
EXIT_CODE = {"diverged": 3, "interrupted": 130}


@dataclass(frozen=True)
class Outputs:
    """The files to save, and how to report. `sources` are the files that are read, which are never replaced."""

    files: tuple[str, ...]
    sources: tuple[str, ...]
    overwrite: bool
    json: bool
    quiet: bool
    best: bool = False  # only the best network of an ensemble

    def check(self) -> None:
        """Refuse, before anything is trained, files that could not be written afterwards. Raises InputError."""
        if not self.files:
            if self.best:
                raise InputError("--best says which network --export saves, so it needs --export", "best")
            return
        from deepnet_tui.export import check_path

        if not all(self.files):
            raise InputError("--export needs the name of a file", "export")
        places = [check_path(path, self.overwrite, self.sources) for path in self.files]
        for number, path in enumerate(self.files):
            if places[number] in places[:number]:
                raise InputError(f"--export names {path} twice; every file needs a path of its own", "export")

    def check_size(self, network: NetworkSpec) -> None:
        """Refuse, before anything is trained, files that can't hold the parameters of `network`. Raises InputError."""
        if self.files:
            from deepnet_tui.export import check_size

            for path in self.files:
                check_size(path, network.member.size if self.best else network.size)


def rule_of(record: StoredRun) -> Rule | None:
    """The rule for the threshold that a kept run was started with."""
    from deepnet_tui.evaluate.threshold import parse

    text = record.about.get("threshold")
    return parse(text) if isinstance(text, str) else None


def chooser_of(record: StoredRun) -> Callable[[Dataset, Trainer], float] | None:
    """What chooses the threshold by that rule."""
    from deepnet_tui.evaluate.threshold import choose

    rule = rule_of(record)
    return None if rule is None else lambda dataset, trainer: choose(rule, dataset, trainer).value


def train_and_report(
    dataset: Dataset,
    trainer: Trainer,
    run: RunWriter,
    outputs: Outputs,
    rule: Rule | None = None,
    reporter: Reporter | None = None,
    logs: LiveLogs | None = None,
) -> int:
    """Train, keep the run, evaluate, save what was asked for, and report; gives the exit code.

    `rule` says how the threshold between two classes is chosen after the training; None leaves it at one half.
    `reporter` shows it in place of what `outputs` asks for. `logs` are the trackers that the run is written to as well.
    Raises InputError where a file could not be saved, after everything else is done.
    """
    from deepnet_tui.cli.output import tell
    from deepnet_tui.cli.report import JsonReporter, Reporter, TerminalReporter, TrainingResult, data_notes
    from deepnet_tui.common.imports_ahead import ImportsAhead
    from deepnet_tui.experiment import warnings
    from deepnet_tui.training import headless

    remarks = warnings(dataset, trainer.network.member.size, trainer.training)
    shown = reporter or (
        JsonReporter(dataset, remarks)
        if outputs.json
        else Reporter()
        if outputs.quiet
        else TerminalReporter(dataset, trainer)
    )
    if reporter is None:
        if not (outputs.quiet or outputs.json):
            from deepnet_tui.cli.tables import column_table

            column_table(dataset)
        data_notes(dataset, remarks, only_warnings=outputs.quiet)

    compared = outputs.json or not outputs.quiet
    ahead = ImportsAhead(NEEDED_AT_THE_END[: None if compared else 1])
    if trainer.training.seconds is not None or dataset.train.X.size > LARGE:
        ahead.stop()  # a run that is limited by time keeps all of it, a large one the memory

    def report(progress: Progress) -> None:
        shown.report(progress)
        if logs is not None:
            logs.report(progress)

    def tick(trained: Trainer) -> None:
        shown.tick(trained)
        ahead.start()

    try:
        with stop_on_signal() as stop, shown:
            ending = headless.train(dataset, trainer, run, headless.Observer(report, tick), stop)
        finished, calibration = ending.finished, ending.calibration
        ahead.wait()
        from deepnet_tui.evaluate.baselines import linear_metrics, naive_metrics
        from deepnet_tui.evaluate.metrics import evaluate, positive_class
        from deepnet_tui.evaluate.threshold import choose
        from deepnet_tui.model import HALF, Model

        chosen = None if rule is None else choose(rule, dataset, trainer)
        threshold = HALF if chosen is None else chosen.value
        metrics = evaluate(dataset, trainer.predict, threshold)
        model = cache(lambda: Model.of(dataset, trainer, metrics, threshold))
        run.keep_model(model)
        run.finish(
            headless.state_of(finished),
            finished.reason,
            iteration=finished.iteration,
            best_iteration=finished.best_iteration,
            cost=finished.cost,
            validation_cost=trainer.validation_cost(),
            metrics=metrics,
            **({} if calibration is None else {"calibration": asdict(calibration)}),
            **({} if chosen is None else {"threshold_value": chosen.value}),
        )
    finally:
        ahead.stop()
        run.release()
    if run.warning:
        tell(f"warning: {run.warning}")
    saved, failed = save(model, outputs)
    linear = linear_metrics(dataset) if compared and finished.reason != "interrupted" else None
    simple = naive_metrics(dataset) if compared else None
    kept_as = run.id if run.kept else None
    positive = positive_class(dataset)
    shown.finished(
        TrainingResult(
            finished, metrics, linear, simple, positive, kept_as, saved, failed, chosen, calibration=calibration
        )
    )
    if logs is not None:
        logs.finish(_end(finished, trainer, metrics, run))
    if finished.reason == "interrupted" and run.kept:
        tell(f"{finished.message}; deepnet-tui resume {run.id} goes on from iteration {finished.iteration:,}")
    elif finished.reason == "diverged":
        tell(f"{finished.message}; a smaller learning rate may help")
    if failed:
        kept = f"; nothing is lost: deepnet-tui export {run.id} FILE" if run.kept else ""
        raise InputError("; ".join(failed.values()) + kept, "export")
    return EXIT_CODE.get(finished.reason, 0)


def _end(finished: Finished, trainer: Trainer, metrics: dict[str, Any], run: RunWriter) -> RunEnd:
    """How the run ended, as trackers are told it."""
    from deepnet_tui.trackers.stored import files_of
    from deepnet_tui.trackers.tracker import RunEnd
    from deepnet_tui.training.headless import state_of

    files = files_of(run.folder) if run.kept else []
    state = state_of(finished)
    return RunEnd(state, finished.reason, finished.iteration, trainer.seconds, metrics, files)


def save(make: Callable[[], Model], outputs: Outputs) -> tuple[dict[str, str], dict[str, str]]:
    """Write every file that was asked for; gives a sentence for each that is there, and for each that is not."""
    saved: dict[str, str] = {}
    failed: dict[str, str] = {}
    if not outputs.files:
        return saved, failed
    from deepnet_tui.export import export

    model = make()
    for path in outputs.files:
        try:
            saved[path] = export(model, path, outputs.overwrite, sources=outputs.sources, best=outputs.best).sentence
        except InputError as error:
            failed[path] = str(error)
        except Exception as error:  # the other files and the results are still to come
            failed[path] = f"can't save {path}: {str(error) or type(error).__name__}"
    return saved, failed
