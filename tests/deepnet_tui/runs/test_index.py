"""The index of the runs: it is never believed against the folders, and never missed."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deepnet_tui.experiment import Experiment
from deepnet_tui.runs import index as index_module
from deepnet_tui.runs.index import FILE, mark_of
from deepnet_tui.runs.metrics import known_settings
from deepnet_tui.runs.record import StoredRun, read_about, read_run
from deepnet_tui.runs.store import Store
from engine.training.events import Progress
from tests.deepnet_tui.runs.many import make_runs

LONG_AGO = 1_700_000_000


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Thirty runs that were written long ago."""
    folder = tmp_path / "runs"
    make_runs(folder, 30)
    for path in folder.glob("*/*"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    return Store(folder)


def from_folders(store: Store) -> list[StoredRun]:
    """The list as it is without an index."""
    found = [run for folder in store.folder.iterdir() if (run := read_run(folder)) is not None]
    return sorted(found, key=lambda run: (run.started, run.id), reverse=True)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the runs whose run.json is read for a list."""
    names: list[str] = []

    def counted(folder: Path) -> object:
        names.append(folder.name)
        return read_about(folder)

    monkeypatch.setattr("deepnet_tui.runs.store.read_about", counted)
    return names


def test_a_second_list_reads_only_what_has_changed(store: Store, reads: list[str]) -> None:
    assert store.list() == from_folders(store)
    assert len(reads) == 30
    reads.clear()
    assert store.list() == from_folders(store)
    assert reads == []
    make_runs(store.folder, 2, first=30)
    changed = store.list()[-1]
    (changed.folder / "run.json").write_text(json.dumps({**changed.about, "cost": 0.125}))
    shutil.rmtree(store.list()[-2].folder)
    reads.clear()
    found = store.list()
    assert found == from_folders(store)
    assert found[-1].cost == 0.125
    assert len(found) == 31
    assert len(reads) == 3


def test_settings_are_read_once_and_anew_where_they_change(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counted(record: StoredRun) -> dict[str, Any]:
        read.append(record.id)
        return known_settings(record)

    monkeypatch.setattr("deepnet_tui.runs.store.known_settings", counted)
    runs = store.list()
    expected = {run.id: known_settings(run) for run in runs}
    assert store.settings(runs) == expected
    assert store.settings(runs[:5]) == {run.id: expected[run.id] for run in runs[:5]}
    assert store.settings(runs) == expected
    assert len(read) == 30
    path = runs[0].folder / "experiment.toml"
    path.write_text(path.read_text().replace("l2 = 0.0", "l2 = 0.5"))
    (runs[1].folder / "experiment.toml").write_text("torn =")
    found = store.settings(runs)
    assert found[runs[0].id]["training.l2"] == 0.5
    assert found[runs[1].id] == {}
    assert len(read) == 32
    monkeypatch.setattr("deepnet_tui.runs.store.__version__", "another")
    store.settings(runs)
    assert len(read) == 62


def test_labels_given_by_another_process_are_seen(store: Store, reads: list[str]) -> None:
    run = store.list()[0]
    Store(store.folder).label(run, lambda labels: labels.named("mine").tagged(["a", "b", "a"]).starred(True))
    (seen,) = [other for other in store.list() if other.labels.name]
    assert (seen.id, seen.labels.tags, seen.labels.star) == (run.id, ("a", "b"), True)
    assert store.open("mine").id == run.id


def test_a_file_that_was_just_written_is_not_believed_to_stay(store: Store) -> None:
    path = store.list()[0].folder
    assert mark_of(str(path), "run.json")
    os.utime(path / "run.json")
    assert mark_of(str(path), "run.json") == ""


def _garbage(path: Path) -> None:
    path.write_bytes(b"this is no database" * 100)


def _newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.execute("ALTER TABLE entries RENAME COLUMN mark TO other")


def _no_table(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE entries")


def _torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize("damage", [_garbage, _newer, _no_table, _torn, Path.unlink])
def test_a_damaged_index_is_made_anew(store: Store, reads: list[str], damage: Callable[[Path], object]) -> None:
    expected = store.list()
    damage(store.folder / FILE)
    assert store.list() == expected
    store.list()
    reads.clear()
    assert store.list() == expected
    assert reads == []


def test_content_that_is_no_json_is_read_anew(store: Store, reads: list[str]) -> None:
    expected = store.list()
    with sqlite3.connect(store.folder / FILE) as connection:
        connection.execute("UPDATE entries SET content = '{torn'")
    assert store.list() == expected
    reads.clear()
    assert store.list() == expected
    assert reads == []


def test_a_locked_index_is_passed_by(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "PATIENCE", 0.01)
    expected = store.list()
    connection = sqlite3.connect(store.folder / FILE, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    assert store.list() == expected
    connection.execute("ROLLBACK")
    connection.close()
    with sqlite3.connect(store.folder / FILE) as again:
        assert again.execute("SELECT count(*) FROM entries").fetchone() == (30,)


def test_something_else_in_the_place_of_the_index_is_passed_by(store: Store) -> None:
    (store.folder / FILE).mkdir()
    assert store.list() == from_folders(store)
    assert (store.folder / FILE).is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_disk_without_room_for_the_index_is_no_error(store: Store) -> None:
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))\n"
        "from pathlib import Path; from deepnet_tui.runs.store import Store\n"
        "store = Store(Path(sys.argv[1])); print(len(store.list()), len(store.list()))"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(store.folder)], capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == ("30 30\n", "")
    assert store.list() == from_folders(store)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_store_is_listed(store: Store) -> None:
    store.folder.chmod(0o500)
    try:
        assert store.list() == from_folders(store)
    finally:
        store.folder.chmod(0o700)


@pytest.mark.skipif(sys.platform != "linux", reason="such names are possible on Linux")
def test_names_that_are_no_text_are_kept(store: Store) -> None:
    shutil.copytree(store.list()[0].folder, os.fsdecode(os.fsencode(store.folder) + b"/odd\xff\x1b[31m"))
    for path in store.folder.glob("*/*"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    expected = from_folders(store)
    assert len(expected) == 31
    assert store.list() == expected
    assert store.list() == expected


def test_a_run_in_training_shows_its_newest_cost(store: Store) -> None:
    run = store.begin(Experiment.default("moons"))
    store.list()
    run.report(Progress(100, 0.5, 0.6, seconds=2.0))
    run._flush_costs()
    seen = store.open(run.id)
    assert (seen.state, seen.iteration, seen.cost, seen.validation_cost) == ("running", 100, 0.5, 0.6)
    with (run.folder / "costs.jsonl").open("a") as costs:
        costs.write('{"iteration": 200, "cost": 0.')
    assert store.open(run.id).iteration == 100
    run.release()
    assert store.open(run.id).state == "interrupted"


def test_a_folder_that_is_half_deleted_is_left_out(store: Store) -> None:
    newest, second = store.list()[:2]
    (newest.folder / "run.json").unlink()
    (second.folder / "costs.jsonl").unlink()
    (second.folder / "experiment.toml").unlink()
    assert next(run.id for run in store.list()) == second.id
    assert store.list() == from_folders(store)


def _train_some(folder: str, number: int, begun: object, pruned: object) -> list[str]:
    store = Store(Path(folder))
    runs = [store.begin(Experiment.default("moons")) for _ in range(3)]
    for step in range(5):
        for run in runs:
            run.report(Progress(step, 1 / (step + 1), None))
        store.list()
    store.label(store.open(runs[0].id), lambda labels: labels.named(f"process {number}"))
    begun.release()  # type: ignore[attr-defined]
    pruned.wait(60)  # type: ignore[attr-defined]
    for run in runs:
        run.finish("completed", "completed")
    return [run.id for run in runs if run.kept]


def test_nothing_is_lost_where_eight_processes_write_and_one_prunes(store: Store) -> None:
    with multiprocessing.Manager() as manager:
        begun, pruned = manager.Semaphore(0), manager.Event()
        with multiprocessing.get_context("spawn").Pool(8) as pool:
            work = [(str(store.folder), number, begun, pruned) for number in range(8)]
            answers = pool.starmap_async(_train_some, work, chunksize=1)
            ready = 0
            while ready < 8:
                store.prune(0)
                ready += begun.acquire(timeout=0.05)
            store.prune(0)
            pruned.set()
            trained = {name for names in answers.get(60) for name in names}
    found = store.list()
    assert len(trained) == 24
    assert {run.id for run in found} == trained
    assert found == from_folders(store)
    assert {run.state for run in found} == {"completed"}
    assert {run.iteration for run in found} == {4}
    assert sorted(run.labels.name for run in found if run.labels.name) == [f"process {number}" for number in range(8)]
