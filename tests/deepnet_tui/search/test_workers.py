"""Trials in other processes: those of this machine, and those of a Dask cluster, of which some are killed."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.search.scoring import Outcome, score
from deepnet_tui.search.search import SearchObserver
from deepnet_tui.search.trial import Trial
from deepnet_tui.search.workers import Cluster, Processes, workers_for
from tests.deepnet_tui.search.cases import kept, run, small_case, without_seconds

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are killed as POSIX does it")


class Kill(SearchObserver):
    """Kills a process once so many trials are over, and remembers what was finished then."""

    def __init__(self, count: int, pid: Any) -> None:
        self.count, self.pid, self.told = count, pid, list[Trial]()

    def ends(self, trial: Trial) -> None:
        self.told.append(trial)
        if len(self.told) == self.count:
            os.kill(self.pid(), signal.SIGKILL)


def test_a_killed_process_of_this_machine_loses_no_finished_trial(tmp_path: Path) -> None:
    case = small_case(iterations=200)
    workers = Processes(case.rows, 2)
    killer = Kill(2, lambda: next(iter(workers._executor._processes)))
    progress = run(case, kept(tmp_path, case, 5), workers, killer)
    assert [trial.number for trial in progress.trials] == list(range(5))
    assert {trial.state for trial in progress.trials} <= {"done", "pruned"}
    assert all(trial in progress.trials for trial in killer.told)
    assert len(killer.told) == 5
    assert any("a worker was lost" in note for note in progress.notes)
    alone = score(case.task({}), case.rows)
    assert progress.trials[0].parts == pytest.approx(alone.parts, rel=1e-9)
    assert not Path(workers._folder.name).exists()


def test_a_killed_dask_worker_loses_no_finished_trial(tmp_path: Path) -> None:
    from distributed import LocalCluster

    local: Any = LocalCluster
    case = small_case(iterations=600)
    with local(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50) as cluster:
        workers = Cluster(case.rows, cluster.scheduler_address)
        killer = Kill(3, lambda: next(iter(cluster.workers.values())).pid)
        search = kept(tmp_path, case, 8)
        progress = run(case, search, workers, killer)
        assert [trial.number for trial in progress.trials] == list(range(8))
        assert {trial.state for trial in progress.trials} <= {"done", "pruned"}
        assert len(killer.told) == 8
        assert any("a worker was lost" in note for note in progress.notes)
    stored = search.study(case.experiment).trials()
    assert without_seconds(stored) == without_seconds(progress.trials)
    assert all(trial in stored for trial in killer.told)


def test_a_scheduler_that_does_not_answer_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepnet_tui.search.workers.CONNECT", 0.2)
    case = small_case()
    with (
        pytest.raises(InputError, match="no Dask scheduler answers"),
        Cluster(case.rows, "tcp://127.0.0.1:9"),
    ):
        pass


def test_what_is_asked_for_decides_what_trains() -> None:
    case = small_case()
    kinds = [type(workers_for(case.rows, jobs, None, lambda: False)).__name__ for jobs in (1, 3)]
    assert kinds == ["ThisProcess", "Processes"]
    assert isinstance(workers_for(case.rows, None, "tcp://127.0.0.1:9", lambda: False), Cluster)


def test_a_trial_in_this_process_stops_when_it_is_told_to() -> None:
    case = small_case()
    outcome: Outcome = score(case.task({}), case.rows, lambda: True)
    assert (outcome.state, len(outcome.reports)) == ("stopped", 1)
