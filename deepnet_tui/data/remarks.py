"""What is told about the data: what is not used, what was filled in, and what training never saw."""

from __future__ import annotations

import numpy as np

from deepnet_tui.data.goal import Goal
from deepnet_tui.data.preparation import Categorical, Numeric, Preparation
from deepnet_tui.data.problem import ColumnInfo


def dropped_columns(infos: tuple[ColumnInfo, ...]) -> list[str]:
    return [f"{info.name!r} is not used: {info.reason}." for info in infos if info.role == "ignored"]


def dropped_rows(m: int, goal: Goal, target: str) -> list[str]:
    lost = m - len(goal.rows)
    return [f"{lost:,} of {m:,} rows are not used: they have no {target!r}."] if lost else []


def filled(preparation: Preparation, infos: tuple[ColumnInfo, ...]) -> list[str]:
    """What is done about missing values, a sentence a column."""
    missing = {info.name: info.missing for info in infos if info.missing}
    notes = []
    for entry in preparation.entries:
        if entry.name not in missing:
            continue
        count = f"{entry.name!r}: {missing[entry.name]:,} missing values"
        if isinstance(entry, Numeric):
            notes.append(f"{count} are replaced by {_shown(entry)}.")
        elif isinstance(entry, Categorical) and "" in entry.categories:
            notes.append(f"{count} are a category of their own.")
    return notes


def _shown(entry: Numeric) -> str:
    if entry.kind == "boolean":
        return f"the most frequent, {entry.words[int(entry.fill)]}"
    if entry.kind == "date":
        return f"the median, {np.datetime64(int(entry.fill), 'D')}"
    return f"the median, {entry.fill:.6g}"
