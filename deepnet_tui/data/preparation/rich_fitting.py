"""Fitting the rich preparation: robust scales, piecewise-linear bins, parts of dates, rare words together.

Median, quartiles and the smooth clip are those of RealMLP (Holzmüller et al. 2024, arXiv 2407.04491), the bins those of
Gorishniy et al. 2022 (arXiv 2203.05556) with quantiles as edges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from deepnet_tui.common.text import counted
from deepnet_tui.data.columns import ColumnInfo
from deepnet_tui.data.preparation.entries import Block, Categorical, Entry, Numeric, input_count
from deepnet_tui.data.preparation.fitting import fit_entry
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.data.preparation.target_statistics import MOST_CLASSES, places, smoothed
from deepnet_tui.data.values.words import Words
from engine.arrays import Array

CLIP = 3.0
MOST_INPUTS = 4_000  # of all columns together, pictures aside, before there are fewer bins
FEWEST_BINS, MOST_BINS = 3, 64
FEWEST_ROWS = 2  # of a word that has an input of its own
MOST_WORDS = 64  # that have one; a column with more words gets statistics of the target too
WEEK, YEAR, DAY = 7.0, 365.2425, 1.0
FEWEST_DAYS = 300  # that training dates span where the time of the year is an input


def bin_count(m: int, columns: int) -> int:
    """The number of bins of each of so many columns of numbers with m training examples.

    More bins make a network of few rows learn them by heart; a table of few columns can have more of them.
    """
    return max(FEWEST_BINS, min(MOST_BINS, max(m // 125, m // (25 * max(columns, 1)))))


def fit_rich(
    infos: Sequence[ColumnInfo], values: Mapping[str, Any], rows: Array, Y: Array, most_inputs: int
) -> tuple[Preparation, tuple[str, ...]]:
    """The preparation fitted on `rows`, and notes. `Y` (nL, m) are the labels of all m examples.

    There are fewer bins than `bin_count` says, or none, where more make over MOST_INPUTS or `most_inputs` inputs.
    """
    numbers = sum(info.kind in ("numeric", "date") for info in infos)
    wanted = bins = bin_count(len(rows), numbers)
    labels = Y[:, rows]
    entries = [_fit(info, values[info.name], rows, labels, bins) for info in infos]
    while True:
        inputs = sum(map(input_count, entries))
        pictures = sum(input_count(entry) for entry in entries if isinstance(entry, Block))
        if not bins or (inputs - pictures <= MOST_INPUTS and inputs <= most_inputs):
            break
        bins = bins // 2 if bins >= 4 else 0
        entries = [_with_bins(entry, values[entry.name], rows, bins) for entry in entries]
    if bins == wanted or all(info.kind not in ("numeric", "date") for info in infos):
        return Preparation(tuple(entries)), ()
    note = f"{counted(wanted, 'bin')} a column would make too many inputs; there are {bins or 'none'}."
    return Preparation(tuple(entries)), (note,)


def _fit(info: ColumnInfo, values: Any, rows: Array, labels: Array, bins: int) -> Entry:
    if isinstance(values, Words):
        return _with_statistics(_fit_words(info.name, values, rows), values, rows, labels)
    return fit_entry(info, values, rows) if values.ndim > 1 else _fit_number(info, values[rows], bins)


def _with_bins(entry: Entry, values: Any, rows: Array, bins: int) -> Entry:
    """The same entry with other bins where it has some."""
    if not isinstance(entry, Numeric) or not entry.edges:
        return entry
    if bins < 2:
        return replace(entry, edges=())
    part = values[rows]
    return replace(entry, edges=bin_edges(np.sort(part[~np.isnan(part)]), bins))


def _fit_number(info: ColumnInfo, part: Array, bins: int) -> Numeric:
    gone = np.isnan(part)
    ordered = np.sort(part[~gone])
    if not len(ordered):
        return Numeric(info.name, info.kind)
    low, centre, high = _quantiles(ordered, np.array([0.25, 0.5, 0.75])).tolist()
    missing = len(ordered) < len(part)
    if info.kind == "boolean":
        return Numeric(info.name, info.kind, float(centre >= 0.5), 0.5, 0.5, missing=missing)
    spreads = (high - low, float(ordered[-1] - ordered[0]) / 2)
    scale = next((spread for spread in spreads if spread > _smallest(centre)), 1.0)
    edges = bin_edges(ordered, bins)
    periods = _periods(ordered) if info.kind == "date" else ()
    return Numeric(
        info.name, info.kind, centre, centre, scale, clip=CLIP, edges=edges, periods=periods, missing=missing
    )


def bin_edges(ordered: Array, bins: int) -> tuple[float, ...]:
    """The edges of at most `bins` bins for ascending values: all different values, or the quantiles if these are more.

    None where there would be a single bin.
    """
    if bins < 2:
        return ()
    edges = ordered[np.concatenate([[True], ordered[1:] > ordered[:-1]])]
    if len(edges) > bins + 1:
        edges = np.unique(_quantiles(ordered, np.arange(bins + 1) / bins))
    apart = [float(edges[0])]
    for edge in edges[1:].tolist():
        if edge - apart[-1] > _smallest(max(abs(edge), abs(apart[-1]))):
            apart.append(edge)
    return tuple(apart) if len(apart) > 2 else ()


def _quantiles(ordered: Array, shares: Array) -> Array:
    """The quantiles of ascending values, linear between two of them."""
    at = shares * (len(ordered) - 1)
    below = at.astype(np.int64)
    above = np.minimum(below + 1, len(ordered) - 1)
    found: Array = ordered[below] + (at - below) * (ordered[above] - ordered[below])
    return found


def _smallest(size: float) -> float:
    """The smallest difference between numbers of that size that is more than rounding."""
    return max(1e-12 * abs(size), 1e-100)


def _periods(days: Array) -> tuple[float, ...]:
    """The periods that training dates (ascending) can say something about: the week, the year, the day."""
    whole = np.floor(days)
    seen = {
        WEEK: len(np.unique(whole % 7)) > 1,
        YEAR: days[-1] - days[0] > FEWEST_DAYS,
        DAY: bool((days != whole).any()),
    }
    return tuple(period for period, there in seen.items() if there)


def _fit_words(name: str, words: Words, rows: Array) -> Categorical:
    counts = np.bincount(words.codes[rows], minlength=len(words.words))
    seen = {words.words[place]: int(counts[place]) for place in np.flatnonzero(counts).tolist()}
    frequent = sorted((word for word in seen if seen[word] >= FEWEST_ROWS), key=lambda word: (-seen[word], word))
    kept = tuple(sorted(frequent[:MOST_WORDS]))
    rare = tuple(sorted(seen.keys() - set(kept)))
    return Categorical(name, kept, other=bool(rare), rare=rare)


def _with_statistics(entry: Categorical, values: Words, rows: Array, labels: Array) -> Categorical:
    if len(entry.known) <= MOST_WORDS or len(labels) > MOST_CLASSES:
        return entry
    table = smoothed(places(entry, values)[rows], labels, len(entry.known))
    return replace(entry, statistics=tuple(map(tuple, table.tolist())))
