"""What Explain says beside the numbers: which network they are of, what its rows stand for, what is left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from textwrap import shorten
from typing import TYPE_CHECKING

from deepnet_tui.data.preparation.encoding import Block, Numeric
from deepnet_tui.drawing.numbers import whole
from deepnet_tui.explain.update import Rule
from engine.compiled.next_update import NextUpdate
from engine.ops.optimizers import OPTIMIZERS

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import TrainingSettings
    from deepnet_tui.explain.operation import Operation
    from deepnet_tui.training.history import Snapshot
    from engine.spec import NetworkSpec

NAMES_WIDTH = 140  # characters for the names of inputs or classes


@dataclass(frozen=True)
class Source:
    """What is being explained."""

    network: NetworkSpec
    snapshot: Snapshot
    dataset: Dataset
    training: TrainingSettings

    @property
    def next_update(self) -> NextUpdate:
        """The next update; where the optimizer's memory was not kept, its first, from an empty memory."""
        known = self.snapshot.next_update
        if known is None:
            return NextUpdate(self.training.learning_rate, 1, self.dataset.train.m)
        return replace(known, number=1) if self.forgotten else known

    @property
    def rule(self) -> Rule:
        """How the run updates."""
        training, next_update = self.training, self.next_update
        return Rule(
            training.optimizer,
            training.momentum,
            training.beta2,
            training.epsilon,
            next_update.number,
            next_update.memory,
        )

    @property
    def forgotten(self) -> bool:
        """Whether the optimizer remembered something that the snapshot does not hold."""
        known = self.snapshot.next_update
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
    m, name = source.dataset.train.m, operation.out.name
    size = min(source.training.batch_size or m, m)
    if count >= size or not (name == "J" or name.startswith(("dW", "db")) or operation.phase == "update"):
        return ""
    shown = "the example shown" if count == 1 else f"the {whole(count)} examples shown"
    return f"This is from {shown}; training takes the mean over {whole(size)}{'' if size == m else ' at a time'}."


def _naming(made: str, source: Source) -> str:
    """What the rows stand for, where the data have names for them."""
    dataset = source.dataset
    if made == "Z1":
        scaled = any(isinstance(entry, Numeric | Block) and entry.scale != 1 for entry in dataset.preparation.entries)
        how = ", numbers standardised" if scaled else ""
        return shorten(f"A0 is X, the inputs{how}: {', '.join(dataset.inputs)}.", NAMES_WIDTH, placeholder=" …")
    if made != f"A{len(source.network.layers)}":
        return ""
    if dataset.task == "binary" and len(dataset.classes) == 2:
        return f"The probability of {dataset.classes[1]}."
    if dataset.task == "multiclass":
        return shorten(f"The rows are {', '.join(dataset.classes)}.", NAMES_WIDTH, placeholder=" …")
    return ""
