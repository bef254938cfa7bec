"""`train --folds`: what is asked for, what is shown meanwhile, and what came of it."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from deepnet_tui.cli.output import emit, say, tell, time_left_column
from deepnet_tui.cli.report import data_notes
from deepnet_tui.cli.stop_signal import stop_on_signal
from deepnet_tui.cli.tables import column_table, folds_table
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted
from deepnet_tui.folds.cross_validation import FoldsObserver, cross_validate
from deepnet_tui.folds.plan import FoldPlan
from deepnet_tui.folds.predictions import write_predictions
from deepnet_tui.folds.result import Fold, FoldsResult, Spread, gist
from deepnet_tui.folds.source import fold_source

if TYPE_CHECKING:
    from pathlib import Path

    from rich.progress import Progress as Bar

    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.evaluate.threshold import Rule
    from deepnet_tui.experiment import Experiment
    from engine.training.events import Progress
    from engine.training.trainer import Trainer

DIVERGED, INTERRUPTED = 3, 130


@dataclass(frozen=True)
class FoldsRequest:
    """The options on folds, None where not given. `sources` are the files that are read, which are never replaced."""

    count: int | None
    group: str | None
    time: str | None
    predictions: str | None
    sources: tuple[str, ...]
    overwrite: bool
    safe_csv: bool = False

    def check(self, saves: bool, settings: Mapping[str, Any]) -> None:
        """Refuse options that do not go together; `saves` says whether a network shall be saved. Raises InputError."""
        if self.count is None:
            given = next(name for name in ("group", "time", "predictions") if getattr(self, name) is not None)
            raise InputError(f"--{given} is about folds, so it needs --folds", given)
        if saves:
            raise InputError("--export saves one network, and --folds trains several; train without --folds", "export")
        for name in ("validation", "test"):
            if settings.get(name) is not None:
                said = f"--{name} can't be given with --folds, where every fold is tested on its own part"
                raise InputError(said, name)

    @property
    def plan(self) -> FoldPlan:
        """The folds that are asked for. Raises InputError."""
        return FoldPlan(self.count or 0, self.group, self.time)

    def place(self) -> Path | None:
        """Where the predictions go, None for nowhere. Raises InputError for a file that could not be written."""
        if self.predictions is None:
            return None
        from deepnet_tui.export.output_path import output_path_for

        if not self.predictions:
            raise InputError("--predictions needs the name of a file", "predictions")
        return output_path_for(self.predictions, self.overwrite, self.sources, field="predictions")


def run_folds(
    experiment: Experiment,
    chosen: Container[str] | None,
    request: FoldsRequest,
    rule: Rule | None,
    *,
    json: bool,
    quiet: bool,
    engine: str | None = None,
) -> int:
    """Train on every fold, report, and write the predictions; gives the exit code. Raises InputError."""
    from deepnet_tui.evaluate.threshold import check_classes

    plan, place = request.plan, request.place()
    source = fold_source(experiment.data, plan)
    if rule is not None:
        check_classes(source.prepare(source.parts[0]))
    if experiment.data.test is not None:
        tell("note: the test file is not used: every fold is tested on its own part")
    shown = (_JsonFolds if json else _QuietFolds if quiet else _TerminalFolds)(plan)
    with stop_on_signal() as stop, shown:
        result = cross_validate(experiment, source, plan, chosen, shown, stop, rule, engine)
    if place is not None and result.folds:
        count = write_predictions(result, source, place, safe=request.safe_csv)
        shown.written = request.predictions
        tell(f"{counted(count, 'prediction')} written to {request.predictions}")
    shown.finished(result)
    if result.interrupted:
        tell(f"interrupted: {len(result.folds)} of {counted(plan.count, 'fold')} finished")
        return INTERRUPTED
    for number in result.diverged:
        tell(f"fold {number} diverged; a smaller learning rate may help")
    return DIVERGED if result.diverged else 0


class _QuietFolds(FoldsObserver):
    """Tells warnings only, and prints the metrics in the end. The base of what shows more."""

    only_warnings = True
    written: str | None = None  # the file of predictions

    def __init__(self, plan: FoldPlan) -> None:
        self._plan = plan
        self._told: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """There is no state of a terminal to restore."""

    def begins(self, number: int, dataset: Dataset, warnings: tuple[str, ...]) -> None:
        if number == 1:
            data_notes(dataset, warnings, only_warnings=self.only_warnings)
        else:
            kinds = (("dropped", dataset.dropped), ("note", dataset.notes), ("warning", warnings))
            for kind, remarks in kinds[-1:] if self.only_warnings else kinds:
                for remark in remarks:
                    if gist(remark) not in self._told:
                        tell(f"{kind}: fold {number}: {remark}")
        self._told |= {gist(remark) for remark in (*dataset.dropped, *dataset.notes, *warnings)}

    def finished(self, result: FoldsResult) -> None:
        """It is over, and the predictions have been written."""
        if not result.folds:
            return
        from rich.console import Console

        tested = sum(fold.tested_on for fold in result.folds)
        say(f"{result.source}  {result.plan.sentence(bool(result.classes))}, {tested:,} examples tested")
        Console().print(folds_table(result))


class _JsonFolds(_QuietFolds):
    """One JSON object a line."""

    only_warnings = False

    def report(self, number: int, progress: Progress) -> None:
        emit({"event": "progress", "fold": number, **progress.by_name()})

    def ends(self, fold: Fold) -> None:
        emit(
            {
                "event": "fold",
                "fold": fold.number,
                "folds": self._plan.count,
                "trained_on": fold.trained_on,
                "tested_on": fold.tested_on,
                **fold.end.by_name(),
                "seconds": fold.seconds,
                "metrics": fold.metrics,
                "baseline": fold.linear,
                "naive": fold.naive,
                **({} if fold.threshold is None else {"threshold": fold.threshold}),
            }
        )

    def finished(self, result: FoldsResult) -> None:
        plan = result.plan
        emit(
            {
                "event": "folds",
                "reason": "interrupted" if result.interrupted else "diverged" if result.diverged else "completed",
                "folds": plan.count,
                "finished": len(result.folds),
                "diverged": result.diverged,
                "group": plan.group,
                "time": plan.time,
                "target": result.target,
                "metrics": _plain(result.metrics),
                "baseline": _plain(result.linear),
                "naive": _plain(result.naive),
                "positive": result.positive,
                "predictions": self.written,
                "dropped": result.dropped,
                "notes": result.notes,
                "warnings": result.warnings,
            }
        )


class _TerminalFolds(_QuietFolds):
    """A progress bar for each fold, then a table of the metrics."""

    only_warnings = False

    def __init__(self, plan: FoldPlan) -> None:
        super().__init__(plan)
        self._bar: Bar | None = None

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bar

        console = Console(stderr=True)
        if console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(None), MofNCompleteColumn(), time_left_column())
            self._bar = Bar(*columns, console=console, transient=True, auto_refresh=False, expand=True)
            self._bar.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)

    def begins(self, number: int, dataset: Dataset, warnings: tuple[str, ...]) -> None:
        if number == 1:
            column_table(dataset)
        super().begins(number, dataset, warnings)
        if self._bar is not None:
            for task in self._bar.task_ids:
                self._bar.remove_task(task)
            self._bar.add_task(f"fold {number} of {self._plan.count}", total=None)

    def tick(self, trainer: Trainer) -> None:
        if self._bar is not None:
            done, total = trainer.iteration, trainer.training.iterations
            self._bar.update(self._bar.task_ids[0], completed=done, total=total, refresh=True)


def _plain(metrics: dict[str, Spread] | None) -> dict[str, Any] | None:
    return None if metrics is None else {name: asdict(spread) for name, spread in metrics.items()}
