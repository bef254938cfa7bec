"""The cost pane: the costs now in its title, their history in the chart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from deepnet_tui.drawing.numbers import whole
from deepnet_tui.drawing.theme import chart_colors, css_color
from deepnet_tui.widgets.base.keys import bindings
from deepnet_tui.widgets.base.view import View
from deepnet_tui.widgets.panes.axis_window import AxisWindow
from deepnet_tui.widgets.panes.cost_legend import CostsShown, legend

if TYPE_CHECKING:
    from deepnet_tui.training.history import Curves
    from deepnet_tui.widgets.base.chart import LineChart
    from deepnet_tui.workbench.workbench import Workbench


class CostPane(View, can_focus=True):
    """Training and validation cost."""

    FRAMES = 2
    BINDINGS: ClassVar[list[BindingType]] = bindings("cost")

    def __init__(self, *, log: bool = False) -> None:
        super().__init__(id="cost", classes="pane")
        self.log_axis = log
        self._chart: LineChart | None = None
        self._curves: Curves | None = None
        self._window = AxisWindow()

    def compose(self) -> ComposeResult:
        """A hint until there is something to draw."""
        yield Static("", id="cost-hint")

    def on_mount(self) -> None:
        """Set the title."""
        self.border_title = "Cost"

    async def fill(self) -> None:
        """Import plotext and make the chart; this takes a moment, so it comes after the first paint."""
        from deepnet_tui.widgets.base.chart import LineChart

        chart = LineChart()
        chart.display = False
        await self.mount(chart)
        self._chart = chart

    def version(self, workbench: Workbench) -> object:
        """Reports, the time machine, the kind of axis and of cost."""
        if not workbench.ready:
            return None
        training_run = workbench.training_run
        planned = workbench.experiment.training.iterations
        kind = (self.log_axis, _penalised(workbench), self._window)
        begun = len(training_run.history) > 1 or workbench.state
        return training_run.id, len(training_run.history), workbench.cursor, kind, planned, begun, self._chart is None

    def show(self, workbench: Workbench) -> None:
        """Draw the curves."""
        hint = self.query_one("#cost-hint", Static)
        if not workbench.ready or self._chart is None:
            hint.update("")
            return
        training_run = workbench.training_run
        curves = training_run.history.curves()
        drawable = len(curves.cost) > 1
        hint.display = not drawable
        self._chart.display = drawable
        self._title(workbench)
        if not drawable:
            hint.update(self._hint(workbench))
            return
        from deepnet_tui.widgets.base.chart import Drawing

        last = int(curves.iteration[-1])
        planned = workbench.experiment.training.iterations
        end = planned if last <= planned and last * 12 > planned else last
        self._window = self._window.of(training_run.id, end)
        start, stop = self._window.seen
        self._chart.draw(Drawing(curves, workbench.cursor, self.log_axis, stop, start=start))

    def on_line_chart_zoomed(self, event: LineChart.Zoomed) -> None:
        """The wheel zooms."""
        self._look(self._window.zoomed(event.factor, event.around))

    def on_line_chart_panned(self, event: LineChart.Panned) -> None:
        """The wheel moves along the axis."""
        self._look(self._window.panned(event.share))

    def action_zoom(self, factor: float) -> None:
        """See less or more of the axis, around the end of what is seen, where the training is."""
        self._look(self._window.zoomed(factor, self._window.seen[1]))

    def action_pan(self, share: float) -> None:
        """Move along the axis."""
        self._look(self._window.panned(share))

    def action_whole(self) -> None:
        """See the whole axis."""
        self._look(self._window.all)

    def _look(self, window: AxisWindow) -> None:
        if window != self._window:
            self._window = window
            self.post_message(self.Redraw())

    def _hint(self, workbench: Workbench) -> Content:
        """What to do or to wait for until there is a curve."""
        from deepnet_tui.workbench.state import State

        if workbench.state in (State.TRAINING, State.PAUSING):
            every = workbench.experiment.training.report_every
            first = min(every, workbench.experiment.training.iterations)
            return Content(f"The cost is reported every {whole(every)} iterations; the curve begins at {whole(first)}.")
        if workbench.state is State.FAILED:
            return Content(workbench.message)
        key = Content.styled(self.key("train"), "bold")
        return Content.assemble("The cost will be drawn here.\n", key, " starts the training.")

    def _title(self, workbench: Workbench) -> None:
        colors = chart_colors(self.app)
        curves = workbench.training_run.history.curves()
        self._curves = curves
        if not len(curves.cost):
            self.border_title = Content("Cost")
            return
        more = Content("  log" * self.log_axis + "  zoomed" * self._window.is_part)
        if workbench.cursor is not None:
            at = Content.styled(f"  at {whole(workbench.cursor)}", css_color(colors.cursor))
            more = Content.assemble(more, at)
        costs, room = _costs_shown(workbench, curves), self.size.width - 4  # two corners, and a space beside each
        self.border_title = legend(costs, colors, plain=bool(self.app.no_color), more=more, room=room)

    def as_text(self) -> str:
        """All reports as a table, separated by tabs."""
        curves = self._curves
        if curves is None:
            return ""
        columns = {"train cost": curves.cost, "validation cost": curves.validation_cost}
        more = {"lowest": curves.lowest, "highest": curves.highest, "internal cost": curves.internal_cost}
        columns |= {name: values for name, values in more.items() if not all(v != v for v in values.tolist())}
        rows = zip(curves.iteration.tolist(), *(values.tolist() for values in columns.values()), strict=True)
        lines = ["\t".join([str(int(i)), *("" if v != v else repr(v) for v in row)]) for i, *row in rows]
        return "\n".join(["\t".join(["iteration", *columns]), *lines])


def _costs_shown(workbench: Workbench, curves: Curves) -> CostsShown:
    """The newest costs, or those where the time machine stands."""
    place, snapshot = len(curves.cost) - 1, workbench.snapshot
    train, validation = float(curves.cost[-1]), float(curves.validation_cost[-1])
    if workbench.cursor is not None and snapshot is not None:
        place = min(place, int(curves.iteration.searchsorted(workbench.cursor)))
        train = snapshot.cost
        validation = math.nan if snapshot.validation_cost is None else snapshot.validation_cost
    return CostsShown(
        train,
        validation,
        lowest=float(curves.lowest[place]),
        highest=float(curves.highest[place]),
        internal=float(curves.internal_cost[place]),
        members=workbench.members,
        penalised=_penalised(workbench),
    )


def _penalised(workbench: Workbench) -> bool:
    """Whether the training cost counts the size of the weights, which the validation cost never does."""
    training = workbench.experiment.training
    return bool(training.l2 or training.l1)
