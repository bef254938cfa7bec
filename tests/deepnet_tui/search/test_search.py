"""The search: its trials, its journal, and what happens when it is stopped or loses a worker."""

from __future__ import annotations

import threading
from concurrent.futures import BrokenExecutor, CancelledError, Future
from dataclasses import replace
from pathlib import Path
from typing import Self

import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.runs.store import Store
from deepnet_tui.search.ranges.range import parse
from deepnet_tui.search.scoring import Outcome, Task, score
from deepnet_tui.search.search import Case
from deepnet_tui.search.settings import values_of
from deepnet_tui.search.store import open_search, searches
from deepnet_tui.search.trial import FAILED, RUNNING, Trial, best_of, best_so_far, better_parts, ranked
from deepnet_tui.search.verdict import verdict
from tests.deepnet_tui.search.cases import StopAfter, kept, run, small_case, without_seconds


@pytest.fixture(scope="module")
def case() -> Case:
    return small_case()


def test_the_same_seed_gives_the_same_trials(case: Case, tmp_path: Path) -> None:
    one, other = (run(case, kept(tmp_path / name, case, 4, sampler="random")) for name in ("one", "two"))
    assert without_seconds(one.trials) == without_seconds(other.trials)


def test_a_search_that_was_interrupted_has_the_trials_of_one_that_was_not(case: Case, tmp_path: Path) -> None:
    count = 12  # TPE learns from the tenth trial on
    whole = run(case, kept(tmp_path / "one", case, count))
    search = kept(tmp_path / "three", case, count)
    stopped = run(case, search, observer=StopAfter(threading.Event(), 3))
    assert stopped.finished == 3
    resumed = run(case, open_search(Store(tmp_path / "three"), "last"))
    assert without_seconds(resumed.trials) == without_seconds(whole.trials)
    assert len({str(trial.values) for trial in whole.trials}) == count


def test_trial_0_is_the_defaults_even_where_they_lie_outside_of_the_ranges(case: Case, tmp_path: Path) -> None:
    alone = score(case.task({}), case.rows)
    for vary in (("learning_rate=0.5..0.9",), ("learning_rate=0.001..0.1:log",)):
        progress = run(case, kept(tmp_path, case, 3, vary))
        assert progress.defaults is not None
        assert progress.defaults.parts == alone.parts
        assert dict(progress.defaults.values) == values_of(case.experiment, ["learning_rate"])


def test_a_trial_that_cannot_be_trained_fails_and_says_why(case: Case, tmp_path: Path) -> None:
    progress = run(case, kept(tmp_path, case, 5, ("batch_size=1000,2000",)))
    assert [trial.state for trial in progress.trials] == ["done", *["failed"] * 4]
    assert "there are only 320 examples" in progress.trials[1].reason
    assert verdict(progress, "internal log-loss").endswith("none of the 4 other trials is better.")
    cut_off = replace(progress, trials=(*progress.trials[:4], replace(progress.trials[4], state="running")))
    assert verdict(cut_off, "internal log-loss").endswith("none of the 3 other trials is better so far.")


class Losing:
    """Workers that lose what is asked of them, as often as `losses` says; each loss takes all that is running."""

    slots = 2

    def __init__(self, case: Case, losses: int, error: type[BaseException]) -> None:
        self.rows, self.losses, self.error, self.renewed, self.scored = case.rows, losses, error, 0, list[Task]()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, task: Task) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        if self.losses > 0:
            self.losses -= 1
            future.set_exception(self.error())
        else:
            self.scored.append(task)
            future.set_result(score(task, self.rows))
        return future

    def renew(self) -> None:
        self.renewed += 1


@pytest.mark.parametrize("error", [BrokenExecutor, CancelledError])
def test_what_a_lost_worker_trained_runs_again_and_nothing_else(
    case: Case, tmp_path: Path, error: type[BaseException]
) -> None:
    workers = Losing(case, 2, error)
    progress = run(case, kept(tmp_path, case, 6), workers)
    assert [trial.state in ("done", "pruned") for trial in progress.trials] == [True] * 6
    assert len(workers.scored) == 6
    assert workers.renewed
    assert "run" in progress.notes[0]


