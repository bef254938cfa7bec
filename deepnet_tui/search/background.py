"""A search beside everything else: a thread leads it, processes train, and whoever asks sees how far it is."""

from __future__ import annotations

import os
import threading
from enum import StrEnum
from typing import TYPE_CHECKING

from deepnet_tui.common.errors import InputError
from deepnet_tui.experiment.training import plain_values
from deepnet_tui.search.ranges.sensible import sensible
from deepnet_tui.search.ranges.written import written
from deepnet_tui.search.search import Case, Search, SearchObserver, SearchProgress, confirm
from deepnet_tui.search.settings import Changes, with_values
from deepnet_tui.search.store import StoredSearch, begin
from deepnet_tui.search.verdict import Fresh, metric_of
from deepnet_tui.search.workers import Processes, Workers

if TYPE_CHECKING:
    from collections.abc import Callable

    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.runs.store import Store
    from deepnet_tui.search.trial import Trial

TRIALS = 30
MORE = 10  # trials are added by so many


class Stage(StrEnum):
    """What a search is doing."""

    READY = "ready"
    SEARCHING = "searching"
    PAUSING = "pausing"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"


class BackgroundSearch:
    """A search for the experiment, with its ranges or sensible ones. All methods belong to the thread of the owner.

    `progress` is replaced as a whole by the thread that leads the search; `error` says why it failed. `workers` makes
    what trains, by default a process for each core. Raises InputError where such data can't be searched.
    """

    def __init__(
        self,
        experiment: Experiment,
        dataset: Dataset,
        store: Store,
        workers: Callable[[Case], Workers] | None = None,
        trials: int | None = None,
    ) -> None:
        self.case = Case(experiment.model_copy(update={"search": {}}), dataset)
        self.case.check()
        self.ranges = written((), experiment.search) or sensible(experiment, dataset.train.m)
        self.metric = metric_of(dataset)
        self.wanted = trials or TRIALS
        self.progress = SearchProgress(wanted=self.wanted)
        self.fresh: Fresh | None = None
        self.error = ""
        self._store = store
        self._workers = workers or (lambda case: Processes(case.rows, os.cpu_count() or 1))
        self._search: StoredSearch | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._stage = Stage.READY

    @property
    def stage(self) -> Stage:
        """What it is doing."""
        if self._thread is not None and self._thread.is_alive():
            return Stage.PAUSING if self._stop.is_set() else Stage.SEARCHING
        return self._stage

    @property
    def version(self) -> object:
        """Differs from an earlier one whenever there is something new to draw."""
        return (self.stage, id(self.progress), self.wanted, self.fresh, self.error)

    @property
    def name(self) -> str:
        """What `deepnet-tui search --resume` calls it, "" before it begins."""
        return self._search.id if self._search is not None else ""

    def fits(self, experiment: Experiment, dataset: Dataset) -> bool:
        """Whether it is a search for these settings and data, or one of its trials has them."""
        if dataset is not self.case.dataset:
            return False
        known = [trial.values if trial.number else {} for trial in self.progress.trials] or [{}]
        wanted = experiment.model_copy(update={"search": {}})
        return any(with_values(self.case.experiment, values) == wanted for values in known)

    def changes(self, trial: Trial) -> Changes:
        """The settings that a trial was trained with, by section."""
        experiment = with_values(self.case.experiment, trial.values if trial.number else {})
        return {"network": experiment.network.to_dict(), "training": plain_values(experiment.training)}

    def start(self) -> None:
        """Begin, or go on where it was paused."""
        if self.stage in (Stage.SEARCHING, Stage.PAUSING):
            return
        self._stop, self.error, self.fresh = threading.Event(), "", None
        self._thread = threading.Thread(target=self._run, args=(self._stop,), name="search", daemon=True)
        self._thread.start()

    def pause(self) -> None:
        """Stop; trials that are finished are kept, and the others run again when it goes on."""
        self._stop.set()

    def add_trials(self, count: int = MORE) -> None:
        """Want more trials. It is for a search that is not running."""
        if self.stage not in (Stage.SEARCHING, Stage.PAUSING):
            self.wanted = max(1, len(self.progress.trials), self.wanted + count)

    def close(self, seconds: float = 5.0) -> None:
        """Stop, and wait for the processes to end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self, stop: threading.Event) -> None:
        """In the thread."""
        try:
            self._lead(stop)
        except InputError as error:
            self.error, self._stage = str(error), Stage.FAILED
        except Exception as error:  # it must not end the app; what is finished is in the journal
            self.error, self._stage = f"the search failed: {str(error) or type(error).__name__}", Stage.FAILED
        else:
            self._stage = Stage.PAUSED if stop.is_set() else Stage.FINISHED

    def _lead(self, stop: threading.Event) -> None:
        from deepnet_tui.training.stored_run import data_digest

        case, follower = self.case, _Follower(self)
        if self._search is None:
            digest = data_digest(case.dataset)
            self._search = begin(self._store, case.experiment, self.ranges, "tpe", self.wanted, digest)
        self._search = self._search.updated(self.wanted)
        lock = self._search.lock()
        try:
            study = self._search.study(case.experiment)
            with self._workers(case) as workers:
                best = Search(case, study, workers, follower, stop, wanted=self.wanted).run().best
                if best is not None and best.number and not stop.is_set():
                    self.fresh = confirm(case, workers, best, stop.is_set)
        finally:
            lock.release()


class _Follower(SearchObserver):
    """Puts the progress where the owner sees it."""

    def __init__(self, owner: BackgroundSearch) -> None:
        self._owner = owner

    def changed(self, progress: SearchProgress) -> None:
        self._owner.progress = progress
