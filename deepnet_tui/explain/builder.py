"""Collects the operations of a trace, with all that they need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from deepnet_tui.explain.operation import Digits, Matrix, Operation, Place
from engine.arrays import Array
from engine.network import backward, cost, forward
from engine.spec import NetworkSpec


class Builder:
    """`matrices` holds every matrix that exists so far by its name, `operations` what made them.

    The penalties are divided by `of`, the weight of all training examples, which formulas call N. With
    `decoupled_decay` L2 stays out of the gradient and takes the share `decay` of the weights, times the rate.
    """

    def __init__(
        self,
        network: NetworkSpec,
        parameters: Mapping[str, Array],
        X: Array,
        Y: Array,
        l2: float,
        l1: float,
        of: float | None = None,
        decoupled_decay: bool = False,
    ) -> None:
        self.network, self.parameters, self.l2, self.l1 = network, parameters, l2, l1
        self.X, self.Y, self.m, self.last = X, Y, X.shape[1], len(network.layers)
        self.of = self.m if of is None else of
        self.divisor = format(self.of, ".12g")
        self.total, self.where = ("m", "") if self.of == self.m else ("N", f", N = {self.divisor} in training")
        self.pull = 0.0 if decoupled_decay else l2
        self.decay = l2 / self.of if decoupled_decay else 0.0
        self.values = forward(network, parameters, X)
        share = self.m / self.of
        self.gradients = backward(network, parameters, X, Y, self.pull * share, l1 * share, values=self.values)
        self.cost = cost(network, parameters, X, Y, l2 * share, l1 * share)
        self.operations: list[Operation] = []
        self.matrices = {name: Matrix(name, values) for name, values in {**parameters, "A0": X, "Y": Y}.items()}

    def give(self, name: str, values: Array) -> None:
        """One more matrix that was there before the pass."""
        self.matrices[name] = Matrix(name, values)

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
        transposed: Sequence[int] = (),
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
                frozenset(transposed),
            )
        )
        self.matrices[name] = made


def shape_text(values: Array) -> str:
    """(5, 4)."""
    return f"({values.shape[0]}, {values.shape[1]})"
