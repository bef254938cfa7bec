"""What a loss is: one entry of `engine.ops.losses.LOSSES`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.ops.program import Program

LossValues = Callable[[Array, Array], Array]
RecordError = Callable[[Program, Array, Array, Array, Array], None]


def difference(program: Program, _Z: Array, A: Array, Y: Array, dZ: Array) -> None:
    """Record dZ = A - Y."""
    program.add("dZ = A - Y", np.subtract, A, Y, out=dZ)


@dataclass(frozen=True)
class Loss:
    """A loss: `values(Z, Y)` gives that of each example (m,) from the output layer's Z and Y (nL, m).

    `output` is the activation of the output layer: a name in ACTIVATIONS or OUTPUTS, or softmax. `labels` says what Y
    holds: "binary" 0 and 1, "one-hot" columns, or "numbers". `formula` is the loss of one output in a (the output), z
    and y, for Explain.

    `record_error(program, Z, A, Y, dZ)` records dZ[L], the derivative of the loss by z, and `error_formula` is the same
    in words, with `a - y` in it. Without them dZ[L] is A - Y, as it is for the usual pairs of output and loss.

    `pooled` gives from Z (K, nL, m) of the members of an ensemble the Z (nL, m) whose output is the mean of theirs; a
    loss without it can't be used for an ensemble.

    `side(Z, Y)` says on which side of a kink of the loss each output is (nL, m), for the gradient check; None for a
    loss without kinks. `for_amounts` says that labels are numbers from 0, which are divided by their mean instead of
    standardised. `quantile` is what the loss makes a network predict, None where that is no quantile, and
    `at_quantile(q)` the loss for another one, for the loss that has such a setting.
    """

    values: LossValues
    output: str
    labels: str
    formula: str
    pooled: Callable[[Array], Array] | None = None
    record_error: RecordError = difference
    error_formula: str = "a - y"
    side: Callable[[Array, Array], Array] | None = None
    for_amounts: bool = False
    quantile: float | None = None
    at_quantile: Callable[[float], Loss] | None = None

    @property
    def is_logistic(self) -> bool:
        """Whether the outputs are sigmoids of labels 0 and 1, for which dZ has a form with fewer operations."""
        return self.output == "sigmoid" and self.labels == "binary" and self.record_error is difference


def log_of_mean(logs: Array) -> Array:
    """The logarithm of the mean over the first axis of e^logs, finite wherever the logs are."""
    highest = logs.max(axis=0)
    return np.asarray(highest + np.log(np.exp(logs - highest).mean(axis=0)))


def pooled_linear(Z: Array) -> Array:
    """The mean over the members, for an output that is Z itself."""
    return np.asarray(Z.mean(axis=0))
