"""The rows of a data file as a model takes them, with the truth where the file has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted, quoted
from deepnet_tui.data.preparation.entries import Categorical, Numeric
from deepnet_tui.data.preparation.numbers import to_numbers
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.model import Model
from deepnet_tui.predict.pieces import ColumnReader, pieces
from deepnet_tui.predict.summary import PredictionSummary
from engine.arrays import Array

NUMBERS = 50_000_000  # inputs of the network that are kept in memory, at most


@dataclass(frozen=True)
class HeldOutRows:
    """`X` (n0, m) of the rows that were read, and their numbers in the file from 1 (m,).

    `truth` is what `Score` takes, None where the file does not have the targets; `known` (m,) says of which rows it is
    known. `notes` are sentences on what was read.
    """

    X: Array
    truth: Array | None
    known: Array
    notes: tuple[str, ...]

    @property
    def scored(self) -> tuple[Array, Array]:
        """The inputs and the truth of the rows whose truth is known. Raises InputError where there are none."""
        if self.truth is None:
            raise InputError("the data do not have the target, so importance can't be measured", "data")
        return self.X[:, self.known], self.truth[self.known]


def held_out_rows(model: Model, data: Path, reading: Mapping[str, str]) -> HeldOutRows:
    """Read the rows of `data`, and its targets if it has them. Raises InputError like `predict_file`."""
    targets = tuple(
        Categorical(name, model.classes) if model.classes else Numeric(name)
        for name in model.targets
        if name not in model.preparation.columns
    )
    if targets:
        whole = Preparation((*model.preparation.entries, *targets))
        try:
            return _read(model, data, reading, whole)
        except InputError as error:
            if not any(f"no column {quoted(target.name)}" in str(error) for target in targets):
                raise
    return _read(model, data, reading, model.preparation)


def _read(model: Model, data: Path, reading: Mapping[str, str], preparation: Preparation) -> HeldOutRows:
    summary = PredictionSummary()
    with_targets = len(preparation.entries) > len(model.preparation.entries)
    reader = ColumnReader(preparation, model.network, model.reading)
    inputs: list[Array] = []
    truths: list[Array] = []
    for columns in pieces(reader, data, summary, reading):
        first = summary.rows + 1
        try:
            found = model.preparation.apply(columns, first)
            if with_targets:
                truths.append(_truth(model, columns, first))
        except InputError as error:
            raise InputError(f"{data}, {error}", error.field) from None
        inputs.append(found.X)
        summary.rows += found.X.shape[1]
        if summary.rows * model.network.inputs > NUMBERS:
            raise InputError(f"{data} is too large to be explained at once; take some of its rows", "data")
    if not inputs:
        raise InputError(f"{data} has no rows", "data")
    X = np.concatenate(inputs, axis=1)
    truth = np.concatenate(truths) if truths else None
    known = np.zeros(X.shape[1], dtype=bool) if truth is None else _is_known(model, truth)
    notes = list(summary.notes)
    if truth is not None and (lost := int((~known).sum())):
        what = "whose target is no class of the model" if model.classes else "without a target"
        notes.append(f"{counted(lost, 'row')} {what}: not used for importance")
    return HeldOutRows(X, truth, known, tuple(notes))


def _truth(model: Model, columns: Mapping[str, Any], first: int) -> Array:
    if model.classes:
        entry = Categorical(model.target, model.classes)
        hot = Preparation((entry,)).apply({model.target: columns[model.target]}).X
        return np.where(hot.any(axis=0), hot.argmax(axis=0), -1)
    values = [to_numbers(columns[name], Numeric(name), first) for name in model.targets]
    return np.stack(values, axis=1) if model.further_targets else np.asarray(values[0])


def _is_known(model: Model, truth: Array) -> Array:
    return np.asarray(truth >= 0 if model.classes else np.isfinite(truth.reshape(len(truth), -1)).all(axis=1))


def some_rows(rows: HeldOutRows, most: int, seed: int) -> HeldOutRows:
    """At most so many of the rows, drawn without replacement."""
    m = rows.X.shape[1]
    if m <= most:
        return rows
    chosen = np.sort(np.random.RandomState(seed).choice(m, most, replace=False))
    truth = None if rows.truth is None else rows.truth[chosen]
    return replace(rows, X=rows.X[:, chosen], truth=truth, known=rows.known[chosen])
