"""Trainers to test, whole runs, and comparisons of parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import Finished, NetworkSpec, Progress, Trainer, network
from tests.engine.strategies import make_data, small_net, spec


def make(net: NetworkSpec | None = None, m: int = 40, **settings: Any) -> Trainer:
    net = net or small_net()
    X, Y = make_data(net, m, 1)
    return Trainer(net, spec(**settings), X, Y)


def reference(trainer: Trainer, X: Any, Y: Any, n: int, rate: float, **settings: Any) -> dict[str, Any]:
    """n plain steps of gradient descent with engine.network.backward."""
    parameters = trainer.parameters
    for _ in range(n):
        grads = network.backward(trainer.network, parameters, X, Y, **settings)
        parameters = {name: value - rate * grads[f"d{name}"] for name, value in parameters.items()}
    return parameters


def run(trainer: Trainer) -> tuple[list[Progress], Finished]:
    """The whole run: its reports and its end."""
    events = list(trainer.run())
    assert isinstance(events[-1], Finished)
    return [event for event in events if isinstance(event, Progress)], events[-1]


def assert_same(left: dict[str, Any], right: dict[str, Any], tolerance: float = 1e-10) -> None:
    for name, value in left.items():
        np.testing.assert_allclose(value, right[name], rtol=tolerance, atol=tolerance, err_msg=name)
