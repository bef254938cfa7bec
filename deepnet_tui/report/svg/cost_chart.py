"""The costs of a run over its iterations."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from deepnet_tui.report.svg.axes import Axes
from deepnet_tui.report.svg.picture import Picture, joined, line, path, words
from engine.training.events import Progress

WIDTH, HEIGHT = 760, 320
MOST_POINTS = 600
STEEP = 30.0  # highest over lowest cost from which the axis is logarithmic
SERIES: tuple[tuple[str, str, Callable[[Progress], float | None]], ...] = (
    ("lowest and highest", "spread", lambda report: report.lowest),
    ("", "spread", lambda report: report.highest),
    ("internal", "internal", lambda report: report.internal_cost),
    ("validation", "validation", lambda report: report.validation_cost),
    ("training", "train", lambda report: report.cost),
)


def cost_axes(reports: Sequence[Progress]) -> Axes | None:
    """The axes that all costs fit into; None where no cost is finite."""
    values = [
        value for report in reports for *_, of in SERIES if (value := of(report)) is not None and math.isfinite(value)
    ]
    if not values:
        return None
    low, high = min(values), max(values)
    log = low > 0 and high / low > STEEP
    if not log:
        low = 0.0 if 0 <= low < 0.5 * high else low
    if high <= low:
        low, high = low - 0.01 * (abs(low) or 1.0), high + 0.01 * (abs(high) or 1.0)
    end = max(1, reports[-1].iteration)
    return Axes(64, 36, WIDTH - 16, HEIGHT - 44, 0, end, low, high, log)


def cost_lines(reports: Sequence[Progress], axes: Axes) -> list[tuple[str, str, list[tuple[float, float]]]]:
    """Name, colour and points of every curve that there is, the training cost last."""
    found = []
    for name, colour, of in SERIES:
        values = [(report.iteration, value) for report in reports if (value := of(report)) is not None]
        points = [(axes.x(at), axes.y(value)) for at, value in _thinned(values) if math.isfinite(value)]
        if points:
            found.append((name, colour, points))
    return found


def cost_chart(reports: Sequence[Progress]) -> Picture | None:
    """The chart; None where there is nothing to draw."""
    axes = cost_axes(reports) if reports else None
    if axes is None:
        return None
    lines = cost_lines(reports, axes)
    parts = [*axes.grid("iteration", whole=True), *legend(lines)]
    parts += [path(points, colour, 2.2 if colour == "train" else 1.6) for _, colour, points in lines]
    return Picture(WIDTH, HEIGHT, "Cost over the iterations", joined(parts))


def legend(lines: Sequence[tuple[str, str, object]]) -> list[str]:
    """The names of the curves above the chart."""
    parts, x = [], 64.0
    for name, colour, _ in reversed(lines):
        if name:
            parts += [line(x, 16, x + 18, 16, colour, 3), words(x + 24, 20, name)]
            x += 40 + 7 * len(name)
    return parts


def _thinned(values: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """At most about MOST_POINTS of the points: of each stretch its lowest and its highest."""
    if len(values) <= MOST_POINTS:
        return values
    size = math.ceil(2 * len(values) / MOST_POINTS)
    kept: set[int] = {0, len(values) - 1}
    for start in range(0, len(values), size):
        stretch = range(start, min(start + size, len(values)))
        kept |= {min(stretch, key=lambda k: values[k][1]), max(stretch, key=lambda k: values[k][1])}
    return [values[place] for place in sorted(kept)]
