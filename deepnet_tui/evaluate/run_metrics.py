"""The metrics of a run of the app that has ended, for its entry in the run store."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepnet_tui.workbench.workbench import Workbench


class EndedRun:
    """The present run of the workbench as it ended, so that another thread can measure it."""

    def __init__(self, workbench: Workbench) -> None:
        self._run = workbench.training_run
        self._dataset, self._network = workbench.dataset, workbench.network
        self._snapshot = self._run.latest

    def record_metrics(self) -> None:
        """Measure every part of the data, and store that with the run; nothing where it is trained on meanwhile."""
        if self._snapshot is None:
            return
        from deepnet_tui.evaluate.metrics import evaluate
        from engine.predictor import predict

        metrics = evaluate(self._dataset, partial(predict, self._network, self._snapshot.parameters))
        self._run.record_metrics(self._snapshot.iteration, metrics)
