"""A program: the operations of one iteration as NumPy calls bound to their buffers, recorded once, replayed often.

Calling NumPy costs about 0.3 microseconds whatever the size, and on small networks that is nearly all the time there
is. So nothing is looked up, allocated or decided while training: all of it happens while the program is recorded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from engine.arrays import Array

LETTERS = re.compile(r"\b(dA|dZ|A|Z|D)\b")


@dataclass(frozen=True)
class Instruction:
    """One operation: what it computes, in the field's symbols, and the call that does so."""

    formula: str
    call: Callable[[], object]


class Program:
    """Steps in order, and the scratch memory that they share.

    `capacity` is the number of elements of the largest scratch array that will be asked for; tapes that are played one
    after the other may share `scratch`, the one with the largest capacity first.
    """

    def __init__(self, dtype: npt.DTypeLike, capacity: int, scratch: dict[str, Array] | None = None) -> None:
        self.dtype = np.dtype(dtype)
        self.capacity = capacity
        self.steps: list[Instruction] = []
        self.layer = ""  # put behind the letters that every layer has one of, in the formulas recorded from now on
        self._scratch: dict[str, Array] = {} if scratch is None else scratch

    def add(self, formula: str, call: Callable[..., object], *args: object, **keywords: object) -> None:
        """Record `call(*args, **keywords)` under the formula it computes."""
        self.steps.append(Instruction(LETTERS.sub(rf"\g<0>{self.layer}", formula), _bound(call, args, keywords)))

    def scratch(self, slot: str, shape: tuple[int, ...]) -> Array:
        """Memory of this shape that every step naming the same slot shares. Starts as zeros."""
        if slot not in self._scratch:
            self._scratch[slot] = np.zeros(self.capacity, self.dtype)
        return self._scratch[slot][: int(np.prod(shape))].reshape(shape)

    def zeros(self, shape: tuple[int, ...]) -> Array:
        """A full array of zeros, never to be written to: comparing with it is faster than with the scalar."""
        return self.scratch("zeros", shape)

    def branch(self) -> Program:
        """An empty program on the same scratch memory."""
        return Program(self.dtype, self.capacity, self._scratch)

    def play(self) -> None:
        """Run every step once."""
        for step in self.steps:
            step.call()

    def describe(self) -> str:
        """The formulas, one a line: what an iteration does."""
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
