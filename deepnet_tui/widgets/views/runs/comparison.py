"""Two runs beside each other: their costs, and the settings that differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from deepnet_tui.drawing.numbers import cost
from deepnet_tui.drawing.theme import PLAIN_MARKS, ChartColors
from deepnet_tui.evaluate.comparison import Difference, differences

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.runs.follow import RunCurve
    from deepnet_tui.training.history import Curves
    from deepnet_tui.widgets.base.chart import Plot

NAME = 14  # width of a run's name


@dataclass(frozen=True)
class ComparedRun:
    """One of the two runs that are compared: `name` is the id of a kept run, "present" for the one on the screen."""

    name: str
    experiment: Experiment
    curves: Curves | RunCurve


@dataclass(frozen=True)
class Comparison:
    """The marked or the present run, and the chosen one."""

    base: ComparedRun
    chosen: ComparedRun

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The settings that differ."""
        return differences(self.base.experiment, self.chosen.experiment)

    @property
    def end(self) -> int:
        """The last iteration of both, at least 1."""
        curves = (self.base.curves, self.chosen.curves)
        return max([1, *(int(each.iteration[-1]) for each in curves if len(each.iteration))])

    def plot(self, colors: ChartColors, *, plain: bool) -> Plot:
        """Both training costs, in the colours and the marks of a curve and of what stands beside it."""
        from deepnet_tui.widgets.base.chart import DASHED, Line, Plot

        base, chosen = self.base.curves, self.chosen.curves
        marker, dash = (PLAIN_MARKS["validation"], None) if plain else ("braille", DASHED)
        first = Line(base.iteration, base.cost, colors.train, "braille")
        beside = Line(chosen.iteration, chosen.cost, colors.validation, marker, dash=dash)
        return Plot((beside, first) if plain else (first, beside), 0, self.end)

    def lines(self, names: tuple[str, str], colors: tuple[str, str]) -> Content:
        """The costs of both under these names, each in the colour of its curve, then the settings."""
        lines = [Content.styled(f"{'':<{NAME}}{'train':>8}{'validation':>11}", "dim")]
        for run, name, color in zip((self.base, self.chosen), names, colors, strict=True):
            lines.append(_costs(run, name, color))
        found = self.differences
        wide = max((len(entry.name) for entry in found), default=0)
        lines += [Content(f"{entry.name:<{wide}}  {entry.one} → {entry.other}") for entry in found]
        if not found:
            lines.append(Content.styled("The settings are the same.", "dim"))
        return Content("\n").join(lines)


def _costs(run: ComparedRun, name: str, color: str) -> Content:
    known = len(run.curves.cost) > 0
    train = cost(float(run.curves.cost[-1])) if known else "–"
    validation = cost(float(run.curves.validation_cost[-1])) if known else "–"
    return Content.assemble(Content.styled(f"{name:<{NAME}}", color), f"{train:>8}{validation:>11}")
