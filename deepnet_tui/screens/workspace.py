"""The workspace: where the panes stand, which of them are seen, and what is said to the user."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.widget import Widget

from deepnet_tui.commands.command import Command
from deepnet_tui.commands.hiding import PANES
from deepnet_tui.commands.views import VIEWS
from deepnet_tui.common.background import LatestJob
from deepnet_tui.screens.hidden_controls import HiddenControls
from deepnet_tui.screens.key_line import CommandContext, is_available, label
from deepnet_tui.screens.mouse.borders import Borders, Splits
from deepnet_tui.screens.notices import NoticeScreen
from deepnet_tui.screens.redraws import FRAMES, Redraws
from deepnet_tui.session_state import SessionState
from deepnet_tui.widgets.base.tabs import Tab, TabLine
from deepnet_tui.widgets.base.view import View, make_view
from deepnet_tui.widgets.panes.architecture import ArchitecturePane
from deepnet_tui.widgets.panes.cost import CostPane
from deepnet_tui.widgets.panes.data import DataPane
from deepnet_tui.widgets.panes.keybar import KeyBar
from deepnet_tui.widgets.panes.status import StatusLine
from deepnet_tui.widgets.panes.training import TrainingPane
from deepnet_tui.workbench.state import State

if TYPE_CHECKING:
    from deepnet_tui.screens.services import AppServices
    from deepnet_tui.workbench.workbench import Workbench
    from engine.diagnostics.findings import Finding

WIDE = 100  # columns from which design and training stand side by side
PRESENTED = ("train", "step", "step_report", "reset", "help", "palette")  # keys that a class is shown
SLIM = 60  # columns below which the panes of the design stand one below the other
LOW = 17  # lines below which there is room for the view only, not for the chart of the cost as well


class WorkspaceScreen(NoticeScreen):
    """Design on the left, cost and views on the right; below 100 columns they share the screen."""

    AUTO_FOCUS = ""

    def __init__(
        self,
        services: AppServices,
        *,
        log_axis: bool = False,
        hide: Collection[str] = (),
        left: SessionState = SessionState(),  # noqa: B008  it can't be changed
    ) -> None:
        """`hide` names the commands and panes to hide; `left` says how the last session was left."""
        super().__init__()
        self.services = services
        self._log_axis = log_axis
        self._hidden_controls = HiddenControls(hide)
        self.compared = 0  # how far networks were trained side by side
        self._left = left
        self._side = "design" if left.side == "design" and not self.hides("design") else "watch"
        known = any(entry.id == left.view for entry in VIEWS) and not self.hides(f"view('{left.view}')")
        self._view = left.view if known else self._hidden_controls.first_view
        self._findings: dict[str, int] = {}  # how many, by run
        self._doctor: LatestJob[list[Finding]] = LatestJob("doctor", self.call_later)
        self._metrics: LatestJob[None] = LatestJob("metrics", self.call_later)
        self._redraws = Redraws()
        self.borders = Borders(self, Splits(left.design_width, left.chart_share, left.training_share))
        self._panes: list[View] = []  # that are always there
        self._views: dict[str, View] = {}  # that have been shown, by name

    @property
    def workbench(self) -> Workbench:
        """What is shown and steered."""
        return self.services.workbench

    @property
    def note(self) -> str:
        """What a lesson has to say on other screens, "" without one."""
        return ""

    # Layout

    def compose(self) -> ComposeResult:
        """All panes; views follow when they are first shown."""
        yield StatusLine()
        yield TabLine("sides")
        with Horizontal(id="workspace"):
            with Vertical(id="design"):
                with Vertical(id="data-and-layers"):
                    yield DataPane()
                    yield ArchitecturePane()
                yield TrainingPane(all_settings=self._left.all_settings)
            with Vertical(id="watch"):
                yield CostPane(log=self._log_axis)
                yield TabLine("tabs")
                yield Container(id="views")
        yield KeyBar()

    def on_mount(self) -> None:
        """Hide what is to be hidden, and start to follow the workbench."""
        self._arrange_hidden()
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.call_after_refresh(self.redraw))
        self.set_interval(1 / FRAMES, self._on_tick)

    async def begin(self) -> None:
        """After the first paint, fill the panes, show the first view, and focus the design where it is seen."""
        for pane in self.query(View):
            await pane.fill()
        self._panes = list(self.query(View))
        seen = self.wide or self._side == "design"
        design = seen and "architecture_pane" not in self._hidden_controls.names
        if self._view:
            await self.show_view(self._view, focus=not design)
        else:
            self.query_one(CostPane).focus()
        self.redraw()
        if design:
            self.focus_design()
        if self._left.zoomed:
            zoomed = [pane for pane in (*self._panes, self.view) if pane is not None and pane.id == self._left.zoomed]
            for pane in (each for each in zoomed if self._seen(each)):
                _focus_within(pane)
                self.maximize(pane, container=False)

    def left_as(self, state: SessionState) -> SessionState:
        """The state with what is to be seen of this screen, or was until it was closed."""
        zoomed = (self.maximized.id or "") if self.maximized is not None else ""
        panes = self._panes or self.query(View)
        unfolded = any(pane.all_settings for pane in panes if isinstance(pane, TrainingPane))
        width, chart, share = self.borders.splits.design, self.borders.splits.cost, self.borders.splits.training
        state = replace(state, view=self._view, side=self._side, zoomed=zoomed, all_settings=unfolded)
        return replace(state, design_width=width, chart_share=chart, training_share=share)

    @property
    def wide(self) -> bool:
        """Whether both sides are seen at once."""
        return self.size.width >= WIDE and not self.services.presenting

    def arrange_again(self) -> None:
        """Arrange the panes anew: it has changed what is to be seen."""
        self._arrange()
        self.redraw()

    def on_resize(self) -> None:
        """Arrange the panes for the new size."""
        self._arrange()

    def _arrange(self) -> None:
        self.set_class(self.size.width < SLIM, "-slim")
        for side in ("design", "watch"):
            empty = side == "design" and self._hidden_controls.names >= PANES.keys()
            self.query_one(f"#{side}").set_class(empty or (not self.wide and self._side != side), "-hidden")
        low = bool(self._view) and self.size.height < LOW and not self.has_class("-single")
        self.query_one("#watch").set_class(low, "-low")
        self.borders.apply(wide=self.wide)
        self._show_tabs()
        self._redraws.invalidate()

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of a border."""
        if self.borders.press(event, wide=self.wide):
            event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag it."""
        if self.borders.dragging:
            self.borders.drag(event)
            event.stop()

    def on_mouse_up(self) -> None:
        """Let it go."""
        if self.borders.dragging:
            self.borders.release()
            self.call_after_refresh(self.redraw)

    def _show_tabs(self) -> None:
        views = [
            Tab(str(number), entry.title + mark, f"view('{entry.id}')", (entry.short or entry.title) + mark)
            for number, entry in enumerate(VIEWS, start=1)
            for mark in [self._mark(entry.id)]
            if not self.hides(f"view('{entry.id}')")
        ]
        current = f"view('{self._view}')"
        narrow = [*([] if self.hides("design") else [Tab("0", "Design", "design")]), *views]
        for name, tabs in (("tabs", views), ("sides", narrow)):
            line = self.query_one(f"#{name}", TabLine)
            line.set_class(not tabs, "-hidden")
            line.show(tabs, "design" if name == "sides" and self._side == "design" else current)

    def _mark(self, view: str) -> str:
        """What follows a view's title: a mark where the doctor has found something in the run that is over."""
        found = self.workbench.ready and self._findings.get(self.workbench.training_run.id)
        return "!" if view == "health" and found else ""

    def examine_run(self) -> None:
        """Have the run, which is over, examined by the doctor and measured, each in a thread."""
        from deepnet_tui.evaluate.diagnosis import DiagnosisInput, findings
        from deepnet_tui.evaluate.run_metrics import EndedRun

        case = DiagnosisInput(self.workbench)
        if self.workbench.store is not None:
            ended = EndedRun(self.workbench)
            self._metrics.start(lambda _: ended.record_metrics(), lambda _: None)

        def examined(found: list[Finding] | Exception) -> None:
            if not isinstance(found, Exception):
                self._findings[case.run] = len(found)
                self._show_tabs()

        self._doctor.start(lambda _: findings(case), examined)

    # Hiding

    def _arrange_hidden(self) -> None:
        """Give what is hidden no room."""
        for name, pane in PANES.items():
            self.query_one(pane).display = name not in self._hidden_controls.names
        self.query_one("#views").set_class(not self._view, "-hidden")
        self._arrange()

    async def hide(self, names: Collection[str]) -> None:
        """Hide these commands and panes, and no others."""
        if self._hidden_controls.names == frozenset(names):
            return
        self._hidden_controls = HiddenControls(names)
        if self.hides("design"):
            self.show_side("watch")
        if not self._view or self.hides(f"view('{self._view}')"):
            self._view = self._hidden_controls.first_view
            if self._view:
                await self.show_view(self._view, focus=False)
        self._arrange_hidden()

    def hides(self, action: str) -> bool:
        """Whether an action is hidden by the configuration or a lesson."""
        return self._hidden_controls.hides(action)

    def hides_pane(self, name: str) -> bool:
        """Whether a pane of the design is hidden."""
        return name in self._hidden_controls.names

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let hidden commands do nothing."""
        hidden = self._hidden_controls.hides_call(action, parameters)
        return False if hidden else super().check_action(action, parameters)

    # Sides and views

    def show_side(self, side: str) -> None:
        """Bring one side forward where only one is seen; the design may be hidden."""
        if side != self._side and not (side == "design" and self.hides("design")):
            self._side = side
            if self.maximized is not None:
                self.minimize()
            self._arrange()
            for pane in self._panes:
                self._draw(pane)  # the next key may come before the next redraw, and be meant for its rows

    def focus_design(self) -> None:
        """Focus the layers, another pane of the design where they are hidden, none where the design can't be seen."""
        pane = self._hidden_controls.first_pane
        if pane is not None and (self.wide or self._side == "design"):
            _focus_within(self.query_one(PANES[pane]))

    def focus_view(self) -> None:
        """Focus the view that is shown."""
        if self.view is not None:
            _focus_within(self.view)

    async def show_view(self, name: str, *, focus: bool = True) -> None:
        """Show a view, making it if it is the first time."""
        self._view = name
        if focus:
            self.show_side("watch")
        if self.maximized is not None and self.maximized.id != f"view-{name}":
            self.minimize()
        for other, made in self._views.items():
            made.display = other == name
        if name not in self._views:
            self._views[name] = make_view(next(entry for entry in VIEWS if entry.id == name))
            await self.query_one("#views").mount(self._views[name])
        if focus:
            _focus_within(self._views[name])
        self._show_tabs()
        self._redraws.forget(self._views[name])
        if self.is_open:  # the other panes have nothing new to show, and follow at the next frame if they do
            self._draw(self._views[name])

    @property
    def view(self) -> View | None:
        """The view that is shown, None before the first."""
        return self._views.get(self._view)

    # Redrawing

    @property
    def is_open(self) -> bool:
        """Whether the screen and what is on it are there; not while the app is closing."""
        return self.is_attached and self.app.is_running

    def _on_tick(self) -> None:
        with self._redraws.tick():
            self.poll()

    def poll(self) -> None:
        """Draw what is new: what happened at once, how the training goes on in its turn."""
        if not self.is_open:
            return
        workbench, view, redraws = self.workbench, self.view, self._redraws
        follows = self.is_current and view is not None and view.FOLLOWS_PARAMETERS and self._seen(view)
        workbench.follow(parameters=follows and view is not None and redraws.due_next(view.FRAMES))
        beside = self.services.searches.how_far
        if not redraws.changed(workbench, self.focused, self.size, self.maximized, beside):
            return
        if not redraws.is_news and not self.services.terminal.pace.ready:
            if workbench.ready and redraws.due(1):  # what is always seen to go on
                self.query_one(StatusLine).show(workbench)
            return
        if redraws.is_news:
            self.services.terminal.pace.asked()
            self.query_one(KeyBar).show(self._offered())
            self._show_tabs()
        if workbench.ready and (redraws.is_news or redraws.due(StatusLine.FRAMES)):
            self.query_one(StatusLine).show(workbench, beside)
        for pane in (*self._panes, *filter(None, [view])):
            if redraws.due(pane.FRAMES) and self._seen(pane) and self._draw(pane) and not redraws.at_once:
                break  # one a frame: a key that comes while it is painted waits no longer than that

    def _draw(self, pane: View) -> bool:
        return self._redraws.draw(pane, self.workbench)

    def redraw(self) -> None:
        """Draw everything that is seen, new or not."""
        self._redraws.invalidate()
        self.poll()

    def on_view_redraw(self) -> None:
        """Draw what a pane has changed by itself."""
        self.redraw()

    def _seen(self, pane: Widget) -> bool:
        if not pane.is_mounted or (self.maximized is not None and pane is not self.maximized):
            return False
        return pane.display and all(node.display for node in pane.ancestors if isinstance(node, Widget))

    @property
    def shows_one_of_several(self) -> bool:
        """Whether several networks are trained at once, and the view that is shown is of one of them."""
        return self.workbench.members > 1 and any(entry.id == self._view and entry.of_one_network for entry in VIEWS)

    # The line of keys

    def _offered(self) -> list[tuple[Command, str]]:
        """The commands that matter now, with their labels."""
        workbench, state = self.workbench, self.workbench.state
        in_layers = self._pane_of(self.focused) is self.query_one(ArchitecturePane)
        at_snapshot, varied = workbench.cursor is not None, bool(workbench.varied)
        now = CommandContext(state, workbench.can_undo, at_snapshot, in_layers, self.shows_one_of_several, varied)
        return [
            (command, label(command, state))
            for command in sorted(self.services.commands, key=lambda command: command.footer)
            if command.footer and self._is_available(command, now)
        ]

    def _is_available(self, command: Command, now: CommandContext) -> bool:
        """Whether the command does something now; for a class only the first few are offered."""
        if self.services.presenting and command.id not in PRESENTED:
            return False
        return not self.hides(command.action) and is_available(command, now)

    def _pane_of(self, widget: Widget | None) -> View | None:
        while widget is not None and not isinstance(widget, View):
            widget = widget.parent if isinstance(widget.parent, Widget) else None
        return widget

    # What the user is told

    def must_pause_first(self, what: str) -> bool:
        """Whether the network is being trained; then say so, because `what` has to wait."""
        training = self.workbench.state in (State.TRAINING, State.PAUSING)
        if training:
            self.warn(f"Pause first (space), then {what}")
        return training

    def announce(self, name: str, how_far: str = "loading") -> None:
        """Say in the first line that data are on their way."""
        self.query_one(StatusLine).announce(name, how_far)


def _focus_within(widget: Widget) -> None:
    """Focus a widget, or the first in it that can have the focus."""
    inside = (child for child in widget.query(Widget) if child.focusable)
    (widget if widget.focusable else next(inside, widget)).focus()
