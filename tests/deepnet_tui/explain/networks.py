"""Fifty random networks with their examples, over tasks, activations and depths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine import ACTIVATIONS, LayerSpec, NetworkSpec
from engine.arrays import Array

LOSSES_FOR_NUMBERS = ("default", "huber", "absolute", "quantile", "poisson")


@dataclass(frozen=True)
class Case:
    """A network with parameters, a small batch, and the settings of an update."""

    network: NetworkSpec
    parameters: dict[str, Array]
    X: Array
    Y: Array
    rate: float
    l2: float
    l1: float


def case(
    number: int, task: str | None = None, activations: tuple[str, ...] = tuple(ACTIVATIONS), loss: str | None = None
) -> Case:
    """The random case of this number; every loss, every activation and depths 1 to 5 occur among fifty."""
    random = np.random.default_rng(number)
    task = task or ("binary", "multiclass", "regression")[number % 3]
    depth = number % 5
    hidden = tuple(
        LayerSpec(int(random.integers(1, 9)), activations[(number + layer) % len(activations)])
        for layer in range(depth)
    )
    outputs = int(random.integers(2, 5)) if task == "multiclass" else int(random.integers(1, 3))
    if task == "regression":
        loss = loss or LOSSES_FOR_NUMBERS[number // 3 % len(LOSSES_FOR_NUMBERS)]
    inputs, quantile = int(random.integers(1, 8)), (0.9, 0.5, 0.25)[number % 7 % 3]
    network = NetworkSpec(inputs, hidden, outputs, task, loss=loss or "default", quantile=quantile)
    parameters = {
        name: random.normal(0, 0.8 if name[0] == "W" else 0.3, shape) for name, shape in network.shapes.items()
    }
    m = int(random.integers(1, 7))
    labels = random.integers(0, 2, (outputs, m)).astype(float)
    Y = {
        "binary": labels,
        "multiclass": np.eye(outputs)[:, random.integers(0, outputs, m)],
        "regression": random.normal(0, 1, (outputs, m)),
    }[task]
    if loss == "poisson":
        Y = np.round(np.abs(Y))
    l2, l1 = (0.0, 0.7)[number % 2], (0.0, 0.0, 0.2)[number % 3]
    return Case(network, parameters, random.normal(0, 1, (network.inputs, m)), Y, 0.05, l2, l1)
