"""Two or three networks side by side: a picture and the costs of each, all curves in one chart, trained in step."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from deepnet_tui.common.background import Job, LatestJob
from deepnet_tui.drawing.numbers import whole
from deepnet_tui.drawing.series import ceiling, series_styles
from deepnet_tui.race.in_step import InStepSession, side_by_side, too_large
from deepnet_tui.race.racers import Racer, check_racers
from deepnet_tui.race.values import Varied, variable
from deepnet_tui.screens.notices import NoticeScreen
from deepnet_tui.screens.redraws import has_room
from deepnet_tui.screens.side_by_side.differ import ask_what_differs
from deepnet_tui.screens.side_by_side.panel import NetworkPanel
from deepnet_tui.screens.side_by_side.pictures import Pictures
from deepnet_tui.widgets.base.chart import Line, LineChart, Plot
from deepnet_tui.widgets.base.keys import bindings
from deepnet_tui.widgets.panes.keybar import KeyBar

if TYPE_CHECKING:
    from deepnet_tui.commands.command import Command
    from deepnet_tui.training.distributions import LayerDistributions
    from deepnet_tui.workbench.workbench import Workbench

FRAMES = 6  # a second
CHART_EVERY = 3  # of these frames the chart is drawn anew
TALL = 20  # lines from which there is room for the chart, too
PACE = 0.3  # seconds between the starts of two computations of histograms


class SideBySideScreen(NoticeScreen):
    """`session` has the networks; `taken` is the number of the one that was taken over, None where nobody was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("question_mark,f1", "help", id="help", show=False),
        *bindings("beside"),
    ]
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    SideBySideScreen {
        & #side-head { height: 1; background: $panel; }
        & #side-head:ansi { background: ansi_default; }
        & #side-note { height: auto; max-height: 4; padding: 0 1; color: $text-accent; text-style: bold; }
        & #side-panels { height: 1.4fr; }
        & #side-chart { height: 1fr; min-height: 8; padding: 0; }
        &.-low #side-chart { display: none; }
        & NetworkPanel.-chosen { border: round $border; }
    }
    """

    def __init__(
        self, workbench: Workbench, varied: Varied, commands: tuple[Command, ...], note: str = "", *, log: bool = False
    ) -> None:
        super().__init__()
        self._experiment, self._dataset, self._store = workbench.experiment, workbench.dataset, workbench.store
        self._commands, self._note, self._log = commands, note, log
        self.varied = varied
        self.session = InStepSession(side_by_side(self._experiment, varied), self._dataset, self._store)
        self.chosen = 0
        self.taken: int | None = None
        self._refusal = too_large(self.session.racers, self._dataset)
        self._pictures = Pictures(self.session)
        self._jobs: LatestJob[list[LayerDistributions]] = LatestJob("histograms", self.call_later, PACE)
        self._version: object = None
        self._frames = 0
        self._said = ""

    def compose(self) -> ComposeResult:
        """Head, what a lesson says, the networks, their curves, keys."""
        yield Static("", id="side-head")
        note = Static(Content(self._note), id="side-note")
        note.display = bool(self._note)
        yield note
        with Horizontal(id="side-panels"):
            for number in range(len(self.session.racers)):
                yield NetworkPanel(number)
        with Vertical(id="side-chart", classes="pane"):
            yield LineChart()
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the start, and follow the session."""
        self.session.prepare()
        self.set_interval(1 / FRAMES, self._tick)
        self.call_after_refresh(self.draw)
        if self._refusal:
            self.warn(self._refusal)

    @property
    def quit_question(self) -> str:
        """What is asked before the app quits, "" where nothing is being trained."""
        if not (self.session.training and self.session.iteration > 0):
            return ""
        return "Networks are being trained side by side. Stop and quit? They are not kept."

    def on_unmount(self) -> None:
        """The thread does not outlive the screen."""
        self.session.pause()
        self._jobs.cancel()

    def on_resize(self) -> None:
        """Everything in its new size; the chart only where there is room."""
        self.set_class(self.size.height < TALL, "-low")
        self.call_after_refresh(self.draw)

    # Drawing

    def _tick(self) -> None:
        version = self.session.version
        self._frames += 1
        resting = not self.session.training
        if version != self._version and self.is_attached and (resting or has_room(self.app)):
            if not resting:
                self.session.follow()
            chart = resting or self._frames % CHART_EVERY == 0
            self.draw(chart=chart)
            self._version = version if chart else None
        if (trouble := self.session.failure) and trouble != self._said:
            self._said = trouble
            self.warn(trouble)

    def draw(self, *, chart: bool = True) -> None:
        """Draw everything, and have the histograms computed where they are shown."""
        if not self.is_attached or not self.app.is_running:
            return
        session, standings = self.session, self.session.standings()
        styles = series_styles(self.app, len(session.racers))
        dark, plain = self.app.current_theme.dark, bool(self.app.no_color)
        panels = [panel for panel in self.query(NetworkPanel) if panel.children]
        if len(panels) != len(session.racers):
            return  # they are being made
        for panel, racer, standing, style in zip(panels, session.racers, standings, styles, strict=True):
            panel.tell(racer, standing, style, chosen=panel.number == self.chosen)
            size = panel.canvas.size
            panel.paint(self._pictures.draw(panel.number, size, dark=dark, plain=plain, base=self.rich_style))
        if self._pictures.wanting:
            self._jobs.start(partial(_computed, self._pictures), self._take_in)
        self.query_one("#side-head", Static).update(self._head())
        self.query_one(KeyBar).show([(command, self._label(command)) for command in self._offered()])
        if chart and not self.has_class("-low"):
            self._draw_chart()

    def _take_in(self, found: list[LayerDistributions] | Exception) -> None:
        if isinstance(found, Exception):
            self.warn(f"There are no histograms: {found or 'no memory'}")
        else:
            self._pictures.take(found)
            self.draw(chart=False)

    def _head(self) -> Content:
        session = self.session
        goal = max(racer.experiment.training.iterations for racer in session.racers)
        state = "training" if session.training and session.iteration else "paused" if session.iteration else "start"
        state = "pausing" if session.pausing else "finished" if session.over else state
        names = ", ".join(variable()[name].setting.label for name in self.varied)
        right = f"● {state}  {whole(session.iteration)} of {whole(goal)} "
        room = self.size.width - len(right) - 1
        parts = [" side by side", self._dataset.name, names, self._pictures.kind]
        while len(left := "  ".join(parts)) > room and len(parts) > 1:
            parts.pop(1 if len(parts) > 3 else -1)
        gap = max(1, self.size.width - len(left) - len(right))
        return Content.assemble(Content.styled(left, "bold"), " " * gap, Content.styled(right, "$text-accent"))

    def _draw_chart(self) -> None:
        curves = [run.history.curves() for run in self.session.runs]
        top = ceiling(float(each.cost[0]) for each in curves if len(each.cost))
        styles, plain = series_styles(self.app, len(curves)), bool(self.app.no_color)
        lines = [
            Line(each.iteration, each.cost.clip(max=top), style.color, style.marker if plain else style.line)
            for each, style in zip(curves, styles, strict=True)
        ]
        end = max((int(each.iteration[-1]) for each in curves if len(each.iteration)), default=0)
        every = max(racer.experiment.training.report_every for racer in self.session.racers)
        self.query_one("#side-chart").border_title = "Cost (log)" if self._log else "Cost"
        self.query_one(LineChart).draw(Plot(lines, 0, max(every, end), log_y=self._log))

    def _offered(self) -> list[Command]:
        names = ["side_train", "side_step", "side_report", "side_reset", "side_differ", "side_picture", "side_take"]
        names = names[3:] if self.session.over else names
        return [command for name in [*names, "help"] for command in self._commands if command.id == name]

    def _label(self, command: Command) -> str:
        if command.id == "side_train" and self.session.training and not self.session.pausing:
            return "pause" if self.session.iteration else command.label
        return command.label

    def as_text(self) -> str:
        """The networks with their costs, with tabs."""
        lines = ["network\titeration\tcost\tvalidation"]
        for racer, standing in zip(self.session.racers, self.session.standings(), strict=True):
            costs = f"{standing.cost!r}\t{standing.validation_cost!r}"
            lines.append(f"{racer.sentence}\t{standing.iteration}\t{costs}")
        return "\n".join(lines)

    # Keys

    def _refused(self) -> bool:
        if self._refusal:
            self.warn(self._refusal)
        return bool(self._refusal)

    def action_train(self) -> None:
        """Train all, or pause all."""
        if self.session.training and self.session.iteration:
            self.session.pause()
        elif not self._refused():
            self.session.train()
        self.draw(chart=False)

    def action_step(self) -> None:
        """Train all for one iteration."""
        if not self._refused():
            self.session.step()

    def action_step_report(self) -> None:
        """Train all to the next report."""
        if not self._refused():
            self.session.step_report()

    async def action_reset(self) -> None:
        """All back to their start."""
        self._restart(side_by_side(self._experiment, self.varied))

    def _restart(self, racers: tuple[Racer, ...]) -> None:
        self.session.close()
        self.session = InStepSession(racers, self._dataset, self._store)
        self._refusal = too_large(racers, self._dataset)
        self._pictures = self._pictures.of(self.session)
        self.chosen = min(self.chosen, len(racers) - 1)
        self._version = None
        self.session.prepare()

    def action_differ(self) -> None:
        """Choose what differs."""

        def check(varied: Varied) -> None:
            check_racers(side_by_side(self._experiment, varied), self._dataset)

        take = partial(self.call_later, self._take_varied)
        ask_what_differs(self.app, self._experiment, self.varied, check, take)

    async def _take_varied(self, varied: Varied) -> None:
        self.varied = varied
        racers = side_by_side(self._experiment, varied)
        panels = self.query_one("#side-panels")
        self._restart(racers)
        await panels.remove_children()
        await panels.mount(*(NetworkPanel(number) for number in range(len(racers))))
        self._refused()
        self.call_after_refresh(self.draw)

    def action_picture(self) -> None:
        """The next kind of picture: boundary, weights, activations, gradients."""
        self._pictures.turn()
        self.draw(chart=False)

    def action_choose(self, step: int) -> None:
        """Choose another network."""
        self.chosen = (self.chosen + step) % len(self.session.racers)
        self.draw(chart=False)

    def action_log(self) -> None:
        """Switch between the linear and the logarithmic axis."""
        self._log = not self._log
        self.draw()

    def action_take(self) -> None:
        """Take the chosen network to the workspace."""
        self.taken = self.chosen
        self.dismiss()

    def action_leave(self) -> None:
        """Leave."""
        self.dismiss()

    def action_copy(self) -> None:
        """Copy the networks with their costs."""
        self.app.copy_to_clipboard(self.as_text())

    def action_help(self) -> None:
        """Show all keys, those of this screen first."""
        from deepnet_tui.screens.dialogs.help import Help

        self.app.push_screen(Help(tuple(sorted(self._commands, key=lambda entry: entry.scope != "beside"))))


def _computed(pictures: Pictures, _: Job[list[LayerDistributions]]) -> list[LayerDistributions]:
    return pictures.compute()
