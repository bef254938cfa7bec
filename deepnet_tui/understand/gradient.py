"""The derivatives of an answer by the inputs of the network."""

from __future__ import annotations

import numpy as np

from deepnet_tui.understand.answer import Answer
from engine.arrays import Array
from engine.network import forward
from engine.ops.activations import slope
from engine.parameters import member


def gradient(answer: Answer, X: Array) -> Array:
    """d answer / dX (n0, m) at the prepared inputs X (n0, m); of an ensemble the derivative of the mean."""
    model = answer.model
    parameters = {name: np.asarray(value, dtype=np.float64) for name, value in model.parameters.items()}
    network, members = model.network.member, model.network.ensemble
    passes = [(own, forward(network, own, X)) for own in (member(parameters, k) for k in range(members))]
    last = f"A{len(network.layers)}"
    dA = by_outputs(answer, np.mean([values[last] for _, values in passes], axis=0)) / members
    total = np.zeros_like(X)
    for own, values in passes:
        grad = _through_output(network.loss_function.output, values["Z" + last[1:]], values[last], dA)
        for layer in range(len(network.layers), 0, -1):
            grad = own[f"W{layer}"].T @ grad
            if layer > 1:
                grad *= slope(network.hidden[layer - 2].activation, values[f"Z{layer - 1}"])
        total += grad
    return total


def by_outputs(answer: Answer, A: Array) -> Array:
    """d answer / dA (nL, m), A being the outputs of the network."""
    model, found = answer.model, np.zeros_like(A)
    if model.network.labels == "binary":
        found[0] = 1.0 if answer.place else -1.0
    elif model.network.labels == "one-hot":
        found[answer.place] = 1.0
    else:
        scaling = model.scalings[answer.place]
        values = scaling.unbounded(A[answer.place])
        found[answer.place] = scaling.scale * (values + scaling.shift if scaling.log else 1.0)
        found[answer.place] *= scaling.values(A[answer.place]) == values
    return found


def _through_output(output: str, Z: Array, A: Array, dA: Array) -> Array:
    """d answer / dZ[L] from d answer / dA[L]."""
    if output == "softmax":
        return np.asarray(A * (dA - (A * dA).sum(axis=0)))
    return np.asarray(dA * (A if output == "exp" else slope(output, Z)))
