"""Losses: one for each task, from the output layer's pre-activation Z, so that it is finite for every finite Z.

To add one, add an entry. With these pairs of output activation and loss, dZ[L] is A[L] - Y for every task (Bishop 2006,
section 5.2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.ops.activations import ACTIVATIONS
from engine.ops.program import Program

LossValues = Callable[[Array, Array], Array]


def _cross_entropy(Z: Array, Y: Array) -> Array:
    """max(z, 0) - z y + log(1 + e^-|z|), summed over the outputs."""
    return np.asarray((np.maximum(Z, 0) - Z * Y + np.log1p(np.exp(-np.abs(Z)))).sum(axis=0))


def _softmax_cross_entropy(Z: Array, Y: Array) -> Array:
    """log(sum over k of e^z_k) - sum over k of z_k y_k, the largest z of each example subtracted first."""
    shifted = Z - Z.max(axis=0)
    return np.asarray(np.log(np.exp(shifted).sum(axis=0)) - (shifted * Y).sum(axis=0))


def _squared_error(Z: Array, Y: Array) -> Array:
    """(z - y)^2 / 2, summed over the outputs."""
    return np.asarray(np.square(Z - Y).sum(axis=0) / 2)


@dataclass(frozen=True)
class Loss:
    """The loss of a task: `values(Z, Y)` gives that of each example (m,) from the output layer's Z and Y (nL, m).

    `output` is the activation of the output layer, such that dZ is A - Y: a name in ACTIVATIONS, or softmax. `labels`
    says what Y holds: "binary" 0 and 1, "one-hot" columns, or "numbers". `formula` is the loss of one output in a (the
    output), z and y, for Explain.

    `pooled` gives from Z (K, nL, m) of the members of an ensemble the Z (nL, m) whose output is the mean of theirs; a
    loss without it can't be used for an ensemble.
    """

    values: LossValues
    output: str
    labels: str
    formula: str
    pooled: Callable[[Array], Array] | None = None

    @property
    def is_logistic(self) -> bool:
        """Whether the outputs are sigmoids of labels 0 and 1, for which dZ has a form with fewer operations."""
        return self.output == "sigmoid" and self.labels == "binary"


def _log_of_mean(logs: Array) -> Array:
    """The logarithm of the mean over the first axis of e^logs, finite wherever the logs are."""
    highest = logs.max(axis=0)
    return np.asarray(highest + np.log(np.exp(logs - highest).mean(axis=0)))


def _pooled_sigmoid(Z: Array) -> Array:
    """log(p / (1 - p)) of the mean p of the probabilities, from the logarithms of each one's p and 1 - p."""
    return _log_of_mean(-np.logaddexp(0, -Z)) - _log_of_mean(-np.logaddexp(0, Z))


def _pooled_softmax(Z: Array) -> Array:
    """The logarithms of the mean probabilities."""
    shifted = Z - Z.max(axis=1, keepdims=True)
    return _log_of_mean(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def _pooled_linear(Z: Array) -> Array:
    return np.asarray(Z.mean(axis=0))


LOSSES: dict[str, Loss] = {
    "binary": Loss(_cross_entropy, "sigmoid", "binary", "-(y log(a) + (1 - y) log(1 - a))", pooled=_pooled_sigmoid),
    "multiclass": Loss(_softmax_cross_entropy, "softmax", "one-hot", "-y log(a)", pooled=_pooled_softmax),
    "regression": Loss(_squared_error, "linear", "numbers", "(a - y)^2 / 2", pooled=_pooled_linear),
}


def losses(task: str, Z: Array, Y: Array) -> Array:
    """The loss of each example (m,) from Z and Y (nL, m), or (K, m) from (nL, K, m). The cost is their mean."""
    with np.errstate(over="ignore", invalid="ignore"):
        return LOSSES[task].values(Z, Y)


def record_output(program: Program, task: str, Z: Array, A: Array) -> None:
    """Record A = g(Z) of the output layer with the activation of the task; softmax is over the first axis."""
    output = LOSSES[task].output
    if output == "softmax":
        row = program.scratch("row", (1, *Z.shape[1:]))
        program.add("row = max over classes of Z", np.maximum.reduce, Z, axis=0, keepdims=True, out=row)
        program.add("A = Z - row", np.subtract, Z, row, out=A)
        program.add("A = e^A", np.exp, A, out=A)
        program.add("row = sum over classes of A", np.add.reduce, A, axis=0, keepdims=True, out=row)
        program.add("A = A / row", np.divide, A, row, out=A)
    else:
        ACTIVATIONS[output].forward(program, Z, A)
