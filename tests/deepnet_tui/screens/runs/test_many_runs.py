"""Ten thousand runs, and many processes at once."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from pathlib import Path

import pytest

from deepnet_tui.runs.store import Store
from tests.deepnet_tui.app.conftest import until
from tests.deepnet_tui.runs.many import LONG_AGO, make_runs
from tests.deepnet_tui.screens.runs.conftest import RunsApp, listed, text_of

MANY = 10_000
LONGEST = 3.0  # seconds of this process; one that is alone on a machine takes 0.4
LONGEST_TRAINING = 120  # seconds
PROCESSES = 8


async def test_ten_thousand_runs_are_opened_and_filtered_without_delay(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs")
    make_runs(store.folder, MANY, bare=True)
    assert len(store.list()) == MANY
    async with RunsApp(store).run_test(size=(120, 36)) as pilot:
        began = time.process_time()
        screen = await listed(pilot, MANY)
        assert time.process_time() - began < LONGEST
        await until(pilot, lambda: not screen._looking.running and not screen._comparing.running)
        began = time.process_time()
        for typed, fits in (("m", MANY), ("mo state:d", 0), ("source:moons", 3334)):
            screen.query_one("#filter").value = typed  # type: ignore[attr-defined]
            await pilot.press("down")
            if fits != MANY:
                await until(pilot, lambda fits=fits: len(screen.state.listed) == fits, typed)  # type: ignore[misc]
        assert time.process_time() - began < LONGEST
        began = time.process_time()
        await pilot.press("end", "space")
        assert screen.runs.chosen is not None
        assert screen.runs.chosen.id == screen.state.listed[-1].id
        assert screen.state.listed[-1].id[-12:] in text_of(pilot)
        assert time.process_time() - began < LONGEST


def _train(home: str, number: int, go: object) -> None:
    """What one of the eight processes does."""
    from deepnet_tui.cli import main

    os.environ["DEEPNET_TUI_HOME"] = home
    go.wait(60)  # type: ignore[attr-defined]
    assert main(["train", "moons", "--iterations", "40", "--report-every", "2", "--seed", str(number), "--quiet"]) == 0
    new = [run for run in Store().list() if run.started > LONG_AGO + 1e6]  # the others are pruned meanwhile
    (own,) = [run.id for run in new if run.experiment().training.seed == number]
    assert main(["runs", "name", own, f"process {number}"]) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs processes that are forked from one that has all loaded")
async def test_nothing_is_lost_where_eight_train_one_prunes_and_a_screen_is_open(tmp_path: Path) -> None:
    home = tmp_path / "crowd"
    store = Store(home / "runs")
    make_runs(store.folder, 30)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["deepnet_tui.cli.training_run", "deepnet_tui.evaluate.metrics", "sklearn.metrics"])
    go = context.Event()
    trainers = [context.Process(target=_train, args=(str(home), number, go)) for number in range(PROCESSES)]
    for trainer in trainers:
        trainer.start()
    async with RunsApp(store).run_test(size=(80, 24)) as pilot:
        screen = await listed(pilot, 30)
        go.set()

        end = time.monotonic() + LONGEST_TRAINING
        while any(trainer.is_alive() for trainer in trainers) and time.monotonic() < end:
            screen.look()
            store.prune(PROCESSES)
            await pilot.pause(0.25)
        assert [trainer.exitcode for trainer in trainers] == [0] * PROCESSES
        screen.look()
        await listed(pilot, PROCESSES)
        runs = Store(store.folder).list()

        def same() -> bool:
            screen.look()
            return screen.state.listed == runs

        await until(pilot, same, "the same on the screen")
    assert sorted(run.labels.name for run in runs) == [f"process {number}" for number in range(PROCESSES)]
    assert {run.state for run in runs} == {"completed"}
    assert {run.experiment().training.seed for run in runs} == set(range(PROCESSES))
    for run in runs:
        assert [report.iteration for report in run.costs()] == list(range(0, 41, 2))
        assert set(run.about["metrics"]) == {"train", "validation", "test"}
        assert (run.folder / "model.npz").exists()
