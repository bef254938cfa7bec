"""What `search` shows: lines of JSON, or a progress bar on stderr and then tables on stdout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from deepnet_tui.cli.output import emit, say, tell
from deepnet_tui.cli.report import Reporter, TerminalReporter, TrainingResult
from deepnet_tui.cli.search.summary import SearchSummary, plain_trial
from deepnet_tui.cli.tables import metrics_table
from deepnet_tui.common.times import time_left
from deepnet_tui.search.search import SearchObserver, SearchProgress
from deepnet_tui.search.trial import Trial

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from deepnet_tui.data.dataset import Dataset
    from engine.training.trainer import Trainer


class QuietSearch(SearchObserver):
    """Tells what went wrong only. The base of what shows more."""

    def __init__(self) -> None:
        self._notes = 0
        self._progress = SearchProgress()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """There is no state of a terminal to restore."""

    def changed(self, progress: SearchProgress) -> None:
        self._progress = progress
        for note in progress.notes[self._notes :]:
            tell(f"note: {note}")
        self._notes = len(progress.notes)

    def ends(self, trial: Trial) -> None:
        if trial.reason:
            tell(f"warning: trial {trial.number} failed: {trial.reason}")

    def result(self, summary: SearchSummary) -> None:
        """The trials are over, and the best one is trained next."""

    def interrupted(self, summary: SearchSummary) -> None:
        """It was interrupted, and nothing is trained."""
        self.result(summary)

    def training(self, dataset: Dataset, trainer: Trainer) -> Reporter:  # noqa: ARG002
        """What shows the training of the best settings."""
        return Reporter()


class JsonSearch(QuietSearch):
    """One JSON object a line."""

    def __init__(self) -> None:
        super().__init__()
        self._summary: dict[str, Any] = {}

    def ends(self, trial: Trial) -> None:
        super().ends(trial)
        progress = self._progress
        best = progress.best
        more = {"best": None if best is None else {"trial": best.number, "score": best.score}}
        emit({"event": "trial", **plain_trial(trial), **more, "finished": progress.finished, "wanted": progress.wanted})

    def result(self, summary: SearchSummary) -> None:
        self._summary = summary.plain()

    def interrupted(self, summary: SearchSummary) -> None:
        emit({"event": "finished", "reason": "interrupted", **summary.plain(), "metrics": None, "run": None})

    def training(self, dataset: Dataset, trainer: Trainer) -> Reporter:  # noqa: ARG002
        return _JsonTraining(self._summary)


class _JsonTraining(Reporter):
    """The end of the search, which is that of the training of the best settings."""

    def __init__(self, summary: dict[str, Any]) -> None:
        self._summary = summary

    def finished(self, result: TrainingResult) -> None:
        super().finished(result)
        emit(
            {
                "event": "finished",
                **result.end.by_name(),
                **self._summary,
                **result.measured(),
                **result.written(),
            }
        )


class TerminalSearch(QuietSearch):
    """A progress bar, then the best trials, what differs from the defaults, and the metrics of the best network."""

    def __init__(self) -> None:
        super().__init__()
        self._bar: Bar | None = None

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bar

        console = Console(stderr=True)
        if console.is_terminal:
            texts = [TextColumn(f"{{task.fields[{name}]}}") for name in ("best", "left")]
            self._bar = Bar(
                TextColumn("trials"),
                BarColumn(None),
                MofNCompleteColumn(),
                *texts,
                console=console,
                transient=True,
                auto_refresh=False,
                expand=True,
            )
            self._bar.__enter__()
            self._bar.add_task("trials", total=None, best="", left="")
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None

    def changed(self, progress: SearchProgress) -> None:
        super().changed(progress)
        if self._bar is None:
            return
        best, left = progress.best, progress.left
        known = "" if best is None else f"best {best.score:.4g}" + (f" (trial {best.number})" if best.number else "")
        self._bar.update(
            self._bar.task_ids[0],
            completed=progress.finished,
            total=progress.wanted,
            best=known,
            left="" if left is None else time_left(left),
            refresh=True,
        )

    def result(self, summary: SearchSummary) -> None:
        from rich.console import Console

        console = Console()
        say(summary.head)
        console.print(summary.trials())
        if summary.beats:
            say()
            console.print(summary.settings())
        say(summary.verdict)

    def training(self, dataset: Dataset, trainer: Trainer) -> Reporter:
        return _TerminalTraining(dataset, trainer)


class _TerminalTraining(TerminalReporter):
    """The usual progress bar; of the results the metrics, and where everything is."""

    def finished(self, result: TrainingResult) -> None:
        from rich.console import Console

        simplest = "mean" if self._dataset.labels == "numbers" else "majority"
        say(f"trained with the best settings: {result.end.reason} at iteration {result.end.iteration:,}")
        beside = {"linear": result.baseline, simplest: result.naive}
        Console().print(metrics_table(result.metrics, beside, result.positive))
        for sentence in result.saved.values():
            say(sentence)
        if result.run is not None:
            say(f"run {result.run}")
