"""The columns of the source as a network gets them: the inputs that each of them fills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import did_you_mean, listed, quoted
from deepnet_tui.data.preparation.entries import Block, Categorical, Entry, Numeric, input_count
from deepnet_tui.data.preparation.inverse import raw_row
from deepnet_tui.data.preparation.preparation import Preparation
from engine.arrays import Array


@dataclass(frozen=True)
class InputColumn:
    """A column, and which inputs it fills; of a block every number is a column of its own, and `place` counts them."""

    name: str
    entry: Entry
    inputs: slice
    place: int = 0

    @property
    def is_words(self) -> bool:
        """Whether its values are a few words, and not numbers on an axis."""
        return isinstance(self.entry, Categorical) or self.entry.kind == "boolean"

    @property
    def words(self) -> tuple[str, ...]:
        """The words that training saw, in its order; () for numbers."""
        if isinstance(self.entry, Categorical):
            return self.entry.known
        return self.entry.words if isinstance(self.entry, Numeric) and self.is_words else ()

    def encode(self, values: Sequence[Any]) -> Array:
        """The column's inputs (k, m) for m raw values. Raises InputError for a value that can't be read."""
        if isinstance(self.entry, Block):
            numbers = np.asarray(values, dtype=np.float64)[np.newaxis]
            return np.asarray((numbers - self.entry.mean) / self.entry.scale)
        column = np.empty(len(values), dtype=object)
        column[:] = list(values)
        return Preparation((self.entry,)).apply({self.entry.name: column}).X

    def raw(self, x: Array) -> Any:
        """The raw value that stands in the inputs x (n0,) of one row, as far as they tell."""
        part = x[self.inputs]
        if isinstance(self.entry, Block):
            return float(f"{part[0] * self.entry.scale + self.entry.mean:.12g}")
        return raw_row((self.entry,), part)[self.entry.name]


def input_columns(preparation: Preparation) -> tuple[InputColumn, ...]:
    """The columns in the order of the inputs. Raises InputError where some are made of several columns."""
    if preparation.transforms:
        made = quoted(preparation.transforms[0].name)
        raise InputError(
            f"what a column matters is told apart only where inputs are made of one column; this model has {made}",
            "transform",
        )
    columns: list[InputColumn] = []
    at = 0
    for entry in preparation.entries:
        count = input_count(entry)
        if isinstance(entry, Block):
            names = entry.inputs
            columns += [
                InputColumn(name, entry, slice(at + place, at + place + 1), place) for place, name in enumerate(names)
            ]
        else:
            columns.append(InputColumn(entry.name, entry, slice(at, at + count)))
        at += count
    return tuple(columns)


def column_named(columns: Sequence[InputColumn], name: str) -> InputColumn:
    """The column with this name. Raises InputError where there is none."""
    for column in columns:
        if column.name == name:
            return column
    names = [column.name for column in columns]
    hint = did_you_mean(name, names, show=quoted) or f"it has {listed(names, 10)}"
    raise InputError(f"the model has no column {quoted(name)}; {hint}", "column")


def column_of_inputs(columns: Sequence[InputColumn]) -> Array:
    """For each input (n0,) the number of the column that fills it."""
    return np.repeat(np.arange(len(columns)), [column.inputs.stop - column.inputs.start for column in columns])
