"""Learned scales of the inputs: besides its own step, each column of W1 is multiplied by a factor that Adam moves.

A layer of one factor e^u for each input, before the first, lets a network choose among its inputs sooner than their
weights alone would (the scaling layer of Holzmueller et al. 2024, arXiv 2407.04491, as a part of W1). The derivative of
the cost by u[i] is the sum of W1 dW1 over column i. u begins at 0 with every update, as its factor is in W1 by then.
"""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.ops.program import Program

MOST = 0.5  # that u moves in an update


def record_scale_gradient(program: Program, W: Array, dW: Array, du: Array) -> None:
    """Record du[i] = the sum of W dW over column i, for W and dW (n1, n0) and du (n0,), with a leading axis or not."""
    program.add("du = sum of W1 dW1 over each column", np.einsum, "...hi,...hi->...i", W, dW, out=du)


def record_scaling(program: Program, W: Array, u: Array, times: float | Array) -> None:
    """Record W = W e^(times u) for each column, where `u` (n0,) holds the step of the optimizer, and u = 0.

    `times` is a number, or (K, 1) for members that differ in it.
    """
    factor, limit = np.array(times, u.dtype), np.array(MOST, u.dtype)
    program.add("u = input scale rate u", np.multiply, u, factor, out=u)
    program.add(f"u = at most {MOST:g}", np.minimum, u, limit, out=u)
    program.add(f"u = at least -{MOST:g}", np.maximum, u, -limit, out=u)
    program.add("u = e^u", np.exp, u, out=u)
    program.add("W1 = W1 u for each column", np.multiply, W, u[..., np.newaxis, :], out=W)
    program.add("u = 0", u.fill, 0.0)
