"""One operation of a pass: what goes in, what comes out, and how each entry came about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from deepnet_tui.explain.arithmetic import shown
from engine.arrays import Array

Place = tuple[int, int, int]  # operand, row, column
Reads = Callable[[int, int], Sequence[Place]]
Arithmetic = Callable[[int, int, int], str]
Digits = Callable[[int, int], int]


@dataclass(frozen=True)
class Matrix:
    """A matrix by its name. `made_by` is the index of the operation that made it, None for what was given."""

    name: str
    values: Array
    made_by: int | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.values.shape
        return rows, columns


@dataclass(frozen=True)
class Part:
    """An entry that another one came from. Rows and columns count from 0, as they do in Python."""

    operand: int
    name: str
    row: int
    column: int
    value: float
    made_by: int | None


@dataclass(frozen=True)
class Operation:
    """One step of the forward pass, the backward pass or the update.

    `kind` is Z, A, loss, penalty, cost, dA, dZ, dW, db, W, b, or V, M, S for what an optimizer remembers; `layer` the
    layer that does the step, 0 for the cost. `tutorial` names the function of `engine.tutorial` that does it, "" where
    the tutorial has none; `note` says what else there is to know. `signs` holds the sign to write before each operand,
    `transposed` the operands that take part transposed; their rows and columns are counted as they were made.
    """

    index: int
    kind: str
    layer: int
    out: Matrix
    operands: tuple[Matrix, ...]
    signs: tuple[str, ...]
    symbols: str
    shapes: str
    tutorial: str
    note: str
    _reads: Reads
    _arithmetic: Arithmetic
    _digits: Digits
    transposed: frozenset[int] = frozenset()

    @property
    def phase(self) -> str:
        """forward, cost, backward or update."""
        if self.kind in ("Z", "A"):
            return "forward"
        if self.kind in ("W", "b", "V", "M", "S"):
            return "update"
        return "backward" if self.kind.startswith("d") else "cost"

    def entry(self, row: int, column: int) -> str:
        """The entry's name, as one would write it in Python: "Z2[3, 1]"; the cost is one number and needs no place."""
        name = self.out.name
        return name if self.kind in ("cost", "penalty") else f"{name}[{row}, {column}]"

    def value(self, row: int, column: int) -> float:
        """The entry."""
        return float(self.out.values[row, column])

    def question(self, row: int, column: int, most: int = 6) -> str:
        """The arithmetic without its result. A long sum shows about `most` terms, the others as their count and sum."""
        with np.errstate(all="ignore"):  # a network that diverges is explained as well
            return f"{self.entry(row, column)} = {self._arithmetic(row, column, most)}"

    def result(self, row: int, column: int) -> str:
        """The entry's value, with as many digits as it takes to see what the operation did."""
        return shown(self.value(row, column), self._digits(row, column))

    def numbers(self, row: int, column: int, most: int = 6) -> str:
        """The arithmetic with its result."""
        return f"{self.question(row, column, most)} = {self.result(row, column)}"

    def places(self, row: int, column: int) -> Sequence[Place]:
        """Where the entries stand that this entry came from: operand, row, column."""
        return self._reads(row, column)

    def parts(self, row: int, column: int) -> tuple[Part, ...]:
        """The entries of the operands that this entry came from."""
        found = []
        for operand, at_row, at_column in self.places(row, column):
            matrix = self.operands[operand]
            value = float(matrix.values[at_row, at_column])
            found.append(Part(operand, matrix.name, at_row, at_column, value, matrix.made_by))
        return tuple(found)
