"""The preparation of one column: an entry for each column that is used, fitted on the training part.

Everything is plain data, so that every export format can carry it or turn it into code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from deepnet_tui.data.values.date_format import YEAR_FIRST

PERIODS = {1.0: "1d", 7.0: "7d", 365.2425: "1y"}
"""Days of a period, each with its name in inputs."""


@dataclass(frozen=True)
class Numeric:
    """A number, missing ones replaced by `fill`. Its inputs, in this order:

    - z = (value - mean) / scale; with a `clip` above 0, z / sqrt(1 + (z / clip)^2), which stays within +-clip;
    - for each two neighbouring `edges` a < b: (value - a) / (b - a), limited to 0 and 1, minus 1/2;
    - for each of the `periods`, in days: sine and cosine of 2 pi value / period;
    - if `missing`: 1 where the value is missing, else 0.

    A boolean column is a number too, 0 or 1; a date column the days since 1970-01-01: `kind` says which. `order`
    says whether the day or the month comes first where the year comes last, see `values/date_format.py`, `unit` which
    sign of a currency, or %, its numbers had in the file that was trained on, "" for none.
    """

    name: str
    kind: str = "numeric"  # numeric | boolean | date
    fill: float = 0.0
    mean: float = 0.0
    scale: float = 1.0
    words: tuple[str, str] = ("false", "true")  # of a boolean: what is written for 0 and for 1
    order: str = YEAR_FIRST
    clip: float = 0.0
    edges: tuple[float, ...] = ()
    periods: tuple[float, ...] = ()
    missing: bool = False
    unit: str = ""

    @property
    def bins(self) -> int:
        return max(0, len(self.edges) - 1)

    @property
    def inputs(self) -> tuple[str, ...]:
        name = self.name
        waves = (
            f"{name} {wave} {PERIODS.get(period, f'{period:g}d')}" for period in self.periods for wave in ("sin", "cos")
        )
        bins = (f"{name} bin {number}" for number in range(1, self.bins + 1))
        return (name, *bins, *waves, *((f"{name} missing",) if self.missing else ()))


@dataclass(frozen=True)
class Categorical:
    """A word out of a known list. A missing value is the word "" and is known if it was seen while fitting.

    Its inputs, in this order:

    - one for each of the `categories`, 1 where it is the word; an unknown word gives zeros;
    - if `other`: 1 for a word that is `rare` or unknown, else 0;
    - the numbers that `statistics` has for the word: a row for each of the categories, then for each rare word;
      an unknown word has zeros.
    """

    name: str
    categories: tuple[str, ...]
    kind: str = "categorical"
    other: bool = False
    rare: tuple[str, ...] = ()
    statistics: tuple[tuple[float, ...], ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """All words that training saw, in the order of the statistics."""
        return self.categories + self.rare

    @property
    def width(self) -> int:
        """The number of statistics of a word."""
        return len(self.statistics[0]) if self.statistics else 0

    @property
    def inputs(self) -> tuple[str, ...]:
        words = (f"{self.name}={word or '(missing)'}" for word in self.categories)
        statistics = (f"{self.name} statistic {number}" for number in range(1, self.width + 1))
        return (*words, *((f"{self.name} other",) if self.other else ()), *statistics)


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

RICH = ("clip", "edges", "periods", "missing", "other", "rare", "statistics")
"""The fields that a plain preparation leaves at their defaults, and that version 0.1 does not know."""

LATER = (*RICH, "unit")
"""The fields that are written only where they are not at their defaults."""


def input_count(entry: Entry) -> int:
    """The number of inputs of one entry, without making their names."""
    if isinstance(entry, Block):
        return entry.size
    if isinstance(entry, Categorical):
        return len(entry.categories) + entry.other + entry.width
    return 1 + entry.bins + 2 * len(entry.periods) + entry.missing


def is_rich(entry: Entry) -> bool:
    """Whether an entry says more than a plain preparation does."""
    return any(getattr(entry, name, None) for name in RICH)


def entry_to_dict(entry: Entry) -> dict[str, Any]:
    """Plain values; what is at its default in a plain preparation is left out."""
    return {name: value for name, value in vars(entry).items() if value or name not in LATER}


def is_later(entry: Entry) -> bool:
    """Whether an entry says something that version 0.2 does not know."""
    return any(getattr(entry, name, None) for name in LATER)


def entry_from_dict(raw: Mapping[str, Any]) -> Entry:
    """The inverse of `entry_to_dict`. Raises KeyError or TypeError for anything else."""
    kinds: dict[str, Callable[..., Entry]] = {"categorical": Categorical, "block": Block}
    make: Callable[..., Entry] = kinds.get(raw["kind"], Numeric)
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
    if "statistics" in values:
        values["statistics"] = tuple(tuple(row) for row in values["statistics"])
    return make(**values)


def numbers_of(entry: Entry) -> list[float]:
    """All numbers of an entry, in no particular order."""
    if isinstance(entry, Numeric):
        return [entry.mean, entry.scale, entry.fill, entry.clip, *entry.edges, *entry.periods]
    found: list[float] = []
    for field in fields(entry):
        value = getattr(entry, field.name)
        if field.name == "statistics":
            found += [number for row in value for number in row]
        elif field.name in ("mean", "scale"):
            found.append(value)
    return found
