"""The columns of the list of runs: what is in them, and which of them have room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deepnet_tui.common.text import printable
from deepnet_tui.drawing.numbers import cost, short, whole
from deepnet_tui.runs.query import SORTS, value_of
from deepnet_tui.runs.store import StoredRun
from deepnet_tui.widgets.views.runs.table import started_text

GAP = 2
MARKS = 4  # the cursor, the mark and the star before the name
LEAST, MOST = 14, 44  # of the column of names


@dataclass(frozen=True)
class RunColumn:
    """One column: `sort` is what it is sorted by; numbers are aligned to the right."""

    sort: str
    title: str
    width: int
    text: Callable[[StoredRun], str]
    number: bool = False


def run_name(record: StoredRun) -> str:
    """The name that a run was given, else its id."""
    return printable(record.labels.name or record.id)


def seconds_text(record: StoredRun) -> str:
    """The seconds spent in training, with digits after the point where they are few."""
    seconds = record.about.get("seconds")
    if not isinstance(seconds, int | float) or seconds != seconds:
        return ""
    return f"{seconds:.3f}" if seconds < 1 else f"{seconds:.1f}" if seconds < 1000 else f"{seconds:,.0f}"


NAME = RunColumn("name", "run", LEAST, run_name)
COLUMNS = (
    RunColumn("source", "data", 10, lambda record: printable(Path(record.source).stem)),
    RunColumn("state", "state", 11, lambda record: record.state),
    RunColumn("iteration", "iteration", 9, lambda record: whole(record.iteration), number=True),
    RunColumn("cost", "cost", 8, lambda record: _cost(record.cost), number=True),
    RunColumn("validation_cost", "val. cost", 9, lambda record: _cost(record.validation_cost), number=True),
    RunColumn("seconds", "seconds", 8, seconds_text, number=True),
    RunColumn("started", "started", 12, started_text),
)
# that find room, in this order
IMPORTANT = ("cost", "state", "validation_cost", "started", "source", "iteration", "seconds")


def metric_column(name: str) -> RunColumn:
    """The column of a metric, such as validation.accuracy."""
    part, _, metric = name.rpartition(".")
    title = f"{part[:3]}. {metric}" if part else metric
    return RunColumn(name, title, max(8, len(title)), lambda record: _number(value_of(record, name)), number=True)


def column_of(sort: str) -> RunColumn:
    """The column that shows what runs are sorted by."""
    every = {column.sort: column for column in (NAME, *COLUMNS)}
    return every[sort] if sort in SORTS else metric_column(sort)


def fitting(width: int, sort: str) -> list[tuple[RunColumn, int]]:
    """The columns that have room in `width`, each with its own width: the names, and what is sorted by, always."""
    first = column_of(sort)
    chosen = [] if first is NAME else [first]
    left = width - MARKS - LEAST - sum(GAP + column.width for column in chosen)
    for name in IMPORTANT:
        column = column_of(name)
        if column not in chosen and left >= GAP + column.width:
            chosen.append(column)
            left -= GAP + column.width
    order = [*COLUMNS, *([] if first is NAME or first in COLUMNS else [first])]
    shown = [(column, column.width) for column in order if column in chosen]
    return [(NAME, min(MOST, max(1, LEAST + left))), *shown]


def titles(metrics: Sequence[str]) -> dict[str, str]:
    """What can be sorted by, with a word about each."""
    facts = {
        "started": "when it was started",
        "name": "the name, or the id",
        "source": "the data",
        "state": "how it ended",
        "iteration": "parameter updates",
        "seconds": "seconds spent in training",
        "cost": "training cost",
        "validation_cost": "validation cost",
    }
    return facts | dict.fromkeys(metrics, "metric")


def _cost(value: object) -> str:
    return cost(float(value)) if isinstance(value, int | float) else "–"


def _number(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "–"
    return short(float(value))
