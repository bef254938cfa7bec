"""What the networks side by side differ in: a setting is chosen, then its values are typed."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import App, ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from deepnet_tui.common.errors import InputError
from deepnet_tui.experiment import Experiment
from deepnet_tui.race.in_step import proposed
from deepnet_tui.race.values import Varied, shown, split, values_of, variable
from deepnet_tui.screens.dialogs.dialog import Choose, Dialog

FIRST = ("initializer", "activation", "optimizer", "learning_rate", "hidden", "dropout", "batch_size", "l2", "seed")


class TypeValues(Dialog[Varied]):
    """The values of a setting, with commas between them; `check` raises InputError for what can't be shown."""

    KEYS = "Enter shows them   Escape goes back"

    def __init__(self, name: str, text: str, check: Callable[[Varied], object]) -> None:
        setting = variable()[name].setting
        self.TITLE_TEXT = f"What differs: {setting.label}"
        super().__init__(classes="values")
        self._setting, self._text, self._check = name, text, check
        self._hint = f"Two or three values with commas between them: {setting.allowed}"

    def body(self) -> ComposeResult:
        """The field and its hint."""
        yield Input(self._text, placeholder="0.1, 0.2", compact=True, select_on_focus=True)
        yield Static(Content(self._hint), classes="hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the values, or say what is wrong with them."""
        try:
            varied = {self._setting: values_of(self._setting, split(event.value))}
            self._check(varied)
        except InputError as error:
            self.refuse(str(error))
        else:
            self.dismiss(varied)


def ask_what_differs(
    app: App[None],
    experiment: Experiment,
    now: Varied,
    check: Callable[[Varied], object],
    take: Callable[[Varied], object],
) -> None:
    """Let a setting be chosen and its values be typed, and hand them to `take`; `now` is what differs at present."""
    names = [*FIRST, *(name for name in variable() if name not in FIRST)]
    texts = {name: _text(name, now.get(name) or proposed(name, experiment)) for name in names}
    choices = {name: texts[name] or variable()[name].setting.help for name in names}

    def chosen(name: str | None) -> None:
        if name is not None:
            app.push_screen(TypeValues(name, texts[name], check), typed)

    def typed(varied: Varied | None) -> None:
        if varied is not None:
            take(varied)

    app.push_screen(Choose("What differs", choices, next(iter(now), FIRST[0])), chosen)


def _text(name: str, values: tuple[object, ...]) -> str:
    return ", ".join(shown(name, value) for value in values)
