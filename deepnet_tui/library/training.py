"""Training from a program: the preparation and the defaults are those of `deepnet-tui train`."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.data.values.words import take_rows
from deepnet_tui.evaluate.metrics import evaluate
from deepnet_tui.evaluate.threshold import Rule, check_classes, choose, parse
from deepnet_tui.library.errors import raises_value_errors
from deepnet_tui.library.frames import is_frame, table_of
from deepnet_tui.library.history import CostHistory, TrainingOutcome
from deepnet_tui.library.settings import check_for_frame, check_source, experiment_of
from deepnet_tui.library.trained_model import TrainedModel
from deepnet_tui.model import HALF, Model
from deepnet_tui.runs.writer import RunWriter
from deepnet_tui.training import headless
from deepnet_tui.training.history import History
from engine.training.events import Progress

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment
    from engine.training.trainer import Trainer

IN_MEMORY = "data"  # how messages call data that are in no file
BACKGROUND = 100  # rows of the training part that `explain` compares with


@raises_value_errors
def train(
    frame: Any,
    target: str | Sequence[str] | None = None,
    *,
    seed: int | None = None,
    threshold: float | str | None = None,
    engine: str | None = None,
    on_report: Callable[[Progress], object] | None = None,
    **settings: Any,
) -> TrainedModel:
    """Train a network, as `deepnet-tui train` does, and give it with its metrics and its costs.

    `frame` is a pandas data frame, a dict of columns, the path of a data file or of an experiment.toml, or the name of
    a built-in data set. `target` is the column to predict, or several of numbers. `seed` draws the validation part and
    the first parameters. `settings` are those of an experiment's TOML by name, such as `hidden=[32, 16]`,
    `iterations=500`, `validation=0.3`, `columns={"id": {"role": "ignored"}}`; what is left out takes the default for
    data of this kind and size. `threshold` says above which probability the second of two classes is predicted: a
    number, "f1" or "cost:FP,FN". `engine` says how to compute, as `--engine` does: "auto", "numpy" or "compiled".
    `on_report` is called with each report.

    Nothing is kept in the run store. Raises InputError, a ValueError, for data and settings that can't be used; a
    training that diverges gives its last good parameters and a RuntimeWarning.
    """
    given = settings if seed is None else settings | {"seed": seed}
    return train_on(frame, target, given, threshold=threshold, engine=engine, on_report=on_report)


def train_on(
    frame: Any,
    target: str | Sequence[str] | None,
    settings: Mapping[str, Any],
    *,
    threshold: float | str | None = None,
    engine: str | None = None,
    on_report: Callable[[Progress], object] | None = None,
    measured: bool = True,
) -> TrainedModel:
    """As `train`, with all settings in one mapping; only if `measured` are metrics computed. Raises InputError."""
    names = [target] if target is None or isinstance(target, str) else target
    if not isinstance(names, Sequence) or not all(name is None or isinstance(name, str) for name in names):
        raise InputError(f"target must be the name of a column, or several names, not {target!r:.60}", "target")
    if on_report is not None and not callable(on_report):
        raise InputError(f"on_report must be a function of a report, not {on_report!r:.60}", "on_report")
    rule = None if threshold is None else parse(str(threshold))
    experiment, chosen, dataset = _prepared(frame, target, settings)
    if rule is not None:
        check_classes(dataset)
    experiment = experiment.with_data_defaults(dataset, chosen)
    dataset = experiment.fitted(dataset)
    return _trained(experiment, dataset, experiment.trainer(dataset, engine), rule, on_report, measured=measured)


def _prepared(
    frame: Any, target: str | Sequence[str] | None, settings: Mapping[str, Any]
) -> tuple[Experiment, tuple[str, ...] | None, Dataset]:
    if isinstance(frame, str | Path):
        source = str(Path(frame).expanduser()) if isinstance(frame, Path) or "~" in frame else frame
        check_source(source)
        experiment, chosen = experiment_of(source, target, settings)
        check_source(experiment.data.source)
        return experiment, chosen, load(experiment.data, dtype=experiment.dtype_of_inputs(chosen))
    from deepnet_tui.data.from_file import from_file

    check_for_frame(settings)
    if is_frame(settings.get("test")) or isinstance(settings.get("test"), Mapping):
        raise InputError("test must be the path of a file; give the other rows to predict afterwards", "test")
    experiment, chosen = experiment_of(IN_MEMORY, target, settings)
    table = table_of(frame, Path(IN_MEMORY), experiment.data)
    dtype = experiment.dtype_of_inputs(chosen)
    dataset = from_file(Path(IN_MEMORY), experiment.data, table=table, dtype=dtype)
    return experiment, chosen, replace(dataset, name=dataset.target)


def _trained(
    experiment: Experiment,
    dataset: Dataset,
    trainer: Trainer,
    rule: Rule | None,
    on_report: Callable[[Progress], object] | None,
    *,
    measured: bool,
) -> TrainedModel:
    history = History()

    def report(progress: Progress) -> None:
        history.append(progress)
        if on_report is not None:
            on_report(progress)

    began = time.perf_counter()
    nowhere = RunWriter.not_written("", Path(), "a program trains it")
    ending = headless.train(
        dataset, trainer, nowhere, headless.Observer(report, lambda _trainer: None), threading.Event()
    )
    seconds = time.perf_counter() - began
    threshold = HALF if rule is None else choose(rule, dataset, trainer).value
    metrics = evaluate(dataset, trainer.predict, threshold) if measured else {}
    finished, curves = ending.finished, history.curves()
    if finished.reason == "diverged":
        warnings.warn(f"{finished.message}; a smaller learning rate may help", RuntimeWarning, stacklevel=5)
    outcome = TrainingOutcome(
        reason=finished.reason,
        message=finished.message,
        iterations=finished.iteration,
        best_iteration=finished.best_iteration,
        seconds=seconds,
        history=CostHistory(
            curves.iteration.copy(), curves.cost.copy(), curves.validation_cost.copy(), curves.internal_cost.copy()
        ),
        metrics=metrics,
        settings=experiment.to_dict(),
        dropped=dataset.dropped,
        notes=dataset.notes,
        warnings=experiment.warnings(dataset),
    )
    return TrainedModel(Model.of(dataset, trainer, metrics or None, threshold), outcome, _background(dataset, trainer))


def _background(dataset: Dataset, trainer: Trainer) -> Mapping[str, Any]:
    """Up to BACKGROUND raw rows of the training part, drawn with the seed of the training."""
    rows = dataset.train.rows
    if len(rows) > BACKGROUND:
        generator = np.random.default_rng(trainer.training.seed)
        rows = np.sort(generator.choice(rows, BACKGROUND, replace=False))
    return {name: take_rows(dataset.table[name], rows) for name in dataset.preparation.columns}
