"""The predictions of all folds as one CSV file, in the order of the rows of the source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from deepnet_tui.common.formats.csv_text import CsvWriter
from deepnet_tui.export.format import refusal
from deepnet_tui.folds.result import FoldsResult
from deepnet_tui.folds.source import FoldSource
from engine.storage.atomic import write_atomically


def write_predictions(result: FoldsResult, source: FoldSource, path: Path, *, safe: bool = False) -> int:
    """Write a line for each example that was in the test part of a fold, whole or not at all; gives their number.

    The columns are `row`, counted from 1 in the source, `fold`, `actual`, and then as `predict` has them; `safe` keeps
    spreadsheets from computing classes. Raises
    InputError for a path that can't be written.
    """
    lines = sorted(_lines(result, source), key=lambda line: int(line[0]))
    answer = ["label", *(f"probability {name}" for name in result.classes)] if result.classes else ["prediction"]

    def fill(temporary: Path) -> None:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            writer = CsvWriter(file, safe=safe)
            writer.row(["row", "fold", "actual", *answer])
            writer.rows(lines)

    try:
        write_atomically(path, fill)
    except (OSError, ValueError) as error:
        raise refusal(error, path, "write") from None
    return len(lines)


def _lines(result: FoldsResult, source: FoldSource) -> Iterator[list[Any]]:
    for fold in result.folds:
        found = fold.predictions
        truth = source.y[np.searchsorted(source.rows, found.rows)].tolist()
        for place, row in enumerate(found.rows.tolist()):
            line = [row + 1, fold.number]
            if found.labels is None or found.probabilities is None:
                assert found.values is not None  # noqa: S101
                yield [*line, repr(truth[place]), repr(float(found.values[place]))]
            else:
                names = result.classes[truth[place]], result.classes[int(found.labels[place])]
                yield [*line, *names, *map(repr, found.probabilities[place].tolist())]
