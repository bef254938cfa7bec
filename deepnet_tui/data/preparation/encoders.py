"""The inputs of one column: each encoder fills the rows of X that belong to its entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import quoted
from deepnet_tui.data.preparation.entries import Block, Categorical, Entry, Numeric
from deepnet_tui.data.preparation.numbers import LARGEST, to_numbers, words_and_codes
from deepnet_tui.data.values.words import lookup_word, to_word
from engine.arrays import Array

UNKNOWN, MISSING = -1, -2
STEEP = 1e10  # beyond this many clips, the smooth clip is its limit to the last digit; the square could be infinite


def encode_block(entry: Block, values: Any, rows: Array, first_row: int) -> None:
    """Fill `rows` (size, m) with the scaled numbers. Raises InputError for words, gaps and too large numbers."""
    array = np.asarray(values)
    expected = " x ".join(map(str, entry.shape))
    if array.shape[1:] != entry.shape and array.shape[1:] != (entry.size,):
        raise InputError(f"{quoted(entry.name)} must have {expected} numbers an example", entry.name)
    if array.dtype.kind not in "biuf":
        raise InputError(f"{quoted(entry.name)} must have numbers, {expected} an example, not words", entry.name)
    flat = array.reshape(len(array), -1)
    if array.dtype.kind == "f" and not (good := (np.abs(flat) <= LARGEST).all(axis=1)).all():
        row = int(np.argmin(good))
        wrong = flat[row][~(np.abs(flat[row]) <= LARGEST)][0]
        what = "a number is missing" if np.isnan(wrong) else f"{wrong} is not a number up to {LARGEST:g}"
        raise InputError(f"column {quoted(entry.name)}, row {first_row + row:,}: {what}", entry.name)
    np.subtract(flat.T, entry.mean, out=rows)
    rows /= entry.scale


def encode_number(entry: Numeric, values: Any, rows: Array, first_row: int) -> int:
    """Fill `rows` (inputs, m) as `Numeric` says; returns how many were missing. Raises InputError like `to_numbers`."""
    numbers = to_numbers(values, entry, first_row)
    missing = np.isnan(numbers)
    count = int(missing.sum())
    if count:
        numbers[missing] = entry.fill
    encode_present(entry, numbers, rows)
    if entry.missing:
        rows[-1] = missing
    return count


def encode_plain_numbers(entries: Sequence[Entry], raw: Mapping[str, Any], X: Array) -> list[int] | None:
    """Fill `X` (n0, m) for columns each of which is one plain number; returns how many values of each were missing.

    Does what `encode_number` does for one after the other, in a hundredth of the time of thousands of calls. None where
    a column is something else, or holds what must be refused: then the columns have to be encoded one by one.
    """
    if len(X) != len(entries):
        return None
    for place, entry in enumerate(entries):
        values = raw[entry.name]
        is_array = isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype.kind in "iuf"
        if not (is_array and isinstance(entry, Numeric) and entry.kind == "numeric"):
            return None
        X[place] = values
    fill, mean, scale, clip = np.array([(e.fill, e.mean, e.scale, e.clip) for e in entries]).T[:, :, np.newaxis]  # type: ignore[union-attr]
    X[np.isinf(X)] = np.nan
    missing = np.isnan(X)
    if (np.abs(X) > LARGEST).any():
        return None
    np.copyto(X, fill, where=missing)
    X -= mean
    X /= scale
    clipped = np.flatnonzero(clip)
    if len(clipped):
        z = X[clipped] / clip[clipped]
        np.clip(z, -STEEP, STEEP, out=z)
        z *= clip[clipped] / np.sqrt(1.0 + z * z)
        X[clipped] = z
    return [int(count) for count in missing.sum(axis=1)]


def encode_present(entry: Numeric, numbers: Array, rows: Array) -> None:
    """Fill `rows` (inputs, m) for numbers (m,) none of which is missing."""
    z = rows[0]
    np.subtract(numbers, entry.mean, out=z)
    z /= entry.scale
    if entry.clip:
        z /= entry.clip
        np.clip(z, -STEEP, STEEP, out=z)
        z *= entry.clip / np.sqrt(1.0 + z * z)
    at = 1
    if bins := entry.bins:
        edges = np.array(entry.edges)
        lows, widths = edges[:-1, np.newaxis], np.diff(edges)[:, np.newaxis]
        part = rows[at : at + bins]
        np.subtract(numbers, lows, out=part)
        part /= widths
        np.clip(part, 0.0, 1.0, out=part)
        part -= 0.5
        at += bins
    for period in entry.periods:
        turns = numbers / period
        turns -= np.floor(turns)
        turns *= 2 * np.pi
        np.sin(turns, out=rows[at])
        np.cos(turns, out=rows[at + 1])
        at += 2
    if entry.missing:
        rows[at] = 0.0


def encode_words(entry: Categorical, values: Any, rows: Array) -> tuple[int, int, str]:
    """Fill `rows` (inputs, m) as `Categorical` says; returns how many words are unknown, how many values are missing
    though training had none, and the first unknown word."""
    array = words_and_codes(entry.name, values)
    if isinstance(array, tuple):
        category = places_of_words(entry, array[0])[array[1]]
    else:
        category = places_of_words(entry, array)[:-1]
    fill_words(entry, category, rows)
    unknown_rows = np.flatnonzero(category == UNKNOWN)
    first = ""
    if len(unknown_rows):
        first = to_word(array[0][array[1][unknown_rows[0]]] if isinstance(array, tuple) else array[unknown_rows[0]])
    return len(unknown_rows), int((category == MISSING).sum()), first


def places_of_words(entry: Categorical, words: Iterable[Any]) -> Array:
    """For each of the words where it is among those that the entry knows, UNKNOWN or MISSING; at the end, of "".

    MISSING is a missing value of a column that had none in training.
    """
    numbers = {"": MISSING} | {word: index for index, word in enumerate(entry.known)}
    return np.array([*(lookup_word(to_word(word), numbers, UNKNOWN) for word in words), numbers[""]], dtype=np.int32)


def fill_words(entry: Categorical, category: Array, rows: Array) -> None:
    """Fill `rows` (inputs, m) for words whose places are `category` (m,)."""
    count = len(entry.categories)
    rows[:count] = 0.0
    there = np.flatnonzero((category >= 0) & (category < count))
    rows[category[there], there] = 1.0
    if entry.other:
        rows[count] = (category < 0) | (category >= count)
    if entry.statistics:
        table = np.array([*entry.statistics, (0.0,) * entry.width])
        rows[count + entry.other :] = table[np.maximum(category, -1)].T
