"""The inputs of one column: each encoder fills the rows of X that belong to its entry."""

from __future__ import annotations

from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import quoted
from deepnet_tui.data.preparation.entries import Block, Categorical, Numeric
from deepnet_tui.data.preparation.numbers import LARGEST, to_numbers, words_and_codes
from deepnet_tui.data.values.words import lookup_word, to_word
from engine.arrays import Array


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


def encode_number(entry: Numeric, values: Any, row: Array, first_row: int) -> int:
    """Fill `row` (m,) with the scaled numbers; returns how many were missing. Raises InputError like `to_numbers`."""
    row[:] = to_numbers(values, entry, first_row)
    missing = np.isnan(row)
    count = int(missing.sum())
    if count:
        row[missing] = entry.fill
    row -= entry.mean
    row /= entry.scale
    return count


def encode_words(entry: Categorical, values: Any, rows: Array) -> tuple[int, int, str]:
    """Fill `rows` (categories, m) one-hot; returns how many words are unknown, how many values are missing though no
    category stands for them, and the first unknown word."""
    unknown, missing = -1, -2
    numbers = {"": missing} | {word: index for index, word in enumerate(entry.categories)}
    array = words_and_codes(entry.name, values)
    if isinstance(array, tuple):
        known = [lookup_word(to_word(word), numbers, unknown) for word in array[0]]
        category = np.array([*known, numbers[""]], dtype=np.int32)[array[1]]
    else:
        looked_up = (lookup_word(to_word(value), numbers, unknown) for value in array)
        category = np.fromiter(looked_up, dtype=np.int32, count=rows.shape[1])
    for index, row in enumerate(rows):
        np.equal(category, index, out=row)
    unknown_rows = np.flatnonzero(category == unknown)
    first = ""
    if len(unknown_rows):
        first = to_word(array[0][array[1][unknown_rows[0]]] if isinstance(array, tuple) else array[unknown_rows[0]])
    return len(unknown_rows), int((category == missing).sum()), first
