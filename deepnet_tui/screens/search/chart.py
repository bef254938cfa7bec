"""The chart of a search: the score of every trial, and the best so far."""

from __future__ import annotations

import math

import numpy as np

from deepnet_tui.drawing.numbers import ticks
from deepnet_tui.drawing.theme import PLAIN_MARKS, chart_colors
from deepnet_tui.search.search import SearchProgress
from deepnet_tui.search.trial import DONE, best_so_far
from deepnet_tui.training.history import Curves
from deepnet_tui.widgets.base.chart import Drawing, LineChart, labels

ROOM_ABOVE = 0.6  # of the distance from the best to the defaults that is shown above both, or of that to the median


class TrialChart(LineChart):
    """Scores over the numbers of the trials; those far above the defaults lie beyond its upper edge."""

    def show(self, progress: SearchProgress) -> None:
        """Draw the trials."""
        trials = sorted(progress.trials, key=lambda trial: trial.number)
        done = [trial.score if trial.state == DONE and trial.score is not None else math.nan for trial in trials]
        other = [trial.score if trial.state != DONE and trial.score is not None else math.nan for trial in trials]
        nothing = np.full(len(trials), math.nan)
        numbers = np.array([trial.number for trial in trials], float)
        best = np.array(best_so_far(trials), float)
        curves = Curves(numbers, best, np.array(done, float), nothing, nothing, nothing, np.array(other, float))
        self.draw(Drawing(curves, end=max(1, progress.wanted - 1)))

    def _paint(self, drawing: Drawing, width: int, height: int) -> None:
        plot, colors, curves = self.plt, chart_colors(self.app), drawing.curves
        plot.theme("clear")
        plot.axes_color("default")
        plot.ticks_color(colors.axis)
        plot.xaxes(True, False)
        plot.yaxes(True, False)
        if not len(curves.iteration) or np.isnan(curves.cost).all():
            return
        low, high = self._limits(curves)
        plain = bool(self.app.no_color)
        dots = ((curves.internal_cost, colors.spread, "·"), (curves.validation_cost, colors.validation, "•"))
        for scores, color, marker in dots:
            seen = np.isfinite(scores) & (scores <= high)
            if seen.any():
                marker = PLAIN_MARKS["internal"] if plain and marker == "·" else marker
                plot.scatter(curves.iteration[seen].tolist(), scores[seen].tolist(), marker=marker, color=color)
        known = np.isfinite(curves.cost) & (curves.cost <= high)
        x = np.append(curves.iteration[known].repeat(2)[1:], drawing.end)
        y = curves.cost[known].repeat(2)
        plot.plot(x.tolist(), y.tolist(), marker="braille", color=colors.train)
        places = ticks(low, high, max(3, min(6, height // 2)))
        plot.yticks(places, labels(places))
        plot.ylim(low, high)
        plot.xlim(0, drawing.end)
        across = [value for value in ticks(0, drawing.end, max(2, width // 10)) if value == int(value)]
        plot.xticks(across, [f"{int(value):,}" for value in across])

    @staticmethod
    def _limits(curves: Curves) -> tuple[float, float]:
        """The lowest score, and some way above the defaults or, where these are the best, above half of the trials."""
        done = curves.validation_cost[np.isfinite(curves.validation_cost)]
        low = float(done.min())
        first = float(curves.validation_cost[0])
        high = max(first if math.isfinite(first) else low, float(np.median(done)))
        margin = ROOM_ABOVE * (high - low) or 0.05 * abs(low) or 1e-6
        return low - margin / 4, high + margin
