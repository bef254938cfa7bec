"""Tables as text, a function of the row for each column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from deepnet_tui.data.dataset import Dataset

Table = Callable[..., Dataset]


def csv(rows_: int = 60, /, **columns: Callable[[int], object]) -> str:
    """A table of some rows from a function of the row for each column."""
    rows = [",".join(columns), *(",".join(str(make(row)) for make in columns.values()) for row in range(rows_))]
    return "\n".join(rows) + "\n"


def flip(row: int) -> str:
    return "ab"[row * row // 7 % 2]


def passengers(folder: Path, rows: int = 120) -> Path:
    """A table with a leak, an identifier and a missing value."""
    lines = ["number,age,deck,saved,lived"]
    for row in range(rows):
        age = "" if row == 5 else str(row * 7 % 60 + row % 2 * 15)
        lines.append(f"P{row:04},{age},{'ABC'[row % 3]},{row % 2},{('no', 'yes')[row % 2]}")
    path = folder / "people.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
