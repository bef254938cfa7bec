"""From the inputs of a network back to a raw row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from deepnet_tui.data.preparation.entries import Block, Categorical, Entry, Numeric, input_count
from deepnet_tui.data.preparation.numbers import LARGEST
from engine.arrays import Array

UNKNOWN = "a word never seen before"
FIRST_DAY, LAST_DAY = -719_162.0, 2_932_896.0  # of the years 1 and 9999


def raw_row(entries: Iterable[Entry], x: Array) -> dict[str, Any]:
    """A raw row that prepares to `x` (n0,), see `raw_rows`."""
    return raw_rows(entries, x[:, np.newaxis])[0]


def raw_rows(entries: Iterable[Entry], X: Array) -> list[dict[str, Any]]:
    """Raw rows that prepare to `X` (n0, k), up to rounding: twelve digits of every number.

    Of words that prepare alike it is one; statistics of the target choose among the rare ones. A number far beyond its
    clip is known only roughly, and the week and year of such a date are not.
    """
    rows: list[dict[str, Any]] = [{} for _ in range(X.shape[1])]
    at = 0
    for entry in entries:
        parts = X[at : at + input_count(entry)]
        at += len(parts)
        for row, value in zip(rows, _raw_values(entry, parts), strict=True):
            row[entry.name] = value
    return rows


def _raw_values(entry: Entry, parts: Array) -> list[Any]:
    """What one column holds in each of the rows that prepare to `parts` (inputs, k)."""
    if isinstance(entry, Block):
        return [[_rounded(value) for value in part * entry.scale + entry.mean] for part in parts.T]
    if isinstance(entry, Categorical):
        return [_word(entry, part) for part in parts.T]
    values = [_raw_number(entry, _rounded(value)) for value in raw_numbers(entry, parts[0]).tolist()]
    if not entry.missing:
        return values
    return [None if gone else value for value, gone in zip(values, parts[-1] > 0.5, strict=True)]


def raw_numbers(entry: Numeric, z: Array) -> Array:
    """The numbers (m,) whose first inputs are z (m,), within the bounds of numbers."""
    if entry.clip:
        t = np.clip(z / entry.clip, -1.0, 1.0)
        z = entry.clip * t / np.sqrt(np.maximum(1.0 - t * t, 1e-16))
    return np.clip(z * entry.scale + entry.mean, -LARGEST, LARGEST)


def _word(entry: Categorical, part: Array) -> str:
    hot = np.flatnonzero(part[: len(entry.categories)])
    if len(hot):
        return entry.categories[int(hot[0])]
    if not entry.rare:
        return UNKNOWN
    if not entry.statistics:
        return entry.rare[0]
    table = np.array([*entry.statistics[len(entry.categories) :], (0.0,) * entry.width])
    nearest = int(((table - part[len(part) - entry.width :]) ** 2).sum(axis=1).argmin())
    return entry.rare[nearest] if nearest < len(entry.rare) else UNKNOWN


def _raw_number(entry: Numeric, value: float) -> Any:
    if entry.kind == "boolean":
        return entry.words[int(value)] if value in (0.0, 1.0) else None
    if entry.kind == "date":
        state = np.datetime64(round(min(max(value, FIRST_DAY), LAST_DAY) * 86_400) * 1_000_000, "us")
        return str(state).split(".")[0]
    return value


def _rounded(value: float) -> float:
    return float(f"{value:.12g}")
