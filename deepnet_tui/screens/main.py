"""The main screen: turns keys into calls of the workbench."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from deepnet_tui.commands.registry import COMMANDS, shown
from deepnet_tui.common.errors import InputError
from deepnet_tui.screens.dialogs.dialog import Choose
from deepnet_tui.screens.workspace import WorkspaceScreen
from deepnet_tui.training.state import State
from deepnet_tui.widgets.base.settings_pane import Row, SettingsPane
from deepnet_tui.widgets.base.view import View
from deepnet_tui.widgets.panes.architecture import ArchitecturePane
from deepnet_tui.widgets.panes.cost import CostPane


class MainScreen(WorkspaceScreen):
    """The bench with all its keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "unzoom", show=False),
        *(
            Binding(command.keys, command.action, command.label, id=command.id, tooltip=command.help, show=False)
            for command in COMMANDS
            if command.scope == "main" and command.id not in ("palette", "quit")
        ),
    ]
    _zoomed = False  # whether it has been said how to go back
    ESCAPE_TO_MINIMIZE = False  # Textual's own takes the key before a field that is open gets it

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
        self._go_on(self.workbench.toggle)

    def action_step(self) -> None:
        """s."""
        self._go_on(self.workbench.start, 1)

    def action_step_report(self) -> None:
        """S."""
        self._go_on(self.workbench.step_to_report)

    def _go_on(self, work: Any, *args: Any) -> None:
        """Train; who looked at an earlier moment is told that it is left."""
        looked, present = self.workbench.cursor, self.workbench.iteration if self.workbench.ready else 0
        self._attempt(work, *args)
        if looked is not None and self.workbench.cursor is None:
            self.say(f"On from iteration {present:,}, not from {looked:,}: {self._key('branch')} branches from there")

    def action_reset(self) -> None:
        """r."""
        trained = self.workbench.ready and self.workbench.training_run.trained
        self._attempt(self.workbench.reset)
        if trained and not self.workbench.training_run.trained:
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

    def on_view_edit_request(self, event: View.EditRequest) -> None:
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
        self.focus_design()

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
        self.focus_design()

    async def action_view(self, name: str) -> None:
        """1 to 9."""
        self.app.clear_notifications()
        await self.show_view(name)

    def action_zoom(self) -> None:
        """z."""
        if self.maximized is not None:
            self.minimize()
            self.app.clear_notifications()
        else:
            pane = self._pane_of(self.focused) or self.view
            if pane is not None:
                self.maximize(pane, container=False)
                if not self._zoomed:  # once is enough: it lies over what is looked at
                    self._zoomed = True
                    self.say(f"{self._key('zoom')} or Escape goes back")
        self.call_after_refresh(self.redraw)

    def _key(self, name: str) -> str:
        return next(shown(command.keys, first=True) for command in self.deepnet.commands if command.id == name)

    def action_unzoom(self) -> None:
        """Escape, where nothing else wants it."""
        if self.maximized is not None:
            self.action_zoom()

    def action_log_axis(self) -> None:
        """L."""
        pane = self.query_one(CostPane)
        pane.log_axis = not pane.log_axis
        self._draw(pane)

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
        if not self.wide and self.maximized is None and not self.hides("design"):
            self.show_side("design" if self._side == "watch" else "watch")
            chain = self.focus_chain
        if chain:
            chain[0 if step > 0 else -1].focus()

    # The rest

    def action_help(self) -> None:
        """?"""
        from deepnet_tui.screens.dialogs.help import Help

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
