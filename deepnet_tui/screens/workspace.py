"""The bench: where the panes stand, when each is drawn, and what is said to the user."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary

from textual import actions
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget

from deepnet_tui.commands.registry import COMMANDS, PANES, Command
from deepnet_tui.commands.views import VIEWS
from deepnet_tui.common.background import LatestJob
from deepnet_tui.training.state import State
from deepnet_tui.widgets.base.tabs import Tab, TabLine
from deepnet_tui.widgets.base.view import View
from deepnet_tui.widgets.panes.architecture import ArchitecturePane
from deepnet_tui.widgets.panes.cost import CostPane
from deepnet_tui.widgets.panes.data import DataPane
from deepnet_tui.widgets.panes.keybar import KeyBar
from deepnet_tui.widgets.panes.status import StatusLine
from deepnet_tui.widgets.panes.training import TrainingPane

if TYPE_CHECKING:
    from deepnet_tui.app import DeepnetApp
    from deepnet_tui.training.workbench import Workbench
    from engine.diagnostics.rules import Finding

WIDE = 100  # columns from which design and training stand side by side
LOW = 17  # lines below which there is room for the view only, not for the chart of the cost as well
FRAMES = 11  # redraws a second, at most: enough for the eye, and each takes its time from the training
TOAST = 4  # seconds for which a short message stays
TOGGLE_LABELS = {State.TRAINING: "pause", State.PAUSING: "go on", State.PAUSED: "go on"}


class WorkspaceScreen(Screen[None]):
    """Design on the left, cost and views on the right; below 100 columns they share the screen."""

    AUTO_FOCUS = ""

    def __init__(self, *, log_axis: bool = False, hide: Collection[str] = ()) -> None:
        """`hide` names the commands and panes that are put away."""
        super().__init__()
        self._log_axis = log_axis
        self._hide: frozenset[str] = frozenset()
        self._hidden: set[tuple[str, tuple[object, ...]]] = set()
        self._set_hidden(hide)
        self._side = "watch"
        self._view = self._first_view()
        self._version: object = None
        self._activity: object = None
        self._findings: dict[str, int] = {}
        self._doctor: LatestJob[list[Finding]] = LatestJob("doctor", self.call_later)
        self._frame = 0
        self._tick = 0
        self._panes: list[View] = []  # that are always there
        self._views: dict[str, View] = {}  # that have been shown, by name
        self._drawn: WeakKeyDictionary[View, tuple[object, ...]] = WeakKeyDictionary()

    @property
    def deepnet(self) -> DeepnetApp:
        """The app."""
        return cast("DeepnetApp", self.app)

    @property
    def workbench(self) -> Workbench:
        """What is shown and steered."""
        return self.deepnet.workbench

    # Layout

    def compose(self) -> ComposeResult:
        """All panes; views follow when they are first shown."""
        yield StatusLine()
        yield TabLine("sides")
        with Horizontal(id="bench"):
            with Vertical(id="design"):
                with Vertical(id="given"):
                    yield DataPane()
                    yield ArchitecturePane()
                yield TrainingPane()
            with Vertical(id="watch"):
                yield CostPane(log=self._log_axis)
                yield TabLine("tabs")
                yield Container(id="views")
        yield KeyBar()

    def on_mount(self) -> None:
        """Put away what is hidden, and start to follow the workbench."""
        self._panes = list(self.query(View))
        self._clear_away()
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.call_after_refresh(self.redraw))
        self.set_interval(1 / FRAMES, self._on_tick)

    async def begin(self) -> None:
        """After the first paint: the chart, the first view, and the focus where the first edits are made."""
        await self.query_one(CostPane).begin()
        design = self.wide and "architecture_pane" not in self._hide
        if self._view:
            await self.show_view(self._view, focus=not design)
        else:
            self.query_one(CostPane).focus()
        if design:
            self.focus_design()

    @property
    def wide(self) -> bool:
        """Whether both sides are seen at once."""
        return self.size.width >= WIDE

    def on_resize(self) -> None:
        """The tabs depend on the width."""
        self._arrange()

    def _arrange(self) -> None:
        for side in ("design", "watch"):
            empty = side == "design" and self._hide >= PANES.keys()
            self.query_one(f"#{side}").set_class(empty or (not self.wide and self._side != side), "-away")
        low = bool(self._view) and self.size.height < LOW and not self.has_class("-single")
        self.query_one("#watch").set_class(low, "-low")
        self._show_tabs()
        self._frame += 1
        self._version = None

    def _show_tabs(self) -> None:
        views = [
            Tab(str(number), entry.title + mark, f"view('{entry.id}')", (entry.short or entry.title) + mark)
            for number, entry in enumerate(VIEWS, start=1)
            for mark in [self._beside(entry.id)]
            if not self.hides(f"view('{entry.id}')")
        ]
        current = f"view('{self._view}')"
        narrow = [*([] if self.hides("design") else [Tab("0", "Design", "design")]), *views]
        for name, tabs in (("tabs", views), ("sides", narrow)):
            line = self.query_one(f"#{name}", TabLine)
            line.set_class(not tabs, "-away")
            line.show(tabs, "design" if name == "sides" and self._side == "design" else current)

    def _beside(self, view: str) -> str:
        """What stands beside a view's name: a mark where the doctor has found something in the run that is over."""
        found = self.workbench.ready and self._findings.get(self.workbench.training_run.id)
        return "!" if view == "health" and found else ""

    def see_doctor(self) -> None:
        """The run is over: have it examined, in a thread of its own."""
        from deepnet_tui.evaluate.diagnosis import DiagnosisInput, findings

        case = DiagnosisInput(self.workbench)

        def examined(found: list[Finding] | Exception) -> None:
            if not isinstance(found, Exception):
                self._findings[case.run] = len(found)
                self._show_tabs()

        self._doctor.start(lambda _: findings(case), examined)

    def _set_hidden(self, names: Collection[str]) -> None:
        self._hide = frozenset(names)
        self._hidden = {
            actions.parse(command.action)[1:]
            for command in COMMANDS
            if command.scope == "main" and command.id in self._hide
        }
        if self._hide >= PANES.keys():
            self._hidden.add(actions.parse("design")[1:])

    def _first_view(self) -> str:
        return next((view.id for view in VIEWS if not self.hides(f"view('{view.id}')")), "")

    def _clear_away(self) -> None:
        """What is hidden takes no room."""
        for name, pane in PANES.items():
            self.query_one(pane).display = name not in self._hide
        self.query_one("#views").set_class(not self._view, "-away")
        self._arrange()

    async def hide(self, names: Collection[str]) -> None:
        """Hide these commands and panes, and no others."""
        if self._hide == frozenset(names):
            return
        self._set_hidden(names)
        if self.hides("design"):
            self.show_side("watch")
        if not self._view or self.hides(f"view('{self._view}')"):
            self._view = self._first_view()
            if self._view:
                await self.show_view(self._view, focus=False)
        self._clear_away()

    def hides(self, action: str) -> bool:
        """Whether an action is put away, by the configuration or a lesson."""
        return actions.parse(action)[1:] in self._hidden

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is put away does nothing."""
        return False if (action, parameters) in self._hidden else super().check_action(action, parameters)

    def show_side(self, side: str) -> None:
        """Bring one side forward where only one is seen; the design may be put away."""
        if side != self._side and not (side == "design" and self.hides("design")):
            self._side = side
            if self.maximized is not None:
                self.minimize()
            self._arrange()
            for pane in self._panes:
                self._draw(pane)  # the next key may come before the next redraw, and be meant for its rows

    def focus_design(self) -> None:
        """Focus the layers, another pane of the design where they are put away, none where the design can't be seen."""
        if self.wide or self._side == "design":
            pane = next((name for name in ("architecture_pane", *PANES) if name not in self._hide), None)
            if pane is not None:
                shown = self.query_one(PANES[pane])
                (shown if shown.focusable else next(iter(_focusable(shown)), shown)).focus()

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
            self._views[name] = next(entry for entry in VIEWS if entry.id == name).make()
            await self.query_one("#views").mount(self._views[name])
        view = self._views[name]
        if focus:
            (view if view.focusable else next(iter(_focusable(view)), view)).focus()
        self._show_tabs()
        self.redraw()

    @property
    def view(self) -> View | None:
        """The view that is shown, None before the first."""
        return self._views.get(self._view)

    # Redrawing

    def _on_tick(self) -> None:
        self._tick += 1
        self.poll()

    def poll(self) -> None:
        """Is there anything new? Then draw it, once: what happened at once, how the training goes on in its turn."""
        if not self.is_attached or not self.app.is_running:
            return
        workbench, view = self.workbench, self.view
        follows = self.is_current and view is not None and view.FOLLOWS_PARAMETERS and self._seen(view)
        workbench.follow(parameters=follows and view is not None and self._turn(view.FRAMES, self._tick + 1))
        version = (workbench.version, self.focused, self.size, self.maximized)
        training = workbench.state is State.TRAINING
        if version == self._version and not training:
            return
        self._version = version
        activity = (workbench.activity, *version[1:], self._frame)
        at_once = not training or activity != self._activity
        if at_once:
            self._activity = activity
            self._show_keys()
            self._show_tabs()
        if workbench.ready and (at_once or self._turn(StatusLine.FRAMES)):
            self.query_one(StatusLine).show(workbench)
        for pane in (*self._panes, view):
            if pane is not None and (at_once or self._turn(pane.FRAMES)) and self._seen(pane):
                self._draw(pane)

    def _turn(self, frames: int, tick: int | None = None) -> bool:
        """Whether what is drawn `frames` times a second is drawn now, or at `tick`: things are drawn together."""
        return (self._tick if tick is None else tick) % max(1, FRAMES // frames) == 0

    def _draw(self, pane: View) -> None:
        """Let a pane draw itself if it has something new."""
        version = (pane.version(self.workbench), self._frame, pane.size)
        if version != self._drawn.get(pane):
            pane.show(self.workbench)
            self._drawn[pane] = version

    def redraw(self) -> None:
        """Draw everything that is seen, new or not."""
        self._frame += 1
        self._version = None
        self.poll()

    def _seen(self, pane: Widget) -> bool:
        if not pane.is_mounted or (self.maximized is not None and pane is not self.maximized):
            return False
        return pane.display and all(node.display for node in pane.ancestors if isinstance(node, Widget))

    def _show_keys(self) -> None:
        self.query_one(KeyBar).show(self._offered())

    def _offered(self) -> list[tuple[Command, str]]:
        """The commands that matter now, with their labels."""
        state = self.workbench.state
        return [
            (command, self._label(command, state))
            for command in sorted(self.deepnet.commands, key=lambda command: command.footer)
            if command.footer and self._matters(command, state)
        ]

    def _label(self, command: Command, state: State) -> str:
        return TOGGLE_LABELS.get(state, command.label) if command.id == "train" else command.label

    def _matters(self, command: Command, state: State) -> bool:
        """Whether the command does something now."""
        if self.hides(command.action):
            return False
        over = state in (State.FINISHED, State.DIVERGED)
        resting = state not in (State.TRAINING, State.PAUSING)
        match command.id:
            case "train" | "step" | "step_report":
                return not over and (resting or command.id == "train")
            case "reset":
                return resting and state is not State.IDLE
            case "data" | "export" | "add_layer":
                return resting
            case "branch":
                return resting and self.workbench.cursor is not None
            case "undo":
                return self.workbench.can_undo
            case "remove_layer" | "activation":
                return resting and self._pane_of(self.focused) is self.query_one(ArchitecturePane)
            case _:
                return True

    def _pane_of(self, widget: Widget | None) -> View | None:
        while widget is not None and not isinstance(widget, View):
            widget = widget.parent if isinstance(widget.parent, Widget) else None
        return widget

    # Telling

    def say(self, text: str) -> None:
        """A short message that goes by itself, in place of the one before."""
        if text:
            self.app.clear_notifications()
            self.app.notify(text, timeout=TOAST, markup=False)

    def warn(self, text: str, *, beside: bool = False) -> None:
        """What can't be done, and why; in place of the message before, or `beside` it."""
        if not beside:
            self.app.clear_notifications()
        self.app.notify(text, severity="warning", timeout=7, markup=False)


def _focusable(widget: Widget) -> list[Widget]:
    return [child for child in widget.query(Widget) if child.focusable]
