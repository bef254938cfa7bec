"""The cost of each task, from the output layer's pre-activation Z, so that it is finite for every finite Z.

With these pairs of output activation and cost, dZ[L] is A[L] - Y for all three tasks (Bishop 2006, section 5.2).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.arrays import Array
from engine.ops.activations import ACTIVATIONS
from engine.ops.program import Program

Loss = Callable[[Array, Array], Array]


def _cross_entropy(Z: Array, Y: Array) -> Array:
    """max(z, 0) - z y + log(1 + e^-|z|), summed over the outputs."""
    return np.asarray((np.maximum(Z, 0) - Z * Y + np.log1p(np.exp(-np.abs(Z)))).sum(axis=0))


def _softmax_cross_entropy(Z: Array, Y: Array) -> Array:
    """log(sum over k of e^z_k) - sum over k of z_k y_k, the largest z of each example taken out first."""
    shifted = Z - Z.max(axis=0)
    return np.asarray(np.log(np.exp(shifted).sum(axis=0)) - (shifted * Y).sum(axis=0))


def _squared_error(Z: Array, Y: Array) -> Array:
    """(z - y)^2 / 2, summed over the outputs."""
    return np.asarray(np.square(Z - Y).sum(axis=0) / 2)


LOSSES: dict[str, Loss] = {
    "binary": _cross_entropy,
    "multiclass": _softmax_cross_entropy,
    "regression": _squared_error,
}


def losses(task: str, Z: Array, Y: Array) -> Array:
    """The loss of each example (m,) from Z and Y (nL, m). The cost is their mean."""
    with np.errstate(over="ignore", invalid="ignore"):
        return LOSSES[task](Z, Y)


def record_output(program: Program, task: str, Z: Array, A: Array) -> None:
    """RecordUpdate A = g(Z) of the output layer: sigmoid, softmax over each column, or the identity."""
    if task == "multiclass":
        row = program.scratch("row", (1, Z.shape[1]))
        program.add("row = max over classes of Z", np.maximum.reduce, Z, axis=0, keepdims=True, out=row)
        program.add("A = Z - row", np.subtract, Z, row, out=A)
        program.add("A = e^A", np.exp, A, out=A)
        program.add("row = sum over classes of A", np.add.reduce, A, axis=0, keepdims=True, out=row)
        program.add("A = A / row", np.divide, A, row, out=A)
    else:
        ACTIVATIONS["sigmoid" if task == "binary" else "linear"].forward(program, Z, A)
