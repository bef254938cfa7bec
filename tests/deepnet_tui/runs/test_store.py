"""The run store: whatever happens, what was whole stays whole, and training goes on."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepnet_tui.common.errors import InputError
from deepnet_tui.experiment import Experiment
from deepnet_tui.runs.lock import Busy, Lock, is_held
from deepnet_tui.runs.store import Store
from deepnet_tui.runs.writer import RunWriter, read_costs
from engine.training.events import Progress

EXPERIMENT = Experiment.default("moons")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "runs")


def begun(store: Store, *costs: float) -> RunWriter:
    run = store.begin(EXPERIMENT, network=[2, 16, 8, 1])
    for number, cost in enumerate(costs):
        run.report(Progress(100 * number, cost, None, 0.01, number, 0.5 * number))
    return run


def test_a_run_is_listed_with_its_last_report(store: Store) -> None:
    run = begun(store, 0.7, 0.3)
    run.finish("completed", "completed", metrics={"train": {"accuracy": 0.9}})
    (record,) = store.list()
    assert (record.id, record.state, record.iteration, record.cost) == (run.id, "completed", 100, 0.3)
    assert record.about["metrics"] == {"train": {"accuracy": 0.9}}
    assert record.experiment() == EXPERIMENT
    assert [progress.cost for progress in record.costs()] == [0.7, 0.3]


def test_a_run_counts_as_running_while_its_lock_is_held(store: Store) -> None:
    run = begun(store, 0.7)
    assert store.open("last").state == "running"
    run.release()
    assert store.open("last").state == "interrupted"


def test_only_one_may_hold_a_run(store: Store) -> None:
    run = begun(store, 0.7)
    with pytest.raises(InputError, match="still being trained"):
        store.resume(store.open(run.id))
    run.release()
    again = store.resume(store.open(run.id))
    again.rewind(0)
    assert store.open("last").state == "running"
    again.release()


def test_rewinding_drops_the_costs_after_the_checkpoint(store: Store) -> None:
    run = begun(store, 0.7, 0.5, 0.3)
    run.release()
    run = store.resume(store.open(run.id))
    run.rewind(100)
    run.report(Progress(200, 0.25))
    run.finish("completed")
    assert [(p.iteration, p.cost) for p in store.open("last").costs()] == [(0, 0.7), (100, 0.5), (200, 0.25)]


@given(cut=st.integers(0, 400))
@settings(deadline=None)
def test_costs_torn_anywhere_give_the_whole_reports_before(cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp()
    costs = [0.7, 0.5, 0.3]
    text = b"".join(
        b'{"iteration": %d, "cost": %r, "validation_cost": null, "learning_rate": 0.01, "epoch": 1.0, "seconds": 2.0}\n'
        % (number, cost)
        for number, cost in enumerate(costs)
    )
    (folder / "costs.jsonl").write_bytes(text[:cut])
    found = [progress.cost for progress in read_costs(folder)]
    assert found == costs[: len(found)]
    assert len(found) >= text[:cut].count(b"\n")


def test_a_cost_that_is_no_number_can_be_read_back(store: Store) -> None:
    begun(store, 0.7, math.inf).release()
    first, second = store.open("last").costs()
    assert first.cost == 0.7
    assert math.isnan(second.cost)
    json.loads((store.open("last").folder / "run.json").read_text(), parse_constant=pytest.fail)


def test_names_are_unique_sortable_and_short(store: Store) -> None:
    runs = [begun(store) for _ in range(20)]
    assert len({run.id for run in runs}) == 20
    assert all(len(run.id) <= 36 for run in runs)
    assert [record.id for record in store.list()] == [run.id for run in reversed(runs)]


def _begin_some(folder: str) -> list[str]:
    store = Store(Path(folder))
    return [store.begin(EXPERIMENT).id for _ in range(10)]


def test_names_are_unique_across_processes(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        names = pool.map(_begin_some, [str(tmp_path)] * 2, chunksize=1)
    assert len({name for some in names for name in some}) == 20
    assert len(Store(tmp_path).list()) == 20


def test_a_run_is_found_by_an_unambiguous_beginning(store: Store) -> None:
    with pytest.raises(InputError, match="no runs"):
        store.open("last")
    first, second = begun(store), begun(store)
    assert store.open(first.id).id == first.id
    assert store.open(second.id[:-1] if second.id[:-1] not in first.id else second.id).id == second.id
    with pytest.raises(InputError, match="beginning of 2 runs"):
        store.open(first.id[:4])
    for unknown in ("nothing", ""):
        with pytest.raises(InputError, match="there is no run"):
            store.open(unknown)


def test_pruning_keeps_the_newest_and_what_is_running(store: Store) -> None:
    runs = [begun(store) for _ in range(4)]
    for run in runs[1:]:
        run.finish("completed")
    gone = store.prune(1)
    assert set(gone) == {runs[1].id, runs[2].id}
    assert {record.id for record in store.list()} == {runs[0].id, runs[3].id}
    assert not runs[1].folder.exists()


def test_what_is_not_a_run_is_left_out_and_left_alone(store: Store) -> None:
    begun(store).finish("completed")
    (store.folder / "notes.txt").write_text("mine")
    for name, text in (("empty", None), ("torn", '{"state": "runn'), ("odd", "[1, 2]"), ("less", '{"state": "x"}')):
        folder = store.folder / name
        folder.mkdir()
        if text is not None:
            (folder / "run.json").write_text(text)
    assert len(store.list()) == 1
    store.prune(0)
    assert {path.name for path in store.folder.iterdir()} == {
        "notes.txt",
        "empty",
        "torn",
        "odd",
        "less",
        "index.sqlite",
        ".trash",
    }


def test_a_store_that_is_a_file_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("in the way")
    run = begun(Store(tmp_path / "runs"), 0.7, 0.5)
    run.checkpoint(dict, now=True)
    run.finish("completed")
    assert "not kept" in run.warning
    assert not run.kept
    assert (tmp_path / "runs").read_text() == "in the way"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_store_stops_nothing(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        run = begun(Store(tmp_path / "runs"), 0.7)
    finally:
        tmp_path.chmod(0o700)
    assert "Permission denied" in run.warning


def test_a_disk_that_fills_up_stops_nothing_and_warns_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = begun(store, 0.7)
    asked = 0

    def full(*_: object) -> None:
        nonlocal asked
        asked += 1
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.storage.state.save", full)
    for _ in range(3):
        run.checkpoint(dict, now=True)
    run.report(Progress(100, 0.5))
    run.finish("completed")
    assert asked == 1
    assert "No space left on device" in run.warning
    (record,) = store.list()
    assert record.state == "interrupted"
    assert [progress.cost for progress in record.costs()] == [0.7]


def test_a_real_full_device_stops_nothing(store: Store) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    run = store.begin(EXPERIMENT)
    assert run._costs is not None
    run._costs.close()
    run._costs = Path("/dev/full").open("w", buffering=1)  # noqa: SIM115  the run closes it
    run.report(Progress(0, 0.7))
    assert "No space left" in run.warning
    run.finish("completed")


def test_checkpoints_come_at_most_every_few_seconds(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("deepnet_tui.runs.writer.time.monotonic", lambda: now[0])
    saved: list[float] = []
    monkeypatch.setattr("engine.storage.state.save", lambda *_: saved.append(now[0]))
    run = store.begin(EXPERIMENT)
    for second in range(13):
        now[0] = second
        run.checkpoint(dict)
    run.release()
    assert saved == [5.0, 10.0]


def test_data_files_are_remembered_with_their_whole_path(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = store.begin(Experiment.default("table.csv", "y"))
    run.release()
    assert store.open("last").experiment().data.source == str(tmp_path / "table.csv")
    assert "-table-" in run.id


def test_the_home_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path))
    assert Store().folder == tmp_path / "runs"


def test_a_lock_is_free_after_release(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_held(path)
    lock = Lock(path)
    assert is_held(path)
    with pytest.raises(Busy):
        Lock(path)
    lock.release()
    lock.release()
    assert not is_held(path)


def test_costs_of_an_ensemble_can_be_read_back_and_so_can_those_of_earlier_versions(store: Store) -> None:
    old = {"iteration": 0, "cost": 0.7, "validation_cost": None, "learning_rate": 0.1, "epoch": 0.0, "seconds": 0.0}
    run = begun(store)
    run.report(Progress(100, 0.5, 0.6, lowest=0.25, highest=math.inf, internal_cost=0.75))
    run.finish("completed")
    path = store.open("last").folder / "costs.jsonl"
    path.write_text(json.dumps(old) + "\n" + path.read_text())
    first, second = store.open("last").costs()
    assert (first.cost, first.lowest, first.highest, first.internal_cost) == (0.7, None, None, None)
    assert (second.cost, second.lowest, second.internal_cost) == (0.5, 0.25, 0.75)
