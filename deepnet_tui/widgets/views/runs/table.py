"""The list of Runs: one row a run, and the widths of its columns."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from rich.style import Style
from rich.table import Table

from deepnet_tui.drawing.numbers import cost
from deepnet_tui.runs.store import StoredRun

COLUMNS = ("when", "data", "network", "training", "train", "validation", "state")
YIELDING = ("training", "network", "data")  # columns that give way where there is little room
LEAVING = ("training", "network", "state", "when")  # and that go where there is less
COSTS = ("train", "validation")
SHORT = {"validation": "val."}  # headings where there is little room


def run_cells(record: StoredRun, training: str = "", mark: str = " ") -> tuple[str, ...]:
    """The cells of one run; `training` is its `training_text`."""
    network = "-".join(str(units) for units in record.about.get("network", ()))
    network, members = network if len(network) <= 14 else f"{network[:13]}…", record.about.get("ensemble", 1)
    return (
        f"{mark} {started_text(record)}",
        Path(record.source).stem[:12],
        network if members == 1 else f"{network} × {members}",
        training,
        cost(record.cost),
        cost(record.validation_cost),
        record.state,
    )


def started_text(record: StoredRun) -> str:
    """When a run was started: 27 Nov 06:08, the year in place of the time where it is another."""
    try:
        then, now = time.localtime(record.started), time.localtime()
    except (OverflowError, ValueError, OSError):
        return ""
    return time.strftime("%d %b %H:%M" if then.tm_year == now.tm_year else "%d %b  %Y", then)


def training_text(settings: Mapping[str, Any]) -> str:
    """Initializer, optimizer and learning rate out of flat settings; "" where those can't be read."""
    if not settings:
        return ""
    initializer, optimizer = settings["network.initializer"], settings["training.optimizer"]
    return f"{initializer} {optimizer} {settings['training.learning_rate']:g}"


def runs_table(rows: Sequence[tuple[Sequence[str], Style]], width: int) -> Table:
    """The rows, each with its style, in so many characters."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    headings: tuple[str, ...] = COLUMNS
    widths = column_widths([headings, *(cells for cells, _ in rows)], width)
    if widths != column_widths([headings, *(cells for cells, _ in rows)], 10**6):
        headings = tuple(SHORT.get(name, name) for name in COLUMNS)
        widths = column_widths([headings, *(cells for cells, _ in rows)], width)
    seen = [place for place, wide in enumerate(widths) if wide]
    for place in seen:
        justify: Literal["left", "right"] = "right" if COLUMNS[place] in COSTS else "left"
        table.add_column(headings[place], justify=justify, no_wrap=True, width=widths[place])
    for cells, style in rows:
        table.add_row(*(cells[place] for place in seen), style=style)
    return table


def column_widths(rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """The width of every column; where there is too little room, those that can give way do, one after the other.

    A column that then still finds no room is left out, with a width of 0: half a number would be a wrong one.
    """
    full = [max(map(len, column)) for column in zip(*rows, strict=True)]
    gone: list[str] = []
    while True:
        widths = [0 if name in gone else width for name, width in zip(COLUMNS, full, strict=True)]
        for name in YIELDING:
            excess = sum(widths) + sum(width > 0 for width in widths) - room
            place = COLUMNS.index(name)
            widths[place] = max(min(len(name), widths[place]), widths[place] - max(0, excess))
        if sum(widths) + sum(width > 0 for width in widths) <= room + 1 or len(gone) == len(LEAVING):
            return widths
        gone.append(LEAVING[len(gone)])
