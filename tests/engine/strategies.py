"""Random networks and data to try the engine on."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from engine import ACTIVATIONS, LayerSpec, NetworkSpec, TrainingSpec
from engine.arrays import Array

TASKS = ("binary", "multiclass", "regression")
SMOOTH = ("tanh", "sigmoid", "softplus", "silu", "gelu", "linear")


def make_data(network: NetworkSpec, m: int, seed: int) -> tuple[Array, Array]:
    """X (n0, m) and labels of the kind that the network's task wants."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(network.inputs, m))
    if network.task == "regression":
        return X, random.normal(size=(network.outputs, m))
    if network.task == "binary":
        return X, random.integers(0, 2, (network.outputs, m)).astype(float)
    return X, np.eye(network.outputs)[:, random.integers(0, network.outputs, m)]


@st.composite
def networks(
    draw: st.DrawFn, activations: tuple[str, ...] = tuple(ACTIVATIONS), tasks: tuple[str, ...] = TASKS
) -> NetworkSpec:
    """A network of up to three hidden layers."""
    task = draw(st.sampled_from(tasks))
    layers = st.builds(LayerSpec, st.integers(1, 6), st.sampled_from(activations))
    return NetworkSpec(
        inputs=draw(st.integers(1, 5)),
        hidden=tuple(draw(st.lists(layers, max_size=3))),
        outputs=draw(st.integers(2, 4) if task == "multiclass" else st.integers(1, 3)),
        task=task,
        initializer=draw(st.sampled_from(("he", "xavier", "lecun_uniform"))),
    )


def small_net(task: str = "binary", activation: str = "tanh", **more: Any) -> NetworkSpec:
    """A 4-6-3-out network."""
    outputs = {"binary": 1, "multiclass": 3, "regression": 2}[task]
    hidden = (LayerSpec(6, activation), LayerSpec(3, activation))
    return NetworkSpec(4, hidden, outputs, task, **{"initializer": "xavier", **more})


def spec(**settings: Any) -> TrainingSpec:
    """Short training."""
    return TrainingSpec(**{"iterations": 60, "report_every": 10, "learning_rate": 0.1, **settings})
