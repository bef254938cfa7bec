"""The lesson pane: what to read, what to press, and whether it has happened."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static

from deepnet_tui.lessons.key_text import keyed
from deepnet_tui.lessons.progress import LessonProgress
from deepnet_tui.widgets.base.keys import commands_for
from deepnet_tui.widgets.panes.lesson.answers import Answers, marked
from deepnet_tui.widgets.panes.lesson.number_field import NumberField, number_in


class Reading(VerticalScroll, can_focus=False):
    """What can be scrolled: the text and the answers."""


class LessonPane(Vertical):
    """One step of a lesson. What has no room is scrolled; the last line, which says what to do, always stays."""

    DEFAULT_CSS = """
    LessonPane {
        height: auto;
        border: round $accent;
        border-title-color: $text-accent;
        border-title-style: bold;
        border-subtitle-color: $text-muted;
        padding: 0 1;
        & > Reading { height: auto; scrollbar-size-vertical: 0; }
        & > Reading > Static { height: auto; }
        & > Reading > Answers { max-height: 99; }
        & > .state { height: auto; color: $text-muted; }
        & > .done { color: $text-success; }
    }
    """

    class Answered(Message):
        """A choice was made; `number` counts from 1."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    class Typed(Message):
        """A number was typed; `number` is None for what is none."""

        def __init__(self, number: float | None) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__(id="lesson")
        self._shown: tuple[LessonProgress, list[str], str] | None = None
        self._number = -1  # of the step
        self._lines = 1
        self._state = Content("")

    def compose(self) -> ComposeResult:
        """Text, answers, state."""
        with Reading():
            yield Static(classes="text", markup=False)
            yield Answers()
            yield NumberField()
            yield Static(classes="answered", markup=False)
        yield Static(classes="state", markup=False)

    def on_mount(self) -> None:
        """Update what is said to be cut, whenever the size or the scroll position changes."""
        for name in ("scroll_y", "virtual_size"):
            self.watch(self.query_one(Reading), name, self._show_place, init=False)

    def make_room(self, lines: int) -> None:
        """Take at most so many lines of the screen."""
        self._lines = lines
        self._fit()

    def _fit(self) -> None:
        """What to do has its lines first; the text and the answers get what is left."""
        width = self.content_size.width
        if width:
            state = self.query_one(".state", Static)
            rest = self._lines - self.gutter.height - state.styles.margin.height - self._state.get_height({}, width)
            self.query_one(Reading).styles.max_height = max(1, rest)

    def show(self, progress: LessonProgress, missing: list[str], remark: str = "") -> None:
        """Show the step. `missing` is what it waits for; `remark` what to say first."""
        begins = self._number != progress.number
        self._shown, self._number = (progress, missing, remark), progress.number
        step = progress.step
        self.border_title = Content(progress.lesson.title)
        self.query_one(".text", Static).update(Content(" ".join(self._keyed(step.text).split())))
        self._offer()
        self._show_state()
        if begins:
            self.query_one(NumberField).value = ""
            self.query_one(Reading).scroll_home(animate=False)
        self.call_after_refresh(self._settle)

    def scroll(self, direction: int) -> None:
        """On in the text, or back, by half of what is seen."""
        reading = self.query_one(Reading)
        reading.scroll_relative(y=direction * max(1, reading.size.height // 2), animate=False)

    @property
    def cut(self) -> bool:
        """Whether there is more than is seen."""
        return self.query_one(Reading).max_scroll_y > 0

    def on_resize(self) -> None:
        """Wrap the text anew."""
        self._offer()
        self._fit()
        self.call_after_refresh(self._settle)

    def _offer(self) -> None:
        """The answers: to choose from while the question is open, then with the right one marked."""
        if self._shown is None:
            return
        progress, width = self._shown[0], self.content_size.width
        question, number = progress.step.question, progress.step.number
        answers, answered = self.query_one(Answers), self.query_one(".answered", Static)
        answers.display = progress.asks and question is not None
        answered.display = progress.step.asked is not None and not progress.asks
        self.query_one(NumberField).display = progress.asks and number is not None
        if number is not None:
            answered.update(Content(f"✓ {number.answer:g}"))
        elif question is not None and progress.asks:
            answers.ask(question.choices, width)
        elif question is not None:
            lines = [
                marked(text, "✓" if number == question.answer else " ", width)
                for number, text in enumerate(question.choices, start=1)
            ]
            answered.update(Content("\n").join(lines))

    def _keyed(self, text: str) -> str:
        return keyed(text, commands_for(self))

    def _show_place(self) -> None:
        """Which step this is, and whether there is more of it above or below."""
        if self._shown is None:
            return
        progress, reading = self._shown[0], self.query_one(Reading)
        more = []
        if reading.scroll_offset.y > 0:
            more.append(self._keyed("{lesson_up} ↑"))
        if reading.scroll_offset.y < reading.max_scroll_y:
            more.append(self._keyed("{lesson_down} ↓"))
        place = f"{progress.number + 1} of {len(progress.lesson.step)}"
        mark = Content.styled(f"more: {' '.join(more)} ", "bold $text-accent") if more else Content("")
        self.border_subtitle = Content.assemble(mark, place)

    def _show_state(self) -> None:
        if self._shown is not None:
            state = self.query_one(".state", Static)
            state.set_class(self._shown[0].done, "done")
            self._state = self._sentence(*self._shown)
            state.update(self._state)
            self._fit()

    def _sentence(self, progress: LessonProgress, missing: list[str], remark: str) -> Content:
        step = progress.step
        parts: list[Content | tuple[str, str]] = [Content(f"{self._keyed(remark)} ")] if remark else []
        if progress.done:
            if step.waits_for and not remark:
                parts.append(Content("✓ Done. "))
            parts.append(Content("This was the last step." if progress.last else self._keyed("{lesson_on} goes on.")))
        elif step.number:
            away = not self.query_one(NumberField).has_focus
            parts.append(Content(f"{'shift+tab focuses the field; ' if away else ''}Type the number, then Enter."))
        elif step.question:
            away = not self.query_one(Answers).has_focus
            parts.append(Content(f"{'shift+tab focuses the answers; ' if away else ''}↑ ↓ choose, Enter answers."))
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
        """Say how to answer, and keep the field or the answers in sight."""
        self._show_state()
        self.call_after_refresh(self._settle)

    def on_descendant_blur(self) -> None:
        """Say how to get back to the answers."""
        self._show_state()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Mark the answer, and keep it in sight."""
        event.stop()
        self.query_one(Answers).mark()
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        """The selected answer in sight, and what is cut said, now that all have their sizes."""
        if self._shown is not None and self._shown[0].asks:
            asks_number = self._shown[0].step.question is None
            place = self.query_one(NumberField).virtual_region if asks_number else self.query_one(Answers).selected()
            self.query_one(Reading).scroll_to_region(place, animate=False, force=True)
        self._show_place()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer the question."""
        event.stop()
        self.post_message(self.Answered(event.option_index + 1))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the number that was typed."""
        event.stop()
        self.post_message(self.Typed(number_in(event.value)))
