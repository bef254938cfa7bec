"""Fitting the preparation on the training part: fill values, means, scales and categories."""

from __future__ import annotations

from typing import Any

import numpy as np

from deepnet_tui.data.columns import ColumnInfo
from deepnet_tui.data.preparation.entries import Block, Categorical, Entry, Numeric
from deepnet_tui.data.values.words import FALSE_WORDS, TRUE_WORDS, Words
from engine.arrays import Array


def fit_entry(info: ColumnInfo, values: Any, rows: Array) -> Entry:
    """The entry of one column fitted on `rows`; values are numbers (m,) with nan, Words, or an array (m, ...)."""
    if isinstance(values, Words):
        seen = np.flatnonzero(np.bincount(values.codes[rows], minlength=len(values.words)))
        return Categorical(info.name, tuple(sorted(values.words[place] for place in seen)))
    if values.ndim > 1:
        scale = 255.0 if values.dtype == np.uint8 else 1.0
        if scale == 1.0:
            part = values[rows].astype(np.float64)
            return Block(info.name, values.shape[1:], *mean_and_scale(part))
        return Block(info.name, values.shape[1:], scale=scale)
    part = values[rows]
    present = part[~np.isnan(part)]
    fill = float(np.median(present)) if len(present) else 0.0
    if info.kind == "boolean":
        fill = float(fill >= 0.5)
    if len(present) < len(part):
        part = np.where(np.isnan(part), fill, part)
    return Numeric(info.name, info.kind, fill, *mean_and_scale(part))


def mean_and_scale(values: Array) -> tuple[float, float]:
    """The mean and the standard deviation, 1 where all values are the same up to rounding."""
    mean, scale = float(values.mean()), float(values.std())
    return mean, scale if scale > max(1e-12 * abs(mean), 1e-100) else 1.0


def boolean_words(words: Words) -> tuple[str, str]:
    """The words for 0 and for 1 of a boolean column, of several spellings the most frequent."""
    counts = words.counts
    there = sorted((word for word in counts if word), key=lambda word: (-counts[word], word))
    false = next((word for word in there if word.lower() in FALSE_WORDS), "false")
    true = next((word for word in there if word.lower() in TRUE_WORDS), None)
    return false, true or next((word for word in there if word.lower() not in FALSE_WORDS), "true")
