"""Many rows of a label and numbers as CSV text at once: the same letters as row by row, many times faster."""

from __future__ import annotations

import io
import sys
from typing import Any

import numpy as np

from deepnet_tui.common.formats.csv_text import CsvWriter
from engine.arrays import Array

PLAIN_FROM, PLAIN_TO = 1e-4, 1e9  # where pyarrow writes a number that is not whole as Python does


class CsvLines:
    """Rows as text. Numbers have the fewest digits that mean the same float; with `safe`, labels are no formulas."""

    def __init__(self, *, safe: bool) -> None:
        self._safe = safe
        self._cells: dict[str, str] = {}

    def text(self, labels: Array | None, numbers: Array) -> str:
        """The lines of the rows of `numbers` (m, k), each behind its label where there are `labels` (m,)."""
        cells = None if labels is None else self._cells_of(labels.tolist())
        pyarrow = sys.modules.get("pyarrow")  # where pandas has loaded it
        if pyarrow is not None and len(numbers):
            return _by_pyarrow(pyarrow, cells, np.asarray(numbers, np.float64))
        rows = (",".join(map(repr, row)) for row in numbers.tolist())
        lines = rows if cells is None else (f"{cell},{row}" for cell, row in zip(cells, rows, strict=True))
        return "".join(line + "\n" for line in lines)

    def _cells_of(self, labels: list[str]) -> list[str]:
        """Labels as they are written beside other cells."""
        for label in set(labels) - self._cells.keys():
            line = io.StringIO()
            CsvWriter(line, safe=self._safe).row([label, ""])
            self._cells[label] = line.getvalue().removesuffix(",\n")
        return list(map(self._cells.__getitem__, labels))


def _by_pyarrow(pyarrow: Any, cells: list[str] | None, numbers: Array) -> str:
    from pyarrow import compute

    string = pyarrow.large_string()
    columns = [] if cells is None else [pyarrow.array(cells, string)]
    for column in numbers.T:
        size = np.abs(column)
        with np.errstate(invalid="ignore"):
            whole = column == np.rint(column)
        other = ~((size >= PLAIN_FROM) & (size < PLAIN_TO)) | whole
        written = compute.cast(pyarrow.array(np.ascontiguousarray(column)), string)
        if other.any():
            replaced = pyarrow.array(map(repr, column[other].tolist()), string)
            written = compute.replace_with_mask(written, pyarrow.array(other), replaced)
        columns.append(written)
    last = compute.binary_join_element_wise(columns[-1], pyarrow.scalar("", string), pyarrow.scalar("\n", string))
    joined = compute.binary_join_element_wise(*columns[:-1], last, pyarrow.scalar(",", string))
    return bytes(joined.buffers()[2]).decode()
