"""A race without a screen: the trainings, and what is kept of each meanwhile."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.race.racers import Racer, check_racers
from deepnet_tui.race.ranking import Standing
from deepnet_tui.race.session import race_tags
from deepnet_tui.runs.labels import change_labels
from deepnet_tui.training.calibration import Calibration, calibrate
from deepnet_tui.training.stored_run import data_digest
from engine.race.race import Race
from engine.training.events import Finished, Progress
from engine.training.trainer import Trainer

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.runs.store import Store
    from deepnet_tui.runs.writer import RunWriter

LOOK = 0.1  # seconds between two looks of the observer


class Entrant:
    """A racer in training, and its entry in the run store.

    `reports` are all its reports, `finished` how it ended, `calibration` how its output was calibrated then; `metrics`
    are set by whoever measures it.
    """

    def __init__(self, number: int, racer: Racer, dataset: Dataset, trainer: Trainer, run: RunWriter) -> None:
        self.number, self.racer, self.dataset, self.trainer, self.run = number, racer, dataset, trainer, run
        self.reports: list[Progress] = []
        self.finished: Finished | None = None
        self.calibration: Calibration | None = None
        self.metrics: dict[str, Any] | None = None

    @property
    def standing(self) -> Standing:
        """How it stands: by its last report, or by the parameters that it ended with."""
        last = self.reports[-1] if self.reports else None
        standing = Standing.of(self.number, last, self.finished)
        if self.finished is None:
            return standing
        return Standing(
            self.number,
            self.finished.iteration,
            self.finished.cost,
            self.trainer.validation_cost(),
            standing.internal_cost,
            self.finished,
        )

    def report(self) -> Progress | None:
        """Make the report that is due; None if it is that of the last time again. Sets `finished` at the end."""
        progress, before = self.trainer.report(), self.reports[-1].iteration if self.reports else -1
        new = progress.iteration != before
        if new:
            self.reports.append(progress)
            self.run.report(progress)
        if self.trainer.finished() is None:
            self.run.checkpoint(self.trainer.state)
        else:
            self.calibration = calibrate(self.dataset, self.trainer)
            self.finished = self.trainer.finished()
            self.run.checkpoint(self.trainer.state, now=True)
        return progress if new else None

    def keep(self) -> None:
        """Between two reports: write a checkpoint, if one is due."""
        if self.run.due and self.finished is None and self.trainer.is_finite():
            self.run.checkpoint(self.trainer.state)

    def interrupt(self) -> None:
        """End it where it is; what was trained is kept, and may be resumed."""
        progress, trainer = self.trainer.measure(), self.trainer
        if not math.isfinite(progress.cost):
            trainer.report()
            self.finished = trainer.finished()
        self.run.checkpoint(trainer.state, now=True)
        if self.finished is None:
            if not self.reports or self.reports[-1].iteration < progress.iteration:
                self.reports.append(progress)
            sentence = f"stopped at iteration {trainer.iteration:,}"
            self.finished = Finished("interrupted", trainer.iteration, progress.cost, sentence)


class RaceObserver:
    """What is told meanwhile; says nothing itself."""

    def report(self, entrant: Entrant, progress: Progress) -> None:
        """A report has come."""

    def ends(self, entrant: Entrant) -> None:
        """A racer has ended, or was interrupted."""

    def tick(self, entrants: Sequence[Entrant]) -> None:
        """A slice of training is done."""


def entrants_of(racers: Sequence[Racer], dataset: Dataset, store: Store) -> list[Entrant]:
    """All racers ready to start, each with an entry in the store, tagged as of one race.

    Raises InputError, naming the racer, for settings that do not fit the data, before anything is written.
    """
    check_racers(racers, dataset)
    datasets = [racer.experiment.fitted(dataset) for racer in racers]
    prepared = [(own, racer.experiment.trainer(own)) for own, racer in zip(datasets, racers, strict=True)]
    tags, digest = race_tags(), data_digest(dataset)
    entrants = []
    for number, (racer, (own, trainer)) in enumerate(zip(racers, prepared, strict=True)):
        network = trainer.network
        about: dict[str, Any] = {"data": digest, "network": list(network.dims), "task": dataset.task}
        about |= {"ensemble": network.ensemble} if network.ensemble > 1 else {}
        run = store.begin(racer.experiment, **about)
        with suppress(InputError):  # a run that can't be labelled is a run all the same
            if run.kept:
                change_labels(run.folder, lambda labels: labels.tagged(tags))
        entrants.append(Entrant(number, racer, own, trainer, run))
    return entrants


def run_race(entrants: Sequence[Entrant], observer: RaceObserver, stop: threading.Event) -> None:
    """Train all to the end, or until `stop`; the caller finishes their runs."""
    race, looked = Race([entrant.trainer for entrant in entrants]), 0.0
    while race.running:
        for number in race.due:
            entrant = entrants[number]
            if (progress := entrant.report()) is not None:
                observer.report(entrant, progress)
            if entrant.finished is not None:
                observer.ends(entrant)
        if stop.is_set():
            break
        race.advance()
        if time.monotonic() - looked > LOOK:
            looked = time.monotonic()
            observer.tick(entrants)
            for entrant in entrants:
                entrant.keep()
    for number in race.running:
        entrants[number].interrupt()
        observer.ends(entrants[number])
