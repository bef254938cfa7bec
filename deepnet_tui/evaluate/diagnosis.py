"""The statistics of a run's snapshots, each computed once: the record that the doctor's rules read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.diagnostics.findings import Finding, TrainingRecord
from engine.diagnostics.rules import diagnose
from engine.diagnostics.statistics import DataFacts, Sample, Statistics, draw, examine, facts

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.training.snapshots import Snapshot
    from deepnet_tui.workbench.workbench import Workbench

MOST_EXAMINED = 32  # that are examined, evenly spread over the run


class DiagnosisInput:
    """What a diagnosis needs of the workbench, taken at one moment, so that another thread can work on it.

    Of an ensemble the network that is shown is examined, `member`. `most` snapshots are taken, evenly spread.
    """

    def __init__(self, workbench: Workbench, most: int = MOST_EXAMINED) -> None:
        training_run = workbench.training_run
        self.run = training_run.id
        self.dataset: Dataset = workbench.dataset
        self.member = workbench.shown_member
        self.network, self.training = workbench.network.member, workbench.experiment.training
        cursor = workbench.cursor
        self.finished = training_run.finished if cursor is None else None
        items = [item for item in training_run.snapshots.items if cursor is None or item.iteration <= cursor]
        latest = workbench.snapshot
        if latest is not None and (not items or items[-1].iteration < latest.iteration):
            items.append(latest)
        chosen = with_best(evenly(items, most), items)
        self.snapshots = [snapshot.member(self.member) for snapshot in chosen]

    @property
    def key(self) -> tuple[object, ...]:
        """Differs where the record would."""
        last = self.snapshots[-1].iteration if self.snapshots else -1
        return (self.run, self.member, len(self.snapshots), last, self.training, self.finished)


def evenly(items: list[Snapshot], most: int) -> list[Snapshot]:
    """At most `most` of them: every second, fourth, ... and always the last, so that a later choice repeats most."""
    step = 1
    while len(items[::step]) > most - 1:
        step *= 2
    return items if step == 1 else [*items[::step], *([] if (len(items) - 1) % step == 0 else [items[-1]])]


def with_best(chosen: list[Snapshot], items: list[Snapshot]) -> list[Snapshot]:
    """Those chosen, and the one of all `items` whose validation cost was lowest: overfitting is measured from there."""
    known = [item for item in items if item.validation_cost is not None and math.isfinite(item.validation_cost)]
    best = min(known, key=lambda item: item.validation_cost or 0.0, default=None)
    if best is None or best in chosen:
        return chosen
    return sorted([*chosen, best], key=lambda item: item.iteration)


class Diagnosis:
    """Computes records, and remembers the statistics of a run. To be used from one thread at a time."""

    def __init__(self) -> None:
        self._network: tuple[str, int] | None = None  # its run, and which one it is of an ensemble
        self._dataset: Dataset | None = None
        self._training: object = None
        self._sample: Sample | None = None
        self._facts: DataFacts | None = None
        self._statistics: dict[tuple[int, int], Statistics] = {}

    def record(self, case: DiagnosisInput) -> TrainingRecord:
        """The record that the rules read."""
        sample, known = self._data_facts(case)
        if (network := (case.run, case.member)) != self._network:
            self._network, self._statistics = network, {}
        statistics: dict[tuple[int, int], Statistics] = {}
        before: tuple[int, Mapping[str, Any]] | None = None
        for snapshot in case.snapshots:
            key = (snapshot.iteration, -1 if before is None else before[0])
            statistics[key] = self._statistics.get(key) or examine(
                case.network, snapshot.parameters, sample, snapshot.iteration, before
            )
            before = (snapshot.iteration, snapshot.parameters)
        self._statistics |= statistics
        if len(self._statistics) > 8 * MOST_EXAMINED:
            self._statistics = statistics
        return TrainingRecord(case.network, case.training, known, tuple(statistics.values()), case.finished)

    def _data_facts(self, case: DiagnosisInput) -> tuple[Sample, DataFacts]:
        """What is known of the data; computed anew only for other data or other class weights."""
        dataset, network = case.dataset, case.network
        setting = (case.training.class_weight, network.size, network.loss_name, network.quantile)
        if self._sample is None or self._facts is None or dataset is not self._dataset or setting != self._training:
            train, validation = dataset.train, dataset.validation
            arrays = None if validation is None else (validation.X, validation.Y)
            self._sample = draw(case.network, case.training, train.X, train.Y, arrays)
            count = 0 if validation is None else validation.m
            self._facts = facts(case.network, case.training, train.X, train.Y, count, dataset.inputs, dataset.classes)
            self._dataset, self._training = dataset, setting
        return self._sample, self._facts


def findings(case: DiagnosisInput) -> list[Finding]:
    """What the doctor finds; nothing in a network that can't be examined."""
    try:
        return diagnose(Diagnosis().record(case))
    except (ValueError, ArithmeticError, MemoryError):
        return []
