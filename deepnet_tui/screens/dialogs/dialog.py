"""What all dialogs have in common: a box in the middle, Escape closes it, its last line explains the keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from deepnet_tui.screens.dialogs.leaving import LeftOnce
from deepnet_tui.widgets.base.choices import Choices

Result = TypeVar("Result")


class Dialog(LeftOnce[Result], ModalScreen[Result]):
    """A box with a title; `body` gives what is in it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Cancel", show=False)]
    TITLE_TEXT = ""
    KEYS = "Enter chooses   Escape goes back"

    def compose(self) -> ComposeResult:
        """Title, body, keys."""
        with Vertical(classes="dialog") as box:
            box.border_title = self.TITLE_TEXT
            box.border_subtitle = self.KEYS
            yield from self.body()

    def body(self) -> ComposeResult:
        """What is in the box."""
        raise NotImplementedError

    def on_click(self, event: events.Click) -> None:
        """Leave on a click outside the box."""
        box = self.query_one(".dialog").region
        if not box.contains(event.screen_x, event.screen_y) and self.is_current:
            self.action_leave()

    def refuse(self, message: str) -> None:
        """Say in place of the hint what is wrong."""
        hint = self.query_one(".hint", Static)
        hint.add_class("wrong")
        hint.update(Content(f"✗ {message}"))

    def action_leave(self) -> None:
        """Leave without a result."""
        self.dismiss(None)


class Confirm(Dialog[bool]):
    """A question with two answers; the safe one has the focus. Dismissed with whether the answer is yes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False),
        Binding("n", "answer(False)", show=False),
        Binding("left,right,up,down", "app.focus_next", show=False),
    ]
    KEYS = "y yes   n no   Escape goes back"

    def __init__(self, title: str, question: str, yes: str, no: str) -> None:
        self.TITLE_TEXT = title
        super().__init__(classes="confirm")
        self._question, self._yes, self._no = question, yes, no

    def body(self) -> ComposeResult:
        """The question and the answers."""
        yield Static(Content(self._question), classes="question")
        with Horizontal(classes="answers"):
            yield Button(self._no, id="no", compact=True)
            yield Button(self._yes, id="yes", compact=True, variant="warning")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer with the button."""
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """Answer yes or no."""
        self.dismiss(yes)


class Choose(Dialog[str]):
    """One of a few names, each with an explanation; typing a first letter finds it. Dismissed with the name.

    Where `several` may be chosen, space marks them; it is then dismissed with all that are marked, commas between them.
    """

    def __init__(self, title: str, choices: Mapping[str, str], current: str, *, several: bool = False) -> None:
        self.TITLE_TEXT = title
        self.KEYS = "Enter chooses   Space marks several to race   Escape goes back" if several else self.KEYS
        super().__init__(classes="choose")
        self._choices, self._several = dict(choices), several
        marked = [name for name in current.split(", ") if name in choices]
        self._marked = marked if len(marked) > 1 else []
        self._current = marked[0] if marked else current

    def body(self) -> ComposeResult:
        """The names."""
        options = [Option(self._prompt(name), id=name) for name in self._choices]
        choices = Choices(*options, compact=True)
        names = list(self._choices)
        choices.highlighted = names.index(self._current) if self._current in names else 0
        yield choices

    def _prompt(self, name: str) -> Content:
        width = max(map(len, self._choices), default=0) + 2
        mark = "● " if name in self._marked else "  " if self._marked else ""
        return Content.assemble(mark, f"{name:<{width}}", Content.styled(self._choices[name], "dim"))

    def _mark(self) -> None:
        """Mark the selected name, or remove its mark."""
        choices = self.query_one(Choices)
        name = list(self._choices)[choices.highlighted or 0]
        self._marked = [each for each in self._choices if (each in self._marked) != (each == name)]
        for place, each in enumerate(self._choices):
            choices.replace_option_prompt_at_index(place, self._prompt(each))

    def on_key(self, event: events.Key) -> None:
        """Select the next name that begins with the typed letter; j and k move as everywhere, space marks."""
        if event.key == "space" and self._several:
            self._mark()
            event.stop()
            return
        letter = (event.character or "").lower()
        if not letter.isalnum() or letter in "jk":
            return
        choices, names = self.query_one(Choices), list(self._choices)
        start = (choices.highlighted or 0) + 1
        for place in (*range(start, len(names)), *range(start)):
            if names[place].lower().startswith(letter):
                choices.highlighted = place
                event.stop()
                return

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose the selected name, or those that are marked."""
        self.dismiss(", ".join(self._marked) or event.option.id)
