"""The page Importance: a bar for every column, or how the answer depends on one of them."""

from __future__ import annotations

import textwrap

import numpy as np
from rich.style import Style
from rich.text import Text

from deepnet_tui.common.text import printable
from deepnet_tui.drawing.braille import BrailleChart
from deepnet_tui.drawing.numbers import short, ticks
from deepnet_tui.understand.dependence import Dependence
from deepnet_tui.understand.importance import ColumnImportance, Importance
from deepnet_tui.widgets.views.evaluate.importance_job import ImportanceJob
from deepnet_tui.widgets.views.evaluate.page import MUTED, PageStyles

NAME, NUMBER = 22, 18  # widths
SOLID, INNER, OUTER = "█▓░"


def importance(job: ImportanceJob, width: int, height: int, styles: PageStyles, keys: dict[str, str]) -> list[Text]:
    """The columns around the chosen one; `keys` opens, closes and asks what if."""
    if job.is_open:
        return _dependence(job, width, height, styles, keys)
    if job.error:
        return [Text(part, style=MUTED) for part in textwrap.wrap(job.error, max(20, width))]
    found = job.result
    if found is None or not found.columns:
        if job.stopped:
            return [Text(f"Given up; {keys['importance']} measures the columns", style=MUTED)]
        return [Text("One moment: columns are shuffled, one after the other …", style=MUTED)]
    said = [found.sentence] if height >= 6 else []
    below = [Text(part, style=MUTED) for text in said for part in textwrap.wrap(text, max(20, width))]
    hint = f"{keys['open']} curve   {keys['what_if']} what if"
    if job.running:
        hint = f"{len(found.columns):,} of {found.of:,} columns; Escape gives up"
    elif job.stopped:
        hint = f"Given up after {len(found.columns):,} of {found.of:,} columns; {keys['importance']} begins anew"
    below.append(Text(hint, style=MUTED, no_wrap=True))
    return [*_bars(found, job.chosen, width, height - len(below), styles), *below]


def _bars(found: Importance, chosen: str, width: int, rows: int, styles: PageStyles) -> list[Text]:
    columns = found.ranked
    names = [column.name for column in columns]
    here = names.index(chosen) if chosen in names else 0
    rows = max(1, rows)
    first = max(0, min(here - rows // 2, len(columns) - rows))
    reach = max((max(0.0, column.mean) + column.std for column in columns), default=0.0)
    label = min(NAME, max(len(printable(name)) for name in names)) + 1
    lines = []
    for place, column in list(enumerate(columns))[first : first + rows]:
        mark, style = ("▸", styles.chosen) if place == here else (" ", Style())
        line = Text(f"{mark} {_cut(column.name, label - 1):<{label}}", style=style, no_wrap=True)
        line.append(f"{short(column.mean):>9} ±{short(column.std):<8}", style="" if column.mean > 0 else MUTED)
        line.append(_bar(column, reach, max(4, width - label - NUMBER - 3)), style=styles.good)
        lines.append(line)
    return lines


def _bar(column: ColumnImportance, reach: float, width: int) -> str:
    """Solid up to one standard deviation below the mean, lighter to the mean, faint to one above it."""
    if reach <= 0 or column.mean <= 0:
        return ""
    ends = [max(0, round(width * value / reach)) for value in (column.mean - column.std, column.mean)]
    outer = min(width, round(width * (column.mean + column.std) / reach))
    return SOLID * ends[0] + INNER * (ends[1] - ends[0]) + OUTER * (outer - ends[1])


def _dependence(job: ImportanceJob, width: int, height: int, styles: PageStyles, keys: dict[str, str]) -> list[Text]:
    found = job.curve
    if found is None:
        return [Text(job.error or f"One moment: how it depends on {printable(job.chosen)} …", style=MUTED)]
    title = Text(_cut(f"{found.title} by {printable(found.column)}", width), style=styles.chosen, no_wrap=True)
    what = "mean" if found.is_words else "mean (bold) and single rows (faint)"
    below = Text(f"{what} over {found.rows:,} rows   {keys['close']} back", style=MUTED, no_wrap=True)
    if found.is_words:
        return [title, *_words(found, width, height - 2, styles), below]
    return [title, *_curve(found, width, max(3, height - 3), styles), below]


def _words(found: Dependence, width: int, rows: int, styles: PageStyles) -> list[Text]:
    label = min(NAME, max(len(printable(name)) for name in found.labels)) + 1
    low, high = min(0.0, float(found.mean.min())), float(found.mean.max())
    room = max(4, width - label - 22)
    lines = []
    for name, mean, share in zip(found.labels, found.mean, found.share, strict=True):
        line = Text(f"{_cut(name, label - 1):<{label}}{short(float(mean)):>9} ", no_wrap=True)
        line.append(SOLID * round(room * (mean - low) / (high - low) if high > low else 0), style=styles.good)
        line.append(f" {share:.0%} of rows", style=MUTED)
        lines.append(line)
    return lines[: max(1, rows)]


def _curve(found: Dependence, width: int, rows: int, styles: PageStyles) -> list[Text]:
    low, high = float(np.min(found.curves)), float(np.max(found.curves))
    low, high = min(low, float(found.mean.min())), max(high, float(found.mean.max()))
    if high <= low:
        low, high = low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0)
    axis = 10
    edge = 0.02 * (high - low)  # a round number that is nearly reached becomes an end of the axis
    low, high = min([low, *ticks(low - edge, high, 3)]), max([high, *ticks(low, high + edge, 3)])
    chart = BrailleChart(max(8, width - axis), rows, (found.values[0], low), (found.values[-1], high))
    for curve in found.curves[:: max(1, len(found.curves) // (2 * rows))].tolist():
        chart.line(found.values, curve, MUTED)
    chart.line(found.values, found.mean.tolist(), styles.good)
    marks = {
        round((rows - 1) * (high - value) / (high - low)): f"{value:.6g}"
        for value in ticks(low, high, max(2, min(6, rows // 2 + 1)))
    }
    lines = []
    for number, row in enumerate(chart.rows()):
        line = Text(f"{marks.get(number, ''):>{axis - 1}}", style=MUTED, no_wrap=True)
        line.append("┤" if number in marks else "│", style=MUTED)
        lines.append(line.append_text(row))
    first, last = found.labels[0], found.labels[-1]
    across = f"{first}{last:>{max(1, chart.width - len(first))}}"
    return [*lines, Text(" " * axis + across, style=MUTED, no_wrap=True)]


def _cut(text: str, most: int) -> str:
    text = printable(text)
    return text if len(text) <= most else text[: most - 1] + "…"
