"""Training without a screen: the loop, and what is kept meanwhile."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from engine.training.events import Finished, Progress

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.runs.writer import RunWriter
    from deepnet_tui.training.calibration import Calibration
    from engine.training.trainer import Trainer

SLICE = 0.05  # seconds of training after which it is seen whether to stop


@dataclass(frozen=True)
class Observer:
    """What is called during training: `report` with every report, `tick` with the trainer after every slice."""

    report: Callable[[Progress], None]
    tick: Callable[[Trainer], None]


@dataclass(frozen=True)
class Ending:
    """How a run ended, and how its output was calibrated then, None if it was not."""

    finished: Finished
    calibration: Calibration | None = None


def train(dataset: Dataset, trainer: Trainer, run: RunWriter, observer: Observer, stop: threading.Event) -> Ending:
    """Train to the end or until `stop`, writing reports and checkpoints to `run`; the caller finishes the run.

    A run that is stopped has the reason `interrupted`, and its best parameters as at any other end; its last report is
    shown but not kept, because going on from its checkpoint gives the costs of a run that was never stopped.
    """
    size, reported = 1, -1
    while trainer.finished() is None:
        if trainer.until_report == 0:
            progress = trainer.report()
            if progress.iteration != reported:  # the same one again after a divergence fell back to it
                run.report(progress)
                observer.report(progress)
            reported = progress.iteration
            run.checkpoint(trainer.state)
        elif stop.is_set():
            return _interrupted(dataset, trainer, run, observer)
        else:
            began = time.perf_counter()
            size = min(size, trainer.until_report)
            trainer.advance(size)
            size = _next_size(size, time.perf_counter() - began)
            if run.due and _finite(trainer):
                run.checkpoint(trainer.state)
            observer.tick(trainer)
    calibration = _calibrated(dataset, trainer)
    run.checkpoint(trainer.state, now=True)
    finished = trainer.finished()
    assert finished is not None  # noqa: S101  the loop's condition, for the type checker
    return Ending(finished, calibration)


def _interrupted(dataset: Dataset, trainer: Trainer, run: RunWriter, observer: Observer) -> Ending:
    """End the run here; the checkpoint is written first, so that it goes on from the parameters that it has now."""
    if not math.isfinite(trainer.measure().cost):
        observer.report(trainer.report())
    else:
        run.checkpoint(trainer.state, now=True)
        observer.report(trainer.stop())
    calibration = _calibrated(dataset, trainer)
    finished = trainer.finished()
    assert finished is not None  # noqa: S101  a cost that is not finite ends it, too
    if finished.reason == "diverged":
        run.checkpoint(trainer.state, now=True)
        return Ending(finished)
    said = f"stopped at iteration {finished.iteration:,}"
    return Ending(replace(finished, message="; ".join(filter(None, (said, finished.message)))), calibration)


def _calibrated(dataset: Dataset, trainer: Trainer) -> Calibration | None:
    from deepnet_tui.training.calibration import calibrate

    return calibrate(dataset, trainer)


def _next_size(size: int, took: float) -> int:
    """The iterations of the next slice, so that it takes about SLICE seconds."""
    return max(1, min(4 * size, int(size * SLICE / max(took, 1e-9))))


def _finite(trainer: Trainer) -> bool:
    return all(np.isfinite(values).all() for values in trainer.parameters.values())


def state_of(finished: Finished) -> str:
    """The state in the run store of a run that ended like this."""
    return finished.reason if finished.reason in ("interrupted", "diverged") else "completed"
