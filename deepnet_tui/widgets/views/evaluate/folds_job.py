"""Cross-validation of the experiment that is shown, in a thread beside everything else."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from deepnet_tui.common.background import Job, LatestJob

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.folds.result import FoldsResult

FOLDS = 5


class FoldsJob:
    """Trains and tests on folds once that is asked for. `result` has the folds so far, None before the first.

    `experiment` is the one they are of, None while nothing was asked for; `error` says why it could not be done. All
    methods belong to the thread of the owner, whose `changed` is called there when there is something new.
    """

    def __init__(self, hand_over: Callable[[Callable[[], None]], object], changed: Callable[[], object]) -> None:
        self.experiment: Experiment | None = None
        self.result: FoldsResult | None = None
        self.error = ""
        self._jobs: LatestJob[FoldsResult] = LatestJob("folds", hand_over)
        self._changed = changed

    @property
    def running(self) -> bool:
        """Whether folds are still to come."""
        return self._jobs.running

    def start(self, experiment: Experiment) -> None:
        """Begin anew with this experiment."""
        self.experiment, self.result, self.error = experiment, None, ""
        self._jobs.start(partial(_validate, experiment), self._take_in)

    def stop(self) -> None:
        """Train no more; the folds that are finished stay."""
        self._jobs.cancel()

    def follow(self, experiment: Experiment) -> None:
        """Drop what belongs to another experiment."""
        if self.experiment is not None and self.experiment != experiment:
            self._jobs.cancel()
            self.experiment, self.result, self.error = None, None, ""
            self._changed()

    def _take_in(self, answer: FoldsResult | Exception) -> None:
        if isinstance(answer, Exception):
            self.error = str(answer) or type(answer).__name__
        else:
            self.result = answer
        self._changed()


def _validate(experiment: Experiment, job: Job[FoldsResult]) -> FoldsResult:
    """In the job's thread."""
    import threading

    from deepnet_tui.folds.cross_validation import FoldsObserver, cross_validate
    from deepnet_tui.folds.plan import FoldPlan
    from deepnet_tui.folds.result import Fold, FoldsResult
    from deepnet_tui.folds.source import fold_source
    from engine.training.trainer import Trainer

    plan, folds = FoldPlan(FOLDS), list[Fold]()
    source = fold_source(experiment.data, plan, lambda *_: job.check())

    class Observer(FoldsObserver):
        def tick(self, _trainer: Trainer) -> None:
            job.check()

        def ends(self, fold: Fold) -> None:
            folds.append(fold)
            job.report(FoldsResult(plan, source.name, source.target, source.classes, tuple(folds)))

    return cross_validate(experiment, source, plan, None, Observer(), threading.Event())
