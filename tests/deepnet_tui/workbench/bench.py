"""A workbench whose messages are handled by hand."""

from __future__ import annotations

import queue
from typing import Any

from deepnet_tui.data.load import load
from deepnet_tui.experiment import Experiment
from deepnet_tui.runs.store import Store
from deepnet_tui.training.messages import FromWorker
from deepnet_tui.workbench.state import State
from deepnet_tui.workbench.workbench import Workbench


class Bench:
    """A workbench whose messages are handled by hand."""

    def __init__(self, store: Store | None = None) -> None:
        self.messages: queue.SimpleQueue[FromWorker] = queue.SimpleQueue()
        self.workbench = Workbench(self.messages.put, store)

    def open(self, experiment: Experiment) -> Workbench:
        self.workbench.adopt(experiment, load(experiment.data))
        self.settle()
        return self.workbench

    def state_is(self, state: State) -> bool:
        """A call, because a type checker takes an attribute to stay as it was."""
        return self.workbench.state is state

    def settle(self) -> list[FromWorker]:
        """Handle messages until the present segment has ended."""
        heard = []
        while True:
            message = self.messages.get(timeout=30)
            heard.append(message)
            if self.workbench.handle(message):
                return heard


def moons(**training: Any) -> Experiment:
    return Experiment.default("moons").replace("training", **({"iterations": 300} | training))
