"""The lesson pane: what to read, what to press, and whether it has happened."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from deepnet_tui.keys import COMMANDS
from deepnet_tui.lessons.keyed import keyed
from deepnet_tui.lessons.progress import Progress
from deepnet_tui.screens.dialog import Choices


class LessonPane(Vertical):
    """One step of a lesson."""

    DEFAULT_CSS = """
    LessonPane {
        height: auto;
        max-height: 60%;
        border: round $accent;
        border-title-color: $text-accent;
        border-title-style: bold;
        border-subtitle-color: $text-muted;
        padding: 0 1;
        & > Static { height: auto; }
        & > Choices { margin: 1 0 0 0; }
        & > .state { color: $text-muted; }
        & > .done { color: $text-success; }
    }
    """

    class Answered(Message):
        """A choice was made; `number` counts from 1."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__(id="lesson")
        self._asked: tuple[str, ...] = ()
        self._told: tuple[Progress, list[str], str] | None = None

    def compose(self) -> ComposeResult:
        """Text, choices, state."""
        yield Static(classes="text", markup=False)
        yield Choices(compact=True)
        yield Static(classes="state", markup=False)

    def tell(self, progress: Progress, missing: list[str], remark: str = "") -> None:
        """Show the step. `missing` is what it waits for; `remark` what to say about the last answer."""
        step, lesson = progress.step, progress.lesson
        self.border_title = lesson.title
        self.border_subtitle = f"{progress.number + 1} of {len(lesson.step)}"
        self.query_one(".text", Static).update(Content(" ".join(self._keyed(step.text).split())))
        asking = step.question.choices if step.question and not progress.done else ()
        choices = self.query_one(Choices)
        choices.display = bool(asking)
        if asking and asking != self._asked:
            choices.set_options([Option(_marked(text, number == 0)) for number, text in enumerate(asking)])
            choices.styles.height = len(asking)
            choices.highlighted = 0
        self._asked = asking
        self._told = progress, missing, remark
        self._tell_state()

    def _keyed(self, text: str) -> str:
        return keyed(text, getattr(self.app, "commands", COMMANDS))

    def _tell_state(self) -> None:
        if self._told is not None:
            state = self.query_one(".state", Static)
            state.set_class(self._told[0].done, "done")
            state.update(self._state(*self._told))

    def _state(self, progress: Progress, missing: list[str], remark: str) -> Content:
        step = progress.step
        parts: list[Content | tuple[str, str]] = [Content(f"{self._keyed(remark)} ")] if remark else []
        if progress.done:
            if step.waits_for and not remark:
                parts.append(Content("✓ Done. "))
            parts.append(Content("This was the last step." if progress.last else self._keyed("{lesson_on} goes on.")))
        elif step.question:
            away = not self.query_one(Choices).has_focus
            parts.append(Content(f"{'shift+tab leads to the answers; ' if away else ''}↑ ↓ choose, Enter answers."))
        else:
            if step.press:
                parts += [
                    Content("Press "),
                    Content.styled(self._keyed(step.press), "bold $text-accent"),
                    Content(". "),
                ]
            parts.append(Content(f"Waiting for {' and '.join(missing) or 'the data'}."))
        return Content.assemble(*parts)

    def on_descendant_focus(self) -> None:
        """The answers can be chosen."""
        self._tell_state()

    def on_descendant_blur(self) -> None:
        """The answers can't be chosen from where the focus went."""
        self._tell_state()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Mark the answer, in a way that needs no colour."""
        event.stop()
        choices = self.query_one(Choices)
        for number, text in enumerate(self._asked):
            choices.replace_option_prompt_at_index(number, _marked(text, number == choices.highlighted))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click."""
        event.stop()
        self.post_message(self.Answered(event.option_index + 1))


def _marked(text: str, chosen: bool) -> Content:
    return Content(f"{'▸' if chosen else ' '} {text}")
