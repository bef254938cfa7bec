"""Long runs: memory stays, files grow with the reports only, chart and time machine are as quick as at first.

With DEEPNET_FAULTS set a million iterations are trained.
"""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from deepnet_tui.app import DeepnetApp
from deepnet_tui.data.load import load
from deepnet_tui.experiment import Experiment
from deepnet_tui.runs.follow import CostsFile
from deepnet_tui.runs.store import Store
from deepnet_tui.runs.writer import COSTS
from deepnet_tui.training.run import TrainingRun
from deepnet_tui.training.snapshots import MOST_SNAPSHOTS
from deepnet_tui.training.stored_run import resume
from deepnet_tui.training.thread import TrainingThread
from engine.training.events import Progress
from tests.deepnet_tui.app.conftest import keys_take_effect as keys_take_effect
from tests.deepnet_tui.app.conftest import ready

LONG = bool(os.environ.get("DEEPNET_FAULTS"))
REPORTS, EVERY = (10_000, 100) if LONG else (400, 1)
BYTES_A_REPORT = 200  # of costs.jsonl
XOR = Experiment.default("xor").replace("network", hidden=(2,))


def sizes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in folder.iterdir()}


@pytest.mark.timeout(3000)
def test_memory_and_files_of_a_long_run(tmp_path: Path) -> None:
    experiment = XOR.replace("training", iterations=REPORTS * EVERY, report_every=EVERY)
    store = Store(tmp_path)
    run = TrainingRun(experiment, load(experiment.data), store=store)
    trainer = run.prepare()
    run.start_recording(trainer)
    held: list[int] = []
    while trainer.finished() is None:
        if trainer.until_report == 0:
            run.report(trainer)
            if len(run.history) == REPORTS // 4:
                tracemalloc.start()
            if len(run.history) in (REPORTS // 2, REPORTS):
                held.append(tracemalloc.get_traced_memory()[0])
        else:
            trainer.advance(trainer.until_report)
    tracemalloc.stop()
    run.close()
    assert len(run.history) == REPORTS + 1
    assert len(run.snapshots.items) <= MOST_SNAPSHOTS
    assert held[-1] - held[0] < 1_500_000
    record = store.open("last")
    files = sizes(record.folder)
    assert files.pop(COSTS) < BYTES_A_REPORT * REPORTS
    assert sum(files.values()) < 30_000
    assert [path for path in record.folder.iterdir() if path.suffix == ".tmp"] == []


@pytest.mark.skipif(not LONG, reason="a million iterations take a minute")
@pytest.mark.timeout(3000)
def test_a_million_iterations_in_the_thread_of_the_app(tmp_path: Path) -> None:
    experiment = XOR.replace("training", iterations=1_000_000, report_every=100)
    store = Store(tmp_path)
    run = TrainingRun(experiment, load(experiment.data), store=store)
    thread = TrainingThread(run, lambda message: None, 1)
    thread.start()
    used: dict[int, int] = {}
    while thread.is_alive():
        thread.join(0.1)
        used[run.pulse[0]] = resident()
    run.close()
    settled = next(memory for iteration, memory in used.items() if iteration > 50_000)
    assert max(used.values()) - settled < 12_000_000
    assert len(run.history) == 10_001
    began = time.perf_counter()
    _, trainer, writer = resume(store, store.open("last"), 1_001_000)
    assert time.perf_counter() - began < 10
    assert trainer.iteration == 1_000_000
    writer.release()


def resident() -> int:
    """The memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def fastest(work: Callable[[], object], times: int = 7) -> float:
    best = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


async def test_chart_and_time_machine_are_as_quick_as_at_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path))
    app = DeepnetApp(XOR.replace("training", iterations=1_000_000, report_every=100))
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        bench = app.workbench
        run, pane = bench.training_run, app.main.query_one("#cost")
        seconds: dict[int, tuple[float, ...]] = {}
        for count in (100, 10_000):
            for number in range(len(run.history), count + 1):
                run.history.append(Progress(100 * number, 1 / (1 + number), 1.0, 0.01))

            def chart() -> None:
                pane.show(bench)  # type: ignore[attr-defined]
                pane._chart.render()  # type: ignore[attr-defined]

            def machine() -> None:
                bench.back(1)
                bench.back(-1)

            seconds[count] = (fastest(chart), fastest(machine))
        ratios = [late / early for early, late in zip(seconds[100], seconds[10_000], strict=True)]
        record_property("ratios", ratios)
        assert ratios[0] < 4
        assert seconds[10_000][1] < 0.01


def test_costs_of_a_long_run_are_read_on(tmp_path: Path) -> None:
    line = (
        '{"iteration": %d, "cost": 0.5, "validation_cost": null, "learning_rate": 0.01, "epoch": 1.0, "seconds": 2.5}\n'
    )
    path = tmp_path / COSTS
    path.write_text("".join(line % (100 * number) for number in range(10_000)))
    costs = CostsFile(tmp_path)
    first = fastest(costs.curve, 1)
    with path.open("a") as file:
        file.write(line % 1_000_000)
    assert fastest(costs.curve, 1) < max(first, 0.05)
    assert len(costs.curve()) == 10_001
