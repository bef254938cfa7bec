"""The chart of the cost that `train` prints."""

from __future__ import annotations

import math
import os
import shutil
import sys
from collections.abc import Sequence

import numpy as np

from engine.training.events import Progress

ROWS = 16
Curve = tuple[list[int], list[float]]  # iterations and costs


def cost_chart(reports: list[Progress], width: int, *, colour: bool, train: str = "train") -> str:
    """Training and validation cost over the iterations, "" where there are not two points to join.

    `train` names the first curve.
    """
    import plotext

    from deepnet_tui.training.history import reduce

    curves = {train: [report.cost for report in reports]}
    if len({report.iteration for report in reports}) < 2:
        return ""
    if any(report.validation_cost is not None for report in reports):
        curves["validation"] = [_number(report.validation_cost) for report in reports]
    rows = min(ROWS, max(8, shutil.get_terminal_size().lines - 10))
    fine = (sys.stdout.encoding or "").lower().startswith("utf")
    colour = colour and "NO_COLOR" not in os.environ
    markers = ("braille", "braille" if colour else "•") if fine else ("*", "o")
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(width, rows)
    iterations = np.array([report.iteration for report in reports])
    for (label, costs), marker, hue in zip(curves.items(), markers, ("cyan", "orange"), strict=False):
        x, y = reduce(iterations, np.array(costs, dtype=np.float64), max(8, width - 10))
        if len(y) > 1:
            plotext.plot(x.tolist(), y.tolist(), label=label if len(curves) > 1 else None, marker=marker, color=hue)
    plotext.title("cost")
    plotext.xlabel("iteration")
    text = str(plotext.build())
    return (text if colour else str(plotext.uncolorize(text))).rstrip()


def race_chart(curves: Sequence[Curve], width: int, *, colour: bool, what: str) -> str:
    """The costs of several racers over the iterations, "" where there are not two points to join; `what` names them."""
    import plotext

    from deepnet_tui.drawing.series import ceiling, series_style
    from deepnet_tui.training.history import reduce

    colour = colour and "NO_COLOR" not in os.environ
    fine = (sys.stdout.encoding or "").lower().startswith("utf")
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+*"
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(width, min(ROWS + 4, max(8, shutil.get_terminal_size().lines - 10)))
    top, drawn = ceiling(next(iter(costs), math.nan) for _, costs in curves), 0
    for index, (iterations, costs) in enumerate(curves):
        style = series_style(index)
        values = np.array(costs, dtype=np.float64)
        x, y = reduce(np.array(iterations), np.where(values <= top, values, np.nan), max(8, width - 10))
        if len(y) > 1:
            drawn += 1
            marker = (style.line if colour else style.marker) if fine else letters[index % len(letters)]
            plotext.plot(x.tolist(), y.tolist(), marker=marker, color=style.color)
    if not drawn:
        return ""
    plotext.title(what)
    plotext.xlabel("iteration")
    text = str(plotext.build())
    return (text if colour else str(plotext.uncolorize(text))).rstrip()


def series_mark(index: int, *, colour: bool) -> tuple[str, str]:
    """The mark of racer `index` in the table beneath the chart, and its style."""
    from deepnet_tui.drawing.series import series_style
    from deepnet_tui.drawing.theme import css_color

    style = series_style(index)
    return (style.marker, css_color(style.color) if colour else "")


def _number(value: float | None) -> float:
    return math.nan if value is None else value
