"""The preparation of one column: an entry for each column that is used, fitted on the training part.

Everything is plain data, so that every export format can carry it or turn it into code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepnet_tui.data.values.date_format import YEAR_FIRST


@dataclass(frozen=True)
class Numeric:
    """A number, missing ones replaced by `fill`: one input, (value - mean) / scale.

    A boolean column is a number too, 0 or 1; a date column the days since 1970-01-01: `kind` says which. `order`
    says whether the day or the month comes first where the year comes last, see `values/date_format.py`.
    """

    name: str
    kind: str = "numeric"  # numeric | boolean | date
    fill: float = 0.0
    mean: float = 0.0
    scale: float = 1.0
    words: tuple[str, str] = ("false", "true")  # of a boolean: what is written for 0 and for 1
    order: str = YEAR_FIRST

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.name,)


@dataclass(frozen=True)
class Categorical:
    """A word out of a known list: one input a category, 1 where it is the word; an unknown word gives zeros.

    A missing value is the word "" and is known if it was seen while fitting.
    """

    name: str
    categories: tuple[str, ...]
    kind: str = "categorical"

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(f"{self.name}={word or '(missing)'}" for word in self.categories)


@dataclass(frozen=True)
class Block:
    """Many numbers under one name, such as an image's pixels: `size` inputs, (value - mean) / scale each."""

    name: str
    shape: tuple[int, ...]
    mean: float = 0.0
    scale: float = 1.0
    kind: str = "block"

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(f"{self.name}[{index}]" for index in range(self.size))


Entry = Numeric | Categorical | Block


def input_count(entry: Entry) -> int:
    """The number of inputs of one entry, without making their names."""
    if isinstance(entry, Block):
        return entry.size
    return len(entry.categories) if isinstance(entry, Categorical) else 1


def entry_from_dict(raw: Mapping[str, Any]) -> Entry:
    """The inverse of `dataclasses.asdict`. Raises KeyError or TypeError for anything else."""
    kinds: dict[str, Callable[..., Entry]] = {"categorical": Categorical, "block": Block}
    make: Callable[..., Entry] = kinds.get(raw["kind"], Numeric)
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
    return make(**values)
