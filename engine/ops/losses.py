"""Losses, from the output layer's pre-activation Z, so that they are finite for every finite Z (poisson: below 709).

To add one, add an entry. One with the name of a task is the loss of that task; the others may be chosen instead of it,
where the labels are of the same kind. With the usual pairs of output activation and loss, dZ[L] is A[L] - Y (Bishop
2006, section 5.2).
"""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.ops.activations import output_activation
from engine.ops.loss import Loss, log_of_mean, pooled_linear
from engine.ops.number_losses import ABSOLUTE, HUBER, POISSON, quantile_loss
from engine.ops.program import Program


def _cross_entropy(Z: Array, Y: Array) -> Array:
    """max(z, 0) - z y + log(1 + e^-|z|), summed over the outputs."""
    return np.asarray((np.maximum(Z, 0) - Z * Y + np.log1p(np.exp(-np.abs(Z)))).sum(axis=0))


def _softmax_cross_entropy(Z: Array, Y: Array) -> Array:
    """log(sum over k of e^z_k) - sum over k of z_k y_k, the largest z of each example subtracted first."""
    shifted = Z - Z.max(axis=0)
    return np.asarray(np.log(np.exp(shifted).sum(axis=0)) - (shifted * Y).sum(axis=0))


def squared_error(Z: Array, Y: Array) -> Array:
    """(z - y)^2 / 2, summed over the outputs."""
    return np.asarray(np.square(Z - Y).sum(axis=0) / 2)


def _pooled_sigmoid(Z: Array) -> Array:
    """log(p / (1 - p)) of the mean p of the probabilities, from the logarithms of each one's p and 1 - p."""
    return log_of_mean(-np.logaddexp(0, -Z)) - log_of_mean(-np.logaddexp(0, Z))


def _pooled_softmax(Z: Array) -> Array:
    """The logarithms of the mean probabilities."""
    shifted = Z - Z.max(axis=1, keepdims=True)
    return log_of_mean(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


LOSSES: dict[str, Loss] = {
    "binary": Loss(_cross_entropy, "sigmoid", "binary", "-(y log(a) + (1 - y) log(1 - a))", pooled=_pooled_sigmoid),
    "multiclass": Loss(_softmax_cross_entropy, "softmax", "one-hot", "-y log(a)", pooled=_pooled_softmax),
    "regression": Loss(squared_error, "linear", "numbers", "(a - y)^2 / 2", pooled=pooled_linear),
    "huber": HUBER,
    "absolute": ABSOLUTE,
    "quantile": quantile_loss(0.5),
    "poisson": POISSON,
}


def losses(loss: Loss | str, Z: Array, Y: Array) -> Array:
    """The loss of each example (m,) from Z and Y (nL, m), or (K, m) from (nL, K, m). The cost is their mean.

    `loss` is an entry, or the name of one.
    """
    entry = LOSSES[loss] if isinstance(loss, str) else loss
    with np.errstate(over="ignore", invalid="ignore"):
        return entry.values(Z, Y)


def record_output(program: Program, loss: Loss, Z: Array, A: Array) -> None:
    """Record A = g(Z) of the output layer with the activation of the loss; softmax is over the first axis."""
    if loss.output == "softmax":
        row = program.scratch("row", (1, *Z.shape[1:]))
        program.add("row = max over classes of Z", np.maximum.reduce, Z, axis=0, keepdims=True, out=row)
        program.add("A = Z - row", np.subtract, Z, row, out=A)
        program.add("A = e^A", np.exp, A, out=A)
        program.add("row = sum over classes of A", np.add.reduce, A, axis=0, keepdims=True, out=row)
        program.add("A = A / row", np.divide, A, row, out=A)
    else:
        output_activation(loss.output).forward(program, Z, A)


def output_error(loss: Loss, Z: Array, A: Array, Y: Array) -> Array:
    """dZ[L] (nL, m), the derivative of the loss of each example by Z[L], computed as in training."""
    dZ = np.empty(A.shape, np.result_type(A, Y))
    program = Program(dZ.dtype, dZ.size)
    loss.record_error(program, Z, A, Y, dZ)
    program.run()
    return dZ
