"""Notes on a dataset: what is not used, what was filled in, and what the training part never showed."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

import numpy as np

from deepnet_tui.common.text import counted
from deepnet_tui.data.columns import ColumnInfo
from deepnet_tui.data.preparation.entries import Categorical, Numeric
from deepnet_tui.data.preparation.preparation import Preparation, Prepared
from deepnet_tui.data.schema.target import Target


def dropped_columns(infos: tuple[ColumnInfo, ...]) -> list[str]:
    return [f"{info.name!r} is not used: {info.reason}." for info in infos if info.role == "ignored"]


def dropped_rows(m: int, target: Target, names: Sequence[str]) -> list[str]:
    lost = m - len(target.rows)
    without = f"have no {names[0]!r}" if len(names) == 1 else f"lack one of the targets {', '.join(map(repr, names))}"
    return [f"{lost:,} of {m:,} rows are not used: they {without}."] if lost else []


def infinite_notes(columns: Mapping[str, Any], infos: tuple[ColumnInfo, ...]) -> list[str]:
    """How many cells of each feature are infinite: they count as missing."""
    notes = []
    for info in infos:
        values = columns[info.name]
        if info.role != "feature" or info.kind == "block" or getattr(values.dtype, "kind", "O") != "f":
            continue
        if count := int(np.isinf(np.asarray(values)).sum()):
            verb = "counts" if count == 1 else "count"
            notes.append(f"{info.name!r}: {counted(count, 'infinite number')} {verb} as missing.")
    return notes


def filled_notes(preparation: Preparation, infos: tuple[ColumnInfo, ...]) -> list[str]:
    """How missing values are filled in, a sentence a column."""
    missing = {info.name: info.missing for info in infos if info.missing}
    notes = []
    for entry in preparation.entries:
        if entry.name not in missing:
            continue
        count = f"{entry.name!r}: {counted(missing[entry.name], 'missing value is', 'missing values are')}"
        if isinstance(entry, Numeric):
            notes.append(f"{count} replaced by {_fill_text(entry)}{', and marked' if entry.missing else ''}.")
        elif isinstance(entry, Categorical) and "" in entry.categories:
            notes.append(f"{count} a category of {'its' if missing[entry.name] == 1 else 'their'} own.")
    return notes


def unseen_notes(prepared: Prepared | None, m: int, together: Container[str] = ()) -> tuple[list[str], list[str]]:
    """Notes on words and gaps in the m validation examples that training never saw; warnings where most are such.

    `together` are the columns whose unknown words share an input with rare ones.
    """
    notes: list[str] = []
    warnings: list[str] = []
    if prepared is None:
        return notes, warnings

    def how(name: str) -> str:
        return "they count as rare words" if name in together else "they give zeros"

    for name, count in prepared.unknown.items():
        words = f"The validation part has {counted(count, 'word')} of {name!r} that training never saw, the first is "
        notes.append(f"{words}{prepared.first_unknown[name][:40]!r}; {how(name)}.")
        if 2 * count > m:
            warnings.append(
                f"Most validation words of {name!r}, {count:,} of {m:,}, were never seen in training: "
                "it can't help with new rows; leave it out or give it another kind."
            )
    notes += [
        f"The validation part has {counted(count, 'missing value')} of {name!r}, the training part none; {how(name)}."
        for name, count in prepared.missing.items()
    ]
    return notes, warnings


def why_no_features(infos: tuple[ColumnInfo, ...]) -> str:
    """Why no column is left as a feature, as the end of a sentence."""
    dropped = [f"{info.name!r} ({info.reason})" for info in infos if info.role == "ignored"]
    if not dropped:
        return "; there is no other column"
    return "; not used are " + ", ".join(dropped[:10]) + (", ..." if len(dropped) > 10 else "")


def _fill_text(entry: Numeric) -> str:
    if entry.kind == "boolean":
        return f"the most frequent, {entry.words[int(entry.fill)]}"
    if entry.kind == "date":
        return f"the median, {np.datetime64(int(entry.fill), 'D')}"
    return f"the median, {entry.fill:.6g}"
