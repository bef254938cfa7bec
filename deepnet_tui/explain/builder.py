"""Collects the operations of a trace, with all that they need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from deepnet_tui.explain.operation import Digits, Matrix, Operation, Place
from engine.network import backward, forward
from engine.spec import NetworkSpec
from engine.tape import Array


class Builder:
    """`matrices` holds every matrix that exists so far by its name, `operations` what made them."""

    def __init__(
        self, network: NetworkSpec, parameters: Mapping[str, Array], X: Array, Y: Array, l2: float, l1: float
    ) -> None:
        self.network, self.parameters, self.l2, self.l1 = network, parameters, l2, l1
        self.values = forward(network, parameters, X)
        self.gradients = backward(network, parameters, X, Y, l2, l1, values=self.values)
        self.X, self.Y, self.m, self.last = X, Y, X.shape[1], len(network.layers)
        self.operations: list[Operation] = []
        self.matrices = {name: Matrix(name, values) for name, values in {**parameters, "A0": X, "Y": Y}.items()}

    def add(
        self,
        kind: str,
        layer: int,
        out: tuple[str, Array],
        operands: Sequence[str],
        symbols: str,
        shapes: str,
        reads: Callable[[int, int], Sequence[Place]],
        arithmetic: Callable[[int, int, int], str],
        *,
        signs: Sequence[str] = (),
        digits: Digits = lambda _row, _column: 4,
        tutorial: str = "",
        note: str = "",
    ) -> None:
        """One more operation. `symbols` and `shapes` are right sides; {0}, {1} in `shapes` are the operands' shapes."""
        name, values = out
        taken = tuple(self.matrices[operand] for operand in operands)
        made = Matrix(name, values, len(self.operations))
        shapes = f"{shape_text(values)} = {shapes}".format(*(shape_text(matrix.values) for matrix in taken))
        padded = (*signs, *[""] * (len(taken) - len(signs)))
        self.operations.append(
            Operation(
                len(self.operations),
                kind,
                layer,
                made,
                taken,
                padded,
                f"{name} = {symbols}",
                shapes,
                tutorial,
                note,
                reads,
                arithmetic,
                digits,
            )
        )
        self.matrices[name] = made


def shape_text(values: Array) -> str:
    """(5, 4)."""
    return f"({values.shape[0]}, {values.shape[1]})"
