"""Early stopping: the monitored value, how long it has not improved, and the parameters that it was best with."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.arrays import Array


@dataclass
class EarlyStopping:
    """Follows one value from report to report; lower is better, and nan is never an improvement."""

    best: float = math.inf
    best_iteration: int = 0
    waited: int = 0  # reports since the best one
    previous: float = math.inf
    improved_by: float = math.inf  # the last report's improvement on the one before
    parameters: Array = field(default_factory=lambda: np.zeros(0))

    def update(self, value: float, iteration: int) -> bool:
        """Add a report. Whether it is the best so far; the caller then copies the parameters into `parameters`."""
        self.improved_by = self.previous - value
        self.previous = value
        if value < self.best:
            self.best, self.best_iteration, self.waited = value, iteration, 0
            return True
        self.waited += 1
        return False

    def state(self) -> dict[str, Any]:
        """Everything but the parameters, as plain numbers."""
        names = ("best", "best_iteration", "waited", "previous", "improved_by")
        return {name: getattr(self, name) for name in names}

    def restore(self, state: dict[str, Any], parameters: Array) -> None:
        """Continue from `state()` and the best `parameters`. Raises KeyError or TypeError for any other state."""
        for name, present in self.state().items():
            setattr(self, name, type(present)(state[name]))
        self.parameters = np.array(parameters)
