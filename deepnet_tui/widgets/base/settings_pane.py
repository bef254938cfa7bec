"""A pane of rows that can be chosen, stepped and typed into; an error stands right beneath the field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from deepnet_tui.commands.registry import COMMANDS
from deepnet_tui.widgets.base.view import View

if TYPE_CHECKING:
    from deepnet_tui.training.workbench import Workbench


EITHER_WAY = re.compile(r"-?[1-9]\d{0,2},\d{3}")  # a decimal comma, or a mark between thousands


@dataclass(frozen=True)
class Row:
    """One row: what it is called, what it shows, how it is typed and stepped.

    `values` turns the typed text into what the workbench's `edit` takes and raises InputError for what can't be
    read. `step` gives those for the next smaller (-1) or larger (1) value, None where there is none.
    `choices` offers names with an explanation instead of typing. `hint` says what may be typed, or why nothing may.
    """

    name: str
    section: str
    cells: Content
    label: str = ""
    text: str = ""
    hint: str = ""
    values: Callable[[str], dict[str, Any]] | None = None
    step: Callable[[int], dict[str, Any] | None] | None = None
    choices: Callable[[], Mapping[str, str]] | None = None


class Rows(OptionList):
    """The rows. Left and right step the chosen one, Enter edits it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(command.keys, command.action, command.label, id=command.id, tooltip=command.help, show=False)
        for command in COMMANDS
        if command.scope == "list"
    ]

    ALLOW_MAXIMIZE = False

    @property
    def pane(self) -> SettingsPane:
        """The pane around."""
        pane = self.parent
        assert isinstance(pane, SettingsPane)  # noqa: S101
        return pane

    def action_less(self) -> None:
        """The next smaller value."""
        self.pane.step(-1)

    def action_more(self) -> None:
        """The next larger value."""
        self.pane.step(1)


class Editor(Vertical):
    """The field that is being typed into, what is allowed there, and what is wrong with it."""

    def compose(self) -> ComposeResult:
        """A label with the field, and a line for the hint or the error."""
        yield Input(compact=True, select_on_focus=True)
        yield Static("", classes="hint")

    def open(self, row: Row) -> None:
        """Begin to edit a row."""
        self.display = True
        self.border_title = row.label
        field = self.query_one(Input)
        field.value = row.text
        self.query_one(".hint", Static).update(row.hint)
        self.remove_class("wrong")
        field.focus()

    def refuse(self, message: str) -> None:
        """Say what is wrong with the value."""
        self.add_class("wrong")
        self.query_one(".hint", Static).update(Content(message))


class SettingsPane(View):
    """Rows, and an editor that opens beneath them."""

    class Changed(Message):
        """A row shall change; the screen answers with `accept` or `refuse`."""

        def __init__(self, pane: SettingsPane, section: str, values: dict[str, Any]) -> None:
            super().__init__()
            self.pane, self.section, self.values = pane, section, values

    class Choosing(Message):
        """A row offers choices; the screen asks which and then posts `Changed`."""

        def __init__(self, pane: SettingsPane, row: Row) -> None:
            super().__init__()
            self.pane, self.row = pane, row

    def __init__(self, title: str, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane settings")
        self.border_title = title
        self.rows: list[Row] = []
        self._editing: Row | None = None

    def compose(self) -> ComposeResult:
        """The rows and the editor."""
        yield Rows(compact=True)
        editor = Editor(classes="editor")
        editor.display = False
        yield editor

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
        """Where the cursor stands once these have taken the place of the old rows."""
        return min(self.query_one(Rows).highlighted or 0, len(rows) - 1)

    @property
    def chosen(self) -> Row | None:
        """The row under the cursor."""
        index = self.query_one(Rows).highlighted
        return self.rows[index] if index is not None and index < len(self.rows) else None

    def step(self, direction: int) -> None:
        """The next value of the chosen row."""
        row = self.chosen
        if row is not None and row.step is not None and (values := row.step(direction)) is not None:
            self.post_message(self.Changed(self, row.section, values))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click on the chosen row edits it."""
        event.stop()
        row = self.chosen
        if row is None:
            return
        if row.choices is not None:
            self.post_message(self.Choosing(self, row))
        elif row.values is not None:
            self._editing = row
            self.query_one(Editor).open(row)
        elif row.hint:
            self.app.notify(row.hint, timeout=4, markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter ends the edit, if the value is allowed."""
        event.stop()
        row = self._editing
        if row is None or row.values is None:
            return
        try:
            values = row.values(event.value)
        except ValueError as error:
            self.refuse(f"{error}; type {row.hint}" if row.hint else str(error))
            return
        self.post_message(self.Changed(self, row.section, values))

    def on_key(self, event: events.Key) -> None:
        """Escape ends the edit and keeps the old value."""
        if event.key == "escape" and self._editing is not None:
            event.stop()
            event.prevent_default()
            self.accept()

    def accept(self) -> None:
        """Close the editor."""
        if self._editing is not None:
            self._editing = None
            editor = self.query_one(Editor)
            if editor.has_focus_within:
                self.query_one(Rows).focus()
            editor.display = False

    def refuse(self, message: str) -> bool:
        """Show what is wrong beside the field; False if no field is open."""
        if self._editing is None:
            return False
        self.query_one(Editor).refuse(message)
        self.app.clear_notifications()  # one might lie over it
        return True

    def as_text(self) -> str:
        """The rows as they stand there."""
        return "\n".join(row.cells.plain for row in self.rows)


def read_whole(text: str) -> int:
    """A whole number as people type it, thousands apart or not. Raises ValueError with a sentence."""
    cleaned = text.strip().replace("_", "").replace(" ", "")
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", cleaned):
        cleaned = cleaned.replace(",", "")
    try:
        return int(cleaned)
    except ValueError:
        raise ValueError(f"{text.strip()!r} is not a whole number") from None


def read_number(text: str) -> float:
    """A number as people type it. Raises ValueError with a sentence."""
    cleaned = text.strip().replace("_", "")
    if EITHER_WAY.fullmatch(cleaned):
        one, other = cleaned.replace(",", "."), cleaned.replace(",", "")
        raise ValueError(f"{cleaned!r} could be {float(one):g} or {int(other)}")
    cleaned = cleaned.replace(",", ".") if "." not in cleaned and cleaned.count(",") == 1 else cleaned
    try:
        return float(cleaned)
    except ValueError:
        raise ValueError(f"{text.strip()!r} is not a number") from None
