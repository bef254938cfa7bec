"""Runs that were kept: training them further, and the model that they have trained so far."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import cache_folder

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.model import Model
    from deepnet_tui.runs.store import Store, StoredRun
    from deepnet_tui.runs.writer import RunWriter
    from engine.training.trainer import Trainer


def data_digest(dataset: Dataset) -> str:
    """A fingerprint of the numbers of the training and the validation part, to see whether data have changed."""
    found = hashlib.blake2b(digest_size=16)
    for part in (dataset.train, dataset.validation):
        for array in () if part is None else (part.X, part.Y):
            found.update(f"{array.shape}{array.dtype.str}".encode())
            found.update(np.ascontiguousarray(array.T if array.flags.f_contiguous else array).data)
    return found.hexdigest()


def data_as_kept(experiment: Experiment, known: object) -> tuple[Dataset, bool]:
    """The data of a kept run, and whether they are those with the fingerprint `known`, None if it has none.

    The inputs of a large table are in the precision that they had then. Raises InputError.
    """
    from deepnet_tui.data.load import load

    own = experiment.training.dtype
    dataset = experiment.fitted(load(experiment.data, dtype=own))
    if known is None or data_digest(dataset) == known:
        return dataset, True
    other = experiment.fitted(load(experiment.data, dtype="float64" if own == "float32" else "float32"))
    return (other, True) if data_digest(other) == known else (dataset, False)


def restore(record: StoredRun, *, from_start: bool = False, engine: str | None = None) -> tuple[Dataset, Trainer]:
    """The data and the trainer of a kept run, at its newest checkpoint, or `from_start` at its first iteration.

    `engine` is how iterations are computed, as for a Trainer.

    Raises InputError where there is no checkpoint, or where the data are gone or no longer the same.
    """
    from engine.compiled.native import compiler
    from engine.storage.state import StateError
    from engine.training.trainer import Trainer

    compiler.cache_root = cache_folder

    state = None if from_start else record.checkpoint()
    experiment = record.experiment()
    dataset, same = data_as_kept(experiment, record.about.get("data"))
    if not same:
        raise InputError(f"the data of run {record.id} have changed since: {record.source}", "run")
    if state is None:
        return dataset, experiment.trainer(dataset, engine)
    part = dataset.validation
    validation = None if part is None else (part.X, part.Y)
    try:
        trainer = Trainer.from_state(state, dataset.train.X, dataset.train.Y, validation=validation, engine=engine)
    except (StateError, ValueError) as error:
        raise InputError(f"run {record.id} can't be restored: {error}", "run") from None
    return dataset, trainer


def resume(
    store: Store, record: StoredRun, iterations: int | None = None, engine: str | None = None
) -> tuple[Dataset, Trainer, RunWriter]:
    """Continue a run from its newest checkpoint, or from its first iteration if it has none yet.

    `iterations` replaces its own number of iterations, so that a run that has completed can go on; `engine` is how they
    are computed, as for a Trainer. Gives the data, the
    trainer and the writer of the run. Raises InputError for a run that is in use or at its end.
    """
    if record.state == "diverged" or (record.state == "completed" and iterations is None):
        more = "; a larger number of --iterations lets it go on" if record.state == "completed" else ""
        raise InputError(f"run {record.id} has {record.state}, so there is nothing to go on with{more}", "run")
    run = store.resume(record)
    try:
        dataset, trainer = restore(record, from_start=not record.has_checkpoint, engine=engine)
        if iterations is not None:
            _extend(record, trainer, iterations)
    except BaseException:
        run.release()
        raise
    due = trainer.finished() is None and trainer.until_report == 0  # the checkpoint was taken just before a report
    run.rewind(trainer.iteration - 1 if due else trainer.iteration)
    if iterations is not None:
        run.record_settings(record.experiment().replace("training", iterations=iterations))
    return dataset, trainer, run


def _extend(record: StoredRun, trainer: Trainer, iterations: int) -> None:
    """Let the trainer go on to a larger number of iterations. Raises InputError where it would not train further."""
    if iterations <= trainer.iteration:
        raise InputError(
            f"run {record.id} is at iteration {trainer.iteration:,} already; --iterations must be more", "run"
        )
    if trainer.finished() is not None and iterations <= (had := trainer.training.iterations):
        raise InputError(f"run {record.id} could go to iteration {had:,} already; --iterations must be more", "run")
    trainer.change(iterations=iterations)
    if (end := trainer.finished()) is not None:
        raise InputError(f"run {record.id} does not go on with more iterations: {end.message or end.reason}", "run")


def model_of(record: StoredRun, threshold: Callable[[Dataset, Trainer], float] | None = None) -> Model:
    """The model that a kept run has trained so far. Raises InputError.

    The data are needed only where the run was cut off, or kept by a version that wrote no model; `threshold` then
    gives the threshold between two classes.
    """
    from deepnet_tui.export import load
    from deepnet_tui.model import Model
    from deepnet_tui.runs.writer import MODEL

    with contextlib.suppress(InputError):
        return load(record.folder / MODEL)
    dataset, trainer = restore(record)
    metrics: dict[str, Any] | None = record.about.get("metrics")
    model = Model.of(dataset, trainer, metrics)
    return model if threshold is None else replace(model, threshold=threshold(dataset, trainer))
