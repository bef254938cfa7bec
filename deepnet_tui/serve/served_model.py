"""A model that answers many requests: each thread keeps its predictor, so that nothing is laid out anew for one row."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, fields

import numpy as np

from deepnet_tui.model import Model
from engine.arrays import Array
from engine.predictor import Predictor, layers_of


@dataclass(frozen=True)
class ServedModel(Model):
    """The same model with parameters in float64. Any thread may use it at any time."""

    _of_thread: threading.local = field(default_factory=threading.local, repr=False, compare=False)

    def outputs(self, X: Array) -> Array:
        """The network's outputs (nL, m) for prepared inputs `X` (n0, m): those of Model, to the last bit."""
        predictor: Predictor | None = getattr(self._of_thread, "predictor", None)
        if predictor is None:
            predictor = self._of_thread.predictor = Predictor(self.network, layers_of(self.parameters))
        return predictor(np.asarray(X, dtype=np.float64))


def served(model: Model) -> ServedModel:
    """The model for a service."""
    values = {each.name: getattr(model, each.name) for each in fields(model)}
    parameters = {name: np.asarray(value, dtype=np.float64) for name, value in model.parameters.items()}
    return ServedModel(**values | {"parameters": parameters})
