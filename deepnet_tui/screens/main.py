"""The main screen: turns keys into calls of the workbench and of the app."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from deepnet_tui.commands.registry import COMMANDS
from deepnet_tui.common.errors import InputError
from deepnet_tui.screens.workspace import WorkspaceScreen
from deepnet_tui.widgets.base.keys import binding_of, key_of
from deepnet_tui.widgets.base.settings_pane import SettingsPane
from deepnet_tui.widgets.base.settings_row import Row
from deepnet_tui.widgets.base.view import View
from deepnet_tui.widgets.panes.architecture import ArchitecturePane
from deepnet_tui.widgets.panes.cost import CostPane
from deepnet_tui.widgets.panes.training import FOLD, SETTINGS, TrainingPane
from deepnet_tui.workbench.state import State

if TYPE_CHECKING:
    from deepnet_tui.race.racers import Racer
    from deepnet_tui.runs.store import StoredRun
    from deepnet_tui.widgets.views.picture.diagram import Diagram

APP_WIDE = ("palette", "present", "quit")  # commands that are the app's
P = ParamSpec("P")
T = TypeVar("T")


class MainScreen(WorkspaceScreen):
    """The workspace with all its keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "unzoom", show=False),
        *(binding_of(entry) for entry in COMMANDS if entry.scope == "main" and entry.id not in APP_WIDE),
    ]
    _zoom_explained = False  # it has been said how to go back
    ESCAPE_TO_MINIMIZE = False  # Textual's own takes the key before a field that is open gets it

    # Training

    def _attempt(self, work: Callable[P, T], *args: P.args, **values: P.kwargs) -> T | None:
        """Call the workbench; what it refuses becomes a message, and the answer is None."""
        try:
            result = work(*args, **values)
        except InputError as error:
            self.warn(str(error))
            self.query_one(TrainingPane).reveal(error.field)
            return None
        self.poll()
        return result

    def action_train(self) -> None:
        """Train, pause or resume; while data are on their way, train as soon as they are there."""
        if self.services.data.expecting and self.workbench.state not in (State.TRAINING, State.PAUSING):
            self.say(self.services.data.train_when_loaded())
            return
        if self.workbench.state is State.IDLE:
            self.show_side("watch")
        self._train(self.workbench.toggle)

    def action_step(self) -> None:
        """Train one iteration."""
        self._train(self.workbench.start, 1)

    def action_step_report(self) -> None:
        """Train to the next report."""
        self._train(self.workbench.step_to_report)

    def action_race(self, racers: Sequence[Racer] | None = None) -> None:
        """Race the values that were typed into settings, or these racers."""
        from deepnet_tui.screens.race.start import start_race

        if not self.must_pause_first("start a race"):
            self._attempt(start_race, self, racers, log=self.query_one(CostPane).log_axis)

    def action_side_by_side(self) -> None:
        """Show two or three networks side by side: the values that were typed into settings, or three initializers."""
        from deepnet_tui.screens.side_by_side.start import open_side_by_side

        if not self.must_pause_first("compare networks side by side"):
            self._attempt(open_side_by_side, self, self.note, log=self.query_one(CostPane).log_axis)

    def on_view_race(self, event: View.Race) -> None:
        """Race what a view asks for."""
        racers = self._attempt(event.racers, self.workbench)
        if racers:
            self.action_race(racers)

    def _train(self, work: Callable[P, None], *args: P.args, **values: P.kwargs) -> None:
        """Train; if an earlier snapshot was shown, say that the training does not start from there."""
        shown, present = self.workbench.cursor, self.workbench.iteration if self.workbench.ready else 0
        self._attempt(work, *args, **values)
        if shown is not None and self.workbench.cursor is None:
            branch = key_of(self, "branch")
            self.say(f"Training goes on from {present:,}, not {shown:,}; to train from there, press {branch} first")

    def action_reset(self) -> None:
        """Go back to the initial parameters."""
        trained = self.workbench.ready and self.workbench.training_run.trained
        self._attempt(self.workbench.reset)
        if trained and not self.workbench.training_run.trained:
            self.say("Back to the initial parameters; u brings the trained ones back")

    def action_back(self) -> None:
        """Show the previous snapshot."""
        self._attempt(self.workbench.back)

    def action_forth(self) -> None:
        """Show the next snapshot, or the present at the end."""
        self._attempt(self.workbench.back, -1)

    def action_member(self, steps: int) -> None:
        """Show another network of an ensemble."""
        if self.workbench.members > 1 and not self.shows_one_of_several:
            self.say("This view is about all networks together")
            return
        self._attempt(self.workbench.show_member, steps)

    def action_branch(self) -> None:
        """Start a new run from the snapshot that is shown."""
        iteration = self._attempt(self.workbench.branch)
        if iteration is not None:
            self.say(f"A new run starts from the parameters of iteration {iteration:,}; u goes back")

    def action_search(self) -> None:
        """Open the search for better settings."""
        self.services.searches.open()

    # Edits

    def action_undo(self) -> None:
        """Undo the last edit."""
        name = self._attempt(self.workbench.undo)
        if name:
            self.say(f"Undone: {name.replace('_', ' ')}")

    def action_redo(self) -> None:
        """Redo the edit that was undone last."""
        name = self._attempt(self.workbench.redo)
        if name:
            self.say(f"Redone: {name.replace('_', ' ')}")

    def on_view_open(self, event: View.Open) -> None:
        """Load the experiment that a view asks for."""
        self._open(event)

    def _open(self, request: View.Open) -> bool:
        """Load an experiment, and say whether that could begin."""
        if self.must_pause_first("open another experiment"):
            return False
        experiment = self._attempt(request.read)
        if experiment is not None:
            self.services.data.load(experiment, restore=request.restore)
        return experiment is not None

    def on_diagram_chosen(self, event: Diagram.Chosen) -> None:
        """The layer that was clicked is selected among the layers, too."""
        self.query_one(ArchitecturePane).select_layer(event.layer)

    def on_view_edit_request(self, event: View.EditRequest) -> None:
        """Change the workbench as a view asks."""
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
        """Change a setting that was stepped or typed."""
        try:
            self.say(self.workbench.edit(event.section, **event.values))
        except InputError as error:
            if not event.pane.refuse(str(error)):
                self.warn(str(error))
            return
        event.pane.accept()
        self.poll()

    def on_settings_pane_choosing(self, event: SettingsPane.Choosing) -> None:
        """Let the user choose the value of a setting."""
        self._choose(event.row)

    def _choose(self, row: Row) -> None:
        from deepnet_tui.screens.dialogs.dialog import Choose

        def chosen(name: str | None) -> None:
            if name is not None and row.values is not None:
                self.say(self._attempt(self.workbench.edit, row.section, **row.values(name)) or "")

        if row.choices is not None:
            self.app.push_screen(Choose(row.label, row.choices(), row.text, several=row.several), chosen)

    def _edit_layers(self, edit: Callable[[ArchitecturePane], dict[str, Any]]) -> None:
        self.show_side("design")
        pane = self.query_one(ArchitecturePane)
        self.focus_design()

        def work() -> str:
            pane.show(self.workbench)  # it may never have been drawn, or not lately
            return self.workbench.edit("network", **edit(pane))

        self.say(self._attempt(work) or "")

    def action_all_settings(self) -> None:
        """Show all settings of the training, or those that are changed first."""
        pane = self.query_one(TrainingPane)
        self.show_side("design")
        pane.fold(all_settings=not pane.all_settings)
        pane.go_to(FOLD)

    def show_setting(self, name: str) -> None:
        """Go to a setting of the training pane."""
        pane = self.query_one(TrainingPane)
        self.show_side("design")
        if self.maximized is not None and self.maximized is not pane:
            self.minimize()
        if self.workbench.ready:
            pane.show(self.workbench)
        if not pane.go_to(name):
            label = next(entry.setting.label for entry in SETTINGS if entry.name == name)
            self.say(f"{label} has no effect on what is trained now, so it is not in the list")

    def action_add_layer(self) -> None:
        """Add a hidden layer after the selected one."""
        self._edit_layers(ArchitecturePane.added)

    def action_remove_layer(self) -> None:
        """Remove the selected hidden layer."""
        self._edit_layers(ArchitecturePane.removed)

    def action_activation(self) -> None:
        """Let the user choose the activation of the selected layer."""
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
        """Open the data chooser."""
        self.services.data.choose()

    def action_export(self) -> None:
        """Export the network."""
        self.services.files.export()

    def action_open(self) -> None:
        """Open an experiment."""
        self.services.files.open_experiment()

    def action_write(self) -> None:
        """Write the experiment to a file."""
        self.services.files.write_experiment()

    def action_copy(self) -> None:
        """Copy what the focused pane shows to the clipboard."""
        pane = self._pane_of(self.focused) or self.query_one(CostPane)
        self.app.copy_to_clipboard(pane.as_text())

    def action_save_pane(self) -> None:
        """Save what the focused pane shows as a picture or as text."""
        from deepnet_tui.screens.saving.saver import PaneSaver

        self.app.clear_notifications()
        pane = self._pane_of(self.focused) or self.query_one(CostPane)
        PaneSaver(self, pane, self.workbench).ask()

    # Views

    def action_design(self) -> None:
        """Show the design, and focus it."""
        self.show_side("design")
        self.focus_design()

    async def action_view(self, name: str) -> None:
        """Show a view, and focus it."""
        self.app.clear_notifications()
        await self.show_view(name)

    async def action_histograms(self) -> None:
        """Show the histograms of the layers over time; again: those of the next kind."""
        from deepnet_tui.widgets.views.health.view import HealthView

        await self.action_view("health")
        if isinstance(self.view, HealthView):
            self.view.show_histograms()
        self.redraw()

    def action_all_runs(self, at: str = "") -> None:
        """Open the Runs screen, at the run with this id if there is one."""
        from deepnet_tui.runs.store import Store
        from deepnet_tui.screens.runs.screen import RunsScreen

        store = self.workbench.store or Store()
        self.app.push_screen(RunsScreen(self.services.commands, store, self._open, self._race_of_runs, at))

    def _race_of_runs(self, runs: Sequence[StoredRun]) -> bool:
        """Race the settings of these runs on the present data, and say whether that could begin."""
        from deepnet_tui.race.of_runs import race_of_runs

        def work() -> tuple[Racer, ...]:
            return race_of_runs([run.experiment() for run in runs], self.workbench.experiment)

        racers = None if self.must_pause_first("start a race") else self._attempt(work)
        if racers:
            self.call_after_refresh(self.action_race, racers)
        return bool(racers)

    def action_zoom(self) -> None:
        """Let the focused pane fill the screen, or restore the layout."""
        if self.maximized is not None:
            self.minimize()
            self.app.clear_notifications()
        else:
            pane = self._pane_of(self.focused) or self.view
            if pane is not None:
                self.maximize(pane, container=False)
                if not self._zoom_explained:  # once is enough: the message covers a part of the pane
                    self._zoom_explained = True
                    self.say(f"{key_of(self, 'zoom')} or Escape goes back")
        self.call_after_refresh(self.redraw)

    def action_unzoom(self) -> None:
        """Give up loading data, else restore the layout, where nothing else wants Escape."""
        if not self.services.data.give_up() and self.maximized is not None:
            self.action_zoom()

    def action_log_axis(self) -> None:
        """Switch between the linear and the logarithmic cost axis."""
        pane = self.query_one(CostPane)
        pane.log_axis = not pane.log_axis
        self._draw(pane)

    def action_next_pane(self) -> None:
        """Focus the next pane."""
        self._go(1)

    def action_previous_pane(self) -> None:
        """Focus the previous pane."""
        self._go(-1)

    def _go(self, step: int) -> None:
        """Focus what comes next; on a narrow screen the other side follows the end of one."""
        chain = self.focus_chain
        here = chain.index(self.focused) if self.focused in chain else (-1 if step > 0 else 0)
        there = here + step
        if 0 <= there < len(chain):
            chain[there].focus()
            return
        if not self.wide and self.maximized is None and not self.hides("design"):
            self.show_side("design" if self._side == "watch" else "watch")
            chain = self.focus_chain
        if chain:
            chain[0 if step > 0 else -1].focus()

    # The rest

    def action_help(self) -> None:
        """Show all keys, those of the focused pane first."""
        from deepnet_tui.screens.dialogs.help import Help

        offered = (entry for entry in self.services.commands if entry.scope != "main" or not self.hides(entry.action))
        here = {binding.id for pane in self._focus_path() for binding in pane.BINDINGS if isinstance(binding, Binding)}
        self.app.push_screen(Help(tuple(sorted(offered, key=lambda entry: entry.id not in here))))

    def _focus_path(self) -> list[Widget]:
        """What has the focus and what it is in, up to the screen."""
        nodes = self.focused.ancestors_with_self if self.focused is not None else []
        return [node for node in nodes if isinstance(node, Widget) and not isinstance(node, Screen)]

    async def action_present(self) -> None:
        """Show everything for a class, or go back to work."""
        await self.app.run_action("app.present")

    async def action_palette(self) -> None:
        """Open the command palette."""
        self.app.action_command_palette()

    async def action_suspend(self) -> None:
        """Go back to the shell."""
        await self.app.run_action("suspend")
