"""How the rows of a table become inputs of a network: fitted on the training part, carried with the model.

Each column of the source that is used has one entry, in order; the inputs follow in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import quoted
from deepnet_tui.data.parts import DatasetPart
from deepnet_tui.data.plane.transforms import Transform
from deepnet_tui.data.preparation.encoders import encode_block, encode_number, encode_plain_numbers, encode_words
from deepnet_tui.data.preparation.entries import (
    Block,
    Categorical,
    Entry,
    Numeric,
    entry_from_dict,
    entry_to_dict,
    input_count,
)
from deepnet_tui.data.preparation.numbers import to_numbers
from deepnet_tui.data.values.words import take_rows
from engine.arrays import Array

MANY = 16  # columns, from which on plain numbers are encoded together


@dataclass(frozen=True)
class Prepared:
    """`X` (n0, m); by column how many words were unknown and which one was the first, how many missing values
    were filled in, and how many are missing where the training part had none: they are as unknown words."""

    X: Array
    unknown: dict[str, int] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    first_unknown: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Preparation:
    """The entries in the order of the inputs, then the inputs that are made of their columns.

    An empty one means that rows are inputs as they are.
    """

    entries: tuple[Entry, ...] = ()
    transforms: tuple[Transform, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the network's inputs."""
        own = tuple(name for entry in self.entries for name in entry.inputs)
        return own + tuple(transform.name for transform in self.transforms)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the source's columns that are used."""
        return tuple(entry.name for entry in self.entries)

    def apply(self, raw: Any, first_row: int = 1) -> Prepared:
        """Turn raw columns into inputs: `raw` maps each name in `columns` to m values.

        Values are a 1-D array, a pandas Series, or for a block an array (m, ...); `raw` may be a dictionary
        or a data frame and may hold more columns than are used. `first_row` numbers the first row in messages.
        Raises InputError for a column that is not there and a value that can't be read.
        """
        absent = [name for name in self.columns if name not in raw]
        if absent:
            raise InputError(f"the data have no column {quoted(absent[0])}, which the model needs", absent[0])
        m = len(raw[self.columns[0]])
        X = np.empty((sum(input_count(entry) for entry in self.entries) + len(self.transforms), m))
        unknown: dict[str, int] = {}
        filled: dict[str, int] = {}
        missing: dict[str, int] = {}
        first_unknown: dict[str, str] = {}
        counts = encode_plain_numbers(self.entries, raw, X) if len(self.entries) > MANY else None
        if counts is not None:
            filled = dict(zip(self.columns, counts, strict=True))
        at = 0 if counts is None else len(X)
        for entry in self.entries if counts is None else ():
            rows = X[at : at + input_count(entry)]
            at += len(rows)
            if isinstance(entry, Block):
                encode_block(entry, raw[entry.name], rows, first_row)
            elif isinstance(entry, Categorical):
                unknown[entry.name], missing[entry.name], word = encode_words(entry, raw[entry.name], rows)
                if word:
                    first_unknown[entry.name] = word
            else:
                filled[entry.name] = encode_number(entry, raw[entry.name], rows, first_row)
        if self.transforms:
            numbers = self._numbers(raw, first_row)
            for transform in self.transforms:
                X[at] = transform.values(numbers)
                at += 1
        return Prepared(
            X,
            {name: count for name, count in unknown.items() if count},
            {name: count for name, count in filled.items() if count},
            {name: count for name, count in missing.items() if count},
            first_unknown,
        )

    def _numbers(self, raw: Any, first_row: int) -> dict[str, Array]:
        """The columns that the transforms need as numbers (m,), missing ones filled in."""
        needed = {name for transform in self.transforms for name in transform.columns}
        found = {}
        for entry in self.entries:
            if entry.name in needed and isinstance(entry, Numeric):
                numbers = to_numbers(raw[entry.name], entry, first_row)
                found[entry.name] = np.where(np.isnan(numbers), entry.fill, numbers)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, numbers and strings, fit for JSON."""
        entries = {"entries": [entry_to_dict(entry) for entry in self.entries]}
        if not self.transforms:
            return entries
        made = [{"kind": each.kind, "columns": list(each.columns)} for each in self.transforms]
        return entries | {"transforms": made}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Preparation:
        """The inverse of `to_dict`. Raises KeyError or TypeError for what `to_dict` never wrote."""
        transforms = (Transform(item["kind"], tuple(item["columns"])) for item in raw.get("transforms", ()))
        return cls(tuple(entry_from_dict(item) for item in raw["entries"]), tuple(transforms))


def prepare_part(
    preparation: Preparation, columns: Mapping[str, Any], Y: Array, rows: Array
) -> tuple[DatasetPart, Prepared]:
    """The examples in `rows` of the columns (m, ...) and of `Y` (nL, m), and what the preparation counted in them."""
    prepared = preparation.apply({name: take_rows(columns[name], rows) for name in preparation.columns})
    return DatasetPart(prepared.X, np.ascontiguousarray(Y[:, rows]), rows), prepared
