"""Programs: operations as NumPy calls bound to their buffers, recorded once and replayed often.

A NumPy call takes about 0.3 microseconds even for the smallest arrays, which in small networks is nearly all of the
time. So while training nothing is looked up, allocated or decided: all of that happens while the program is recorded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from engine.arrays import Array

LETTERS = re.compile(r"\b(dA|dZ|A|Z|D)\b")  # of arrays that every layer has


@dataclass(frozen=True)
class Instruction:
    """One operation: what it computes, in the field's symbols, and the call that does so."""

    formula: str
    call: Callable[[], object]


class Program:
    """Instructions in order, and the scratch memory that they share.

    `capacity` is the number of elements of the largest scratch array that will be asked for. Programs that run one
    after the other may share `scratch`, if the one with the largest capacity is recorded first.
    """

    def __init__(self, dtype: npt.DTypeLike, capacity: int, scratch: dict[str, Array] | None = None) -> None:
        self.dtype = np.dtype(dtype)
        self.capacity = capacity
        self.steps: list[Instruction] = []
        self.layer = ""  # the number to be put after LETTERS in the formulas recorded from now on
        self._scratch: dict[str, Array] = {} if scratch is None else scratch

    def add(self, formula: str, call: Callable[..., object], *args: object, **keywords: object) -> None:
        """Record `call(*args, **keywords)`, which computes `formula`."""
        self.steps.append(Instruction(LETTERS.sub(rf"\g<0>{self.layer}", formula), _bound(call, args, keywords)))

    def scratch(self, slot: str, shape: tuple[int, ...]) -> Array:
        """Memory of this shape, shared by all instructions that name the same slot. It starts as zeros."""
        if slot not in self._scratch:
            self._scratch[slot] = np.zeros(self.capacity, self.dtype)
        return self._scratch[slot][: int(np.prod(shape))].reshape(shape)

    def zeros(self, shape: tuple[int, ...]) -> Array:
        """An array of zeros, never to be written to: comparing with an array is faster than with a scalar."""
        return self.scratch("zeros", shape)

    def with_same_scratch(self) -> Program:
        """An empty program that shares the scratch memory of this one."""
        return Program(self.dtype, self.capacity, self._scratch)

    def run(self) -> None:
        """Run every instruction once."""
        for step in self.steps:
            step.call()

    def describe(self) -> str:
        """The formulas of the instructions, one a line."""
        return "\n".join(step.formula for step in self.steps)


def _bound(call: Callable[..., object], args: tuple[object, ...], keywords: dict[str, object]) -> Callable[[], object]:
    """The call as a function without arguments. A partial with keywords would merge them anew at every call."""
    if set(keywords) != {"out"} or not isinstance(call, np.ufunc):
        return partial(call, *args, **keywords)
    out = keywords["out"]
    ufunc: Callable[..., object] = call
    if call in (np.maximum, np.minimum):  # these two take `out` by keyword only
        left, right = args
        return lambda: ufunc(left, right, out=out)
    return partial(ufunc, *args, out)
