"""Choosing data: a built-in set, or a file found by typing or by walking through folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import is_folder, user_path
from deepnet_tui.data.builtin import BUILTIN
from deepnet_tui.data.path_completion import PathEntry, common_completion, matching_paths, size_text
from deepnet_tui.screens.dialogs.dialog import Dialog
from deepnet_tui.widgets.base.choices import Choices


class PathInput(Input):
    """A path; Tab completes it, Down goes to the files that it may become."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", show=False),
        Binding("down", "screen.to_list", show=False),
    ]

    def action_complete(self) -> None:
        """Complete the path as far as it is unambiguous; where it is not, focus the next field."""
        longer = common_completion(self.value, matching_paths(self.value))
        if longer == self.value:
            self.screen.focus_next()
        else:
            self.value = longer
            self.cursor_position = len(longer)


class DataChooser(Dialog[None]):
    """Built-in sets with a description each; once a path is begun, the files that it may become.

    `load(source)` begins to load a built-in set; the caller then calls `refuse` with what was wrong, or dismisses.
    `look(source)` opens the data screen for a file, or with "" for the present data.
    """

    TITLE_TEXT = "Choose data"
    KEYS = "↑ ↓ Enter choose   f file   c columns and split   Escape goes back"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "file", show=False),
        Binding("c", "columns", show=False),
    ]

    def __init__(self, current: str, load: Callable[[str], None], look: Callable[[str], None]) -> None:
        super().__init__(classes="choose data-chooser")
        self._current, self._load, self._look = current, load, look
        self._files: tuple[PathEntry, ...] | None = None

    def body(self) -> ComposeResult:
        """The sets or files, the path, and what is wrong with it."""
        yield Choices(compact=True)
        yield PathInput(placeholder="your own file: type its path, Tab completes", compact=True, id="path")
        yield Static("", classes="hint")

    def on_mount(self) -> None:
        """The sets first."""
        self._show_sets()

    def _show_sets(self) -> None:
        self._files = None
        width = max(map(len, BUILTIN)) + 2
        options = [
            Option(Content.assemble(f"{name:<{width}}", Content.styled(entry.title, "dim")), id=name)
            for name, entry in BUILTIN.items()
        ]
        if self._current:
            about = Content.styled(f"columns and validation split of {Path(self._current).name}", "dim")
            options.append(Option(Content.assemble(f"{'look closer':<{width}}", about), id="look closer"))
        choices = self.query_one(Choices)
        choices.set_options(options)
        choices.highlighted = list(BUILTIN).index(self._current) if self._current in BUILTIN else len(options) - 1

    def _show_files(self, typed: str) -> None:
        self._files = matching_paths(typed)
        width = max((len(one.name) for one in self._files), default=0) + 2
        choices = self.query_one(Choices)
        choices.set_options(
            Option(Content.assemble(f"{one.name:<{width}}", Content.styled(_about(one), "dim"))) for one in self._files
        )
        choices.highlighted = 0 if self._files else None

    # Events

    def on_descendant_focus(self) -> None:
        """Show files once the path has the focus."""
        if isinstance(self.focused, PathInput) and self._files is None:
            self._show_files(self.focused.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the files that the path may become."""
        if self._files is not None or event.value:
            self._clear()
            self._show_files(event.value)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Load a built-in set, enter a folder, or open a file."""
        if self._files is not None:
            self._open(self._files[event.option_index])
        elif event.option.id == "look closer":
            self._look("")
        elif event.option.id:
            self._say(f"loading {event.option.id} …")
            self._load(event.option.id)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter a folder, or open a file."""
        text = event.value.strip()
        if not text:
            self.refuse("Type the path of a file, or choose one from the list")
            return
        try:
            folder = is_folder(user_path(text))
        except InputError as error:
            self.refuse(str(error))
            return
        self._open(PathEntry(text.rstrip("/") + "/") if folder else PathEntry(text, 0))

    def _open(self, one: PathEntry) -> None:
        field = self.query_one(PathInput)
        field.value = one.text
        field.cursor_position = len(one.text)
        if one.size is None:
            field.focus()
            return
        from deepnet_tui.data.readers.registry import READERS
        from deepnet_tui.data.readers.table import regular_file

        try:
            path = user_path(one.text)
            regular_file(path)
            if path.suffix.lower() not in READERS:
                raise InputError(f"{path} has no suffix that is known; choose one of {', '.join(READERS)}", "source")
        except InputError as error:
            self.refuse(str(error))
            field.focus()
        else:
            self._look(str(path))

    # Actions

    def action_file(self) -> None:
        """Focus the path."""
        self.query_one(PathInput).focus()

    def action_to_list(self) -> None:
        """Focus the list."""
        self.query_one(Choices).focus()

    def action_columns(self) -> None:
        """Open the data screen for the set under the cursor, or for the present data."""
        choices = self.query_one(Choices)
        option = None if choices.highlighted is None else choices.get_option_at_index(choices.highlighted)
        if option is not None and option.id in BUILTIN and option.id != self._current:
            self._look(option.id)
        elif self._current:
            self._look("")

    def _say(self, text: str) -> None:
        hint = self.query_one(".hint", Static)
        hint.remove_class("wrong")
        hint.update(Content(text))

    def _clear(self) -> None:
        self._say("")


def _about(one: PathEntry) -> str:
    return "folder" if one.size is None else size_text(one.size)
