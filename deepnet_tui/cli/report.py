"""What `train` shows: lines of JSON, or a progress bar on stderr and then the results on stdout."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from deepnet_tui.cli.output import emit, say, tell, time_left_column
from deepnet_tui.common.errors import LONGEST
from deepnet_tui.common.text import printable, shortened
from engine.training.events import Finished, Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from deepnet_tui.data.columns import ColumnInfo
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.evaluate.threshold import Threshold
    from deepnet_tui.training.calibration import Calibration
    from engine.training.trainer import Trainer


def _column(info: ColumnInfo) -> dict[str, Any]:
    return {"name": info.name, "kind": info.kind, "role": info.role, "reason": info.reason, "missing": info.missing}


def _threshold(chosen: Threshold | None) -> dict[str, Any]:
    return {} if chosen is None else {"threshold": chosen.value, "threshold_by": chosen.by}


def data_notes(dataset: Dataset, warnings: tuple[str, ...], *, only_warnings: bool = False) -> None:
    """What was left out of the data, done to them, and should be looked at; what is a warning is told once."""
    warned = tuple(warning.split(" is left out: ")[0] for warning in warnings if " is left out: " in warning)
    dropped = tuple(remark for remark in dataset.dropped if remark.split(" is not used: ")[0] not in warned)
    kinds = (("dropped", dropped), ("note", dataset.notes), ("warning", warnings))
    for kind, remarks in kinds[-1:] if only_warnings else kinds:
        for remark in remarks:
            tell(shortened(printable(f"{kind}: {remark}"), LONGEST))


@dataclass(frozen=True)
class TrainingResult:
    """How it ended. `run` is None where it could not be kept; `saved` has a sentence for each file, `failed` for each
    that could not be saved.

    `baseline` has the metrics of a linear model on the same examples, None where there was no time for one; `naive`
    those of always saying the majority class or the mean. `positive` is the class that F1 speaks of, `threshold` what
    `--threshold` came to. `calibration` is how the output was calibrated at the end, None if it was not; the message of
    the end says it too.
    """

    end: Finished
    metrics: dict[str, Any]
    baseline: dict[str, Any] | None
    naive: dict[str, Any] | None
    positive: str | None
    run: str | None
    saved: dict[str, str]
    failed: dict[str, str]
    threshold: Threshold | None = None
    calibration: Calibration | None = None

    def measured(self) -> dict[str, Any]:
        """What was measured, by name, as JSON has it."""
        return {
            "metrics": self.metrics,
            "baseline": self.baseline,
            "naive": self.naive,
            "positive": self.positive,
            "calibration": self.calibration and asdict(self.calibration),
        }

    def written(self) -> dict[str, Any]:
        """Where it was kept, by name, as JSON has it."""
        return {"run": self.run, "exports": list(self.saved), "failed_exports": self.failed}


class Reporter:
    """Shows nothing. The base of what shows more."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """There is no state of a terminal to restore."""

    def report(self, progress: Progress) -> None:
        """A report has come."""

    def tick(self, trainer: Trainer) -> None:
        """A slice of training is done."""

    def finished(self, result: TrainingResult) -> None:
        """It is over: where the files went is all there is to say."""
        for sentence in result.saved.values():
            tell(sentence)


class JsonReporter(Reporter):
    """One JSON object a line."""

    def __init__(self, dataset: Dataset, warnings: tuple[str, ...]) -> None:
        self._dataset, self._warnings = dataset, warnings
        self._unwritten: OSError | None = None

    def report(self, progress: Progress) -> None:
        if self._unwritten is None:
            try:
                emit({"event": "progress", **progress.by_name()})
            except BrokenPipeError:
                raise
            except OSError as error:  # a full disk must not end the training
                self._unwritten = error

    def finished(self, result: TrainingResult) -> None:
        super().finished(result)
        if self._unwritten is not None:
            raise self._unwritten
        dataset = self._dataset
        emit(
            {
                "event": "finished",
                **result.end.by_name(),
                **result.measured(),
                **_threshold(result.threshold),
                **result.written(),
                "columns": [_column(info) for info in dataset.columns],
                "dropped": dataset.dropped,
                "notes": dataset.notes,
                "warnings": self._warnings,
            }
        )


class TerminalReporter(Reporter):
    """A progress bar while it trains, from its first iterations on, then chart, metrics and parameters."""

    def __init__(self, dataset: Dataset, trainer: Trainer) -> None:
        self._dataset = dataset
        self._trainer = trainer
        self._reports: list[Progress] = []
        self._bar: Bar | None = None
        self._begun = False

    def _begin(self, trainer: Trainer) -> None:
        """Show the bar in a terminal; what draws it is loaded now, so that the training need not wait for it."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bar

        console = Console(stderr=True)
        if not console.is_terminal:
            return
        self._bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[cost]}"),
            time_left_column(),
            console=console,
            transient=True,
            auto_refresh=False,
            expand=True,
        )
        self._bar.__enter__()
        start, total = trainer.iteration, trainer.training.iterations
        self._bar.add_task(printable(self._dataset.name), total=total, completed=start, cost="")

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)

    def report(self, progress: Progress) -> None:
        self._reports.append(progress)

    def tick(self, trainer: Trainer) -> None:
        if not self._begun:
            self._begun = True
            self._begin(trainer)
        if self._bar is not None and self._reports:
            cost = f"cost {self._reports[-1].cost:.6g}"
            self._bar.update(self._bar.task_ids[0], completed=trainer.iteration, cost=cost, refresh=True)

    def finished(self, result: TrainingResult) -> None:
        from rich.console import Console

        from deepnet_tui.cli.chart import cost_chart
        from deepnet_tui.cli.tables import metrics_table, parameters_table
        from deepnet_tui.evaluate.loss_metrics import quantile_of

        console = Console()
        training = self._trainer.training
        train = "train with penalty" if training.l2 or training.l1 else "train"
        width, colour = min(console.width, 100), console.color_system is not None
        chart = cost_chart(self._reports, width, colour=colour, train=train)
        if chart:
            print(chart)
        network, m = self._trainer.network, self._dataset.train.m
        dims = "-".join(map(str, network.dims)) + (f" x {network.ensemble}" if network.ensemble > 1 else "")
        held = self._dataset.validation
        of = f"{m:,} examples" + (f", {held.m:,} validation" if held else "")
        say(f"{self._dataset.name}  {dims}  {network.size:,} parameters  {of}")
        end = result.end
        say(f"{end.reason} at iteration {end.iteration:,}, cost {end.cost:.12g}")
        if end.message and end.reason not in ("interrupted", "diverged"):
            say(end.message)
        say(f"computed by {self._trainer.path}")
        if result.threshold is not None:
            say(result.threshold.sentence)
        simplest = "mean" if self._dataset.labels == "numbers" else "majority"
        beside = {"linear": result.baseline, simplest: result.naive}
        level = quantile_of(self._dataset)
        console.print(metrics_table(result.metrics, beside, result.positive, level))
        console.print(parameters_table(self._trainer))
        for sentence in result.saved.values():
            say(sentence)
        if result.run is not None:
            say(f"run {result.run}")
