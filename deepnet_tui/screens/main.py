"""The main screen: lays the panes out, turns keys into calls of the workbench, and redraws what is new."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar, cast
from weakref import WeakKeyDictionary

from textual import actions
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from deepnet_tui.errors import InputError
from deepnet_tui.keys import COMMANDS, PANES, Command, shown
from deepnet_tui.screens.dialog import Choose
from deepnet_tui.widgets.architecture import ArchitecturePane
from deepnet_tui.widgets.cost import CostPane
from deepnet_tui.widgets.data import DataPane
from deepnet_tui.widgets.keybar import KeyBar
from deepnet_tui.widgets.settings import Row, Rows, SettingsPane
from deepnet_tui.widgets.status import StatusLine
from deepnet_tui.widgets.tabs import Tab, TabLine
from deepnet_tui.widgets.training import TrainingPane
from deepnet_tui.widgets.view import View
from deepnet_tui.widgets.views import VIEWS
from deepnet_tui.workbench import State

if TYPE_CHECKING:
    from deepnet_tui.app import DeepnetApp
    from deepnet_tui.workbench import Workbench

WIDE = 100  # columns from which design and training stand side by side
FRAMES = 11  # redraws a second, at most: enough for the eye, and each takes its time from the training
TOAST = 4  # seconds for which a short message stays
TOGGLE_LABELS = {State.TRAINING: "pause", State.PAUSING: "go on", State.PAUSED: "go on"}


class MainScreen(Screen[None]):
    """Design on the left, cost and views on the right; below 100 columns they share the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "unzoom", show=False),
        *(
            Binding(command.keys, command.action, command.label, id=command.id, tooltip=command.help, show=False)
            for command in COMMANDS
            if command.scope == "main" and command.id not in ("palette", "quit")
        ),
    ]
    ESCAPE_TO_MINIMIZE = False  # Textual's own takes the key before a field that is open gets it
    AUTO_FOCUS = ""

    class Examined(Message):
        """How many findings there are in a run."""

        def __init__(self, run: str, count: int) -> None:
            super().__init__()
            self.run, self.count = run, count

    def __init__(self, *, log_axis: bool = False, hide: Collection[str] = ()) -> None:
        """`hide` names the commands and panes that are put away."""
        super().__init__()
        self._log_axis = log_axis
        self._hide = frozenset(hide)
        self._hidden = {
            actions.parse(command.action)[1:]
            for command in COMMANDS
            if command.scope == "main" and command.id in self._hide
        }
        self._side = "watch"
        self._view = next((view.id for view in VIEWS if not self.hides(f"view('{view.id}')")), VIEWS[0].id)
        self._stamp: object = None
        self._news: object = None
        self._findings: dict[str, int] = {}
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
        for name in PANES.keys() & self._hide:
            self.query_one(PANES[name]).display = False
        if self._hide >= PANES.keys():
            self.query_one("#design").display = False
        self._panes = list(self.query(View))
        self._show_tabs()
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.call_after_refresh(self.redraw))
        self.set_interval(1 / FRAMES, self._on_tick)

    async def begin(self) -> None:
        """After the first paint: the chart, the first view, and the focus where the first edits are made."""
        await self.query_one(CostPane).begin()
        design = self.wide and "architecture_pane" not in self._hide
        await self.show_view(self._view, focus=not design)
        if design:
            self.query_one(ArchitecturePane).query_one(Rows).focus()

    @property
    def wide(self) -> bool:
        """Whether both sides are seen at once."""
        return self.size.width >= WIDE

    def on_resize(self) -> None:
        """The tabs depend on the width."""
        self._arrange()

    def _arrange(self) -> None:
        for side in ("design", "watch"):
            self.query_one(f"#{side}").set_class(not self.wide and self._side != side, "-away")
        self._show_tabs()
        self._frame += 1
        self._stamp = None

    def _show_tabs(self) -> None:
        views = [
            Tab(str(number), entry.title + mark, f"view('{entry.id}')", (entry.short or entry.title) + mark)
            for number, entry in enumerate(VIEWS, start=1)
            for mark in [self._beside(entry.id)]
            if not self.hides(f"view('{entry.id}')")
        ]
        current = f"view('{self._view}')"
        self.query_one("#tabs", TabLine).show(views, current)
        narrow = [*([] if self.hides("design") else [Tab("0", "Design", "design")]), *views]
        self.query_one("#sides", TabLine).show(narrow, "design" if self._side == "design" else current)

    def _beside(self, view: str) -> str:
        """What stands beside a view's name: a mark where the doctor has found something in the run that is over."""
        found = self.workbench.ready and self._findings.get(self.workbench.session.run)
        return "!" if view == "health" and found else ""

    def see_doctor(self) -> None:
        """The run is over: have it examined, in a thread of its own."""
        from deepnet_tui.checkup import Case, findings

        case = Case(self.workbench)

        def work() -> None:
            self.post_message(self.Examined(case.run, len(findings(case))))

        self.run_worker(work, thread=True, group="doctor", exclusive=True)

    def on_main_screen_examined(self, event: Examined) -> None:
        """Show it in the tabs."""
        self._findings[event.run] = event.count
        self._show_tabs()

    def hides(self, action: str) -> bool:
        """Whether an action is put away, by the configuration or a lesson."""
        return actions.parse(action)[1:] in self._hidden

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is put away does nothing."""
        return False if (action, parameters) in self._hidden else super().check_action(action, parameters)

    def show_side(self, side: str) -> None:
        """Bring one side forward where only one is seen."""
        if side != self._side:
            self._side = side
            if self.maximized is not None:
                self.minimize()
            self._arrange()
            for pane in self._panes:
                self._draw(pane)  # the next key may come before the next redraw, and be meant for its rows

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
        if not self.is_attached:
            return
        workbench, view = self.workbench, self.view
        follows = self.is_current and view is not None and view.FOLLOWS_PARAMETERS and self._seen(view)
        workbench.watch(parameters=follows and view is not None and self._turn(view.FRAMES, self._tick + 1))
        stamp = (workbench.stamp, self.focused, self.size, self.maximized)
        training = workbench.state is State.TRAINING
        if stamp == self._stamp and not training:
            return
        self._stamp = stamp
        news = (workbench.news, *stamp[1:], self._frame)
        at_once = not training or news != self._news
        if at_once:
            self._news = news
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
        stamp = (pane.stamp(self.workbench), self._frame, pane.size)
        if stamp != self._drawn.get(pane):
            pane.show(self.workbench)
            self._drawn[pane] = stamp

    def redraw(self) -> None:
        """Draw everything that is seen, new or not."""
        self._frame += 1
        self._stamp = None
        self.poll()

    def _seen(self, pane: Widget) -> bool:
        if not pane.is_mounted or (self.maximized is not None and pane is not self.maximized):
            return False
        return pane.display and all(node.display for node in pane.ancestors if isinstance(node, Widget))

    def _show_keys(self) -> None:
        state = self.workbench.state
        shown = [
            (command, self._label(command, state))
            for command in sorted(self.deepnet.commands, key=lambda command: command.footer)
            if command.footer and self._matters(command, state)
        ]
        self.query_one(KeyBar).show(shown)

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

    # Training

    def _attempt(self, work: Any, *args: Any, **values: Any) -> Any:
        """Call the workbench; what it refuses becomes a message."""
        try:
            result = work(*args, **values)
        except InputError as error:
            self.warn(str(error))
            return None
        self.poll()
        return result

    def action_train(self) -> None:
        """space."""
        if self.deepnet.expecting and self.workbench.state not in (State.TRAINING, State.PAUSING):
            self.say(self.deepnet.train_when_loaded())
            return
        if self.workbench.state is State.IDLE:
            self.show_side("watch")
        self._attempt(self.workbench.toggle)

    def action_step(self) -> None:
        """s."""
        self._attempt(self.workbench.start, 1)

    def action_step_report(self) -> None:
        """S."""
        self._attempt(self.workbench.step_to_report)

    def action_reset(self) -> None:
        """r."""
        trained = self.workbench.ready and self.workbench.session.trained
        self._attempt(self.workbench.reset)
        if trained and not self.workbench.session.trained:
            self.say("Back to the first parameters; u brings the trained ones back")

    def action_back(self) -> None:
        """[."""
        self._attempt(self.workbench.back)

    def action_forth(self) -> None:
        """]."""
        self._attempt(self.workbench.back, -1)

    def action_branch(self) -> None:
        """b."""
        iteration = self._attempt(self.workbench.branch)
        if iteration is not None:
            self.say(f"A new run starts from the parameters of iteration {iteration:,}; u goes back")

    # Edits

    def action_undo(self) -> None:
        """u."""
        name = self._attempt(self.workbench.undo)
        if name:
            self.say(f"Undone: {name.replace('_', ' ')}")

    def action_redo(self) -> None:
        """U."""
        name = self._attempt(self.workbench.redo)
        if name:
            self.say(f"Done again: {name.replace('_', ' ')}")

    def on_view_open(self, event: View.Open) -> None:
        """A view offers another experiment."""
        if self.workbench.state in (State.TRAINING, State.PAUSING):
            self.warn("Pause first (space), then open another experiment")
            return
        experiment = self._attempt(event.read)
        if experiment is not None:
            self.deepnet.load(experiment, restore=event.restore)

    def on_view_wish(self, event: View.Wish) -> None:
        """A view wishes to change the workbench."""
        try:
            self.say(event.work(self.workbench) or "")
        except InputError as error:
            if event.refused is None:
                self.warn(str(error))
            else:
                event.refused(str(error))
            return
        self.poll()

    def on_settings_pane_changed(self, event: SettingsPane.Changed) -> None:
        """A row was stepped or typed."""
        try:
            self.say(self.workbench.edit(event.section, **event.values))
        except InputError as error:
            if not event.pane.refuse(str(error)):
                self.warn(str(error))
            return
        event.pane.accept()
        self.poll()

    def on_settings_pane_choosing(self, event: SettingsPane.Choosing) -> None:
        """A row offers choices."""
        self._choose(event.row)

    def _choose(self, row: Row) -> None:
        def chosen(name: str | None) -> None:
            if name is not None and row.values is not None:
                self.say(self._attempt(self.workbench.edit, row.section, **row.values(name)) or "")

        if row.choices is not None:
            self.app.push_screen(Choose(row.label, row.choices(), row.text), chosen)

    def _edit_layers(self, edit: Any) -> None:
        self.show_side("design")
        pane = self.query_one(ArchitecturePane)
        pane.query_one(Rows).focus()

        def work() -> str:
            pane.show(self.workbench)  # it may never have been drawn, or not lately
            return self.workbench.edit("network", **edit(pane))

        self.say(self._attempt(work) or "")

    def action_add_layer(self) -> None:
        """a."""
        self._edit_layers(ArchitecturePane.added)

    def action_remove_layer(self) -> None:
        """x."""
        self._edit_layers(ArchitecturePane.removed)

    def action_activation(self) -> None:
        """t."""
        self.show_side("design")
        pane = self.query_one(ArchitecturePane)

        def work() -> Row:
            if self.workbench.state in (State.TRAINING, State.PAUSING):
                raise InputError("Pause first: this change starts the network anew", "activation")
            pane.show(self.workbench)
            return pane.activation_row()

        row = self._attempt(work)
        if row is not None:
            self._choose(row)

    # Files

    def action_data(self) -> None:
        """d."""
        self.deepnet.choose_data()

    def action_export(self) -> None:
        """e."""
        self.deepnet.export()

    def action_open(self) -> None:
        """o."""
        self.deepnet.open_experiment()

    def action_write(self) -> None:
        """w."""
        self.deepnet.write_experiment()

    def action_copy(self) -> None:
        """y."""
        pane = self._pane_of(self.focused) or self.query_one(CostPane)
        text = pane.as_text()
        self.app.copy_to_clipboard(text)
        lines = text.count("\n") + 1
        self.say(f"Copied {lines:,} lines" if lines > 1 else "Copied one line")

    # Views

    def action_design(self) -> None:
        """0."""
        self.show_side("design")
        self.query_one(ArchitecturePane).query_one(Rows).focus()

    async def action_view(self, name: str) -> None:
        """1 to 9."""
        self.app.clear_notifications()
        await self.show_view(name)

    def action_zoom(self) -> None:
        """z."""
        if self.maximized is not None:
            self.minimize()
        else:
            pane = self._pane_of(self.focused) or self.view
            if pane is not None:
                self.maximize(pane, container=False)
                key = next(shown(command.keys, first=True) for command in self.deepnet.commands if command.id == "zoom")
                self.say(f"{key} or Escape goes back")
        self.call_after_refresh(self.redraw)

    def action_unzoom(self) -> None:
        """Escape, where nothing else wants it."""
        if self.maximized is not None:
            self.action_zoom()

    def action_log_axis(self) -> None:
        """L."""
        pane = self.query_one(CostPane)
        pane.log_axis = not pane.log_axis
        self._draw(pane)

    def _pane_of(self, widget: Widget | None) -> View | None:
        while widget is not None and not isinstance(widget, View):
            widget = widget.parent if isinstance(widget.parent, Widget) else None
        return widget

    def action_next_pane(self) -> None:
        """tab."""
        self._go(1)

    def action_previous_pane(self) -> None:
        """shift+tab."""
        self._go(-1)

    def _go(self, step: int) -> None:
        """On to what can be focused next; on a narrow screen the other side follows the end of one."""
        chain = self.focus_chain
        here = chain.index(self.focused) if self.focused in chain else (-1 if step > 0 else 0)
        there = here + step
        if 0 <= there < len(chain):
            chain[there].focus()
            return
        if not self.wide and self.maximized is None:
            self.show_side("design" if self._side == "watch" else "watch")
            chain = self.focus_chain
        if chain:
            chain[0 if step > 0 else -1].focus()

    # The rest

    def action_help(self) -> None:
        """?"""
        from deepnet_tui.screens.help import Help

        offered = (entry for entry in self.deepnet.commands if entry.scope != "main" or not self.hides(entry.action))
        here = {binding.id for pane in self._focus_path() for binding in pane.BINDINGS if isinstance(binding, Binding)}
        self.app.push_screen(Help(tuple(sorted(offered, key=lambda entry: entry.id not in here))))

    def _focus_path(self) -> list[Widget]:
        """What has the focus, and what it lies in, up to the screen."""
        nodes = self.focused.ancestors_with_self if self.focused is not None else []
        return [node for node in nodes if isinstance(node, Widget) and not isinstance(node, Screen)]

    async def action_palette(self) -> None:
        """The line of keys can be clicked."""
        self.app.action_command_palette()


def _focusable(widget: Widget) -> list[Widget]:
    return [child for child in widget.query(Widget) if child.focusable]
