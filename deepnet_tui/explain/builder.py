"""Collects the operations of a trace, with everything that they need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from deepnet_tui.explain.operation import Digits, Matrix, OperandEntry, Operation
from engine.arrays import Array
from engine.network import backward, cost, forward
from engine.spec import NetworkSpec


class Builder:
    """`matrices` holds every matrix that exists so far by its name, `operations` what made them.

    The penalties are divided by `training_examples`, the total weight of the training set, which formulas call N.
    With `decoupled_decay` L2 is not part of the gradient: each update shrinks the weights by the rate times `decay`.
    """

    def __init__(
        self,
        network: NetworkSpec,
        parameters: Mapping[str, Array],
        X: Array,
        Y: Array,
        l2: float,
        l1: float,
        training_examples: float | None = None,
        decoupled_decay: bool = False,
    ) -> None:
        self.network, self.parameters, self.l2, self.l1 = network, parameters, l2, l1
        self.X, self.Y, self.m, self.last = X, Y, X.shape[1], len(network.layers)
        self.training_examples = self.m if training_examples is None else training_examples
        self.divisor = format(self.training_examples, ".12g")
        all_shown = self.training_examples == self.m
        self.count_symbol, self.count_note = ("m", "") if all_shown else ("N", f", N = {self.divisor} in training")
        self.gradient_l2 = 0.0 if decoupled_decay else l2
        self.decay = l2 / self.training_examples if decoupled_decay else 0.0
        self.values = forward(network, parameters, X)
        share = self.m / self.training_examples
        self.gradients = backward(network, parameters, X, Y, self.gradient_l2 * share, l1 * share, values=self.values)
        self.cost = cost(network, parameters, X, Y, l2 * share, l1 * share)
        self.operations: list[Operation] = []
        self.matrices = {name: Matrix(name, values) for name, values in {**parameters, "A0": X, "Y": Y}.items()}

    def add_given(self, name: str, values: Array) -> None:
        """Add a matrix that was there before the pass."""
        self.matrices[name] = Matrix(name, values)

    def add(
        self,
        kind: str,
        layer: int,
        out: tuple[str, Array],
        operands: Sequence[str],
        symbols: str,
        shapes: str,
        origins: Callable[[int, int], Sequence[OperandEntry]],
        arithmetic: Callable[[int, int, int], str],
        *,
        signs: Sequence[str] = (),
        transposed: Sequence[int] = (),
        digits: Digits = lambda _row, _column: 4,
        tutorial: str = "",
        note: str = "",
    ) -> None:
        """Add an operation. `symbols` and `shapes` are right sides; {0}, {1} in `shapes` are the operands' shapes."""
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
                origins,
                arithmetic,
                digits,
                frozenset(transposed),
            )
        )
        self.matrices[name] = made


def shape_text(values: Array) -> str:
    """(5, 4)."""
    return f"({values.shape[0]}, {values.shape[1]})"
