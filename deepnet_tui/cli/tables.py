"""The tables that `train` prints: what the columns are, how good the network is, what its parameters are like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deepnet_tui.cli.output import tell
from deepnet_tui.common.text import printable, quoted, shortened

if TYPE_CHECKING:
    from rich.table import Table

    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.folds.result import FoldsResult, Spread
    from engine.training.trainer import Trainer

MOST_COLUMNS = 30
LONGEST_NAME, SHORTEST_REASON, GAP = 24, 8, 2  # columns of the terminal
LONGEST = 200  # letters of a cell that has others behind it, also where no terminal says how much fits


def column_table(dataset: Dataset) -> None:
    """What was understood of every column of a file, on stderr; nothing for built-in data.

    In a terminal long names and reasons are cut, so that a column takes one line; elsewhere
    nothing is that is not endless.
    """
    if all(info.reason == "built in" for info in dataset.columns):
        return
    from rich.console import Console

    last = "inputs; because" if any(info.becomes for info in dataset.columns) else "because"
    rows = [("column", "kind", "role", last)]
    rows += [(info.name, info.kind, info.role, info.explanation) for info in dataset.columns[:MOST_COLUMNS]]
    console = Console(stderr=True)
    for line in aligned(rows, console.width if console.is_terminal else None):
        tell(line)
    if (more := len(dataset.columns) - MOST_COLUMNS) > 0:
        tell(f"... and {more:,} more columns; --json lists all")


def aligned(rows: Sequence[tuple[str, ...]], width: int | None) -> list[str]:
    """The rows with their cells beneath each other; in `width`, the first and the last of them are cut to fit."""
    from rich.text import Text

    cells = [
        [*(Text(printable(shortened(word, LONGEST))) for word in row[:-1]), Text(printable(row[-1]))] for row in rows
    ]
    wide = [max(row[place].cell_len for row in cells) for place in range(len(rows[0]))]
    if width is not None:
        wide[0] = min(wide[0], LONGEST_NAME)
        wide[-1] = min(wide[-1], max(SHORTEST_REASON, width - sum(wide[:-1]) - GAP * (len(wide) - 1)))
    for row in cells:
        for cell, most in zip(row, wide, strict=True):
            cell.truncate(most, overflow="ellipsis", pad=True)
    return [(" " * GAP).join(cell.plain for cell in row).rstrip() for row in cells]


def metrics_table(
    metrics: dict[str, Any],
    beside: dict[str, dict[str, Any] | None],
    positive: str | None = None,
    quantile: float | None = None,
) -> Table:
    """A row for each part of the data and beneath it one for each simpler model, a column for each metric.

    `positive` names the class that F1 speaks of, `quantile` what the network predicts if it is one. Of several targets
    the row of a part has the means, and each target one of its own.
    """
    from rich.table import Table
    from rich.text import Text

    parts = {name: values for name, values in metrics.items() if values}
    table = Table("", box=None, pad_edge=False)
    names = list(dict.fromkeys(name for values in parts.values() for name in values if name != "targets"))
    titles = {} if positive is None else {"f1": f"f1 of {quoted(positive, 20)[1:-1]}"}
    titles |= {} if quantile is None else {"pinball_loss": f"pinball loss of {quantile:g}"}
    for name in names:
        table.add_column(Text(titles.get(name, name.replace("_", " "))), justify="right")
    for part, values in parts.items():
        table.add_row(part, *(_score(values.get(name)) for name in names))
        for title, simple in beside.items():
            if found := (simple or {}).get(part):
                table.add_row(f"  {title}", *(_score(found.get(name)) for name in names), style="dim")
        for target, own in values.get("targets", {}).items():
            table.add_row(Text(f"  {quoted(target, 20)[1:-1]}"), *(_score(own.get(name)) for name in names))
    return table


def folds_table(result: FoldsResult) -> Table:
    """A row for each fold, then the mean and the standard deviation of the network and of simpler models."""
    from rich.table import Table
    from rich.text import Text

    table = Table("", box=None, pad_edge=False)
    for name in result.metrics:
        title = name if result.positive is None or name != "f1" else f"f1 of {quoted(result.positive, 20)[1:-1]}"
        table.add_column(Text(title.replace("_", " ")), justify="right")
    for fold in result.folds:
        table.add_row(f"fold {fold.number}", *map(_score, fold.metrics.values()))
    table.add_row("mean ± std", *map(_spread, result.metrics.values()))
    simplest = "majority" if result.classes else "mean"
    for title, found in (("linear", result.linear), (simplest, result.naive)):
        if found is not None:
            table.add_row(f"  {title}", *map(_spread, found.values()), style="dim")
    return table


def _spread(spread: Spread) -> str:
    return _score(spread.mean) + ("" if spread.std is None else f" ± {spread.std:.2g}")


def parameters_table(trainer: Trainer) -> Table:
    """Shape, mean, standard deviation, minimum and maximum of every parameter, of an ensemble over all its networks."""
    from rich.table import Table

    table = Table("parameter", box=None, pad_edge=False)
    for name in ("shape", "mean", "std", "min", "max"):
        table.add_column(name, justify="right")
    for name, values in trainer.parameters.items():
        *members, rows, columns = values.shape
        shape = f"{rows} x {columns}" + "".join(f" x {count}" for count in members)
        numbers = (values.mean(), values.std(), values.min(), values.max())
        table.add_row(name, shape, *(_short(float(number)) for number in numbers))
    return table


def _score(value: object) -> str:
    """A metric; a dash for one that a part can't give."""
    return "–" if value is None or value != value else _short(value)


def _short(value: object) -> str:
    if isinstance(value, bool | str | int) or value is None:
        return "" if value is None else str(value)
    return f"{value:.4g}" if isinstance(value, float | np.floating) else str(value)
