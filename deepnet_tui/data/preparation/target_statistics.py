"""Statistics of the target for each word of a column with many words.

For a word they are its mean label, drawn towards the mean of all labels by SMOOTHING examples, less the mean of all, in
standard deviations: of a number its value, of two classes the share of the second one, of several the share of each.
The entry carries those of all training examples; a training example itself gets those of the other folds, so that none
sees its own target.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from deepnet_tui.data.preparation.entries import Categorical, input_count
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.data.values.words import Words
from engine.arrays import Array

SMOOTHING = 10.0  # examples
FOLDS = 5
MOST_CLASSES = 20  # with more, there are no statistics


def places(entry: Categorical, words: Words) -> Array:
    """The place (m,) of each word in `entry.known`, -1 for one that is not there."""
    known = {word: place for place, word in enumerate(entry.known)}
    found: Array = np.array([known.get(word, -1) for word in words.words], dtype=np.int64)[words.codes]
    return found


def smoothed(codes: Array, Y: Array, words: int) -> Array:
    """The statistics (words, nL) from the labels Y (nL, m) of examples whose word is `codes` (m,)."""
    prior, spread = Y.mean(axis=1), Y.std(axis=1)
    counts = np.bincount(codes, minlength=words)
    sums = np.stack([np.bincount(codes, weights=row, minlength=words) for row in Y], axis=1)
    table: Array = (sums - np.outer(counts, prior)) / (counts + SMOOTHING)[:, np.newaxis]
    return table / np.where(spread > 0, spread, 1.0)


def out_of_fold(codes: Array, Y: Array, words: int, seed: int) -> Array:
    """The statistics (nL, m) of each example from those of other folds; `seed` draws the folds."""
    fold = np.random.default_rng(seed).permutation(len(codes)) % FOLDS
    found = np.empty(Y.shape)
    for number in range(FOLDS):
        here, rest = fold == number, fold != number
        found[:, here] = smoothed(codes[rest], Y[:, rest], words)[codes[here]].T
    return found


def hide_own_targets(
    X: Array, preparation: Preparation, columns: Mapping[str, Any], Y: Array, rows: Array, seed: int
) -> None:
    """Replace the statistics in the training inputs X (n0, m) by those out of fold; `rows` (m,) of `columns` and of
    the labels Y are the training part."""
    at = 0
    for entry in preparation.entries:
        stop = at + input_count(entry)
        if isinstance(entry, Categorical) and entry.statistics:
            codes = places(entry, columns[entry.name])[rows]
            X[stop - entry.width : stop] = out_of_fold(codes, Y[:, rows], len(entry.known), seed)
        at = stop
