"""What layer 1 reads: its examples, and how its two products are recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from engine.arrays import Array
from engine.compiled import products
from engine.ops.program import Program

FORWARD, BACKWARD = "Z1 = [W1|b1] [A0;1]", "[dW1|db1] = dZ1 [A0;1]^T"


class Inputs(Protocol):
    """What layer 1 reads: the features themselves, or their Gram matrix (engine.compiled.gram_layer)."""

    @property
    def m(self) -> int:
        """The number of examples, of each member of an ensemble."""

    def record_forward(self, program: Program, block: Array, Z: Array) -> None:
        """Record how Z1 is computed from the block [W1 | b1]; shapes as in engine.compiled.products."""

    def record_backward(self, program: Program, dZ: Array, gradient: Array) -> None:
        """Record how [dW1 | db1] is computed from dZ1."""


@dataclass
class Dense:
    """The usual inputs: the features with a row of ones below them.

    A0 is (n0 + 1, m), or (n0 + 1, K, m) for an ensemble whose members read examples of their own.
    """

    A0: Array

    @property
    def m(self) -> int:
        """The number of examples, of each member of an ensemble."""
        return int(self.A0.shape[-1])

    def record_forward(self, program: Program, block: Array, Z: Array) -> None:
        """Record Z1 from the block [W1 | b1]."""
        products.record_forward(program, FORWARD, block, self.A0, Z)

    def record_backward(self, program: Program, dZ: Array, gradient: Array) -> None:
        """Record [dW1 | db1] from dZ1."""
        products.record_gradient(program, BACKWARD, dZ, self.A0, gradient)

    def of_members(self, first: int, last: int) -> Inputs:
        """The inputs of the members `first` to before `last` of an ensemble."""
        if self.A0.ndim == 3:
            return Dense(self.A0[:, first] if last - first == 1 else self.A0[:, first:last])
        return self if last - first == 1 else SharedDense(self.A0)


@dataclass
class SharedDense:
    """The inputs of an ensemble whose members all read the same examples, A0 (n0 + 1, m).

    The blocks of all members are copied below each other, which makes one large product of many small ones.
    """

    A0: Array
    _stacked: Array | None = field(default=None, init=False)  # (n1, K, n0 + 1)

    @property
    def m(self) -> int:
        """The number of examples."""
        return int(self.A0.shape[1])

    def record_forward(self, program: Program, block: Array, Z: Array) -> None:
        """Record Z1 (n1, K, m) from the block [W1 | b1] (K, n1, n0 + 1)."""
        stacked, rows = self._memory(block)
        program.add("[W1|b1] of all networks below each other", np.copyto, stacked, block.transpose(1, 0, 2))
        program.add(FORWARD, rows.dot, self.A0, Z.reshape(-1, self.m))

    def record_backward(self, program: Program, dZ: Array, gradient: Array) -> None:
        """Record [dW1 | db1] (K, n1, n0 + 1) from dZ1 (n1, K, m)."""
        stacked, rows = self._memory(gradient)
        program.add(BACKWARD, dZ.reshape(-1, self.m).dot, self.A0.T, rows)
        program.add("[dW1|db1] for each network", np.copyto, gradient.transpose(1, 0, 2), stacked)

    def _memory(self, block: Array) -> tuple[Array, Array]:
        """Memory (n1, K, n0 + 1) for blocks like this one, allocated once, and the same as (n1 K, n0 + 1)."""
        members, units, columns = block.shape
        if self._stacked is None:
            self._stacked = np.empty((units, members, columns), block.dtype)
        return self._stacked, self._stacked.reshape(-1, columns)
