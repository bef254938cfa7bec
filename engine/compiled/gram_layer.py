"""Few examples, many features: the first layer need never be multiplied again.

With full-batch gradient descent, with or without momentum and L2, W1 only ever moves within the span of the examples:
W1 = c W1_start + C X^T, with a factor c that decay shrinks and coefficients C (n1, m). So

    Z1 = [C | b1] [X^T X; 1] + c W1_start X        and        dC = dZ1,

and the n0 features have gone from the iteration: an m x m matrix has taken their place. The optimizer updates C, b1
and c just as it would update W1 and b1. W1 itself is made when somebody looks at it.
"""

from __future__ import annotations

import math

import numpy as np

from engine.arrays import Array
from engine.ops.optimizers import OPTIMIZERS
from engine.ops.program import Program
from engine.spec import NetworkSpec, TrainingSpec

GAIN = 2  # the features must outnumber the examples this many times: X^T X then takes half the room of X at most


def saves_work(network: NetworkSpec, training: TrainingSpec, m: int) -> bool:
    """Whether this way is exact for the training asked for, and cheaper for these sizes and so many iterations."""
    exact = OPTIMIZERS[training.optimizer].linear and training.batch_size is None
    exact = exact and not training.l1 and training.clip_norm is None
    if not exact or network.inputs < GAIN * m:
        return False
    n0, n1, iterations = network.inputs, network.dims[1], min(training.iterations, training.epochs or math.inf)
    return n0 * m * m + iterations * n1 * m * m < iterations * 2 * n1 * n0 * m  # X^T X once, then C X^T X; Z1 and dW1


class GramLayer:
    """The inputs of layer 1 seen from the span of the `m` examples in X (n0, m).

    `factor` is the 0-d view of c in the flat vector, `factor_gradient` (1,) the like view of dc.
    """

    def __init__(self, X: Array, units: int, factor: Array, factor_gradient: Array) -> None:
        self.X, self.factor, self.factor_gradient = X, factor, factor_gradient
        self.m = X.shape[1]
        self.gram = np.ones((self.m + 1, self.m), X.dtype)
        np.dot(X.T, X, out=self.gram[:-1])
        self.W = np.zeros((units, len(X)), X.dtype)
        self.made = np.zeros_like(self.W)
        self.Z = np.zeros((units, self.m), X.dtype)  # W1_start X; the plan is bound to this memory

    def start(self, W: Array) -> None:
        """Take `W` (n1, n0) as the W1 that everything from now on is relative to."""
        self.W[...] = W
        np.dot(self.W, self.X, out=self.Z)
        self.factor[...] = 1

    def record_forward(self, program: Program, block: Array, Z: Array) -> None:
        start = program.scratch("work", Z.shape)
        program.add("Z1 = [C|b1] [X^T X;1]", block.dot, self.gram, Z)
        program.add("start = c W1_start X", np.multiply, self.Z, self.factor, out=start)
        program.add("Z1 = Z1 + start", np.add, Z, start, out=Z)

    def record_backward(self, program: Program, dZ: Array, gradient: Array) -> None:
        program.add("dC = dZ1", np.copyto, gradient[:, :-1], dZ)
        program.add("dc = 0, but for decay", self.factor_gradient.fill, 0)
        program.add("db1 = sum over the examples of dZ1", np.add.reduce, dZ, axis=1, out=gradient[:, -1])

    def weights(self, block: Array, factor: Array, out: Array | None = None) -> Array:
        """W1 (n1, n0) for the coefficients in `block` [C | b1] and the factor c, in new memory or in `out`."""
        W: Array = np.dot(block[:, :-1], self.X.T, out=out)
        for row, start in zip(W, self.W, strict=True):  # row by row, so that no second W1 is made on the way
            row += factor * start
        return W

    def squared_norm(self, block: Array) -> float:
        """sum W1^2 for the coefficients in `block`, without making W1."""
        C, c = block[:, :-1], float(self.factor)
        cross = float(np.vdot(C, self.Z))
        return c * c * float(np.vdot(self.W, self.W)) + 2 * c * cross + float(np.vdot(C @ self.gram[:-1], C))
