"""A pane of settings that can be stepped and typed; an error is shown right beneath the field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from deepnet_tui.common.errors import InputError
from deepnet_tui.widgets.base.editor import Editor
from deepnet_tui.widgets.base.keys import bindings
from deepnet_tui.widgets.base.settings_row import Row
from deepnet_tui.widgets.base.view import View

if TYPE_CHECKING:
    from deepnet_tui.workbench.workbench import Workbench


class Rows(OptionList):
    """The rows. Left and right step the selected one, Enter edits it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("list")
    ALLOW_MAXIMIZE = False

    @property
    def pane(self) -> SettingsPane:
        """The pane that the rows are in."""
        pane = self.parent
        assert isinstance(pane, SettingsPane)  # noqa: S101
        return pane

    def action_less(self) -> None:
        """The next smaller value."""
        self.pane.step(-1)

    def action_more(self) -> None:
        """The next larger value."""
        self.pane.step(1)


class SettingsPane(View):
    """Rows, and an editor that opens beneath them."""

    class Changed(Message):
        """A row was stepped or typed; the screen changes the setting and answers with `accept` or `refuse`."""

        def __init__(self, pane: SettingsPane, section: str, values: dict[str, Any]) -> None:
            super().__init__()
            self.pane, self.section, self.values = pane, section, values

    class Choosing(Message):
        """A row offers choices; the screen asks which one, and changes the setting."""

        def __init__(self, pane: SettingsPane, row: Row) -> None:
            super().__init__()
            self.pane, self.row = pane, row

    def __init__(self, title: str, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane settings")
        self.border_title = title
        self.rows: list[Row] = []
        self._editing: Row | None = None

    async def fill(self) -> None:
        """Make the rows and the editor, above whatever is there; this takes a moment, and follows the first paint."""
        editor = Editor(classes="editor")
        editor.display = False
        await self.mount(Rows(compact=True), editor, before=0 if self.children else None)

    def version(self, workbench: Workbench) -> object:
        """The experiment and its data."""
        return (workbench.experiment, id(workbench.dataset)) if workbench.ready else None

    def build(self, workbench: Workbench) -> list[Row]:
        """The rows for what the workbench holds."""
        raise NotImplementedError

    def show(self, workbench: Workbench) -> None:
        """Draw the rows, keeping the cursor on the same one."""
        rows = self.build(workbench) if workbench.ready else []
        options = self.query_one(Rows)
        if [row.cells for row in rows] == [row.cells for row in self.rows] and len(rows) == options.option_count:
            self.rows = rows
            return
        if [row.name for row in rows] == [row.name for row in self.rows]:
            for index, (new, old) in enumerate(zip(rows, self.rows, strict=True)):
                if new.cells != old.cells:
                    options.replace_option_prompt_at_index(index, new.cells)
        else:
            self.accept()  # the row that is being edited may be gone
            here = self.place(rows) if rows else None
            options.set_options([Option(row.cells) for row in rows])
            options.highlighted = here
        self.rows = rows

    def place(self, rows: list[Row]) -> int:
        """The index of the row that has the cursor once these have replaced the old rows."""
        return min(self.query_one(Rows).highlighted or 0, len(rows) - 1)

    @property
    def chosen(self) -> Row | None:
        """The row under the cursor."""
        index = self.query_one(Rows).highlighted
        return self.rows[index] if index is not None and index < len(self.rows) else None

    def go_to(self, name: str) -> bool:
        """Put the cursor on the row of this name and the focus here; False if there is no such row."""
        place = next((place for place, row in enumerate(self.rows) if row.name == name), None)
        rows = self.query_one(Rows)
        if place is not None:
            rows.highlighted = place
        rows.focus()
        return place is not None

    def step(self, direction: int) -> None:
        """Ask for the next value of the selected row: larger, or with -1 smaller."""
        row = self.chosen
        if row is not None and row.step is not None and (values := row.step(direction)) is not None:
            self.post_message(self.Changed(self, row.section, values))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Edit the row on Enter or a click."""
        event.stop()
        if self.chosen is not None:
            self.select(self.chosen)

    def select(self, row: Row) -> None:
        """Edit a row."""
        if row.choices is not None:
            self.post_message(self.Choosing(self, row))
        elif row.values is not None:
            self._editing = row
            self.query_one(Editor).open(row.label, row.text, row.hint)
        elif row.hint:
            self.app.notify(row.hint, timeout=4, markup=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        """What was wrong is being corrected."""
        event.stop()
        self.query_one(Editor).reconsider()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Ask for the typed value."""
        event.stop()
        row = self._editing
        if row is None or row.values is None:
            return
        try:
            values = row.values(event.value)
        except InputError as error:
            self.refuse(str(error))
            return
        except ValueError as error:
            self.refuse(f"{error}; type {row.hint}" if row.hint else str(error))
            return
        self.post_message(self.Changed(self, row.section, values))

    def on_key(self, event: events.Key) -> None:
        """Close the editor on Escape; the old value stays."""
        if event.key == "escape" and self._editing is not None:
            event.stop()
            event.prevent_default()
            self.accept()

    def accept(self) -> None:
        """Close the editor, if it is open."""
        if self._editing is not None:
            self._editing = None
            editor = self.query_one(Editor)
            if editor.has_focus_within:
                self.query_one(Rows).focus()
            editor.display = False

    def refuse(self, message: str) -> bool:
        """Show what is wrong beneath the field; False if no field is open."""
        if self._editing is None:
            return False
        self.query_one(Editor).refuse(message)
        self.app.clear_notifications()  # one might lie over it
        return True

    def as_text(self) -> str:
        """The rows, one a line."""
        return "\n".join(row.cells.plain for row in self.rows)
