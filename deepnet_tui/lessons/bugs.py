"""Backward passes with one mistake each, for the lesson that finds them. The engine's own stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.activations import slope
from engine.network import forward
from engine.spec import NetworkSpec
from engine.tape import Array

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


@dataclass(frozen=True)
class Bug:
    """A mistake: the line as it was written, as it should be, and what the check shows of it."""

    wrong: str
    right: str
    sign: str
    steps: Steps


RIGHT = Steps()
BUGS: dict[str, Bug] = {
    "no_mean": Bug(
        "dW = dZ A_prevᵀ",
        "dW = 1/m dZ A_prevᵀ",
        "every dW fails, every db passes",
        replace(RIGHT, weights=lambda dZ, A_prev, W, l2: dZ @ A_prev.T + l2 / dZ.shape[1] * W),
    ),
    "slope_one": Bug(
        "dZ = dA",
        "dZ = dA where Z > 0, else 0",
        "the last layer passes, every earlier one fails",
        replace(RIGHT, activation=lambda dA, _slopes: dA.copy()),
    ),
    "one_bias": Bug(
        "db = 1/m Σ dZ over everything",
        "db = 1/m Σ dZ over the examples",
        "every db of several units fails, every dW passes",
        replace(RIGHT, bias=lambda dZ: np.full((len(dZ), 1), dZ.sum() / dZ.shape[1])),
    ),
    "updated_too_early": Bug(
        "dA_prev = (W after its update)ᵀ dZ",
        "dA_prev = Wᵀ dZ",
        "the last layer passes, earlier ones fail by a little",
        replace(RIGHT, inputs=lambda W, dZ, dW: (W - RATE * dW).T @ dZ),
    ),
    "reshaped": Bug(
        "dA_prev = W.reshape(...) dZ",
        "dA_prev = Wᵀ dZ",
        "what lies before a layer of several units fails",
        replace(RIGHT, inputs=lambda W, dZ, _dW: W.reshape(W.T.shape) @ dZ),
    ),
    "no_penalty": Bug(
        "dW = 1/m dZ A_prevᵀ",
        "dW = 1/m dZ A_prevᵀ + λ/m W",
        "with L2 every dW fails, every db passes",
        replace(RIGHT, weights=lambda dZ, A_prev, _W, _l2: dZ @ A_prev.T / dZ.shape[1]),
    ),
}


def gradients(
    network: NetworkSpec, parameters: Mapping[str, Array], X: Array, Y: Array, l2: float = 0.0, steps: Steps = RIGHT
) -> dict[str, Array]:
    """dW1, db1, ... as these steps make them, for X (n0, m) and Y (nL, m)."""
    values = forward(network, parameters, X)
    last = len(network.layers)
    found: dict[str, Array] = {}
    dZ = values[f"A{last}"] - Y
    for layer in range(last, 0, -1):
        W = parameters[f"W{layer}"]
        dW = steps.weights(dZ, values[f"A{layer - 1}"], W, l2)
        found[f"dW{layer}"], found[f"db{layer}"] = dW, steps.bias(dZ)
        if layer > 1:
            dA, name = steps.inputs(W, dZ, dW), network.hidden[layer - 2].activation
            dZ = steps.activation(dA, slope(name, values[f"Z{layer - 1}"]))
    return found
