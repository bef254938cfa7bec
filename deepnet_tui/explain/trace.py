"""A pass through the network as an ordered list of operations: forward, cost, backward, update.

The numbers are those of `engine.network`; dropout is off, and the cost is the mean over the examples given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from deepnet_tui.explain import backward, forward
from deepnet_tui.explain.builder import Builder
from deepnet_tui.explain.operation import Operation
from deepnet_tui.explain.update import UpdateRule, update
from engine.arrays import Array
from engine.ops.optimizers import OPTIMIZERS
from engine.spec import NetworkSpec

PLAIN = UpdateRule()


@dataclass(frozen=True)
class Trace:
    """The operations of one iteration, in order."""

    network: NetworkSpec
    operations: tuple[Operation, ...]

    def __len__(self) -> int:
        return len(self.operations)

    def __getitem__(self, index: int) -> Operation:
        return self.operations[index]

    def find(self, name: str) -> Operation:
        """The operation that makes the matrix of this name. Raises KeyError when there is none."""
        for operation in self.operations:
            if operation.out.name == name:
                return operation
        raise KeyError(name)


def trace(
    network: NetworkSpec,
    parameters: Mapping[str, Array],
    X: Array,
    Y: Array,
    learning_rate: float,
    l2: float = 0.0,
    l1: float = 0.0,
    training_examples: float | None = None,
    rule: UpdateRule = PLAIN,
) -> Trace:
    """Every operation of one iteration on X (n0, m) and Y (nL, m), by gradient descent unless `rule` says otherwise.

    `training_examples` is the number, or the total weight, of the examples of the training that is explained: the
    penalties are divided by it, so that they are as large as in training. None means m.
    """
    with np.errstate(all="ignore"):
        decoupled_decay = OPTIMIZERS[rule.optimizer].decoupled_decay
        builder = Builder(network, parameters, X, Y, l2, l1, training_examples, decoupled_decay)
        layers = range(1, builder.last + 1)
        for layer in layers:
            forward.linear(builder, layer)
            forward.activation(builder, layer)
        forward.loss(builder)
        if l2 or l1:
            forward.weight_penalty(builder)
        forward.mean_cost(builder)
        _output(builder)
        for layer in reversed(layers):
            if layer < builder.last:
                backward.through_activation(builder, layer, builder.gradients[f"dA{layer}"])
            backward.weight_gradient(builder, layer)
            backward.bias_gradient(builder, layer)
            backward.input_gradient(builder, layer)
        for layer in layers:
            update(builder, "W", layer, learning_rate, rule)
            update(builder, "b", layer, learning_rate, rule)
    return Trace(network, tuple(builder.operations))


def _output(builder: Builder) -> None:
    """Back to dZ[L]: through dA[L] as in the tutorial where that is finite, else in one step."""
    A, Y = builder.values[f"A{builder.last}"], builder.Y
    dA = -(Y / A - (1 - Y) / (1 - A))
    if builder.network.loss_function.is_logistic and np.isfinite(dA).all():
        backward.output_gradient(builder, dA)
        backward.through_activation(builder, builder.last, dA)
    else:
        backward.output_error(builder)
