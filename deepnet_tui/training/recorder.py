"""Writes a run of the app to the run store (`runs/`), without ever standing in the way of the training."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from engine.training.events import Progress

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.runs.store import Store
    from deepnet_tui.runs.writer import RunWriter
    from deepnet_tui.training.calibration import Calibration
    from engine.training.trainer import Trainer


class RunRecorder:
    """One training run's entry in `store`, with these tags; with None nothing is kept.

    Used by the thread that trains the run.
    """

    def __init__(self, store: Store | None, tags: tuple[str, ...] = ()) -> None:
        self._store, self._tags = store, tags
        self._run: RunWriter | None = None
        self._dataset: Dataset | None = None
        self._name = ""
        self._unwritten: list[Progress] = []  # reports that came before there was an entry
        self._ended = False

    @property
    def name(self) -> str:
        """Of the run in the store, "" before it is kept."""
        return self._name

    @property
    def warning(self) -> str:
        """Why the run is not kept, "" while it is."""
        return self._run.warning if self._run else ""

    def begin(
        self, experiment: Experiment, dataset: Dataset, trainer: Trainer, *, given_parameters: bool = False
    ) -> None:
        """Training starts or goes on.

        `given_parameters` says that it starts from parameters that no seed gives again: they are kept at once.
        """
        self._dataset = dataset
        if self._store is None or (self._run is not None and not self._ended):
            return
        try:
            if self._ended:
                from deepnet_tui.runs.store import absolute

                self._run = self._store.resume(self._store.open(self._name))
                self._run.rewind(trainer.iteration)
                self._run.record_settings(absolute(experiment))
            else:
                from deepnet_tui.training.stored_run import data_digest

                network = trainer.network
                about: dict[str, Any] = {
                    "data": data_digest(dataset),
                    "network": list(network.dims),
                    "task": dataset.task,
                }
                about |= {"ensemble": network.ensemble} if network.ensemble > 1 else {}
                self._run = self._store.begin(experiment, **about)
                self._name = self._run.id
                self._tag(self._run)
                if given_parameters:
                    self._run.checkpoint(trainer.state, now=True)
        except InputError:
            self._store = None  # another process has it or it was deleted: go on without
            return
        self._ended = False
        for progress in self._unwritten:
            self._run.report(progress)
        self._unwritten.clear()

    def _tag(self, run: RunWriter) -> None:
        if self._tags and run.kept:
            from deepnet_tui.runs.labels import change_labels

            with suppress(InputError):  # a run that can't be labelled is a run all the same
                change_labels(run.folder, lambda labels: labels.tagged(self._tags))

    def record_settings(self, experiment: Experiment) -> None:
        """Settings were changed while the network is trained."""
        if self._run is not None and not self._ended:
            from deepnet_tui.runs.store import absolute

            self._run.record_settings(absolute(experiment))

    def report(self, progress: Progress, trainer: Trainer, calibration: Calibration | None = None) -> None:
        """Store a report; the last one of the run also stores its checkpoint."""
        if self._store is None:
            return
        if self._run is None or self._ended:
            self._unwritten.append(progress)
            return
        self._run.report(progress)
        if (finished := trainer.finished()) is not None:
            from deepnet_tui.training.headless import state_of

            self._write_checkpoint(self._run, trainer)
            more: dict[str, Any] = {} if calibration is None else {"calibration": asdict(calibration)}
            more |= {"iteration": finished.iteration, "best_iteration": finished.best_iteration, "cost": finished.cost}
            self._run.finish(state_of(finished), finished.reason, validation_cost=trainer.validation_cost(), **more)
            self._ended = True
        else:
            self._run.checkpoint(trainer.state)

    def checkpoint(self, trainer: Trainer) -> None:
        """Training pauses: write everything that there is so far."""
        if self._run is not None and not self._ended:
            self._write_checkpoint(self._run, trainer)

    def _write_checkpoint(self, run: RunWriter, trainer: Trainer) -> None:
        from deepnet_tui.model import Model

        dataset = self._dataset
        run.checkpoint(trainer.state, now=True)
        if dataset is not None:
            run.keep_model(lambda: Model.of(dataset, trainer))

    def record_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Add the metrics of a run that has ended."""
        if self._run is not None and self._ended:
            self._run.amend(metrics=metrics)

    def close(self) -> None:
        """End the entry: nothing more is written unless the run is trained on."""
        if self._run is not None and not self._ended:
            self._run.finish("stopped")
            self._ended = True
