"""A search: asks the study for trials, has workers score them, and records every one as soon as it is known.

A trial is recorded by this process alone. So nothing that is finished is lost with a worker, and a trial that was not
finished runs again: on another worker, or when the search is resumed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import one_line
from deepnet_tui.search.pruning import bar_of
from deepnet_tui.search.scoring import Outcome, Task, TrainingRows, task_for
from deepnet_tui.search.settings import Values, with_values
from deepnet_tui.search.trial import DONE, RUNNING, Trial, best_of
from engine.spec import SpecError

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.search.study import Study
    from deepnet_tui.search.workers import Workers

LOOK = 0.1  # seconds after which it is seen whether to stop
IMPORTANCE_EVERY = 5.0  # seconds between two estimates of the importance of settings
WAITING = "there are no workers just now; the search waits for some"
ATTEMPTS = 3  # at a trial whose worker is lost each time


@dataclass(frozen=True)
class Case:
    """What is searched: the experiment with the defaults, and its data, of which only the training rows are used."""

    experiment: Experiment
    dataset: Dataset

    @property
    def rows(self) -> TrainingRows:
        """The training rows, as the loss wants them."""
        part = self.experiment.fitted(self.dataset).train
        return TrainingRows(part.X, part.Y)

    def task(self, values: Values, bar: tuple[float, ...] = (), seed: int | None = None) -> Task:
        """The scoring of these values; another `seed` draws other parts. Raises InputError where it can't be done."""
        changed = with_values(self.experiment, values)
        training = changed.training if seed is None else replace(changed.training, seed=seed)
        return task_for(changed.network_spec(self.dataset), training, self.dataset.train.m, bar)

    def check(self) -> None:
        """Raise InputError where the defaults can't be scored."""
        from engine.training.internal_part import kept_aside

        self.experiment.check(self.dataset)
        task, rows = self.task({}), self.rows
        if kept_aside(task.network, task.training, rows.Y, None) is None:
            raise InputError(f"{self.experiment.data.source} has too few training rows to score a trial by", "source")


@dataclass(frozen=True)
class SearchProgress:
    """How far a search is. `seconds` is how long it has run, `left` about how much longer it takes, None before one
    knows; `notes` are sentences for people, such as about a worker that was lost.
    """

    trials: tuple[Trial, ...] = ()
    wanted: int = 0
    seconds: float = 0.0
    left: float | None = None
    importance: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def finished(self) -> int:
        """How many trials are over."""
        return sum(trial.state != RUNNING for trial in self.trials)

    @property
    def best(self) -> Trial | None:
        """The trial with the lowest score."""
        return best_of(self.trials)

    @property
    def defaults(self) -> Trial | None:
        """The trial of the defaults, once it is over."""
        return next((trial for trial in self.trials if trial.number == 0 and trial.state != RUNNING), None)


class SearchObserver:
    """What is told meanwhile, in the thread of the search; says nothing itself."""

    def changed(self, progress: SearchProgress) -> None:
        """Something is new: a trial began, or it is over, or time has passed."""

    def ends(self, trial: Trial) -> None:
        """A trial is over and recorded; the progress with it was told by `changed`."""


