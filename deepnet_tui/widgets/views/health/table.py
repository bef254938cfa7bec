"""The table of Health: for every layer the size of its activations, gradients and updates over the run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style
from rich.text import Text

from deepnet_tui.drawing.numbers import short
from deepnet_tui.drawing.sparkline import sparkline
from engine.diagnostics.findings import TrainingRecord
from engine.diagnostics.statistics import LayerStatistics

COURSES = (("output", "size A"), ("signal", "size dZ"), ("update", "update W"))  # drawn as sparklines, with headings
NAME, NUMBER, SHARE = 18, 8, 5  # widths of columns
MUTED = Style(dim=True)


@dataclass(frozen=True)
class HealthStyles:
    """The styles that the theme decides."""

    warning: Style
    course: Style
    key: Style


def layer_table(record: TrainingRecord, width: int, styles: HealthStyles) -> list[Text]:
    """A heading and a line for every layer, with as many sparklines as there is room for."""
    space = width - NAME - 2 * SHARE
    courses = COURSES[: max(1, space // (NUMBER + 3))]
    room = max(0, space // len(courses) - NUMBER - 3)
    head = Text(f"{'layer':<{NAME}}", style=MUTED, no_wrap=True)
    for _, title in courses:
        head.append(f"{title:>{NUMBER + 1}}{'':{room + 2}}")
    head.append(f"{'dead':>{SHARE}}{'flat':>{SHARE}}")
    lines = [head, *(_row(record, layer, courses, room, styles) for layer in record.now.layers)]
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return lines


def _row(
    record: TrainingRecord,
    layer: LayerStatistics,
    courses: Sequence[tuple[str, str]],
    room: int,
    styles: HealthStyles,
) -> Text:
    activation = layer.activation.replace("_", " ")
    line = Text(f"{layer.layer:>2} {activation:<10}{layer.units:>5,}", no_wrap=True)
    for name, _ in courses:
        values = [getattr(statistics.layers[layer.layer - 1], name) for statistics in record.course]
        line.append(f"{_number(values[-1]):>{NUMBER + 1}} ")
        line.append(f"{sparkline(values, room):<{room + 1}}", style=styles.course)
    for share, limit in ((layer.dead, 0.5), (layer.saturated, 0.7)):
        text = "–" if math.isnan(share) else f"{share:.0%}"
        line.append(f"{text:>{SHARE}}", style=styles.warning if share >= limit else MUTED)
    return line


def _number(value: float) -> str:
    return "–" if math.isnan(value) else short(value)
