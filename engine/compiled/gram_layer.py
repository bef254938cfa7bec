"""The Gram-matrix first layer: with few examples of many features, no product with the features is needed.

With full-batch gradient descent, with or without momentum and L2, every update of W1 is a linear combination of the
examples: W1 = c W1_start + C X^T, with a factor c that weight decay shrinks and coefficients C (n1, m). So

    Z1 = [C | b1] [X^T X; 1] + c W1_start X        and        dC = dZ1,

and an iteration no longer reads the n0 features, only their Gram matrix X^T X (m, m). The optimizer updates C, b1 and c
as it would update W1 and b1. W1 itself is computed only when it is asked for.
"""

from __future__ import annotations

import math

import numpy as np

from engine.arrays import Array
from engine.ops.optimizers import OPTIMIZERS
from engine.ops.program import Program
from engine.spec import NetworkSpec, TrainingSpec

GAIN = 2  # features for each example, at least: X^T X then takes at most half the memory of X


def saves_work(network: NetworkSpec, training: TrainingSpec, m: int) -> bool:
    """Whether the Gram matrix gives exactly what `training` asks for, and is cheaper for `m` examples."""
    exact = OPTIMIZERS[training.optimizer].linear and training.batch_size is None
    exact = exact and not training.l1 and training.clip_norm is None
    exact = exact and network.ensemble == 1 and not training.internal
    if not exact or network.inputs < GAIN * m:
        return False
    n0, n1, iterations = network.inputs, network.dims[1], min(training.iterations, training.epochs or math.inf)
    return n0 * m * m + iterations * n1 * m * m < iterations * 2 * n1 * n0 * m  # X^T X once, then C X^T X; Z1 and dW1


class GramLayer:
    """Layer 1 by the Gram matrix of the `m` examples in X (n0, m), for `units` units.

    `factor` is the 0-d view of c in the flat parameters, `factor_gradient` (1,) that of dc in the flat gradient. `W1`
    is memory for the weights of the first layer, which `FlatParameters.update_first_layer` fills.
    """

    def __init__(self, X: Array, units: int, factor: Array, factor_gradient: Array) -> None:
        self.X, self.factor, self.factor_gradient = X, factor, factor_gradient
        self.m = X.shape[1]
        self.gram = np.ones((self.m + 1, self.m), X.dtype)
        np.dot(X.T, X, out=self.gram[:-1])
        self.W1_start = np.zeros((units, len(X)), X.dtype)
        self.W1 = np.zeros_like(self.W1_start)
        self.Z1_start = np.zeros((units, self.m), X.dtype)  # W1_start X; the program is bound to this memory

    def set_start(self, W1: Array) -> None:
        """Make `W1` (n1, n0) the W1_start to which C and c refer from now on."""
        self.W1_start[...] = W1
        np.dot(self.W1_start, self.X, out=self.Z1_start)
        self.factor[...] = 1

    def record_forward(self, program: Program, block: Array, Z: Array) -> None:
        """Record Z1 from the block [C | b1]."""
        start = program.scratch("work", Z.shape)
        program.add("Z1 = [C|b1] [X^T X;1]", block.dot, self.gram, Z)
        program.add("start = c W1_start X", np.multiply, self.Z1_start, self.factor, out=start)
        program.add("Z1 = Z1 + start", np.add, Z, start, out=Z)

    def record_backward(self, program: Program, dZ: Array, gradient: Array) -> None:
        """Record [dC | db1] and dc from dZ1."""
        program.add("dC = dZ1", np.copyto, gradient[:, :-1], dZ)
        program.add("dc = 0, but for decay", self.factor_gradient.fill, 0)
        program.add("db1 = sum over the examples of dZ1", np.add.reduce, dZ, axis=1, out=gradient[:, -1])

    def weights(self, block: Array, factor: Array, out: Array | None = None) -> Array:
        """W1 (n1, n0) from the coefficients in `block` [C | b1] and the factor c, in new memory or in `out`."""
        W1: Array = np.dot(block[:, :-1], self.X.T, out=out)
        for row, start in zip(W1, self.W1_start, strict=True):  # row by row, so that no second W1 is allocated
            row += factor * start
        return W1

    def squared_norm(self, block: Array) -> float:
        """The sum of W1^2 for the coefficients in `block` [C | b1], without computing W1."""
        C, c = block[:, :-1], float(self.factor)
        cross = float(np.vdot(C, self.Z1_start))
        start = float(np.vdot(self.W1_start, self.W1_start))
        return c * c * start + 2 * c * cross + float(np.vdot(C @ self.gram[:-1], C))
