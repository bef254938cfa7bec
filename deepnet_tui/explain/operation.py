"""One operation of an iteration: its operands, its result, and how each entry was computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from deepnet_tui.explain.arithmetic import format_number
from engine.arrays import Array

OperandEntry = tuple[int, int, int]  # operand, row, column
Origins = Callable[[int, int], Sequence[OperandEntry]]
EntryArithmetic = Callable[[int, int, int], str]
Digits = Callable[[int, int], int]


@dataclass(frozen=True)
class Matrix:
    """A named matrix. `made_by` is the index of the operation that computed it, None if it was given."""

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
    """An entry that another one was computed from. Rows and columns count from 0, as in Python."""

    operand: int
    name: str
    row: int
    column: int
    value: float
    made_by: int | None


@dataclass(frozen=True)
class Operation:
    """One step of the forward pass, the backward pass or the update.

    `kind` is Z, A, loss, penalty, cost, dA, dZ, dW, db, W, b, or the symbol of what an optimizer remembers (V, M, S);
    `layer` is the layer that it belongs to, 0 for the cost. `tutorial` names the function of `engine.tutorial` that
    does it, "" if there is none; `note` is a remark. `signs` holds the sign to write before each operand, `transposed`
    the operands that are transposed in the formula; their rows and columns are counted before that.
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
    _origins: Origins
    _arithmetic: EntryArithmetic
    _digits: Digits
    transposed: frozenset[int] = frozenset()

    @property
    def phase(self) -> str:
        """forward, cost, backward or update."""
        if self.kind in ("Z", "A"):
            return "forward"
        if self.kind in ("loss", "penalty", "cost"):
            return "cost"
        return "backward" if self.kind in ("dA", "dZ", "dW", "db") else "update"

    def entry(self, row: int, column: int) -> str:
        """The entry's name as in Python, "Z2[3, 1]"; the cost is one number and has no index."""
        name = self.out.name
        return name if self.kind in ("cost", "penalty") else f"{name}[{row}, {column}]"

    def value(self, row: int, column: int) -> float:
        """The value of the entry."""
        return float(self.out.values[row, column])

    def question(self, row: int, column: int, most: int = 6) -> str:
        """The arithmetic without its result. A long sum shows about `most` terms, and count and sum of the others."""
        with np.errstate(all="ignore"):  # a network that diverges can be explained, too
            return f"{self.entry(row, column)} = {self._arithmetic(row, column, most)}"

    def result(self, row: int, column: int) -> str:
        """The value of the entry, with enough digits to see what the operation did."""
        return format_number(self.value(row, column), self._digits(row, column))

    def numbers(self, row: int, column: int, most: int = 6) -> str:
        """The arithmetic with its result."""
        return f"{self.question(row, column, most)} = {self.result(row, column)}"

    def origins(self, row: int, column: int) -> Sequence[OperandEntry]:
        """The entries that this one was computed from: operand, row, column."""
        return self._origins(row, column)

    def parts(self, row: int, column: int) -> tuple[Part, ...]:
        """The entries that this one was computed from, with their names and values."""
        found = []
        for operand, at_row, at_column in self.origins(row, column):
            matrix = self.operands[operand]
            value = float(matrix.values[at_row, at_column])
            found.append(Part(operand, matrix.name, at_row, at_column, value, matrix.made_by))
        return tuple(found)
