"""The main screen with a lesson above it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from deepnet_tui.commands.command import Command
from deepnet_tui.common.errors import InputError
from deepnet_tui.lessons import bugs
from deepnet_tui.lessons.accuracy import Accuracy
from deepnet_tui.lessons.facts import Facts, facts
from deepnet_tui.lessons.key_text import keyed
from deepnet_tui.lessons.lesson import Lesson, Step
from deepnet_tui.lessons.progress import LessonProgress
from deepnet_tui.race.values import values_of, variable
from deepnet_tui.screens.key_line import CommandContext
from deepnet_tui.screens.lesson.remarks import LessonRemarks
from deepnet_tui.screens.main import MainScreen
from deepnet_tui.screens.services import AppServices
from deepnet_tui.session_state import SessionState
from deepnet_tui.widgets.base.keys import bindings
from deepnet_tui.widgets.panes.cost import CostPane
from deepnet_tui.widgets.panes.lesson.answers import Answers
from deepnet_tui.widgets.panes.lesson.number_field import NumberField
from deepnet_tui.widgets.panes.lesson.pane import LessonPane
from deepnet_tui.widgets.views.explain.view import ExplainView
from deepnet_tui.workbench.state import State
from deepnet_tui.workbench.value_list import ValueList

ROOMY = 36  # lines from which both cost and view are shown beneath the lesson
AIRY = 24  # lines from which a projector has room for margins
PATIENCE = 3  # wrong numbers after which it is said how to go on without the right one
LEAST = 5  # lines that a text leaves to the pane beneath; an open question leaves one


class LearnScreen(MainScreen):
    """Follows a lesson: shows what a step is about, sets up its experiment, and sees when it is done.

    For a class the lesson is bold, with one pane beneath it, no status line and no tabs.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("lesson")
    DEFAULT_CSS = """
    LearnScreen {
        &.-single.-chart #views, &.-single.-chart #tabs, &.-single.-view #cost { display: none; }
        &.-present LessonPane { padding: 0 2; text-style: bold; }
        &.-present.-airy LessonPane { padding: 1 3; }
        &.-roomy LessonPane Answers, &.-roomy LessonPane .answered { margin: 1 0 0 0; }
        &.-present.-roomy LessonPane > .state { margin: 1 0 0 0; }
        & #cost, & #views { min-height: 3; }
    }
    """

    def __init__(
        self,
        services: AppServices,
        lesson: Lesson,
        *,
        log_axis: bool = False,
        hide: Collection[str] = (),
    ) -> None:
        left = SessionState(all_settings=True)  # a step may be about any of them
        super().__init__(services, log_axis=log_axis, hide=(*hide, *lesson.hidden_at(0)), left=left)
        self.progress = LessonProgress(lesson)
        self._remarks = LessonRemarks(self.progress, services.workbench)
        self._always_hidden = hide
        self._entered = {0}  # the app opens with the experiment of the first step
        self._run_before = ""  # the run that a step's experiment is about to replace
        self._explain_task = 0  # the step whose backward pass Explain checks
        self._answered = False
        self._tries = 0  # numbers that were typed in vain
        self._varied = -1  # the last step whose values were noted
        self._accuracy = Accuracy()
        self._remark = ""  # about the last answer or the last key
        self._lesson_shown: object = None
        self.add_class("-view" if self._view else "-chart")

    def compose(self) -> ComposeResult:
        """The lesson first."""
        yield LessonPane()
        yield from super().compose()

    async def begin(self) -> None:
        """After the first paint, show the first step."""
        await super().begin()
        await self._enter()

    def _arrange(self) -> None:
        presenting = self.services.presenting
        self.set_class(presenting, "-present")
        self.set_class(presenting or self.size.height < ROOMY, "-single")
        self.set_class(self.size.height >= ROOMY, "-roomy")
        self.set_class(self.size.height >= AIRY, "-airy")
        super()._arrange()
        self._make_room()

    def _make_room(self) -> None:
        """Give the lesson the lines that it needs, and leave some to the pane beneath."""
        around = [self.query_one(name) for name in ("#status", "#sides", "#keybar")]
        free = self.size.height - sum(widget.display for widget in around)
        self.query_one(LessonPane).make_room(free - (1 if self.progress.asks else LEAST))

    # The step

    @property
    def step(self) -> Step:
        """The step that is shown."""
        return self.progress.step

    @property
    def explain(self) -> ExplainView | None:
        """The view Explain, None if it was never shown."""
        found = self.query(ExplainView)
        return found.first() if found else None

    async def _enter(self, pane: str | None = None) -> None:
        """Begin the step: its experiment, its bug, its pane. On coming back to a step everything stays as it is."""
        if self.maximized is not None:
            self.minimize()
        self._answered, number = False, self.progress.number
        self._tries, self.compared = 0, 0
        asked = self.step.asked
        self._remark = asked.right if asked is not None and self.progress.done else ""
        experiment = self.progress.lesson.experiment_at(number) if number not in self._entered else None
        self._entered.add(number)
        if experiment is not None:
            self._run_before = self.workbench.training_run.id if self.workbench.ready else ""
            self.services.data.load(experiment)
        task = self.progress.lesson.task_at(number)
        if self.explain is not None and (task == number or task != self._explain_task):
            self._begin_explain(self.explain)
        self._show_lesson()
        await self.hide((*self._always_hidden, *self.progress.lesson.hidden_at(number)))
        if not self._view:
            self._bring_forward("cost")
        await self._show_pane(self.step.show if pane is None else pane)
        self._focus_question()
        if self.focused is None and self.has_class("-view") and not self.progress.asks:
            self.focus_view()  # the answer to the question before had it
        self.redraw()

    def _focus_question(self) -> None:
        if self.progress.asks and self.maximized is None:
            field = self.query_one(Answers if self.step.question is not None else NumberField)
            field.focus(scroll_visible=False)

    def _train_skipped(self, step: Step) -> None:
        """Train for a user who skips the training; settings come with the step that needs them."""
        if self._awaiting or not {"iteration", "diverged"} & step.until.keys():
            return
        wanted = step.until.get("iteration")
        steps = None if wanted is None else max(0, wanted - self.workbench.iteration)
        if steps != 0:
            with suppress(InputError):  # over before its time: the lesson says what is missing
                self.workbench.start(steps)

    def _begin_explain(self, explain: ExplainView) -> None:
        """Begin Explain anew for a task. A text without a task is about what was found: that stays."""
        self._explain_task = self.progress.lesson.task_at(self.progress.number)
        bug = self.progress.lesson.step[self._explain_task].bug
        explain.begin(partial(bugs.gradients, steps=bugs.BUGS[bug].steps) if bug else None)

    async def _show_pane(self, name: str) -> None:
        if name == "cost":
            self.show_side("watch")
            self._bring_forward("cost")
            self.query_one(CostPane).focus()
        elif name == "design":
            self.action_design()
        elif name:
            await self.show_view(name)

    def _bring_forward(self, name: str) -> None:
        self.set_class(name == "cost", "-chart")
        self.set_class(name != "cost", "-view")

    async def show_view(self, name: str, *, focus: bool = True) -> None:
        """Show a view, in place of the cost where there is room for one pane only."""
        new = name == "explain" and self.explain is None
        if focus:
            self._bring_forward(name)
        await super().show_view(name, focus=focus)
        if new and self.explain is not None:
            self._begin_explain(self.explain)

    def action_train(self) -> None:
        """Train, pause or resume; a step about the cost shows it again."""
        if self.step.show == "cost":
            self._bring_forward("cost")
        super().action_train()

    async def action_view(self, name: str) -> None:
        """Show a view; an open question keeps the focus."""
        await super().action_view(name)
        self._focus_question()

    def action_zoom(self) -> None:
        """Zoom, or restore the layout; an open question gets the focus back."""
        super().action_zoom()
        self._focus_question()

    @property
    def _awaiting(self) -> bool:
        """Whether the step's experiment is still on its way."""
        return not self.workbench.ready or self.workbench.training_run.id == self._run_before

    def facts(self) -> Facts:
        """What is the case, on the workbench and on the screen."""
        if self._awaiting:
            return Facts()
        explain = self.explain
        chart = self.has_class("-single") and self.has_class("-chart")
        front = "design" if self._side == "design" else "cost" if chart else self._view
        wanted, evaluate = self.step.until, self._views.get("evaluate")
        accuracy = {
            name: self._accuracy.of(self.workbench, part)
            for name, part in (("accuracy", "train"), ("validation_accuracy", "validation"))
            if f"{name}_above" in wanted
        }
        return facts(
            self.workbench,
            view=front,
            seen=frozenset(explain.navigator.visited) if explain is not None else frozenset(),
            checks=tuple(explain.checks) if explain is not None else (),
            answered=self._answered,
            compared=self.compared,
            folds=getattr(evaluate, "folds_done", False),
            **accuracy,
        )

    def poll(self) -> None:
        """Draw what is new, and see whether the step is done."""
        super().poll()
        if not self.is_open or self._awaiting:
            return
        self._run_before = ""
        self._note_values()
        now = self.facts()
        if self.progress.update(now) and not self._answered:
            self._remark = ""
        self._show_lesson(now)

    def _note_values(self) -> None:
        """Let the values of the step be those that are shown side by side."""
        number, workbench = self.progress.number, self.workbench
        if self._varied != number and workbench.state not in (State.TRAINING, State.PAUSING):
            self._varied = number
            for name, values in self.step.vary.items():
                workbench.edit(variable()[name].section, **{name: ValueList(values_of(name, values))})

    @property
    def note(self) -> str:
        """What to press on the screen with the networks side by side."""
        if self.progress.done or "compared" not in self.step.until:
            return ""
        return f"{self.progress.lesson.title}: {keyed(self.step.press, self.services.commands)}"

    def _show_lesson(self, now: Facts | None = None) -> None:
        now = now or self.facts()
        missing = self.progress.missing(now)
        remark = self._remark or self._remarks.remark(now, self.explain)
        shown = (self.progress.number, self.progress.done, tuple(missing), remark)
        if shown != self._lesson_shown:
            self._lesson_shown = shown
            self._make_room()
            self.query_one(LessonPane).show(self.progress, missing, remark)

    def on_lesson_pane_answered(self, event: LessonPane.Answered) -> None:
        """Say whether the answer is right."""
        question = self.step.question
        if question is None:
            return
        self._answered = event.number == question.answer
        self._remark = question.right if self._answered else question.wrong
        self.poll()
        if self._answered and self.view is not None:
            self.query_one(Answers).blur()

    def on_lesson_pane_typed(self, event: LessonPane.Typed) -> None:
        """Say whether the number is right; after some that are not, how to go on without it."""
        asked = self.step.number
        if asked is None:
            return
        if event.number is None:
            self._remark = "That is no number; 0.25, 1/4, 25% and 2.5e-1 are."
        elif asked.takes(event.number):
            self._answered, self._remark = True, asked.right
        else:
            self._tries += 1
            side = "Too small." if event.number < asked.answer else "Too large."
            skip = " {lesson_on} twice skips it." if self._tries >= PATIENCE else ""
            self._remark = f"{side} {asked.wrong}{skip}"
        self.poll()
        if self._answered and self.view is not None:
            self.query_one(NumberField).blur()

    async def action_lesson_on(self) -> None:
        """Go to the next step; if this one is not done, only when asked twice."""
        step, done, number = self.progress.step, self.progress.done, self.progress.number
        if self.progress.on():
            self.app.clear_notifications()
            if not self._awaiting:
                self._remarks.leave(number)
            if not done and not self.step.experiment:
                self._train_skipped(step)
            await self._enter()
            return
        self._remark = (
            "ctrl+q quits, or explore on your own." if done else "Not yet: {lesson_on} again skips this step."
        )
        self._show_lesson()

    async def action_lesson_back(self) -> None:
        """Go to the previous step."""
        if self.progress.back():
            self.app.clear_notifications()
            await self._enter(self.progress.lesson.pane_at(self.progress.number))

    def action_lesson_down(self) -> None:
        """Scroll the text down."""
        self.query_one(LessonPane).scroll(1)

    def action_lesson_up(self) -> None:
        """Scroll the text up."""
        self.query_one(LessonPane).scroll(-1)

    # The line of keys

    def _offered(self) -> list[tuple[Command, str]]:
        steps = ("lesson_on", "lesson_back") if self.progress.number else ("lesson_on",)
        lesson = [(command, command.label) for command in self.services.commands if command.id in steps]
        return [*lesson, *super()._offered()]

    def _is_available(self, command: Command, now: CommandContext) -> bool:
        if self.services.presenting and command.id not in ("train", "help"):
            return False
        return super()._is_available(command, now)
