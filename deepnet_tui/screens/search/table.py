"""The table of trials: one column for each setting, one row for each trial, the best first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rich.style import Style
from rich.text import Text

from deepnet_tui.drawing.sparkline import BARS
from deepnet_tui.search.ranges.range import Range
from deepnet_tui.search.trial import DIVERGED, DONE, FAILED, PRUNED, RUNNING, Trial

GAP = 2
SHORT = {"learning_rate": "rate", "batch_size": "batch"}  # headings that are longer than their values
MARKS = {RUNNING: "…", PRUNED: "pruned", DIVERGED: "diverged", FAILED: "failed"}


def heading(ranges: Sequence[Range]) -> tuple[str, ...]:
    """The titles of the columns."""
    return ("trial", "score", *(SHORT.get(entry.name, entry.setting.label) for entry in ranges))


def cells(trial: Trial, ranges: Sequence[Range], *, marks: bool = True) -> tuple[str, ...]:
    """One row; with `marks` a bar behind each value shows where it lies in its range."""
    score = "" if trial.score is None else f"{trial.score:.4f}"
    shown = score if trial.state == DONE else MARKS[trial.state]
    name = str(trial.number) if trial.number else "default"
    return (name, shown, *(_value(entry, trial.values.get(entry.name), marks) for entry in ranges))


def table(
    trials: Sequence[Trial],
    seen: slice,
    ranges: Sequence[Range],
    width: int,
    *,
    chosen: Trial | None,
    best: Trial | None,
    styles: Mapping[str, Style],
) -> list[Text]:
    """The heading and a line for each trial in `seen`; columns that don't fit in `width` are left out, the last first.

    The widths are those of all trials, so that nothing moves sideways when others are seen.
    """
    marks = _fits(trials, ranges, width, marks=True)
    columns = len(ranges) + 2
    while not _fits(trials, ranges[: columns - 2], width, marks=marks) and columns > 3:
        columns -= 1
    shown = ranges[: columns - 2]
    rows = [cells(trial, shown, marks=marks) for trial in trials]
    wide = _widths([heading(shown), *rows])
    lines = [Text("  " + _joined(heading(shown), wide), style=styles["muted"], no_wrap=True, overflow="ellipsis")]
    for trial, row in list(zip(trials, rows, strict=True))[seen]:
        here = chosen is not None and trial.number == chosen.number
        line = Text("▸ " if here else "  ", no_wrap=True, overflow="ellipsis")
        line.append(_joined(row, wide))
        is_best = best is not None and trial.number == best.number
        line.stylize(styles["best"] if is_best else styles.get(trial.state, Style()))
        if here:
            line.pad_right(max(0, width - line.cell_len))
            line.stylize(styles["chosen"])
        lines.append(line)
    return lines


def _value(entry: Range, value: Any, marks: bool) -> str:
    text = f"{value:.3g}" if isinstance(value, float) else entry.shown(value)
    return f"{text} {_place(entry, value)}" if marks else text


def _place(entry: Range, value: Any) -> str:
    """A bar as high as the value is in its range; outside of it, as the defaults may be, a blank."""
    if entry.choices:
        share = entry.choices.index(value) / (len(entry.choices) - 1) if value in entry.choices else math.nan
    else:
        try:
            drawn = float(entry.drawn(value))
        except ValueError:
            return " "
        low, high = float(entry.low or entry.drawn(0)) if entry.log else float(entry.low), float(entry.high)
        if entry.log:
            low, high, drawn = math.log(low), math.log(high), math.log(drawn)
        share = (drawn - low) / (high - low)
    return " " if math.isnan(share) else BARS[min(len(BARS) - 1, int(share * len(BARS)))]


def _fits(trials: Sequence[Trial], ranges: Sequence[Range], width: int, *, marks: bool) -> bool:
    rows = [heading(ranges), *(cells(trial, ranges, marks=marks) for trial in trials)]
    wide = _widths(rows)
    return 2 + sum(wide) + GAP * (len(wide) - 1) <= width


def _widths(rows: Sequence[tuple[str, ...]]) -> list[int]:
    return [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]


def _joined(row: Sequence[str], wide: Sequence[int]) -> str:
    return (" " * GAP).join(f"{cell:>{width}}" for cell, width in zip(row, wide, strict=True))
