"""A store with as many runs as wanted, made without training: `python -m tests.deepnet_tui.runs.many FOLDER N`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

LONG_AGO = 1_700_000_000
STATES = ("completed", "completed", "completed", "stopped", "diverged", "interrupted")
SOURCES = ("moons", "circles", "spirals")


def make_runs(store: Path, count: int, first: int = 0, *, bare: bool = False) -> None:
    """Write run.json, experiment.toml and costs of `count` runs, which differ in all that can be asked for.

    `bare` runs have run.json only, which was written long ago.
    """
    for number in range(first, first + count):
        source = SOURCES[number % len(SOURCES)]
        folder = store / f"2026{number:08d}-{source}"
        folder.mkdir(parents=True)
        cost = 1 / (1 + number % 997)
        reports = [
            {"iteration": 100 * step, "cost": cost + 1 / (step + 1), "validation_cost": cost, "learning_rate": 0.01}
            | {"epoch": float(step), "seconds": step / 10}
            for step in range(20)
        ]
        scores = {"accuracy": (number % 101) / 100, "log_loss": cost, "roc_auc": 0.5, "f1": 0.5}
        about = {
            "source": source,
            "started": 1.7e9 + number,
            "data": f"{number:032x}",
            "network": [2, 16, 8, 1],
            "task": "binary",
            "state": STATES[number % len(STATES)],
            "iteration": 1900,
            "seconds": 1.9,
            "cost": cost,
            "validation_cost": cost,
            "reason": "completed",
            "metrics": {"train": scores, "validation": scores, "test": None},
        }
        (folder / "run.json").write_text(json.dumps(about))
        if bare:
            os.utime(folder / "run.json", (LONG_AGO, LONG_AGO))
            continue
        (folder / "costs.jsonl").write_text("".join(json.dumps(report) + "\n" for report in reports))
        training = f'optimizer = "adam"\nl2 = 0.0\nlearning_rate = {10.0 ** -(number % 5)}'
        (folder / "experiment.toml").write_text(
            f'[data]\nsource = "{source}"\n\n[network]\nhidden = [16, 8]\n\n[training]\n{training}\n'
        )
        (folder / "lock").touch()


if __name__ == "__main__":
    make_runs(Path(sys.argv[1]), int(sys.argv[2]))
