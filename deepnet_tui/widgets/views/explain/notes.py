"""The notes of Explain beside the numbers: which network they are of, what its rows stand for, what is left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from textwrap import shorten
from typing import TYPE_CHECKING

from textual.content import Content

from deepnet_tui.data.preparation.entries import Block, Numeric, is_rich
from deepnet_tui.drawing.numbers import whole
from deepnet_tui.explain.update import UpdateRule
from deepnet_tui.widgets.base.snapshot_context import SnapshotContext
from engine.compiled.next_update import NextUpdate
from engine.ops.optimizers import OPTIMIZERS

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.explain.operation import Operation
    from deepnet_tui.training.snapshots import Snapshot
    from engine.spec import NetworkSpec, TrainingSpec

NAMES_WIDTH = 140  # characters for the names of inputs or classes


@dataclass(frozen=True)
class ExplainContext:
    """What is explained: a network at one iteration, with its data and the settings of its training."""

    shown: SnapshotContext

    @property
    def network(self) -> NetworkSpec:
        """The network."""
        return self.shown.network

    @property
    def snapshot(self) -> Snapshot:
        """Its parameters."""
        return self.shown.snapshot

    @property
    def dataset(self) -> Dataset:
        """Its data."""
        return self.shown.dataset

    @property
    def training(self) -> TrainingSpec:
        """The settings of its training."""
        return self.shown.training

    @property
    def trained_on(self) -> int:
        """The number of examples that it trains on."""
        aside = self.shown.kept_aside
        return self.dataset.train.m - (0 if aside is None else aside.size)

    def shows_the_same(self, other: ExplainContext) -> bool:
        """Whether the other has the same network of the same data, at whatever iteration."""
        return self.dataset is other.dataset and self.shown.member == other.shown.member

    @property
    def next_update(self) -> NextUpdate:
        """The next update; where the optimizer's memory was not kept, its first, from an empty memory."""
        known = self.snapshot.next_update
        if known is None:
            return NextUpdate(self.training.learning_rate, 1, self.trained_on)
        return replace(known, number=1) if self.forgotten else known

    @property
    def rule(self) -> UpdateRule:
        """The rule by which the run updates its parameters."""
        training, next_update = self.training, self.next_update
        return UpdateRule(
            training.optimizer,
            training.momentum,
            training.beta2,
            training.epsilon,
            next_update.number,
            next_update.memory,
            training.input_scale_rate,
        )

    @property
    def forgotten(self) -> bool:
        """Whether the optimizer remembered something that the snapshot does not hold."""
        known = self.snapshot.next_update
        remembers = OPTIMIZERS[self.training.optimizer].slots
        return bool(remembers) and (known is None or (known.number > 1 and not known.memory))


def title(context: ExplainContext, first: int, count: int) -> Content:
    """Which examples, from `first` on, and which iteration are shown."""
    m = context.dataset.train.m
    last = min(first + count, m) - 1
    which = f"example {whole(last)}" if first == last else f"examples {whole(first)}–{whole(last)}"
    return Content.assemble(
        (f"{context.shown.heading('Explain')} ", "bold"),
        f" {which} of {whole(m)} ",
        f" iteration {whole(context.snapshot.iteration)} ",
    )


def notes(context: ExplainContext, operation: Operation, first: int, count: int) -> list[str]:
    """What the rows stand for, and how this iteration, of `count` examples from `first` on, differs from training."""
    phase, training = operation.phase, context.training
    lines = [_naming(operation.out.name, context), _keeping_aside(context, first, count)]
    lines.append(_averaging(operation, context, count))
    if any(layer.dropout for layer in context.network.hidden):
        lines.append("Dropout is off here.")
    if training.class_weight is not None:
        lines.append("Class weights are left out here.")
    if phase == "update" and context.forgotten:
        lines.append("The optimizer's memory was not kept: this is its step from an empty one.")
    if phase == "update" and training.clip_norm is not None:
        lines.append(f"Clipping of the gradient at {training.clip_norm:g} is left out here.")
    return lines


def _keeping_aside(context: ExplainContext, first: int, count: int) -> str:
    """A note on the examples shown that the network does not train on; "" where there are none."""
    aside = context.shown.kept_aside
    inside = 0 if aside is None else sum(first <= example < first + count for example in aside.tolist())
    if not inside:
        return ""
    which = "This example is" if count == 1 else f"{whole(inside)} of the {whole(count)} examples shown are"
    return f"{which} in the network's internal part: it does not train on {'it' if inside == 1 else 'them'}."


def _averaging(operation: Operation, context: ExplainContext, count: int) -> str:
    """A note that a mean over the examples shown is not the one that training takes; "" where it is."""
    m, name = context.trained_on, operation.out.name
    size = min(context.training.batch_size or m, m)
    if count >= size or not (name == "J" or name.startswith(("dW", "db")) or operation.phase == "update"):
        return ""
    shown = "the example shown" if count == 1 else f"the {whole(count)} examples shown"
    return f"This is from {shown}; training takes the mean over {whole(size)}{'' if size == m else ' at a time'}."


def _naming(out: str, context: ExplainContext) -> str:
    """What the rows stand for, where the data have names for them; else ""."""
    dataset = context.dataset
    if out == "Z1":
        scaled = any(isinstance(entry, Numeric | Block) and entry.scale != 1 for entry in dataset.preparation.entries)
        how = ", numbers standardised" if scaled else ""
        how = ", numbers scaled and in bins" if any(map(is_rich, dataset.preparation.entries)) else how
        return shorten(f"A0 is X, the inputs{how}: {', '.join(dataset.inputs)}.", NAMES_WIDTH, placeholder=" …")
    if out != f"A{len(context.network.layers)}":
        return ""
    if dataset.labels == "binary" and len(dataset.classes) == 2:
        return f"The probability of {dataset.classes[1]}."
    if dataset.labels == "one-hot":
        return shorten(f"The rows are {', '.join(dataset.classes)}.", NAMES_WIDTH, placeholder=" …")
    return ""
