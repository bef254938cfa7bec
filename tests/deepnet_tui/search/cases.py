"""A search that takes a fraction of a second: two moons, few iterations."""

from __future__ import annotations

import threading
from pathlib import Path

from deepnet_tui.data.load import load
from deepnet_tui.experiment import Experiment
from deepnet_tui.runs.store import Store
from deepnet_tui.search.ranges.written import written
from deepnet_tui.search.search import Case, Search, SearchObserver, SearchProgress
from deepnet_tui.search.store import StoredSearch, begin
from deepnet_tui.search.trial import Trial
from deepnet_tui.search.workers import ThisProcess, Workers

VARY = ("learning_rate=0.001..0.3:log", "hidden=16,8;4;none", "l2=0..10:log")


def small_case(source: str = "moons", iterations: int = 40) -> Case:
    experiment = Experiment.default(source).replace("training", iterations=iterations, report_every=4)
    return Case(experiment, load(experiment.data))


def kept(folder: Path, case: Case, trials: int = 6, vary: tuple[str, ...] = VARY, sampler: str = "tpe") -> StoredSearch:
    return begin(Store(folder), case.experiment, written(vary, {}), sampler, trials, "data")


class StopAfter(SearchObserver):
    """Sets `stop` once so many trials are over."""

    def __init__(self, stop: threading.Event, count: int) -> None:
        self.stop, self.count = stop, count

    def ends(self, trial: Trial) -> None:
        self.count -= 1
        if not self.count:
            self.stop.set()


def run(
    case: Case, search: StoredSearch, workers: Workers | None = None, observer: SearchObserver | None = None
) -> SearchProgress:
    """Run the search to its end, or until the observer stops it."""
    stop = observer.stop if isinstance(observer, StopAfter) else threading.Event()
    lock = search.lock()
    try:
        with workers or ThisProcess(case.rows, stop.is_set) as used:
            study = search.study(case.experiment)
            return Search(case, study, used, observer or SearchObserver(), stop, wanted=search.trials).run()
    finally:
        lock.release()


def without_seconds(trials: tuple[Trial, ...]) -> list[dict[str, object]]:
    return [{key: value for key, value in vars(trial).items() if key != "seconds"} for trial in trials]
