"""Runs that others train, label and delete are followed by reading only what is new."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.common.errors import InputError
from deepnet_tui.experiment import Experiment
from deepnet_tui.runs import follow
from deepnet_tui.runs.follow import CostsFile, RunCurve, RunsWatch
from deepnet_tui.runs.query import Query
from deepnet_tui.runs.store import Store
from deepnet_tui.runs.writer import read_costs
from engine.training.events import Progress
from tests.deepnet_tui.runs.many import make_runs

MOONS = Experiment.default("moons")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    make_runs(tmp_path / "runs", 6)
    return Store(tmp_path / "runs")


def expected(folder: Path) -> list[tuple[float, ...]]:
    """The reports as the store reads them at once."""
    found = read_costs(folder)
    table = [(p.iteration, p.epoch, p.seconds, p.cost, p.validation_cost) for p in found]
    return [tuple(np.nan if value is None else float(value) for value in row) for row in table]


def same(curve: RunCurve, reports: list[tuple[float, ...]]) -> None:
    rows = np.array(reports).reshape(-1, 5)
    table = np.stack([curve.iteration, curve.epoch, curve.seconds, curve.cost, curve.validation_cost], axis=1)
    np.testing.assert_array_equal(table, rows)


LINE = '{{"iteration": {0}, "cost": {1}, "validation_cost": null, "epoch": 1.5, "seconds": 0.25}}\n'
LINES = [*(LINE.format(10 * number, cost) for number, cost in enumerate([0.5, "null", 0.25])), "torn\n", "[]\n"]


@given(
    lines=st.lists(st.sampled_from(LINES), max_size=8),
    cuts=st.lists(st.integers(0, 500), max_size=6),
    piece=st.integers(1, 600),
)
def test_costs_read_in_pieces_are_those_read_at_once(
    lines: list[str], cuts: list[int], piece: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    text = "".join(lines).encode()
    path = folder / "costs.jsonl"
    path.write_bytes(b"")
    file = CostsFile(folder)
    for cut in [*sorted(min(cut, len(text)) for cut in cuts), len(text)]:
        path.write_bytes(text[: text[:cut].rfind(b"\n") + 1])
        whole = expected(folder)
        with path.open("ab") as grown:
            grown.write(text[path.stat().st_size : cut])
        with patch.object(follow, "PIECE", piece):
            same(file.curve(), whole)


def test_a_run_that_goes_on_from_its_checkpoint_is_read_anew(store: Store) -> None:
    run = store.begin(MOONS)
    for step in range(4):
        run.report(Progress(step, 1 / (step + 1), None))
    run.release()
    file = CostsFile(run.folder)
    assert len(file.curve()) == 4
    assert file.curve() is file.curve(), "nothing new is no new curve"
    run = store.resume(store.open(run.id))
    run.rewind(1)
    for step in range(2, 4):
        run.report(Progress(step, 0.125, None))
    run.release()
    np.testing.assert_array_equal(file.curve().cost, [1, 0.5, 0.125, 0.125])
    shutil.rmtree(run.folder)
    assert len(file.curve()) == 0


def test_what_others_do_is_seen(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "IN_TURN", 0)
    watch = RunsWatch(store)
    known = {run.id: run for run in store.list()}
    assert not watch.changes(known, known)
    first, second, third = list(known)[:3]
    run = store.begin(MOONS)
    (store.folder / "half-made").mkdir()
    store.delete([known[first]])
    Store(store.folder).label(known[second], lambda labels: labels.starred(True))
    Store(store.folder).label(known[third], lambda labels: labels.starred(True))
    found = watch.changes(known, [second])
    assert found.gone == {first}
    assert set(found.changed) == {run.id, second}, "the third is not watched"
    assert found.changed[second].labels.star
    known = {**{name: record for name, record in known.items() if name not in found.gone}, **found.changed}
    run.report(Progress(10, 0.5, 0.75))
    run._flush_costs()
    assert watch.changes(known, []).changed[run.id].cost == 0.5, "what is trained is always looked at"
    shutil.copy(known[second].folder / "run.json", store.folder / "half-made" / "run.json")
    run.finish("completed", cost=0.25)
    found = watch.changes(known, [])
    assert (found.changed[run.id].state, found.changed[run.id].cost) == ("completed", 0.25)
    assert "half-made" in found.changed, "a folder may take its time to become a run"


def test_two_changes_in_the_same_tick_of_the_clock_are_both_seen(store: Store) -> None:
    watch, known = RunsWatch(store), {run.id: run for run in store.list()}
    first, second = list(known)[:2]
    store.delete([known[first]])
    tick = store.folder.stat().st_mtime_ns
    assert watch.changes(known, []).gone == {first}
    del known[first]
    store.delete([known[second]])
    os.utime(store.folder, ns=(tick, tick))
    assert watch.changes(known, []).gone == {second}


def test_what_nobody_watches_has_its_turn(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "IN_TURN", 4)
    watch, known = RunsWatch(store), {run.id: run for run in store.list()}
    for run in known.values():
        store.label(run, lambda labels: labels.starred(True))
    assert len(watch.changes(known, []).changed) == 4
    assert len(watch.changes(known, []).changed) == 2
    known = {run.id: run for run in store.list()}
    assert not any(watch.changes(known, []) for _ in range(3))


def test_a_run_whose_process_was_killed_is_interrupted(store: Store) -> None:
    run = store.begin(MOONS)
    watch, known = RunsWatch(store), {each.id: each for each in store.list()}
    assert not watch.changes(known, [])
    run.release()
    assert watch.changes(known, []).changed[run.id].state == "interrupted"


def test_a_line_asks_for_what_the_options_ask_for(store: Store) -> None:
    runs = store.list()
    store.label(runs[0], lambda labels: labels.named("two layers").tagged(["paper"]).starred(True))
    runs = store.list()

    def ids(query: Query) -> list[str]:
        return [run.id for run in query.of(runs)]

    assert ids(Query.typed('"two layers" tag:pap star: state:s')) == ids(Query(["two layers"], "", "stopped"))
    assert ids(Query.typed("source:moo state:comp")) == ids(Query(source="moo", state="completed"))
    assert ids(Query.typed("source:moons tag:", "cost", True)) == ids(Query(source="moons", sort="cost", reverse=True))
    assert ids(Query.typed("state:")) == ids(Query())
    assert ids(Query.typed("note:none")) == []
    with pytest.raises(InputError, match="state: running, completed"):
        Query.typed("moons state:x")


@given(st.text(alphabet='ab :"\t', max_size=30))
def test_any_line_can_be_typed(text: str) -> None:
    query = Query.typed(text)
    if '"' not in text:
        assert list(query.words) == text.split()


def test_values_that_are_no_numbers_end_the_curve(store: Store) -> None:
    folder = store.list()[0].folder
    with (folder / "costs.jsonl").open("a") as costs:
        costs.write(json.dumps({"iteration": "x", "cost": 1}) + "\n" + LINES[0])
    assert len(CostsFile(folder).curve()) == 20
