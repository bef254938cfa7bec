"""Keeps a run of the app in the run store, without ever standing in the way of the training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepnet_tui.common.errors import InputError
from engine.training.events import Progress

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.runs.run import RunWriter
    from deepnet_tui.runs.store import Store
    from engine.training.trainer import Trainer


class RunRecorder:
    """One session's entry in `store`; with None nothing is kept. Used by the thread that holds the session."""

    def __init__(self, store: Store | None) -> None:
        self._store = store
        self._run: RunWriter | None = None
        self._problem: Dataset | None = None
        self._name = ""
        self._before: list[Progress] = []
        self._ended = False

    @property
    def warning(self) -> str:
        """Why the run is not kept, "" while it is."""
        return self._run.warning if self._run else ""

    def begin(self, experiment: Experiment, dataset: Dataset, trainer: Trainer, *, own: bool = False) -> None:
        """Training starts or goes on; `own` says that it starts from parameters that no seed gives again."""
        self._problem = dataset
        if self._store is None or (self._run is not None and not self._ended):
            return
        try:
            if self._ended:
                from deepnet_tui.runs.store import absolute

                self._run = self._store.resume(self._store.open(self._name))
                self._run.rewind(trainer.iteration)
                self._run.record(absolute(experiment))
            else:
                from deepnet_tui.training.headless import digest

                self._run = self._store.begin(
                    experiment, data=digest(dataset), network=list(trainer.network.dims), task=dataset.task
                )
                self._name = self._run.id
                if own:
                    self._run.checkpoint(trainer.state, now=True)
        except InputError:
            self._store = None  # another process has it or it was deleted: go on without
            return
        self._ended = False
        for progress in self._before:
            self._run.report(progress)
        self._before.clear()

    def change(self, experiment: Experiment) -> None:
        """Settings were changed while it is trained."""
        if self._run is not None and not self._ended:
            from deepnet_tui.runs.store import absolute

            self._run.record(absolute(experiment))

    def report(self, progress: Progress, trainer: Trainer) -> None:
        """A report was made."""
        if self._store is None:
            return
        if self._run is None or self._ended:
            self._before.append(progress)
            return
        self._run.report(progress)
        if (finished := trainer.finished()) is not None:
            from deepnet_tui.training.headless import state_of

            self._checkpoint(self._run, trainer)
            self._run.finish(state_of(finished), finished.reason)
            self._ended = True
        else:
            self._run.checkpoint(trainer.state)

    def rest(self, trainer: Trainer) -> None:
        """Training pauses: what there is, is safe from here on."""
        if self._run is not None and not self._ended:
            self._checkpoint(self._run, trainer)

    def _checkpoint(self, run: RunWriter, trainer: Trainer) -> None:
        from deepnet_tui.model import Model

        dataset = self._problem
        run.checkpoint(trainer.state, now=True)
        if dataset is not None:
            run.keep_model(lambda: Model.of(dataset, trainer))

    def close(self) -> None:
        """The run is left as it is."""
        if self._run is not None and not self._ended:
            self._run.finish("stopped")
            self._ended = True