def test_a_trial_whose_worker_is_lost_each_time_fails(case: Case, tmp_path: Path) -> None:
    workers = Losing(case, 6, BrokenExecutor)
    progress = run(case, kept(tmp_path, case, 4), workers)
    assert [trial.state for trial in progress.trials][:2] == ["failed", "failed"]
    assert "lost 3 times" in progress.trials[0].reason
    assert all(trial.state in ("done", "pruned") for trial in progress.trials[2:])


def test_a_line_that_was_torn_by_a_crash_is_dropped(case: Case, tmp_path: Path) -> None:
    search = kept(tmp_path, case, 3)
    before = run(case, search)
    with (search.folder / "study.journal").open("ab") as file:
        file.write(b'{"op_code": 5, "tri')
    after = run(case, search.updated(4))
    assert without_seconds(after.trials[:3]) == without_seconds(before.trials)
    assert after.finished == 4
    assert run(case, search.updated(4)).finished == 4


def test_two_can_not_lead_one_search(case: Case, tmp_path: Path) -> None:
    search = kept(tmp_path, case)
    lock = search.lock()
    with pytest.raises(InputError, match="still led by another process"):
        search.lock()
    lock.release()


def test_searches_are_kept_apart_from_runs_and_found_by_name(case: Case, tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(InputError, match="there are no searches"):
        open_search(store, "last")
    search = kept(tmp_path, case)
    (tmp_path / ".searches" / "broken").mkdir()
    (tmp_path / ".searches" / "broken" / "search.json").write_text("[]")
    assert [each.id for each in searches(store)] == [search.id]
    assert store.list() == []
    found = open_search(store, search.id[:20])
    assert (found.ranges, found.trials, found.seed) == (search.ranges, search.trials, search.seed)
    assert found.experiment() == case.experiment
    with pytest.raises(InputError, match="is none of the searches"):
        open_search(store, "x")


def test_the_importance_of_the_only_setting_that_matters_is_the_largest(case: Case, tmp_path: Path) -> None:
    progress = run(case, kept(tmp_path, case, 14, ("learning_rate=0.0001..0.3:log", "scale=0.1..0.2"), "random"))
    assert next(iter(progress.importance)) == "learning_rate"
    assert sum(progress.importance.values()) == pytest.approx(1.0)


def test_the_best_trial_is_the_earliest_of_the_lowest() -> None:
    trials = [
        Trial(0, "done", score=0.5, parts=(0.4, 0.6)),
        Trial(1, "pruned", score=0.1),
        Trial(2, "done", score=0.3, parts=(0.3, 0.3)),
        Trial(3, "running"),
        Trial(4, "done", score=0.3, parts=(0.2, 0.4)),
        Trial(5, "failed"),
    ]
    best = best_of(trials)
    assert best is trials[2]
    assert best_so_far(trials) == (0.5, 0.5, 0.3, 0.3, 0.3, 0.3)
    assert [trial.number for trial in ranked(trials)] == [2, 4, 0, 3, 1, 5]
    assert better_parts(trials[2], trials[0]) == (2, 2)
    assert best_of([]) is None
    assert parse("l2", "0,1").name == "l2"


def test_a_trial_of_which_not_all_settings_were_recorded_is_given_up(case: Case, tmp_path: Path) -> None:
    search = kept(tmp_path, case)
    study = search.study(case.experiment)
    study.ask()
    study.ask()
    journal = search.folder / "study.journal"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    again = search.study(case.experiment)
    assert [trial.state for trial in again.trials()] == [RUNNING, RUNNING]
    again.drop_half_asked()
    assert [trial.state for trial in again.trials()] == [RUNNING, FAILED]
    assert again.trials()[1].reason == "its settings were not all recorded"
    assert again.ask().number == 2
