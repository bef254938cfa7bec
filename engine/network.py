"""One network, looked at whole: the forward and the backward pass with every intermediate array kept.

Plain and allocating, for explanation, checks and prediction; training replays a plan instead (engine.compiled.gradient_program).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from engine import checks
from engine.arrays import Array
from engine.ops.activations import ACTIVATIONS, activate, slope
from engine.ops.losses import losses, record_output
from engine.ops.program import Program
from engine.spec import NetworkSpec
from engine.storage import memmap

BLOCK_ELEMENTS = 65_536  # activations of one layer and block: small enough to stay in the processor's cache
INPUT_ELEMENTS = 1_000_000  # inputs of a block, which may have to be copied


def forward(network: NetworkSpec, parameters: Mapping[str, Array], X: Array) -> dict[str, Array]:
    """A0 = X (n0, m), then Z1, A1, ..., ZL, AL, each (n[l], m). Dropout is off."""
    values = {"A0": X}
    A = X
    for layer, spec in enumerate(network.layers, start=1):
        Z = parameters[f"W{layer}"] @ A + parameters[f"b{layer}"]
        A = output(network.task, Z) if layer == len(network.layers) else activate(spec.activation, Z)
        values[f"Z{layer}"], values[f"A{layer}"] = Z, A
    return values


def output(task: str, Z: Array) -> Array:
    """The output layer's activation A[L] of Z[L]: sigmoid, softmax over each column, or Z itself."""
    Z = np.ascontiguousarray(Z)
    program, A = Program(Z.dtype, Z.size), np.empty_like(Z)
    record_output(program, task, Z, A)
    with np.errstate(over="ignore"):
        program.play()
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
    each = losses(network.task, forward(network, parameters, X)[f"Z{last}"], Y)
    weight = np.ones(each.size) if sample_weight is None else sample_weight
    return float(each @ weight / weight.sum()) + penalty(network, parameters, l2, l1) / float(weight.sum())


def penalty(network: NetworkSpec, parameters: Mapping[str, Array], l2: float, l1: float) -> float:
    """lambda / 2 sum W^2 + l1 sum |W| over all weights, biases excluded (to be divided by the examples)."""
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
    """dZl, dWl, dbl for l = L ... 1 and dA(l-1), of `cost`; `values` are those of `forward`, if at hand.

    X is (n0, m), Y (nL, m), `sample_weight` (m,); each derivative has the shape of what it is the derivative by.
    As in the tutorial, dZ and dA are those of each example's own loss, and dW and db are their (weighted) means.
    """
    values = forward(network, parameters, X) if values is None else values
    last = len(network.layers)
    weight = np.ones(X.shape[1], values["A0"].dtype) if sample_weight is None else sample_weight
    total = float(weight.sum())
    grads: dict[str, Array] = {}
    dZ = values[f"A{last}"] - Y
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

    X is (n0, m), Y (nL, m), `sample_weight` (m,). X may lie on disk: it is never copied whole.
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


Pair = tuple[Array, Array]


def layers_of(parameters: Mapping[str, Array]) -> list[Pair]:
    """(W1, b1), (W2, b2), ..., (WL, bL)."""
    return [(parameters[f"W{layer}"], parameters[f"b{layer}"]) for layer in range(1, len(parameters) // 2 + 1)]


class Predictor:
    """Predictions block by block over buffers that are made once.

    `layers` are pairs W (n, n_prev) and b (n, 1); views are read anew at each call, so they may change in between.
    """

    def __init__(self, network: NetworkSpec, layers: Sequence[Pair]) -> None:
        self.network, self.layers = network, layers
        self.dtype = layers[0][0].dtype
        self.block = max(1, min(BLOCK_ELEMENTS // max(network.dims[1:]), INPUT_ELEMENTS // network.inputs))
        self._plans: dict[int, tuple[Program, list[Array], Array]] = {}

    def __call__(self, X: npt.NDArray[Any]) -> Array:
        """A[L] (nL, m) of X (n0, m)."""
        return self._run(X, logits=False)

    def logits(self, X: npt.NDArray[Any]) -> Array:
        """Z[L] (nL, m) of X (n0, m)."""
        return self._run(X, logits=True)

    def _run(self, X: npt.NDArray[Any], *, logits: bool) -> Array:
        m = X.shape[1]
        result = np.empty((self.network.outputs, m), self.dtype)
        W, b = self.layers[0]
        with np.errstate(all="ignore"):
            for start in range(0, m, self.block):
                width = min(self.block, m - start)
                program, pre, out = self._plan(width)
                part = X[:, start : start + width]
                np.matmul(W, part if part.dtype == self.dtype else part.astype(self.dtype), out=pre[0])
                np.add(pre[0], b, out=pre[0])
                program.play()
                result[:, start : start + width] = pre[-1] if logits else out
                memmap.release(X)
        return result

    def _plan(self, width: int) -> tuple[Program, list[Array], Array]:
        """The recorded plan for this width: that of a full block stays, of others only the latest."""
        if width not in self._plans:
            self._plans = {key: plan for key, plan in self._plans.items() if key == self.block}
            self._plans[width] = self._record(width)
        return self._plans[width]

    def _record(self, width: int) -> tuple[Program, list[Array], Array]:
        """The program from Z1 on, and the pre-activations: in one memory for odd layers, in another for even ones."""
        widest = max(self.network.dims[1:])
        program = Program(self.dtype, widest * width)
        pre = [program.scratch(f"Z{layer % 2}", (len(W), width)) for layer, (W, _) in enumerate(self.layers)]
        for layer, spec in enumerate(self.network.hidden):
            activation, Z = ACTIVATIONS[spec.activation], pre[layer]
            A = program.scratch("A", Z.shape) if activation.keeps_z else Z
            activation.forward(program, Z, A)
            W, b = self.layers[layer + 1]
            program.add(f"Z{layer + 2} = W{layer + 2} A{layer + 1}", np.matmul, W, A, pre[layer + 1])
            program.add(f"Z{layer + 2} = Z{layer + 2} + b{layer + 2}", np.add, pre[layer + 1], b, out=pre[layer + 1])
        out = program.scratch("out", pre[-1].shape)
        record_output(program, self.network.task, pre[-1], out)
        return program, pre, out


def predict(network: NetworkSpec, parameters: Mapping[str, Array], X: npt.ArrayLike) -> Array:
    """A[L] (nL, m) of X (n0, m): probabilities, or values for a regression. Raises DataError for a wrong shape."""
    return Predictor(network, layers_of(parameters))(checks.inputs(network, X, finite=False))
