"""What a report is about: a stored run, its data and its model as far as they are there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deepnet_tui.common.errors import InputError

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.data.parts import DatasetPart
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.folds.result import FoldsResult
    from deepnet_tui.model import Model
    from deepnet_tui.runs.store import StoredRun
    from engine import Trainer
    from engine.training.events import Progress

Threshold = Callable[["Dataset", "Trainer"], float]


@dataclass(frozen=True)
class ReportCase:
    """A run and what belongs to it.

    `dataset` is None where the data are gone or have changed, `model` where the run kept none; `missing` says why, a
    sentence each. `folds` is the outcome of a cross-validation where one was asked for.
    """

    record: StoredRun
    experiment: Experiment
    reports: tuple[Progress, ...]
    dataset: Dataset | None
    model: Model | None
    missing: tuple[str, ...] = ()
    folds: FoldsResult | None = None

    @property
    def held_out(self) -> tuple[str, DatasetPart] | None:
        """The name of the part that was held out longest, and the part: test, else validation, else train."""
        if self.dataset is None:
            return None
        for name in ("test", "validation", "train"):
            if (part := getattr(self.dataset, name)) is not None:
                return name, part
        return None


def read_case(record: StoredRun, threshold: Threshold | None = None, folds: FoldsResult | None = None) -> ReportCase:
    """Read what there is. Raises InputError where not even the settings of the run can be read."""
    from deepnet_tui.training.stored_run import data_as_kept, model_of

    experiment = record.experiment()
    missing: list[str] = []
    dataset: Dataset | None = None
    model: Model | None = None
    try:
        dataset, same = data_as_kept(experiment, record.about.get("data"))
        if not same:
            dataset = None
            missing.append(f"The data have changed since the run: {record.source}. What needs them is left out.")
    except InputError as error:
        missing.append(f"The data can't be read any more: {error}. What needs them is left out.")
    try:
        model = model_of(record, threshold)
    except InputError as error:
        missing.append(f"The model can't be read: {error}. What needs it is left out.")
    if dataset is not None and model is not None:
        with contextlib.suppress(InputError):
            dataset = dataset.for_loss(model.network.loss_function)
        if dataset.preparation.inputs != model.preparation.inputs:
            missing.append("The data give other inputs than the model has. What needs both is left out.")
            dataset = None
    return ReportCase(record, experiment, tuple(record.costs()), dataset, model, tuple(missing), folds)
