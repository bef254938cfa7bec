"""Fitting the preparation on the training part, and what to look at before the results are believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from deepnet_tui.common.errors import counted
from deepnet_tui.data.dataset import ColumnInfo
from deepnet_tui.data.preparation.encoding import FALSE_WORDS, TRUE_WORDS, Block, Categorical, Entry, Numeric, Words

Rows = npt.NDArray[np.int64]


def entry_for(info: ColumnInfo, values: Any, rows: Rows) -> Entry:
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
    there = part[~np.isnan(part)]
    fill = float(np.median(there)) if len(there) else 0.0
    if info.kind == "boolean":
        fill = float(fill >= 0.5)
    if len(there) < len(part):
        part = np.where(np.isnan(part), fill, part)
    return Numeric(info.name, info.kind, fill, *mean_and_scale(part))


def mean_and_scale(values: npt.NDArray[Any]) -> tuple[float, float]:
    """The mean and the standard deviation, 1 instead of one that is nothing but rounding."""
    mean, scale = float(values.mean()), float(values.std())
    return mean, scale if scale > max(1e-12 * abs(mean), 1e-100) else 1.0


def boolean_words(words: Words) -> tuple[str, str]:
    """The words for 0 and for 1 of a boolean column, of several spellings the most frequent."""
    counts = words.counts
    there = sorted((word for word in counts if word), key=lambda word: (-counts[word], word))
    false = next((word for word in there if word.lower() in FALSE_WORDS), "false")
    true = next((word for word in there if word.lower() in TRUE_WORDS), None)
    return false, true or next((word for word in there if word.lower() not in FALSE_WORDS), "true")


def _alike(classes: tuple[str, ...]) -> list[str]:
    """A warning where classes may be one class in several spellings."""
    if len(classes) > 2 and all(word.lower() in TRUE_WORDS | FALSE_WORDS for word in classes):
        return [
            f"The classes {', '.join(classes)} may be spellings of just two; to learn two set the kind of the target "
            "to boolean."
        ]
    by_word: dict[str, list[str]] = {}
    for name in classes:
        by_word.setdefault(name.casefold(), []).append(name)
    pair = next((names for names in by_word.values() if len(names) > 1), None)
    if pair is None:
        return []
    return [f"The classes {pair[0]!r} and {pair[1]!r} differ in capital letters alone; they are learnt as two."]


def warnings_for(parts: Mapping[str, npt.NDArray[Any]], task: str, classes: tuple[str, ...]) -> list[str]:
    """What to look at before the results are believed; `parts` has the targets of "train" and "held out"."""
    found = []
    train, held = parts["train"], parts["held out"]
    if task != "regression":
        found += _alike(classes)
        counts = np.bincount(train, minlength=len(classes))
        rare = int(counts.argmin())
        if counts[rare] * len(classes) < 0.2 * len(train):
            found.append(
                f"The classes are far out of balance: {classes[rare]!r} is {counts[rare] / len(train):.1%} of the "
                f"training examples, so accuracy alone says little: see ROC AUC and F1. "
                "--class-weight balanced, or class weight in the training pane, lets every class count the same."
            )
        each = np.bincount(held, minlength=len(classes))
        short = int(each.min())
        if len(held) > 0 and not short:
            none = classes[int(each.argmin())]
            found.append(f"The held-out part has no example of the class {none!r}, so nothing is measured of it.")
        elif len(held) > 0 and short < 5:
            found.append(
                f"The held-out part has a class with only {counted(short, 'example')}, too few to judge it by."
            )
    if 0 < len(held) < 30:
        found.append(f"The held-out part has only {counted(len(held), 'example')}, too few to say much; hold out more.")
    return found