class Search:
    """Runs trials until there are `wanted` of them, `seconds` are over, or `stop` is set; then `progress` is final."""

    def __init__(
        self,
        case: Case,
        study: Study,
        workers: Workers,
        observer: SearchObserver,
        stop: threading.Event,
        *,
        wanted: int,
        seconds: float | None = None,
    ) -> None:
        self._case, self._study, self._workers, self._observer, self._stop = case, study, workers, observer, stop
        self._wanted, self._limit = wanted, seconds
        self._began = time.monotonic()
        study.drop_half_asked()
        self._trials = {trial.number: trial for trial in study.trials()}
        self._waiting = [
            trial for trial in self._trials.values() if trial.state == RUNNING
        ]  # of a process that is gone
        self._running: dict[Future[Outcome], Trial] = {}
        self._attempts: dict[int, int] = {}
        self._told, self._slots = 0, workers.slots
        notes = f"{_listed(self._waiting)} had not finished and will run again" if self._waiting else ""
        self._importance_at = self._began  # when it was estimated, and of how many trials
        self._importance_of = 0
        self.progress = SearchProgress(tuple(self._trials.values()), wanted, notes=(notes,) if notes else ())

    def run(self) -> SearchProgress:
        """Run the trials. Raises InputError where the workers can't; what is finished is recorded all the same."""
        self._report()
        while not self._stop.is_set():
            self._count_workers()
            self._submit()
            if not self._running and not self._more():
                break
            if not self._running:
                self._wait_for_workers()
                continue
            over, _ = wait(self._running, LOOK, FIRST_COMPLETED)
            for future in sorted(over, key=lambda each: self._running[each].number):
                if future in self._running:
                    self._take(future)
            if time.monotonic() - self._importance_at > IMPORTANCE_EVERY:
                self._estimate_importance()
            self._report()
        self._estimate_importance()
        self._report()
        return self.progress

    def _more(self) -> bool:
        """Whether another trial is to begin."""
        time_is_up = self._limit is not None and time.monotonic() - self._began >= self._limit
        return not time_is_up and (bool(self._waiting) or len(self._trials) < self._wanted)

    def _count_workers(self) -> None:
        """Say so where there are fewer of them than before: a cluster moves what they trained to others by itself."""
        before, self._slots = self._slots, self._workers.slots
        if self._slots < before:
            self._note(f"a worker was lost, {self._slots} of {before} remain: what it trained runs again")

    def _wait_for_workers(self) -> None:
        if not self._workers.slots and WAITING not in self.progress.notes[-1:]:
            self._note(WAITING)
        self._report()
        time.sleep(LOOK)

    def _submit(self) -> None:
        """Begin as many trials as there is room for."""
        while len(self._running) < self._workers.slots and self._more():
            trial = self._waiting.pop(0) if self._waiting else self._study.ask()
            self._trials[trial.number] = trial
            finished = [each.reports for each in self._trials.values() if each.state == DONE]
            try:
                task = self._case.task(trial.values if trial.number else {}, bar_of(finished) if trial.number else ())
            except InputError as error:
                self._fail(trial, str(error))
                continue
            try:
                self._running[self._workers.submit(task)] = trial
            except (BrokenExecutor, CancelledError) as error:
                self._lost(trial, error)

    def _take(self, future: Future[Outcome]) -> None:
        """Record what came of a trial."""
        trial = self._running.pop(future)
        try:
            outcome = future.result()
        except (BrokenExecutor, CancelledError) as error:
            self._lost(trial, error)
        except ImportError as error:
            said = f"a worker can't train: {one_line(error, 100)}; it needs deepnet-tui with the same version"
            raise InputError(said, "scheduler") from None
        except Exception as error:
            if type(error).__name__ == "KilledWorker":  # Dask's, which is not loaded without it
                self._lost(trial, error)
                return
            known = isinstance(error, SpecError | ValueError)
            self._fail(trial, one_line(error) if known else f"{type(error).__name__}: {one_line(error)}")
        else:
            if outcome.state != "stopped":
                self._ends(self._study.tell(trial.number, outcome))

    def _lost(self, trial: Trial, error: BaseException) -> None:
        """A worker is gone: all that ran there runs again."""
        self._workers.renew()  # first, so that every future knows that it is lost
        self._slots = self._workers.slots
        again = [trial, *(each for future, each in self._running.items() if _is_lost(future))]
        self._running = {future: each for future, each in self._running.items() if not _is_lost(future)}
        for each in again:
            self._attempts[each.number] = self._attempts.get(each.number, 0) + 1
            if self._attempts[each.number] < ATTEMPTS:
                self._waiting.append(each)
            else:
                self._fail(each, f"its worker was lost {ATTEMPTS} times ({type(error).__name__})")
        self._note(f"a worker was lost: {_listed(again)} run{'s' if len(again) == 1 else ''} again")

    def _fail(self, trial: Trial, reason: str) -> None:
        self._ends(self._study.fail(trial.number, reason))

    def _ends(self, trial: Trial) -> None:
        self._told += 1
        self._trials[trial.number] = trial
        self._report()
        self._observer.ends(trial)

    def _note(self, sentence: str) -> None:
        self.progress = replace(self.progress, notes=(*self.progress.notes, sentence))

    def _report(self) -> None:
        seconds = time.monotonic() - self._began
        trials = tuple(self._trials.values())
        self.progress = replace(self.progress, trials=trials, seconds=seconds, left=self._left(seconds))
        self._observer.changed(self.progress)

    def _left(self, seconds: float) -> float | None:
        """How much longer it takes, by how long the trials so far took."""
        to_come = max(0, self._wanted - sum(trial.state != RUNNING for trial in self._trials.values()))
        by_trials = seconds / self._told * to_come if self._told else None
        by_time = None if self._limit is None else max(0.0, self._limit - seconds)
        known = [each for each in (by_trials, by_time) if each is not None]
        return min(known) if known else None

    def _estimate_importance(self) -> None:
        done = sum(trial.state == DONE for trial in self._trials.values())
        if done != self._importance_of:
            self.progress = replace(self.progress, importance=self._study.importance())
            self._importance_of = done
        self._importance_at = time.monotonic()


def _is_lost(future: Future[Outcome]) -> bool:
    return future.done() and (future.cancelled() or isinstance(future.exception(), BrokenExecutor))


def _listed(trials: Sequence[Trial]) -> str:
    return f"trial{'s' if len(trials) > 1 else ''} {', '.join(str(trial.number) for trial in trials)}"


def confirm(case: Case, workers: Workers, best: Trial, stop: Callable[[], bool]) -> tuple[float, float] | None:
    """The scores of the best trial and of the defaults on parts that are drawn anew, after the search.

    The best of many trials is partly the luckiest on its parts; on other parts luck does not help. None if stopped.
    """
    seed = (case.experiment.training.seed + 1) % 2**32
    futures = [workers.submit(case.task(values, seed=seed)) for values in (best.values, {})]
    while not stop():
        if not wait(futures, LOOK).not_done:
            try:
                one, other = (future.result() for future in futures)
            except Exception:  # whatever became of the workers, the search itself is over
                return None
            return one.score, other.score
    return None
