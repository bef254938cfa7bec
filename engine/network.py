"""The forward and the backward pass of a whole network, with every intermediate array kept.

Plain and allocating, for Explain, checks and the doctor; training replays a gradient program instead (engine.compiled).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.arrays import Array
from engine.ops.activations import activate, slope
from engine.ops.loss import Loss
from engine.ops.losses import losses, output_error, record_output
from engine.ops.program import Program
from engine.spec import NetworkSpec
from engine.storage import memmap

INPUT_ELEMENTS = 1_000_000  # inputs of a block, which may have to be copied


def forward(network: NetworkSpec, parameters: Mapping[str, Array], X: Array) -> dict[str, Array]:
    """A0 = X (n0, m), then Z1, A1, ..., ZL, AL, each (n[l], m). Dropout is off."""
    values = {"A0": X}
    A = X
    for layer, spec in enumerate(network.layers, start=1):
        Z = parameters[f"W{layer}"] @ A + parameters[f"b{layer}"]
        A = output(network.loss_function, Z) if layer == len(network.layers) else activate(spec.activation, Z)
        values[f"Z{layer}"], values[f"A{layer}"] = Z, A
    return values


def output(loss: Loss, Z: Array) -> Array:
    """A[L] from Z[L], both (nL, m): sigmoid, softmax over each column, Z itself or e^Z, as the loss has it."""
    Z = np.ascontiguousarray(Z)
    program, A = Program(Z.dtype, Z.size), np.empty_like(Z)
    record_output(program, loss, Z, A)
    with np.errstate(over="ignore"):
        program.run()
    return A


def cost(
    network: NetworkSpec,
    parameters: Mapping[str, Array],
    X: Array,
    Y: Array,
    l2: float = 0.0,
    l1: float = 0.0,
    sample_weight: Array | None = None,
) -> float:
    """The weighted mean of the losses plus lambda / (2 M) sum W^2 and l1 / M sum |W|, M the sum of the weights.

    X is (n0, m), Y (nL, m): 0 and 1, one-hot columns or numbers, as the task has it; `sample_weight` is (m,).
    """
    last = len(network.layers)
    each = losses(network.loss_function, forward(network, parameters, X)[f"Z{last}"], Y)
    weight = np.ones(each.size) if sample_weight is None else sample_weight
    return float(each @ weight / weight.sum()) + penalty(network, parameters, l2, l1) / float(weight.sum())


def penalty(network: NetworkSpec, parameters: Mapping[str, Array], l2: float, l1: float) -> float:
    """lambda / 2 sum W^2 + l1 sum |W| over all weights, without biases; to be divided by the weight of all examples."""
    return sum(penalty_of(parameters[f"W{layer}"], l2, l1) for layer in range(1, len(network.layers) + 1))


def penalty_of(W: Array, l2: float, l1: float) -> float:
    """lambda / 2 sum W^2 + l1 sum |W| of one matrix."""
    squares = l2 / 2 * float(np.einsum("ij,ij", W, W)) if l2 else 0.0
    return squares + (l1 * float(np.abs(W).sum()) if l1 else 0.0)


def backward(
    network: NetworkSpec,
    parameters: Mapping[str, Array],
    X: Array,
    Y: Array,
    l2: float = 0.0,
    l1: float = 0.0,
    sample_weight: Array | None = None,
    values: Mapping[str, Array] | None = None,
) -> dict[str, Array]:
    """dZl, dWl, dbl for l = L ... 1 and dA(l-1), of `cost`; `values` are those of `forward`, if there already.

    X is (n0, m), Y (nL, m), `sample_weight` (m,); each derivative has the shape of what it is the derivative by.
    As in the tutorial, dZ and dA are by each example's own loss, while dW and db are (weighted) means.
    """
    values = forward(network, parameters, X) if values is None else values
    last = len(network.layers)
    weight = np.ones(X.shape[1], values["A0"].dtype) if sample_weight is None else sample_weight
    total = float(weight.sum())
    grads: dict[str, Array] = {}
    dZ = output_error(network.loss_function, values[f"Z{last}"], values[f"A{last}"], Y)
    for layer in range(last, 0, -1):
        if layer < last:
            dZ = grads[f"dA{layer}"] * slope(network.hidden[layer - 1].activation, values[f"Z{layer}"])
        W, weighted = parameters[f"W{layer}"], dZ if sample_weight is None else dZ * weight
        grads[f"dZ{layer}"] = dZ
        grads[f"dW{layer}"] = weighted @ values[f"A{layer - 1}"].T / total
        grads[f"db{layer}"] = weighted.sum(axis=1, keepdims=True) / total
        if l2:
            grads[f"dW{layer}"] += l2 / total * W
        if l1:
            grads[f"dW{layer}"] += l1 / total * np.sign(W)
        grads[f"dA{layer - 1}"] = W.T @ dZ
    return grads


def gradients(
    network: NetworkSpec,
    parameters: Mapping[str, Array],
    X: Array,
    Y: Array,
    l2: float = 0.0,
    l1: float = 0.0,
    sample_weight: Array | None = None,
) -> dict[str, Array]:
    """dW1, db1, ... of `cost`, in the dtype of the parameters, added up over blocks of the examples.

    X is (n0, m), Y (nL, m), `sample_weight` (m,). X may be on disk: it is never copied whole.
    """
    dtype, m = parameters["W1"].dtype, X.shape[1]
    weight = np.ones(m, dtype) if sample_weight is None else sample_weight
    total, step = float(weight.sum()), max(1, INPUT_ELEMENTS // max(network.dims))
    summed = {f"d{name}": np.zeros(shape, dtype) for name, shape in network.shapes.items()}
    for start in range(0, m, step):
        cut = slice(start, start + step)
        part = weight[cut].astype(dtype)
        if not part.any():
            continue
        block = X[:, cut].astype(dtype, copy=False), Y[:, cut].astype(dtype, copy=False)
        found = backward(network, parameters, *block, sample_weight=None if sample_weight is None else part)
        for name, whole in summed.items():
            whole += found[name] * dtype.type(float(weight[cut].sum()) / total)
        memmap.release(X)
    for name, W in parameters.items() if l2 or l1 else ():
        if name.startswith("W"):
            summed[f"d{name}"] += l2 / total * W + l1 / total * np.sign(W)
    return summed
