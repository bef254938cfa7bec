"""A dataset: numbers in arrays, split, with what is needed to prepare new rows in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.columns import ColumnInfo
from deepnet_tui.data.parts import DatasetPart
from deepnet_tui.data.preparation.labels import amounts
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.data.targets.scale import PLAIN, TargetScale
from engine.ops.loss import Loss
from engine.ops.losses import LOSSES


@dataclass(frozen=True)
class Dataset:
    """A data set prepared for training.

    `inputs` names the rows of X after the preparation; `classes` the outputs of a classification in the order
    of the labels (binary: the class called 0, then the class called 1), and is empty for a number.
    `Y` is 0/1 for binary (1, m), one-hot for multiclass (nL, m), and the target of a regression as
    `scaling` has it; in the target's own unit it is `scaling.unbounded(Y)`. `loss` is the one of the network that they
    are made ready for, None where that is the one of the task. For a loss that wants amounts `for_loss` gives the same
    data with the target divided by its mean. What it gives keeps the data from before as `standardised`.

    Of several targets, which are all numbers, `target` and `scaling` are those of the first row of Y, and
    `further_targets` names the others, in the order of the rows, each with its scale.

    `columns` says what was inferred about each column of the source, `dropped` what is not used and why,
    `notes` what else was done to the data, those of them that are about the scale of a target again as `scale_notes`,
    `warnings` what to look at before the results are believed.
    `table` and `test_table` hold the columns as read, which `DatasetPart.rows` points into.
    `reading` is how the file is written as far as the settings say, and the decimal mark that its cells show.
    """

    name: str
    task: str
    inputs: tuple[str, ...]
    target: str
    classes: tuple[str, ...]
    train: DatasetPart
    validation: DatasetPart | None = None
    test: DatasetPart | None = None
    preparation: Preparation = field(default_factory=Preparation)
    scaling: TargetScale = PLAIN
    further_targets: Mapping[str, TargetScale] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    scale_notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    columns: tuple[ColumnInfo, ...] = ()
    source: str = ""
    reading: Mapping[str, str] = field(default_factory=dict)
    table: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    test_table: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    loss: Loss | None = field(default=None, repr=False, compare=False)
    standardised: Dataset | None = field(default=None, repr=False, compare=False)

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of all targets."""
        return (self.target, *self.further_targets)

    @property
    def scalings(self) -> tuple[TargetScale, ...]:
        """The scale of every target."""
        return (self.scaling, *self.further_targets.values())

    def first_target(self) -> Dataset:
        """The same data with the first target alone."""
        if not self.further_targets:
            return self
        parts: dict[str, Any] = {
            name: replace(part, Y=part.Y[:1])
            for name in ("train", "validation", "test")
            if (part := getattr(self, name)) is not None
        }
        return replace(self, further_targets={}, **parts)

    @property
    def shown_target(self) -> str:
        """Where only the first of several targets can be shown, the sentence that says so; "" for one target."""
        return f"This is the target {self.target}, the first of {len(self.targets)}." if self.further_targets else ""

    @property
    def labels(self) -> str:
        """What Y holds: "binary" 0 and 1, "one-hot" columns, or standardised "numbers"."""
        return LOSSES[self.task].labels

    def for_loss(self, loss: Loss) -> Dataset:
        """These data as a network with this loss learns them. Raises InputError for labels that the loss can't have."""
        own = self.standardised or self
        if own.labels != "numbers" or loss is LOSSES[own.task]:
            return own
        if self.loss is loss:
            return self
        if not loss.for_amounts:
            return replace(own, loss=loss, standardised=own)
        if own.further_targets:
            raise InputError(f"this loss is for one target, not for {len(own.targets)}", "loss")
        values = {
            name: amounts(part.Y, own.scaling)
            for name in ("train", "validation", "test")
            if (part := getattr(own, name)) is not None
        }
        lowest, mean = min(float(each.min()) for each in values.values()), float(values["train"].mean())
        if lowest < 0 or mean == 0:
            found = f"is as low as {lowest:.6g}" if lowest < 0 else "is always 0"
            raise InputError(f"this loss is for amounts from 0, and {self.target} {found}", "loss")
        parts: dict[str, Any] = {name: replace(getattr(own, name), Y=each / mean) for name, each in values.items()}
        scaling = TargetScale(0.0, mean, low=own.scaling.low, high=own.scaling.high)
        notes = tuple(note for note in own.notes if note not in own.scale_notes)
        return replace(own, scaling=scaling, notes=notes, scale_notes=(), loss=loss, standardised=own, **parts)

    @property
    def outputs(self) -> int:
        """The number of output units."""
        return int(self.train.Y.shape[0])
