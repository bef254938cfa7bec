"""What must hold for the entry of a column, wherever it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from deepnet_tui.data.plane.transforms import Transform
from deepnet_tui.data.preparation.entries import Categorical, Entry, Numeric, is_rich
from deepnet_tui.data.preparation.numbers import LARGEST
from deepnet_tui.data.values.number_format import bare

SHORTEST = 1e-6  # days of a period


def check_transforms(entries: Iterable[Entry], transforms: Iterable[Transform]) -> None:
    """Raise ValueError for a transform of columns that are not among the numbers."""
    numbers = {entry.name for entry in entries if isinstance(entry, Numeric)}
    for transform in transforms:
        if not numbers >= set(transform.columns):
            raise ValueError(f"the transform {transform.name} is not of columns of numbers")


def check_entry(entry: Entry) -> None:
    """Raise ValueError, in one sentence, for edges, periods, words and statistics that do not hold together."""
    if isinstance(entry, Numeric):
        if entry.unit and bare(f"1{entry.unit}") != ("1", entry.unit):
            raise ValueError(f"the sign {entry.unit!r} of {entry.name!r} is none of a currency, nor a percent sign")
        if len(entry.words) != 2:
            raise ValueError(f"{entry.name!r} does not have a word for each of 0 and 1")
        if entry.clip < 0:
            raise ValueError(f"the clip of {entry.name!r} is below zero")
        if len(entry.edges) == 1 or any(not low < high for low, high in pairwise(entry.edges)):
            raise ValueError(f"the edges of the bins of {entry.name!r} do not increase")
        if any(abs(edge) > LARGEST for edge in entry.edges):
            raise ValueError(f"an edge of the bins of {entry.name!r} is larger than {LARGEST:g}")
        if not all(period >= SHORTEST for period in entry.periods):
            raise ValueError(f"a period of {entry.name!r} is not above zero")
    elif isinstance(entry, Categorical) and is_rich(entry):
        if len(set(entry.known)) < len(entry.known):
            raise ValueError(f"{entry.name!r} has a word twice")
        if entry.statistics and (len(entry.statistics) != len(entry.known) or not entry.width):
            raise ValueError(f"{entry.name!r} does not have statistics for each of its words")
        if any(len(row) != entry.width for row in entry.statistics):
            raise ValueError(f"the statistics of {entry.name!r} are not of the same length")
