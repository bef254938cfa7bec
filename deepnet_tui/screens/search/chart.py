"""The chart of a search: the score of every trial, and the best so far."""

from __future__ import annotations

import math

import numpy as np

from deepnet_tui.drawing.theme import PLAIN_MARKS, chart_colors
from deepnet_tui.search.search import SearchProgress
from deepnet_tui.search.trial import DONE, best_so_far
from deepnet_tui.widgets.base.chart import Line, LineChart, Plot
from engine.arrays import Array

ROOM_ABOVE = 0.6  # of the distance from the best to the defaults that is shown above both, or of that to the median


class TrialChart(LineChart):
    """Scores over the numbers of the trials; those far above the defaults lie beyond its upper edge."""

    def show(self, progress: SearchProgress) -> None:
        """Draw the trials."""
        trials = sorted(progress.trials, key=lambda trial: trial.number)
        numbers = np.array([trial.number for trial in trials], float)
        scores = np.array([math.nan if trial.score is None else trial.score for trial in trials], float)
        is_done = np.array([trial.state == DONE for trial in trials], bool)
        best, end = np.array(best_so_far(trials), float), max(1, progress.wanted - 1)
        done = np.where(is_done, scores, math.nan)
        if not np.isfinite(best).any():
            self.draw(Plot((), 0, end))
            return
        low, high = _limits(done)

        def seen(values: Array) -> Array:
            return np.where(values <= high, values, math.nan)

        colors, plain = chart_colors(self.app), bool(self.app.no_color)
        pruned = PLAIN_MARKS["internal"] if plain else "·"
        steps = np.append(numbers.repeat(2)[1:], end)
        lines = (
            Line(numbers, seen(np.where(is_done, math.nan, scores)), colors.spread, pruned, joined=False),
            Line(numbers, seen(done), colors.validation, "•", joined=False),
            Line(steps, seen(best).repeat(2), colors.train, "braille"),
        )
        self.draw(Plot(lines, 0, end, extent=(low, high)))


def _limits(done: Array) -> tuple[float, float]:
    """The lowest score, and some way above the defaults or, where these are the best, above half of the trials."""
    finite = done[np.isfinite(done)]
    low, first = float(finite.min()), float(done[0])
    high = max(first if math.isfinite(first) else low, float(np.median(finite)))
    margin = ROOM_ABOVE * (high - low) or 0.05 * abs(low) or 1e-6
    return low - margin / 4, high + margin
