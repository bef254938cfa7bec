"""Tables as text, a function of the row for each column."""

from __future__ import annotations

from collections.abc import Callable

from deepnet_tui.data.dataset import Dataset

Table = Callable[..., Dataset]


def csv(rows_: int = 60, /, **columns: Callable[[int], object]) -> str:
    """A table of some rows from a function of the row for each column."""
    rows = [",".join(columns), *(",".join(str(make(row)) for make in columns.values()) for row in range(rows_))]
    return "\n".join(rows) + "\n"


def flip(row: int) -> str:
    return "ab"[row * row // 7 % 2]
