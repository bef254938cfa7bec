"""Preparing many rows: a block of examples at a time, each written once to where it stays.

The inputs of a large table would take gigabytes in double precision. They are computed in it, kept in the precision in
which tables are trained, and laid out example by example, as mini-batches read them, so that training copies nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from deepnet_tui.data.preparation.encoders import (
    MISSING,
    UNKNOWN,
    encode_block,
    encode_number,
    fill_words,
    places_of_words,
)
from deepnet_tui.data.preparation.entries import Block, Categorical, Entry, input_count
from deepnet_tui.data.preparation.preparation import Preparation, Prepared
from deepnet_tui.data.values.words import Words
from engine.arrays import Array

LARGE = 2**24
"""Inputs of all examples together from which a table is prepared like this: 128 MiB in double precision."""

BLOCK, FEWEST = 256 * 1024, 1_000
"""Inputs of the examples that are computed at once, so that they stay in the cache; at least so many examples."""


def prepare_in_blocks(preparation: Preparation, columns: Mapping[str, Any], rows: Array, dtype: str) -> Prepared:
    """What `Preparation.apply` gives for these `rows` of the columns, X (n0, m) as `dtype` and example by example.

    X is float64 where a number is too large for `dtype`. The columns are Words, numbers (m,) or arrays (m, ...).
    """
    try:
        with np.errstate(over="raise"):
            return _prepare(preparation, columns, rows, np.dtype(dtype))
    except FloatingPointError:
        return _prepare(preparation, columns, rows, np.dtype(np.float64))


def _prepare(preparation: Preparation, columns: Mapping[str, Any], rows: Array, dtype: np.dtype[Any]) -> Prepared:
    inputs = [input_count(entry) for entry in preparation.entries]
    examples = np.empty((len(rows), sum(inputs)), dtype)
    found = Prepared(examples.T)
    places = {
        entry.name: places_of_words(entry, columns[entry.name].words)
        for entry in preparation.entries
        if isinstance(entry, Categorical)
    }
    step = max(FEWEST, BLOCK // max(1, sum(inputs)))
    buffer = np.empty((sum(inputs), step))
    parts = np.split(buffer, np.cumsum(inputs)[:-1])
    for start in range(0, len(rows), step):
        here = rows[start : start + step]
        for entry, part in zip(preparation.entries, parts, strict=True):
            _fill(entry, columns[entry.name], here, part[:, : len(here)], found, places)
        examples[start : start + step] = buffer[:, : len(here)].T
    return found


def _fill(entry: Entry, values: Any, here: Array, part: Array, found: Prepared, places: Mapping[str, Array]) -> None:
    """Fill the inputs of one column for the rows `here`, and count what was missing or unknown."""
    if isinstance(entry, Block):
        encode_block(entry, values[here], part, 1)
    elif isinstance(entry, Categorical):
        assert isinstance(values, Words)  # noqa: S101
        codes = values.codes[here]
        category = places[entry.name][codes]
        fill_words(entry, category, part)
        unknown = np.flatnonzero(category == UNKNOWN)
        if len(unknown):
            found.first_unknown.setdefault(entry.name, values.words[codes[unknown[0]]])
        _count(found.unknown, entry.name, len(unknown))
        _count(found.missing, entry.name, int((category == MISSING).sum()))
    else:
        _count(found.filled, entry.name, encode_number(entry, values[here], part, 1))


def _count(counts: dict[str, int], name: str, count: int) -> None:
    if count:
        counts[name] = counts.get(name, 0) + count
