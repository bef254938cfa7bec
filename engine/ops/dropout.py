"""Dropout: the masks that leave out units at random, drawn anew in each iteration (Srivastava et al., 2014)."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence

import numpy as np

from engine.arrays import Array
from engine.ops.program import Program

RawBits = Callable[[int], Array]  # so many random numbers of 64 bits
MANY = 1024  # draws of a mask from which on comparing bits saves time


def record_mask(
    program: Program, generators: Sequence[np.random.Generator], keep: Array, D: Array, *, all_even: bool
) -> None:
    """Record D = 1 / keep with the probability `keep` (), else 0.

    D is (n, m), drawn from the one generator, or (n, K, m), each member's from its own of K generators as if alone.
    `all_even` promises that nothing else takes an odd number of draws from a generator.
    """
    members = [D] if D.ndim == 2 else list(D.transpose(1, 0, 2))
    limit = math.ceil(float(keep) * 2**24) << 8
    in_halves = D.dtype == np.float32 and all_even and members[0].size % 2 == 0
    if in_halves and members[0].size >= MANY and limit < 2**32 and sys.byteorder == "little":
        raw = [generator.bit_generator.random_raw for generator in generators]
        program.add("D = uniform draws < keep", _compare_bits, raw, np.array(limit, np.uint32), members)
    elif D.ndim == 2:
        draw = program.scratch("work", D.shape)
        program.add("D = uniform draws", generators[0].random, D.shape, draw.dtype, draw)
        program.add("D = D < keep", np.less, draw, keep, out=D)
    else:
        draws = program.scratch("work", (len(members), *members[0].shape))
        program.add("D = uniform draws for each network", _draw_each, generators, draws)
        program.add("D = D < keep", np.less, draws.transpose(1, 0, 2), keep, out=D)
    program.add("D = D / keep", np.divide, D, keep, out=D)


def _draw_each(generators: Sequence[np.random.Generator], draws: Array) -> None:
    """Fill draws[k], of (K, n, m), with uniform numbers from the generator of member k."""
    for generator, out in zip(generators, draws, strict=True):
        generator.random(out.shape, out.dtype, out)


def _compare_bits(raw: Sequence[RawBits], limit: Array, members: Sequence[Array]) -> None:
    """What `generator.random() < keep` gives in single precision, in half the time: without making numbers of the bits.

    `random` takes the upper 24 of 32 bits as a fraction of 2^24, the lower half of each 64 bits first. After an odd
    number of draws it would begin with the half that is left.
    """
    for draw, out in zip(raw, members, strict=True):
        np.less(draw(out.size // 2).view(np.uint32).reshape(out.shape), limit, out=out)
