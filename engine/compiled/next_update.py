"""What the next update uses besides the gradient, scaled as in the source of the update rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.arrays import Array
from engine.parameters import member

NamedMemory = Mapping[str, Mapping[str, Array]]  # by the slot's symbol, then by the name of the parameter


@dataclass(frozen=True)
class NextUpdate:
    """The next update: its `learning_rate`, schedule included, and its `number` t since the memory was empty, from 1.

    `examples` is the weight of all examples trained on, by which the penalties are divided: its mean if the members of
    an ensemble differ in it, and `own_examples` is then that of each. `memory` holds the optimizer's V, or M and S,
    each by the names of the parameters and in their shapes, and by "s1" (1, n0) that of the inputs' scales: copies,
    before the bias corrections of Adam.
    """

    learning_rate: float
    number: int
    examples: float
    memory: NamedMemory = field(default_factory=dict)
    own_examples: tuple[float, ...] = ()

    def member(self, k: int) -> NextUpdate:
        """That of member `k` of an ensemble; the arrays are views."""
        memory = {symbol: member(named, k) for symbol, named in self.memory.items()}
        examples = self.own_examples[k] if self.own_examples else self.examples
        return NextUpdate(self.learning_rate, self.number, examples, memory)

    @property
    def bytes(self) -> int:
        """The size of the optimizer's memory."""
        return sum(array.nbytes for named in self.memory.values() for array in named.values())
