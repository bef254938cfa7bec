"""The tables that `train` prints: what the columns are, how good the network is, what its parameters are like."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from deepnet_tui.errors import quoted

if TYPE_CHECKING:
    from rich.table import Table

    from deepnet_tui.data.problem import Problem
    from engine.trainer import Trainer

MOST_COLUMNS = 30


def column_table(problem: Problem) -> None:
    """What was understood of every column of a file, on stderr; nothing for built-in data."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if all(info.reason == "built in" for info in problem.columns):
        return
    table = Table(box=None, pad_edge=False)
    longest = max(6, min(24, max(len(info.name) for info in problem.columns[:MOST_COLUMNS])))
    for title, narrow, wide in (("column", longest, 24), ("kind", 11, None), ("role", 7, None), ("because", 8, None)):
        table.add_column(title, overflow="ellipsis", no_wrap=True, min_width=narrow, max_width=wide)
    for info in problem.columns[:MOST_COLUMNS]:
        table.add_row(*(Text(repr(word)[1:-1]) for word in (info.name, info.kind, info.role, info.reason)))
    Console(stderr=True).print(table)
    if (more := len(problem.columns) - MOST_COLUMNS) > 0:
        print(f"... and {more:,} more columns; --json lists all", file=sys.stderr)


def metrics_table(
    metrics: dict[str, Any], beside: dict[str, dict[str, Any] | None], positive: str | None = None
) -> Table:
    """A row for each part of the data and beneath it one for each simpler model, a column for each metric.

    `positive` names the class that F1 speaks of.
    """
    from rich.table import Table
    from rich.text import Text

    parts = {name: values for name, values in metrics.items() if values}
    table = Table("", box=None, pad_edge=False)
    names = list(dict.fromkeys(name for values in parts.values() for name in values))
    titles = {} if positive is None else {"f1": f"f1 of {quoted(positive, 20)[1:-1]}"}
    for name in names:
        table.add_column(Text(titles.get(name, name.replace("_", " "))), justify="right")
    for part, values in parts.items():
        table.add_row(part, *(_short(values.get(name)) for name in names))
        for title, simple in beside.items():
            if found := (simple or {}).get(part):
                table.add_row(f"  {title}", *(_short(found.get(name)) for name in names), style="dim")
    return table


def parameters_table(trainer: Trainer) -> Table:
    """Shape, mean, standard deviation, minimum and maximum of every parameter."""
    from rich.table import Table

    table = Table("parameter", box=None, pad_edge=False)
    for name in ("shape", "mean", "std", "min", "max"):
        table.add_column(name, justify="right")
    for name, values in trainer.parameters.items():
        rows, columns = values.shape
        numbers = (values.mean(), values.std(), values.min(), values.max())
        table.add_row(name, f"{rows} x {columns}", *(_short(float(number)) for number in numbers))
    return table


def _short(value: object) -> str:
    if isinstance(value, bool | str | int) or value is None:
        return "" if value is None else str(value)
    return f"{value:.4g}" if isinstance(value, float | np.floating) else str(value)
