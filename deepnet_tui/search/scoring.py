"""The score of a trial: its loss on training rows that its networks were not trained on.

Some networks of the same settings are trained as one computation, each of which keeps another fifth of the training
rows aside; with five of them every row is scored once, by a network that has not seen it: cross-validation within the
training rows. The rows that are held out for validation and test are never read; a worker does not even have them.

This module is what a worker process loads: the engine, and nothing of the product.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from engine.arrays import Array
from engine.ops.optimizers import OPTIMIZERS
from engine.spec import NetworkSpec, TrainingSpec
from engine.training.trainer import Trainer

SHARE = 0.2  # of the training rows that each network keeps aside
PARTS = ((2_000, 5), (10_000, 3))  # so many networks up to so many training rows; then the rows of one part suffice


@dataclass(frozen=True)
class TrainingRows:
    """The training rows: X (n0, m), Y (nL, m)."""

    X: Array
    Y: Array

    def write(self, folder: Path) -> RowsFile:
        """Write them for the processes of this machine."""
        np.save(folder / "X.npy", self.X)
        np.save(folder / "Y.npy", self.Y)
        return RowsFile(str(folder))


@dataclass(frozen=True)
class RowsFile:
    """Where `TrainingRows.write` has put the training rows."""

    folder: str

    def read(self) -> TrainingRows:
        """The rows, mapped into memory once."""
        return _read(self.folder)


@lru_cache(1)
def _read(folder: str) -> TrainingRows:
    parts = (np.load(Path(folder) / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in ("X", "Y"))
    return TrainingRows(*parts)


@dataclass(frozen=True)
class Task:
    """What a worker needs for one trial. `by` says which parameters a run of these settings ends with, as `kept_by`.

    `bar` has for each report the score that a trial must have reached by then, or it is pruned; nan for none.
    """

    network: NetworkSpec
    training: TrainingSpec
    by: str
    bar: tuple[float, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of a trial: `state` is done, pruned, diverged or stopped; the score is the mean of its `parts`.

    `reports` are the scores at every report.
    """

    state: str
    parts: tuple[float, ...]
    reports: tuple[float, ...]
    seconds: float

    @property
    def score(self) -> float:
        """The mean loss over the parts; lower is better."""
        return sum(self.parts) / len(self.parts) if self.parts else math.inf


def parts_for(network: NetworkSpec, training: TrainingSpec, m: int) -> int:
    """How many networks are trained for a score: one where the optimizer or the loss can train no more at once."""
    if OPTIMIZERS[training.optimizer].line_search or network.loss_function.pooled is None:
        return 1
    return next((count for rows, count in PARTS if m < rows), 1)


def kept_by(training: TrainingSpec) -> str:
    """Which parameters a run ends with: each network's own best, the best of all with patience, or the last ones."""
    return "each" if training.internal else "best" if training.patience else "last"


def task_for(network: NetworkSpec, training: TrainingSpec, m: int, bar: tuple[float, ...] = ()) -> Task:
    """The scoring of these settings on m training rows."""
    scored = replace(network, ensemble=parts_for(network, training, m))
    return Task(scored, replace(training, internal=SHARE, calibrate=False), kept_by(training), bar)


def score(task: Task, rows: TrainingRows | RowsFile, stopped: Callable[[], bool] = lambda: False) -> Outcome:
    """Train the networks of a trial and score them. Raises SpecError or DataError where that can't be done."""
    began = time.perf_counter()
    if isinstance(rows, RowsFile):
        rows = rows.read()
    trainer = Trainer(task.network, task.training, rows.X, rows.Y)
    best = np.full(task.network.ensemble, math.inf)
    reports: list[float] = []

    def outcome(state: str) -> Outcome:
        return Outcome(state, tuple(best.tolist()), tuple(reports), time.perf_counter() - began)

    while trainer.finished() is None:
        if trainer.until_report:
            trainer.advance(trainer.until_report)
            continue
        parts = trainer.member_losses()
        trainer.report()
        if (end := trainer.finished()) is not None and end.reason == "diverged":
            return outcome("diverged")
        parts = np.where(np.isfinite(parts), parts, math.inf)
        if task.by == "each":
            best = np.minimum(best, parts)
        elif task.by == "last" or parts.mean() < best.mean():
            best = parts
        reports.append(float(best.mean()))
        if trainer.finished() is None:
            if stopped():
                return outcome("stopped")
            if falls_behind(reports, task.bar):
                return outcome("pruned")
    return outcome("done" if np.isfinite(best).all() else "diverged")


def falls_behind(reports: list[float], bar: tuple[float, ...]) -> bool:
    """Whether a trial with these scores so far is worse at the last of them than the bar there."""
    step = len(reports) - 1
    return step < len(bar) and not math.isnan(bar[step]) and min(reports) > bar[step]
