"""The product as people use it: `train` with the file and the target alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.tables.listing import Table
from benchmarks.tables.outcome import Outcome, scores
from benchmarks.tables.split import data_settings
from deepnet_tui.runs.store import Store


def learn(table: Table, seed: int, options: Sequence[str] = ()) -> Outcome:
    """Train in a process, with these options of `train` besides; the scores are those of its validation part.

    The seconds are those of the process. Raises ValueError with what the command said if it fails, and for options
    that change the data: the peers would have other rows or columns.
    """
    with TemporaryDirectory() as home:
        asked = ["train", str(table.path.absolute()), "--target", table.target, "--seed", str(seed), "--json", *options]
        started = time.perf_counter()
        lines, first_report = _run(asked, Path(home), started)
        seconds = time.perf_counter() - started
        end = _end(lines)
        if Store(Path(home) / "runs").open(end["run"]).experiment().data != data_settings(table, seed):
            raise ValueError("its options change the data, so its scores can't be compared")
    return Outcome(seconds, scores(table.task, end["metrics"]["validation"]), first_report, end["iteration"])


def _run(arguments: Sequence[str], home: Path, started: float) -> tuple[list[str], float | None]:
    """The lines that the command printed, and the seconds until the first of them, the report of iteration 0."""
    setting = {**os.environ, "DEEPNET_TUI_HOME": str(home)}
    command = [sys.executable, "-m", "deepnet_tui", *arguments]
    said = home / "said"
    lines: list[str] = []
    first = None
    with (
        said.open("w", encoding="utf-8") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8", env=setting) as process,  # noqa: S603  the command is this repository's own
    ):
        for line in process.stdout or ():
            first = time.perf_counter() - started if first is None else first
            lines.append(line)
    if process.returncode:
        last = (said.read_text(encoding="utf-8").strip().splitlines() or ["nothing"])[-1]
        raise ValueError(f"{arguments[0]} ended with {process.returncode} and said: {last}")
    return lines, first


def _end(lines: Sequence[str]) -> dict[str, Any]:
    """The event that says how the training ended. Raises ValueError where there is none."""
    events: list[dict[str, Any]] = [json.loads(line) for line in lines if line.strip()]
    if not events or events[-1].get("event") != "finished":
        raise ValueError("train did not say how it ended")
    return events[-1]
