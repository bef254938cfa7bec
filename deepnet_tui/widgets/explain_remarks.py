"""What Explain says beside the numbers: which network they are of, what its rows stand for, what is left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from textwrap import shorten
from typing import TYPE_CHECKING

from deepnet_tui.data.preparation import Block, Numeric
from deepnet_tui.explain.rules import Rule
from deepnet_tui.widgets.numbers import whole
from engine.ahead import Ahead
from engine.optimizers import OPTIMIZERS

if TYPE_CHECKING:
    from deepnet_tui.data.problem import Problem
    from deepnet_tui.experiment import TrainingSettings
    from deepnet_tui.explain.operation import Operation
    from deepnet_tui.history import Snapshot
    from engine.spec import NetworkSpec

NAMES_WIDTH = 140  # characters for the names of inputs or classes


@dataclass(frozen=True)
class Source:
    """What is being explained."""

    network: NetworkSpec
    snapshot: Snapshot
    problem: Problem
    training: TrainingSettings

    @property
    def ahead(self) -> Ahead:
        """The next update; where the optimizer's memory was not kept, its first, from an empty memory."""
        known = self.snapshot.ahead
        if known is None:
            return Ahead(self.training.learning_rate, 1, self.problem.train.m)
        return replace(known, number=1) if self.forgotten else known

    @property
    def rule(self) -> Rule:
        """How the run updates."""
        training, ahead = self.training, self.ahead
        return Rule(training.optimizer, training.momentum, training.beta2, training.epsilon, ahead.number, ahead.memory)

    @property
    def forgotten(self) -> bool:
        """Whether the optimizer remembered something that the snapshot does not hold."""
        known = self.snapshot.ahead
        remembers = OPTIMIZERS[self.training.optimizer].slots
        return bool(remembers) and (known is None or (known.number > 1 and not known.memory))


def remarks(source: Source, operation: Operation, count: int) -> list[str]:
    """What rows are called, and what this iteration, of `count` examples, leaves out of the training as it is set."""
    phase, training = operation.phase, source.training
    said = [_naming(operation.out.name, source), _averaging(operation, source, count)]
    if any(layer.dropout for layer in source.network.hidden):
        said.append("Dropout is off here.")
    if training.class_weight is not None:
        said.append("Class weights are left out here.")
    if phase == "update" and source.forgotten:
        said.append("What the optimizer remembered then was not kept: this is its step from an empty memory.")
    if phase == "update" and training.clip_norm is not None:
        said.append(f"Clipping of the gradient at {training.clip_norm:g} is left out here.")
    return said


def _averaging(operation: Operation, source: Source, count: int) -> str:
    """That a mean over what is shown is not yet the one that training takes."""
    m, name = source.problem.train.m, operation.out.name
    size = min(source.training.batch_size or m, m)
    if count >= size or not (name == "J" or name.startswith(("dW", "db")) or operation.phase == "update"):
        return ""
    shown = "the example shown" if count == 1 else f"the {whole(count)} examples shown"
    return f"This is from {shown}; training takes the mean over {whole(size)}{'' if size == m else ' at a time'}."


def _naming(made: str, source: Source) -> str:
    """What the rows stand for, where the data have names for them."""
    problem = source.problem
    if made == "Z1":
        scaled = any(isinstance(entry, Numeric | Block) and entry.scale != 1 for entry in problem.preparation.entries)
        how = ", numbers standardised" if scaled else ""
        return shorten(f"A0 is X, the inputs{how}: {', '.join(problem.inputs)}.", NAMES_WIDTH, placeholder=" …")
    if made != f"A{len(source.network.layers)}":
        return ""
    if problem.task == "binary" and len(problem.classes) == 2:
        return f"The probability of {problem.classes[1]}."
    if problem.task == "multiclass":
        return shorten(f"The rows are {', '.join(problem.classes)}.", NAMES_WIDTH, placeholder=" …")
    return ""
