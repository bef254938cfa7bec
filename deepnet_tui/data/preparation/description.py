"""What a column becomes, in a few words."""

from __future__ import annotations

from deepnet_tui.common.text import counted
from deepnet_tui.data.preparation.entries import Categorical, Entry, Numeric

PARTS = {7.0: "weekday", 365.2425: "month", 1.0: "hour"}


def becomes(entry: Entry) -> str:
    """The inputs of a richly prepared column, such as "16 bins, missing marked"; "" if there is nothing to say."""
    parts: list[str] = []
    if isinstance(entry, Numeric):
        if entry.periods:
            first = ["date", *(PARTS.get(period, f"{period:g} days") for period in entry.periods)]
            parts.append(f"{', '.join(first[:-1])} and {first[-1]}")
        if entry.bins:
            parts.append(counted(entry.bins, "bin"))
        if entry.missing:
            parts.append("missing marked")
    elif isinstance(entry, Categorical) and entry.other:
        parts.append(counted(len(entry.categories), "word"))
        if entry.rare:
            parts.append(f"{counted(len(entry.rare), 'rare one')} together")
        if entry.statistics:
            parts.append("statistics of the target")
    return ", ".join(parts)
