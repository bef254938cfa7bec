"""Backward passes with one mistake each, for the lesson that finds them. The engine's own stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.arrays import Array
from engine.network import forward
from engine.ops.activations import slope
from engine.ops.losses import output_error
from engine.spec import NetworkSpec

RATE = 0.1  # learning rate of the update that comes too early


@dataclass(frozen=True)
class Steps:
    """The four steps of a layer's backward pass; W is (n, n_prev), dZ (n, m), A_prev (n_prev, m)."""

    activation: Callable[[Array, Array], Array] = lambda dA, slopes: dA * slopes
    weights: Callable[[Array, Array, Array, float], Array] = lambda dZ, A_prev, W, l2: (
        (dZ @ A_prev.T + l2 * W) / dZ.shape[1]
    )
    bias: Callable[[Array], Array] = lambda dZ: dZ.sum(axis=1, keepdims=True) / dZ.shape[1]
    inputs: Callable[[Array, Array, Array], Array] = lambda W, dZ, _dW: W.T @ dZ


CODE = (
    "dZ = dA * (Z > 0)",
    "dW = np.dot(dZ, A_prev.T) / m",
    "db = np.sum(dZ, axis=1, keepdims=True) / m",
    "dA_prev = np.dot(W.T, dZ)",
)


@dataclass(frozen=True)
class Bug:
    """A mistake: a ReLU layer's code with it, which of its lines (from 0) is wrong, and the steps as they then are."""

    code: tuple[str, ...]
    line: int
    steps: Steps


def _bug(line: int, *written: str, **step: Callable[..., Array]) -> Bug:
    """A bug in one line of the code, which may have become several, and in one step."""
    return Bug((*CODE[:line], *written, *CODE[line + 1 :]), line, replace(RIGHT, **step))


RIGHT = Steps()
BUGS: dict[str, Bug] = {
    "no_mean": _bug(
        1,
        "dW = np.dot(dZ, A_prev.T)",
        weights=lambda dZ, A_prev, W, l2: dZ @ A_prev.T + l2 / dZ.shape[1] * W,
    ),
    "slope_one": _bug(0, "dZ = dA", activation=lambda dA, _slopes: dA.copy()),
    "one_bias": _bug(
        2, "db = np.sum(dZ) / m + np.zeros(b.shape)", bias=lambda dZ: np.full((len(dZ), 1), dZ.sum() / dZ.shape[1])
    ),
    "updated_too_early": _bug(
        3,
        f"W = W - {RATE} * dW",
        "dA_prev = np.dot(W.T, dZ)",
        inputs=lambda W, dZ, dW: (W - RATE * dW).T @ dZ,
    ),
    "reshaped": _bug(
        3,
        "dA_prev = np.dot(W.reshape(W.T.shape), dZ)",
        inputs=lambda W, dZ, _dW: W.reshape(W.T.shape) @ dZ,
    ),
    "no_penalty": _bug(  # the code leaves out L2, as the tutorial's does
        1,
        CODE[1],
        weights=lambda dZ, A_prev, _W, _l2: dZ @ A_prev.T / dZ.shape[1],
    ),
}


def gradients(
    network: NetworkSpec, parameters: Mapping[str, Array], X: Array, Y: Array, l2: float = 0.0, steps: Steps = RIGHT
) -> dict[str, Array]:
    """dW1, db1, ... as these steps make them, for X (n0, m) and Y (nL, m)."""
    values = forward(network, parameters, X)
    last = len(network.layers)
    found: dict[str, Array] = {}
    dZ = output_error(network.loss_function, values[f"Z{last}"], values[f"A{last}"], Y)
    for layer in range(last, 0, -1):
        W = parameters[f"W{layer}"]
        dW = steps.weights(dZ, values[f"A{layer - 1}"], W, l2)
        found[f"dW{layer}"], found[f"db{layer}"] = dW, steps.bias(dZ)
        if layer > 1:
            dA, name = steps.inputs(W, dZ, dW), network.hidden[layer - 2].activation
            dZ = steps.activation(dA, slope(name, values[f"Z{layer - 1}"]))
    return found
