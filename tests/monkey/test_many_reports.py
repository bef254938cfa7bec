"""Many reports, from the run to the chart, while the app draws: memory stays, and keys are answered.

With DEEPNET_MONKEY set there are a hundred thousand.
"""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from deepnet_tui.app import DeepnetApp
from deepnet_tui.training.snapshots import MOST_SNAPSHOTS
from tests.deepnet_tui.app.conftest import home as home
from tests.deepnet_tui.app.conftest import keys_take_effect as keys_take_effect
from tests.deepnet_tui.app.conftest import ready, until
from tests.monkey.watch import BusyTime

REPORTS = 100_000 if "DEEPNET_MONKEY" in os.environ else 6_000
FIRST = REPORTS // 5
HISTORY = 2 * REPORTS * 7 * 8  # bytes: seven columns, in a table that doubles
MORE = 14_000_000  # bytes for everything else


def resident() -> int:
    """Bytes of this process that are in memory."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    raise OSError("no VmRSS")


@pytest.mark.timeout(3000)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
async def test_memory_stays_over_many_reports() -> None:
    app, busy, used = DeepnetApp("xor"), BusyTime(), list[int]()
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        run = app.workbench.training_run
        trainer = run.prepare()
        first = trainer.report()

        def report_all() -> None:
            with run.lock:
                run.start_recording(trainer)
                for number in range(1, REPORTS + 1):
                    progress = replace(first, iteration=number, cost=1.0 / number)
                    trainer.report = lambda progress=progress: progress  # type: ignore[method-assign, misc]
                    run.report(trainer)
                    run.pulse = (number, number / 1000)
                    if number in (FIRST, REPORTS):
                        used.append(resident())

        thread = threading.Thread(target=report_all)
        with busy.measured():
            thread.start()
            while thread.is_alive():
                app.main.redraw()
                await pilot.press("L")
                await pilot.pause(0.1)
            await until(pilot, lambda: len(run.history) >= REPORTS)
    sys.stdout.write(f"\n{used[1] - used[0]:,} bytes more after {REPORTS - FIRST:,} reports\n")
    assert used[1] - used[0] < HISTORY + MORE
    assert len(run.snapshots.items) <= MOST_SNAPSHOTS
    assert busy.longest < 1.0
