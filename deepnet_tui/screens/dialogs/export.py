"""The export dialog: choose a format and a path."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import is_file, is_folder, user_path
from deepnet_tui.export import format_of
from deepnet_tui.screens.dialogs.dialog import Confirm, Dialog
from deepnet_tui.widgets.base.choices import Choices


class ExportDialog(Dialog[str]):
    """Formats with an explanation each, and a path, whose ending is the format: each follows the other.

    A path without an ending gets that of the selected format. What is typed in the list begins the path.
    `save(path, overwrite, done, refuse)` writes, and calls `done` with the sentence to show or `refuse` with what is
    wrong; `check(path)` raises InputError where that can't be,
    even if a file may be replaced. Dismissed with the sentence, or None.
    """

    TITLE_TEXT = "Export"
    KEYS = "↑ ↓ format   Enter continues   Escape goes back"

    def __init__(
        self,
        formats: Mapping[str, str],
        stem: str,
        save: Callable[[str, bool, Callable[[str], object], Callable[[str], object]], object],
        check: Callable[[str], object],
    ) -> None:
        super().__init__(classes="choose export")
        self._formats, self._stem, self._save, self._check = dict(formats), stem, save, check

    def body(self) -> ComposeResult:
        """The formats and the path."""
        width = max(map(len, self._formats)) + 2
        yield Choices(
            *[
                Option(Content.assemble(f"{suffix:<{width}}", Content.styled(text, "dim")), id=suffix)
                for suffix, text in self._formats.items()
            ],
            compact=True,
        )
        yield Input(self._stem + next(iter(self._formats)), placeholder="a path", compact=True, select_on_focus=False)
        with Horizontal(classes="answers"):
            yield Button("save", id="save", compact=True, variant="primary")
        yield Static(Content("Enter continues to the path"), classes="hint")

    @property
    def _suffix(self) -> str:
        """The ending of the selected format."""
        return list(self._formats)[self.query_one(Choices).highlighted or 0]

    @property
    def _target(self) -> str:
        """The path that is typed, with its ending."""
        path = self.query_one(Input).value.strip()
        return path if not path or _ends(path) else path + self._suffix

    def on_key(self, event: events.Key) -> None:
        """Begin the path with a letter that is typed in the list."""
        typed = event.character or ""
        if isinstance(self.focused, Choices) and event.is_printable and typed not in ("j", "k", " "):
            event.stop()
            self.query_one(Input).value = typed
            self.on_option_list_option_selected()

    def on_option_list_option_highlighted(self) -> None:
        """Give the path the ending of the format."""
        field = self.query_one(Input)
        path = field.value
        for suffix in sorted(self._formats, key=len, reverse=True):
            if path.lower().endswith(suffix):
                path = path[: -len(suffix)]
                break
        with self.prevent(Input.Changed):
            field.value = path + self._suffix if path else ""
        field.cursor_position = len(field.value)

    def on_input_changed(self) -> None:
        """Select the format of the path's ending."""
        with suppress(InputError), self.prevent(OptionList.OptionHighlighted):
            self.query_one(Choices).highlighted = list(self._formats).index(format_of(self._target).suffix)

    def on_option_list_option_selected(self) -> None:
        """Focus the path."""
        field = self.query_one(Input)
        self.set_focus(field)
        field.cursor_position = len(field.value)
        hint = self.query_one(".hint", Static)
        hint.remove_class("wrong")
        hint.update(Content("Enter saves here; you are asked before a file is replaced"))

    def on_input_submitted(self) -> None:
        """Write the file."""
        self._try(overwrite=False)

    def on_button_pressed(self) -> None:
        """Write the file."""
        self._try(overwrite=False)

    def _try(self, overwrite: bool) -> None:
        text = self._target
        if not text:
            self.refuse("Type the path of a file")
            return
        try:
            self._check(text)
        except InputError as error:
            self.refuse(str(error))
            return
        if not overwrite and self._may_be_replaced(text):
            question = f"{user_path(text)} already exists. Replace it?"
            self.app.push_screen(Confirm("Replace", question, "replace", "keep it"), self._answered)
            return
        self._save(text, overwrite, self.dismiss, self.refuse)

    @staticmethod
    def _may_be_replaced(text: str) -> bool:
        """Whether the file or folder exists that the format makes; all else is refused without a question."""
        with suppress(InputError):
            path = user_path(text)
            return is_folder(path) if format_of(text).folder else is_file(path)
        return False

    def _answered(self, yes: bool | None) -> None:
        if yes:
            self._try(overwrite=True)


def _ends(path: str) -> bool:
    """Whether a path has an ending, that of a file or the slash of a folder."""
    return path.endswith(("/", os.sep)) or "." in Path(path).name.lstrip(".")
