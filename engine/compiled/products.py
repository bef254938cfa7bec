"""The matrix products of a layer, of one network or of all members of an ensemble at once.

Arrays of activations are (n, m) for one network and (n, K, m) for K members. Units come first in both, so that what is
elementwise, a sum over the units or a row of ones need not know how many networks there are. A block [W | b] is
(n, n_prev + 1) or (K, n, n_prev + 1); for an ensemble NumPy calls BLAS once for each member.
"""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.ops.program import Program


def record_forward(program: Program, formula: str, block: Array, A: Array, Z: Array) -> None:
    """Record Z = block A; A has a row of ones below it."""
    if block.ndim == 2:
        program.add(formula, block.dot, A, Z)
    else:
        program.add(formula, np.matmul, block, by_member(A), by_member(Z))


def record_gradient(program: Program, formula: str, dZ: Array, A: Array, gradient: Array) -> None:
    """Record gradient = dZ A^T, of a block [W | b] of layer l from dZ of that layer and A of the layer below."""
    if gradient.ndim == 2:
        program.add(formula, dZ.dot, A.T, gradient)
    else:
        program.add(formula, np.matmul, by_member(dZ), by_member(A).transpose(0, 2, 1), gradient)


def record_backward(program: Program, formula: str, block: Array, dZ: Array, dA: Array) -> None:
    """Record dA = W^T dZ, of the layer below."""
    W = block[..., :-1]
    if block.ndim == 2:
        program.add(formula, np.matmul, W.T, dZ, dA)  # dot would copy the view first
    elif len(dZ) == 1:  # one unit: nothing to add up, and BLAS is slow at it
        program.add(formula, np.multiply, W.transpose(2, 0, 1), dZ, out=dA)
    else:
        program.add(formula, np.matmul, W.transpose(0, 2, 1), by_member(dZ), by_member(dA))


def by_member(array: Array) -> Array:
    """The view (K, n, m) of an array (n, K, m)."""
    return array.transpose(1, 0, 2)
