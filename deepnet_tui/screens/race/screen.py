"""The race: all curves in one chart while they grow, and a table beneath that ranks the racers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from deepnet_tui.drawing.series import SeriesStyle, ceiling, series_styles
from deepnet_tui.race.ranking import Standing, ranked
from deepnet_tui.screens.dialogs.leaving import LeftOnce
from deepnet_tui.screens.race.table import RankTable
from deepnet_tui.screens.redraws import has_room
from deepnet_tui.widgets.base.chart import Line, LineChart, Plot
from deepnet_tui.widgets.base.keys import bindings
from deepnet_tui.widgets.panes.keybar import KeyBar

if TYPE_CHECKING:
    from deepnet_tui.commands.command import Command
    from deepnet_tui.race.session import RaceSession

FRAMES = 6  # a second, for the ranks
CHART_EVERY = 3  # of these frames the chart is drawn anew


def _end(line: Line, style: SeriesStyle) -> Line:
    """The mark of a curve where it ends."""
    last = np.flatnonzero(np.isfinite(line.values))[-1:]
    return Line(line.x[last], line.values[last], style.color, style.marker, joined=False)


class RaceScreen(LeftOnce[int | None], Screen[int | None]):
    """Dismissed with the number of the racer that is taken over, or None; the session goes on until it is closed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("question_mark,f1", "help", id="help", show=False),
        *bindings("race"),
    ]
    AUTO_FOCUS = "RankTable"

    def __init__(self, session: RaceSession, title: str, commands: tuple[Command, ...], *, log: bool = False) -> None:
        super().__init__()
        self._session, self._title, self._commands, self._log = session, title, commands, log
        self._version: object = None
        self._frames = 0
        self._said = ""
        self._taken: int | None = None

    def compose(self) -> ComposeResult:
        """Head, chart, ranks, keys."""
        yield Static("", id="race-head")
        with Vertical(id="race-chart", classes="pane"):
            yield LineChart()
        yield RankTable()
        yield KeyBar()

    def on_mount(self) -> None:
        """Train, and follow the session."""
        self._session.start()
        self.query_one("#race-table").styles.height = len(self._session.racers) + 3
        self.set_interval(1 / FRAMES, self._tick)
        self.call_after_refresh(self._draw)

    @property
    def quit_question(self) -> str:
        """What is asked before the app quits, "" where nothing is being trained."""
        under_way = "A race is under way. Stop it and quit? Its runs are kept, and can be resumed."
        return under_way if self._session.training else ""

    def on_unmount(self) -> None:
        """The thread does not outlive the screen."""
        self._session.close(self._taken)

    def on_resize(self) -> None:
        """The chart in its new size."""
        self.call_after_refresh(self._draw)

    def _tick(self) -> None:
        version = self._session.version
        self._frames += 1
        resting = not self._session.training
        if version != self._version and self.is_attached and (resting or has_room(self.app)):
            self._draw(chart=resting or self._frames % CHART_EVERY == 0)
            self._version = version if resting or self._frames % CHART_EVERY == 0 else None
        if (trouble := self._session.failure or self._session.warning) and trouble != self._said:
            self._said = trouble
            self.app.notify(trouble, severity="warning", timeout=10, markup=False)

    def _draw(self, *, chart: bool = True) -> None:
        session, standings = self._session, self._session.standings()
        order = ranked(standings)
        goals = [racer.experiment.training.iterations for racer in session.racers]
        self.query_one(RankTable).show(session.racers, order, goals)
        self.query_one("#race-head", Static).update(self._head(standings, goals))
        state = "resume" if not session.training or session.pausing else "pause"
        self.query_one(KeyBar).show([(command, self._label(command, state)) for command in self._offered()])
        if chart:
            self._draw_chart(max(goals))

    def _head(self, standings: list[Standing], goals: list[int]) -> Content:
        session = self._session
        ended = sum(standing.finished is not None for standing in standings)
        diverged = sum(standing.diverged for standing in standings)
        count = len(standings)
        done = sum(run.pulse[0] for run in session.runs) / max(1, sum(goals))
        if session.over:
            state = "finished" if diverged < count else "all diverged"
        elif session.failure:
            state = "failed"
        else:
            state = "pausing" if session.pausing else "racing" if session.training else "paused"
            state += f"  {done:.0%}" + (f"  {ended} of {count} ended" if ended else "")
        lost = f"  {diverged} diverged" if diverged else ""
        left = f" race  {self._title}  {count} racers"
        right = f"● {state}{lost} "
        gap = max(2, self.size.width - len(left) - len(right))
        return Content.assemble(Content.styled(left, "bold"), " " * gap, Content.styled(right, "$text-accent"))

    def _draw_chart(self, end: int) -> None:
        curves = [run.history.curves() for run in self._session.runs]
        validated = any(len(each.cost) and np.isfinite(each.validation_cost[0]) for each in curves)
        costs = [each.validation_cost if validated else each.cost for each in curves]
        top = ceiling(float(values[0]) for values in costs if len(values))
        styles, plain = series_styles(self.app, len(curves)), bool(self.app.no_color)
        chosen = self.query_one(RankTable).chosen
        series = [
            Line(
                each.iteration,
                np.where(values <= top, values, np.nan),
                style.color,
                style.marker if plain else style.line,
            )
            for each, values, style in zip(curves, costs, styles, strict=True)
        ]
        if chosen is not None:
            series.append(series[chosen])  # on top of the others
        series += [_end(line, style) for line, style in zip(series[: len(styles)], styles, strict=True)]
        self.query_one("#race-chart").border_title = ("Validation cost" if validated else "Cost") + (
            " (log)" if self._log else ""
        )
        self.query_one(LineChart).draw(Plot(series, 0, max(1, end), log_y=self._log))

    def _offered(self) -> list[Command]:
        names = [*(["race_pause"] if not self._session.over else []), "race_take", "race_log", "race_down", "help"]
        return [command for name in names for command in self._commands if command.id == name]

    def _label(self, command: Command, state: str) -> str:
        return state if command.id == "race_pause" else command.label

    # Keys

    def action_pause(self) -> None:
        """Pause, or go on."""
        self._session.toggle()
        self._draw()

    def action_log(self) -> None:
        """Switch between the linear and the logarithmic axis."""
        self._log = not self._log
        self._draw()

    def action_choose(self, step: int) -> None:
        """Choose another racer."""
        self.query_one(RankTable).action_choose(step)
        self._draw()

    def action_take(self) -> None:
        """Take the chosen racer to the workspace."""
        self._taken = self.query_one(RankTable).chosen
        self.dismiss(self._taken)

    def on_rank_table_chosen(self) -> None:
        """A double click takes it, too."""
        self.action_take()

    def action_leave(self) -> None:
        """Leave; what was trained is kept as runs."""
        self.dismiss(None)

    def action_copy(self) -> None:
        """Copy the table."""
        self.app.copy_to_clipboard(self.query_one(RankTable).as_text())

    def action_help(self) -> None:
        """Show all keys, those of the race first."""
        from deepnet_tui.screens.dialogs.help import Help

        self.app.push_screen(Help(tuple(sorted(self._commands, key=lambda entry: entry.scope != "race"))))
