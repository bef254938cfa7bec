"""Training without a screen: the loop, the run that is kept, and what comes out."""

from __future__ import annotations

import contextlib
import hashlib
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from deepnet_tui.common.errors import InputError
from engine.training.events import Finished, Progress

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.model import Model
    from deepnet_tui.runs import RunWriter, Store, StoredRun
    from engine.training.trainer import Trainer

SLICE = 0.05  # seconds of training between two looks at whether to stop


@dataclass(frozen=True)
class Watching:
    """What is told while it trains: every report, and after every slice the trainer itself."""

    report: Callable[[Progress], None]
    tick: Callable[[Trainer], None]


def train(trainer: Trainer, run: RunWriter, watching: Watching, stop: threading.Event) -> Finished:
    """Train to the end or until `stop`, and keep the run meanwhile; the caller finishes the run.

    A run that is stopped has the reason `interrupted`; its last report is shown but not kept, because going on
    from there gives the costs of a run that was never stopped.
    """
    size, reported = 1, -1
    while trainer.finished() is None:
        if trainer.until_report == 0:
            progress = trainer.report()
            if progress.iteration != reported:  # it is the same again where a divergence fell back to it
                run.report(progress)
                watching.report(progress)
            reported = progress.iteration
            run.checkpoint(trainer.state)
        elif stop.is_set():
            return _interrupted(trainer, run, watching)
        else:
            began = time.perf_counter()
            size = min(size, trainer.until_report)
            trainer.advance(size)
            size = _next_size(size, time.perf_counter() - began)
            if run.due and _finite(trainer):
                run.checkpoint(trainer.state)
            watching.tick(trainer)
    run.checkpoint(trainer.state, now=True)
    finished = trainer.finished()
    assert finished is not None  # noqa: S101  the loop's condition, for the type checker
    return finished


def _interrupted(trainer: Trainer, run: RunWriter, watching: Watching) -> Finished:
    cost = trainer.cost()
    if not math.isfinite(cost):
        watching.report(trainer.report())
        diverged = trainer.finished()
        if diverged is not None:
            run.checkpoint(trainer.state, now=True)
            return diverged
    run.checkpoint(trainer.state, now=True)
    at = (trainer.iteration, cost, trainer.validation_cost(), trainer.learning_rate, trainer.epoch, trainer.seconds)
    watching.report(Progress(*at))
    return Finished("interrupted", trainer.iteration, cost, f"stopped at iteration {trainer.iteration:,}")


def _next_size(size: int, took: float) -> int:
    """The iterations of the next slice, so that it takes about SLICE seconds."""
    return max(1, min(4 * size, int(size * SLICE / max(took, 1e-9))))


def _finite(trainer: Trainer) -> bool:
    return all(np.isfinite(values).all() for values in trainer.parameters.values())


def state_of(finished: Finished) -> str:
    """How a run that ended like this is called in the run store."""
    return finished.reason if finished.reason in ("interrupted", "diverged") else "completed"


def digest(dataset: Dataset) -> str:
    """A fingerprint of the numbers that are trained on and held out."""
    found = hashlib.blake2b(digest_size=16)
    for part in (dataset.train, dataset.validation):
        for array in () if part is None else (part.X, part.Y):
            found.update(f"{array.shape}{array.dtype.str}".encode())
            found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()


def restore(record: StoredRun, *, anew: bool = False) -> tuple[Dataset, Trainer]:
    """The data and the trainer of a kept run, as they were at its newest checkpoint, or `anew` at its first iteration.

    Raises InputError where there is no checkpoint, or where the data are gone or no longer the same.
    """
    from deepnet_tui.data.load import load
    from engine.storage.state import StateError
    from engine.training.trainer import Trainer

    state = None if anew else record.checkpoint()
    experiment = record.experiment()
    dataset = load(experiment.data)
    if record.about.get("data") not in (None, digest(dataset)):
        raise InputError(f"the data of run {record.id} have changed since: {record.source}", "run")
    if state is None:
        return dataset, experiment.trainer(dataset)
    held = dataset.validation
    try:
        trainer = Trainer.from_state(
            state, dataset.train.X, dataset.train.Y, validation=None if held is None else (held.X, held.Y)
        )
    except (StateError, ValueError) as error:
        raise InputError(f"run {record.id} can't be restored: {error}", "run") from None
    return dataset, trainer


def resume(store: Store, record: StoredRun, iterations: int | None = None) -> tuple[Dataset, Trainer, RunWriter]:
    """Take up a run where its newest checkpoint is, or where it began if it has none yet.

    `iterations` takes the place of its own number, so that a run that has completed goes on.
    Raises InputError for one that is in use or at its end.
    """
    if record.state == "diverged" or (record.state == "completed" and iterations is None):
        more = "; a larger number of --iterations lets it go on" if record.state == "completed" else ""
        raise InputError(f"run {record.id} has {record.state}, so there is nothing to go on with{more}", "run")
    run = store.resume(record)
    try:
        dataset, trainer = restore(record, anew=not record.has_checkpoint)
        if iterations is not None:
            _prolong(record, trainer, iterations)
    except BaseException:
        run.release()
        raise
    due = trainer.finished() is None and trainer.until_report == 0  # the checkpoint was taken just before a report
    run.rewind(trainer.iteration - 1 if due else trainer.iteration)
    if iterations is not None:
        run.record(record.experiment().replace("training", iterations=iterations))
    return dataset, trainer, run


def _prolong(record: StoredRun, trainer: Trainer, iterations: int) -> None:
    """Let the trainer go on to another number of iterations. Raises InputError where that does not lead on."""
    if iterations <= trainer.iteration:
        raise InputError(
            f"run {record.id} is at iteration {trainer.iteration:,} already; --iterations must be more", "run"
        )
    if trainer.finished() is not None and iterations <= (had := trainer.training.iterations):
        raise InputError(f"run {record.id} could go to iteration {had:,} already; --iterations must be more", "run")
    trainer.change(iterations=iterations)
    if (end := trainer.finished()) is not None:
        raise InputError(f"run {record.id} does not go on with more iterations: {end.message or end.reason}", "run")


def model_of(record: StoredRun) -> Model:
    """The model that a kept run has trained so far. Raises InputError.

    The data are needed only where the run was cut off, or kept by a version that wrote no model.
    """
    from deepnet_tui.export import load
    from deepnet_tui.model import Model
    from deepnet_tui.runs.run import MODEL

    with contextlib.suppress(InputError):
        return load(record.folder / MODEL)
    dataset, trainer = restore(record)
    metrics: dict[str, Any] | None = record.about.get("metrics")
    return Model.of(dataset, trainer, metrics)
