"""The members of an ensemble, computed a group at a time: so many as fit into the cache together.

For small networks that makes few large calls of many small ones; large ones are computed one after the other, because
then there is nothing to save. All groups of a size share their buffers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from engine.arrays import Array
from engine.compiled.gradient_program import Buffers, GradientProgram
from engine.compiled.inputs import Dense
from engine.compiled.memory_budget import example_bytes
from engine.spec import NetworkSpec

GROUP_BYTES = 2**20  # inputs, activations and gradients of a group


class MemberGroups:
    """The gradient of all members, computed by `groups`, one gradient program each.

    It is used like a GradientProgram, and takes the same arguments, of which `Y` (nL, m) and `weight` (1, m) are
    common to all members, or (nL, K, m) and (1, K, m).
    """

    def __init__(
        self,
        network: NetworkSpec,
        blocks: Sequence[Array],
        gradients: Sequence[Array],
        inputs: Dense,
        Y: Array,
        weight: Array | None,
        buffers: Buffers,
        generators: Sequence[np.random.Generator],
        *,
        fixed: bool,
        scalar_shape: tuple[int, ...],
    ) -> None:
        self.m = inputs.m
        self.cuts = group_cuts(network, self.m, np.dtype(buffers.dtype))
        self.groups = [
            GradientProgram(
                replace(network, ensemble=last - first),
                [_own(block, 0, first, last) for block in blocks],
                [_own(gradient, 0, first, last) for gradient in gradients],
                inputs.of_members(first, last),
                _of_members(Y, first, last),
                None if weight is None else _of_members(weight, first, last),
                buffers.part(last - first),
                generators[first:last],
                fixed=fixed,
                scalar_shape=(last - first, 1) if scalar_shape and last - first > 1 else (),
            )
            for first, last in self.cuts
        ]
        self.calls = [call for program in self.groups for call in program.calls]

    def restore_ones(self) -> None:
        """Put the rows of ones back below the activations, after other programs have used the same buffers."""
        for program in self.groups:
            program.restore_ones()

    def set_scale(self, factor: float | Array) -> None:
        """Multiply every gradient by `factor` from now on, a number or (K, 1)."""
        for (first, last), program in zip(self.cuts, self.groups, strict=True):
            program.set_scale(_own(factor, 0, first, last) if isinstance(factor, np.ndarray) else factor)

    def describe(self) -> str:
        """The formulas of one iteration's gradient, one a line."""
        count = len(self.groups)
        times = f"\n(this for each of {count} groups of the networks)" if count > 1 else ""
        return self.groups[0].describe() + times


def group_cuts(network: NetworkSpec, m: int, dtype: np.dtype[np.generic]) -> list[tuple[int, int]]:
    """The first member of each group and the one after its last, for programs of `m` examples."""
    together = max(1, GROUP_BYTES // (example_bytes(network.member, dtype) * m))
    count = -(-network.ensemble // together)
    ends = [number * network.ensemble // count for number in range(count + 1)]
    return list(pairwise(ends))


def _of_members(array: Array, first: int, last: int) -> Array:
    """Those members' part of an array (n, m) or (n, K, m); of one member without the axis for members."""
    if array.ndim == 3:
        return _own(array, 1, first, last)
    return array if last - first == 1 else array[:, None]


def _own(array: Array, axis: int, first: int, last: int) -> Array:
    """A view of the members `first` to before `last` along an axis; of one member without that axis."""
    members: int | slice = first if last - first == 1 else slice(first, last)
    return array[(slice(None),) * axis + (members,)]
