"""Deleted runs can be restored until the trash is emptied; a run that is being trained is never deleted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.experiment import Experiment
from deepnet_tui.runs.lock import Lock
from deepnet_tui.runs.store import Store
from tests.deepnet_tui.runs.many import make_runs


@pytest.fixture
def store(tmp_path: Path) -> Store:
    make_runs(tmp_path / "runs", 6)
    return Store(tmp_path / "runs")


def test_a_deleted_run_comes_back_as_it_was(store: Store) -> None:
    before = store.list()
    store.label(before[1], lambda labels: labels.noted("keep me"))
    before = store.list()
    store.delete(before[1:3])
    assert store.list() == [before[0], *before[3:]]
    assert {run.id for run in store.trash.list()} == {before[1].id, before[2].id}
    assert store.trash.restore(before[1].id) == before[1]
    assert store.trash.restore("last") == before[2]
    assert store.list() == before


def test_the_run_that_was_deleted_last_is_found(store: Store) -> None:
    runs = store.list()
    store.delete([runs[0], runs[3]])
    for place, run in enumerate((runs[3], runs[0])):
        os.utime(store.trash.folder / run.id, (place, place))
    assert store.trash.list()[0].id == runs[0].id
    assert store.trash.restore("last").id == runs[0].id


def test_none_is_deleted_where_one_is_trained(store: Store) -> None:
    run = store.begin(Experiment.default("moons"))
    with pytest.raises(InputError, match="is being trained"):
        store.delete(reversed(store.list()))
    assert len(store.list()) == 7
    run.finish("completed")
    store.delete([store.open(run.id)])
    assert len(store.list()) == 6


def test_a_run_that_another_process_opens_meanwhile_stays(store: Store) -> None:
    run = store.list()[0]
    held = Lock(run.folder / "lock")  # as resuming does before it writes anything
    assert run.state != "running"
    with pytest.raises(InputError, match="is being trained"):
        store.delete([run])
    assert run.id not in store.prune(0)
    assert [each.id for each in store.list()] == [run.id]
    held.release()


def test_an_emptied_trash_gives_nothing_back(store: Store) -> None:
    with pytest.raises(InputError, match="no deleted runs"):
        store.trash.restore("last")
    runs = store.list()
    store.delete(runs[:2])
    with pytest.raises(InputError, match="none of the deleted runs"):
        store.trash.restore("nothing")
    with pytest.raises(InputError, match="beginning of 2 deleted runs"):
        store.trash.restore(runs[0].id[:4])
    assert store.trash.empty() == 2
    assert store.trash.list() == []
    assert len(store.list()) == 4


def test_a_run_that_is_gone_is_said_to_be(store: Store) -> None:
    (run,) = store.list()[:1]
    store.trash.remove(run)
    assert not store.trash.remove(run)
    with pytest.raises(InputError, match="is gone: another process deleted it"):
        store.delete([run])
