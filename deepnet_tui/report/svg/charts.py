"""The other charts of a report: calibration, importance, contributions, the layers of a network."""

from __future__ import annotations

import math
from collections.abc import Sequence

from deepnet_tui.evaluate.part_report import CalibrationBin
from deepnet_tui.report.svg.axes import Axes
from deepnet_tui.report.svg.picture import Picture, box, cut, dot, joined, line, path, words
from deepnet_tui.understand.importance import Importance
from engine.spec import NetworkSpec

WIDTH, ROW, NAME = 760, 24, 190
MOST_ROWS = 25


def calibration_chart(bins: Sequence[CalibrationBin], across: str, up: str) -> Picture:
    """Observed frequency over predicted probability: on the diagonal where both agree; larger dots are more rows."""
    axes = Axes(64, 20, 400, 356, 0.0, 1.0, 0.0, 1.0)
    most = max(entry.count for entry in bins)
    parts = [*axes.grid(across), words(64, 12, up)]
    parts.append(line(axes.x(0), axes.y(0), axes.x(1), axes.y(1), "muted", dash="4 4"))
    points = [(axes.x(entry.predicted), axes.y(entry.observed)) for entry in bins]
    parts.append(path(points, "train", 1.6))
    parts += [
        dot(x, y, 3 + 7 * math.sqrt(entry.count / most), "train") for (x, y), entry in zip(points, bins, strict=True)
    ]
    return Picture(430, 400, "Calibration", joined(parts))


def importance_chart(found: Importance) -> Picture:
    """A bar for each of the most important columns, with a whisker of one standard deviation to both sides."""
    columns = found.ranked[:MOST_ROWS]
    low = min(0.0, *(column.mean - column.std for column in columns))
    high = max(column.mean + column.std for column in columns)
    span = (high - low) or 1.0
    room = WIDTH - NAME - 160

    def x(value: float) -> float:
        return NAME + room * (value - low) / span

    height = ROW * len(columns) + 12
    parts = [line(x(0.0), 4, x(0.0), height - 4, "muted")]
    for place, column in enumerate(columns):
        middle = 6 + ROW * (place + 0.5)
        left, right = sorted((x(0.0), x(column.mean)))
        parts += [words(NAME - 10, middle + 4, cut(column.name, 26), "ink", anchor="end")]
        parts += [box(left, middle - 7, right - left, 14, "train" if column.mean >= 0 else "minus", 2)]
        parts += [line(x(column.mean - column.std), middle, x(column.mean + column.std), middle, "ink", 1.5)]
        parts += [words(WIDTH - 4, middle + 4, f"{column.mean:.4g} ± {column.std:.2g}", anchor="end")]
    return Picture(WIDTH, height, "Importance of the columns", joined(parts))


def network_chart(network: NetworkSpec) -> Picture:
    """The layers as boxes, with the number of weights between them."""
    layers = [("input", f"{network.inputs:,}", "")]
    layers += [(f"hidden {k}", f"{layer.units:,}", layer.activation) for k, layer in enumerate(network.hidden, start=1)]
    layers.append(("output", f"{network.outputs:,}", network.loss_function.output))
    if len(layers) > 8:
        layers = [*layers[:6], ("…", f"{len(layers) - 7:,} more", "layers"), layers[-1]]
    wide = min(110.0, (WIDTH - 20) / len(layers) * 0.68)
    gap = (WIDTH - 20 - wide * len(layers)) / max(1, len(layers) - 1)
    gap = min(gap, 70.0)
    parts = []
    for place, (name, units, kind) in enumerate(layers):
        left = 10 + place * (wide + gap)
        if place:
            parts += [line(left - gap + 3, 48, left - 4, 48, "muted", 1.5)]
            parts += [path([(left - 9, 44), (left - 4, 48), (left - 9, 52)], "muted", 1.5)]
        parts += [box(left, 18, wide, 60, "surface", 8)]
        parts += [words(left + wide / 2, 12, name, anchor="middle", size=11)]
        parts += [words(left + wide / 2, 46, units, "ink", size=16, anchor="middle", weight="600")]
        parts += [words(left + wide / 2, 64, kind, anchor="middle", size=11)]
    return Picture(20 + len(layers) * wide + (len(layers) - 1) * gap, 86, "The layers of the network", joined(parts))
