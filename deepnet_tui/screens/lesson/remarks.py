"""What a lesson says when the screen no longer shows what the text of its step is about."""

from __future__ import annotations

from deepnet_tui.lessons.facts import Facts
from deepnet_tui.lessons.progress import LessonProgress
from deepnet_tui.widgets.views.explain.view import ExplainView
from deepnet_tui.workbench.state import State
from deepnet_tui.workbench.workbench import Workbench

Shown = tuple[str, int]  # a run, and the iteration of it that is shown


class LessonRemarks:
    """Remembers what was shown when a step was left. Keys stand in its sentences as `{command}`."""

    def __init__(self, progress: LessonProgress, workbench: Workbench) -> None:
        self._progress, self._workbench = progress, workbench
        self._left: dict[int, Shown] = {}  # by step

    def leave(self, number: int) -> None:
        """Step `number` is left; its text was read with what is shown now."""
        self._left[number] = self._shown()

    def remark(self, facts: Facts, explain: ExplainView | None) -> str:
        """What is to be said now, "" for nothing. `explain` is the view Explain, None if it was never shown."""
        if facts.state in (State.EMPTY, State.TRAINING):
            return ""
        if passed := self._passed(explain):
            return passed
        skipped = self._progress.skipped(facts)
        if not skipped:
            return self._other_parameters() or self._missing_check(explain)
        sentence = f"You skipped: {' and '.join(skipped)}."
        return sentence if self._progress.step.asked else f"{sentence} The text relies on it."

    def _passed(self, explain: ExplainView | None) -> str:
        """For a step that goes forward in Explain: that its operation has already been passed."""
        step = self._progress.step
        wanted = step.until.get("operation_seen")
        forward = "{explain_next" in step.press
        if self._progress.done or not forward or explain is None or explain.navigator.trace is None:
            return ""
        here = explain.navigator.position.index
        places = [
            index
            for index, operation in enumerate(explain.navigator.trace.operations)
            if wanted in (operation.kind, operation.out.name)
        ]
        return f"You are past {wanted}: {{explain_previous}} goes back." if places and places[-1] < here else ""

    def _other_parameters(self) -> str:
        """For a text that was read before: that it was about other parameters than those that are shown now."""
        run, iteration = now = self._shown()
        then = self._left.get(self._progress.number, now)
        if then == now:
            return ""
        if then[0] != run:
            return "The text is about an earlier run: {undo} brings it back."
        way = "{back} goes back to it." if then[1] < iteration else "{forth} goes to it."
        return f"The text is about iteration {then[1]:,}, this is {iteration:,}: {way}"

    def _missing_check(self, explain: ExplainView | None) -> str:
        """For a text about a gradient check: that its result is gone."""
        lesson, number = self._progress.lesson, self._progress.number
        task = lesson.task_at(number)
        asked = any(name.startswith("check_") for name in lesson.step[task].until)
        if task == number or not asked or explain is None or explain.checks:
            return ""
        return "The text is about a gradient check: {explain_check} repeats it."

    def _shown(self) -> Shown:
        snapshot = self._workbench.snapshot
        return self._workbench.training_run.id, snapshot.iteration if snapshot else 0
