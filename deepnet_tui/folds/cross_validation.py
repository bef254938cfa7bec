"""A training for each fold, with the settings that one run of its size would have.

The network never sees the test part of its fold, not even to stop early by: patience watches the internal or the
training cost.
"""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Container
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.parts import DatasetPart
from deepnet_tui.evaluate.baselines import MOST_FOR_BASELINE, linear_model, naive_model
from deepnet_tui.evaluate.metrics import measure, rarer_class
from deepnet_tui.evaluate.threshold import Rule, choose
from deepnet_tui.folds.plan import FoldPlan
from deepnet_tui.folds.result import Fold, FoldsResult, OutOfFold, merged
from deepnet_tui.folds.source import FoldSource
from deepnet_tui.model import HALF
from deepnet_tui.runs.writer import RunWriter
from deepnet_tui.training import headless
from engine.arrays import Array
from engine.training.events import Progress
from engine.training.trainer import Trainer

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment


class FoldsObserver:
    """What is told meanwhile; says nothing itself. Folds are counted from 1."""

    def begins(self, number: int, dataset: Dataset, warnings: tuple[str, ...]) -> None:
        """The data of a fold are prepared, and its training begins."""

    def report(self, number: int, progress: Progress) -> None:
        """A report has come."""

    def tick(self, trainer: Trainer) -> None:
        """A slice of training is done."""

    def ends(self, fold: Fold) -> None:
        """A fold is trained and tested."""


def cross_validate(
    experiment: Experiment,
    source: FoldSource,
    plan: FoldPlan,
    chosen: Container[str] | None,
    observer: FoldsObserver,
    stop: threading.Event,
    rule: Rule | None = None,
    engine: str | None = None,
) -> FoldsResult:
    """Train and test on every fold until `stop`; a fold that is not trained to its end does not count.

    `chosen` are the settings that somebody has chosen, as in `Experiment.with_data_defaults`; `rule` says how the
    threshold between two classes is chosen on what each fold is trained on, `engine` how iterations are computed.
    Nothing is kept in the run store. Raises InputError, naming the fold, for settings that do not fit its data.
    """
    positive = rarer_class(float(source.y.mean())) if len(source.classes) == 2 else None
    folds: list[Fold] = []
    said: list[tuple[tuple[str, ...], ...]] = []
    for number, rows in enumerate(source.parts, 1):
        if stop.is_set():
            break
        dataset = source.prepare(rows)
        try:
            adapted = experiment.with_data_defaults(dataset, chosen)
            dataset = adapted.fitted(dataset)
            unseen = replace(dataset, validation=None)
            trainer = adapted.trainer(unseen, engine)
        except InputError as error:
            raise InputError(f"fold {number}: {error}", error.field) from None
        said_of_it = (*source.never_trained_on(rows), *adapted.warnings(unseen))
        observer.begins(number, dataset, said_of_it)
        fold = _fold(number, dataset, trainer, observer, stop, rule, positive)
        if fold is None:
            break
        folds.append(fold)
        said.append((dataset.dropped, dataset.notes, said_of_it))
        observer.ends(fold)
    dropped, notes, warned = (merged([each[kind] for each in said]) for kind in range(3))
    name = None if positive is None else source.classes[positive]
    return FoldsResult(plan, source.name, source.target, source.classes, tuple(folds), name, dropped, notes, warned)


def _fold(
    number: int,
    dataset: Dataset,
    trainer: Trainer,
    observer: FoldsObserver,
    stop: threading.Event,
    rule: Rule | None,
    positive: int | None,
) -> Fold | None:
    """Train and test on one fold; None if it was interrupted."""
    began = time.perf_counter()
    watched = headless.Observer(lambda progress: observer.report(number, progress), observer.tick)
    nowhere = RunWriter.not_written("", Path(), "it is one of several folds")
    end = headless.train(replace(dataset, validation=None), trainer, nowhere, watched, stop).finished
    if end.reason == "interrupted":
        return None
    seconds = time.perf_counter() - began
    part = dataset.validation
    assert part is not None  # noqa: S101  every fold has a test part
    threshold = None if rule is None else choose(rule, dataset, trainer, positive).value
    above = HALF if threshold is None else threshold
    A = trainer.predict(part.X)
    linear = None
    if dataset.train.X.size <= MOST_FOR_BASELINE:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where it has not converged it is as good as it gets
            linear = measure(dataset, part, linear_model(dataset)(part.X), positive=positive)
    return Fold(
        number,
        dataset.train.m,
        part.m,
        end,
        seconds,
        measure(dataset, part, A, above, positive),
        linear,
        measure(dataset, part, naive_model(dataset)(part.X), positive=positive),
        out_of_fold(dataset, part, A, above),
        threshold,
    )


def out_of_fold(dataset: Dataset, part: DatasetPart, A: Array, threshold: float = HALF) -> OutOfFold:
    """What the predictions A (nL, m) of the test part of a fold say."""
    A = A.astype(np.float64)
    if dataset.labels == "numbers":
        return OutOfFold(part.rows, None, None, dataset.scaling.values(A[0]))
    P = np.vstack([1.0 - A, A]).T if dataset.labels == "binary" else A.T
    binary = dataset.labels == "binary" and threshold != HALF
    labels = (P[:, 1] > threshold).astype(np.int64) if binary else P.argmax(axis=1)
    return OutOfFold(part.rows, labels, P, None)
