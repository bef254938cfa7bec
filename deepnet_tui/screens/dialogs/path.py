"""A dialog that asks for a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Input, Static

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import is_file, user_path
from deepnet_tui.screens.dialogs.dialog import Confirm, Dialog
from deepnet_tui.screens.dialogs.working import run_behind

T = TypeVar("T")


class AskPath(Dialog[str]):
    """Asks for a path and calls `work` with it, in a thread, then `done` with what that gave; an InputError is shown
    beneath the field.

    With `asks_before` an existing file is replaced only if the user agrees. Dismissed with the path, or None.
    """

    KEYS = "Enter continues   Escape goes back"

    def __init__(
        self,
        title: str,
        hint: str,
        path: str,
        work: Callable[[Path], T],
        *,
        asks_before: bool = False,
        done: Callable[[T], object] = lambda _: None,
    ) -> None:
        self.TITLE_TEXT = title
        super().__init__(classes="ask-path")
        self._hint, self._path, self._asks = hint, path, asks_before
        self._work: Callable[[Path], Any] = work
        self._done: Callable[[Any], object] = done

    def body(self) -> ComposeResult:
        """The field and its hint."""
        yield Input(self._path, placeholder="a path", compact=True, select_on_focus=False)
        yield Static(Content(self._hint), classes="hint")
        with Horizontal(classes="answers"):
            yield Button("continue", compact=True, variant="primary")

    async def on_button_pressed(self) -> None:
        """Call `work` with the path."""
        await self.query_one(Input).action_submit()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Call `work` with the path."""
        text = event.value.strip()
        if not text:
            self.refuse("Type the path of a file")
            return
        try:
            path = user_path(text)
        except InputError as error:
            self.refuse(str(error))
            return
        if self._asks and is_file(path):
            question = f"{path} already exists. Replace it?"
            self.app.push_screen(Confirm("Replace", question, "replace", "keep it"), self._answered)
        else:
            self._try(path)

    def _answered(self, yes: bool | None) -> None:
        if yes:
            self._try(user_path(self.query_one(Input).value.strip()))

    def _try(self, path: Path) -> None:
        def done(result: Any) -> None:
            try:
                self._done(result)
            except InputError as error:
                self.refuse(str(error))
            else:
                self.dismiss(str(path))

        run_behind(self.app, self.TITLE_TEXT, lambda _: self._work(path), done, self.refuse)
