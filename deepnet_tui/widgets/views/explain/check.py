"""The gradient check of Explain: run in a thread, shown in place of the steps until it is hidden again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from textwrap import wrap

from deepnet_tui.common.background import Job, LatestJob
from deepnet_tui.explain import gradient_check
from deepnet_tui.explain.layout import StyledLine
from deepnet_tui.widgets.views.explain.notes import ExplainContext
from engine.gradient_check import GradientCheck

EVERY = 20  # entries between two words about how far it is


class CheckPage:
    """The check of one network at a time. `redraw` is called when there is something new to show.

    `backward` is the backward pass that is checked, the engine's if None; `passed` collects how the checks went.
    """

    def __init__(self, hand_over: Callable[[Callable[[], None]], object], redraw: Callable[[], object]) -> None:
        self.backward: gradient_check.BackwardPass | None = None
        self.passed: list[bool] = []
        self._jobs: LatestJob[GradientCheck | str] = LatestJob("gradient check", hand_over)
        self._redraw = redraw
        self._result: GradientCheck | str | None = None

    @property
    def open(self) -> bool:
        """Whether the check is shown."""
        return self._result is not None

    def start_over(self, backward: gradient_check.BackwardPass | None) -> None:
        """Forget what was checked, and check this backward pass from now on."""
        self.backward = backward
        self._jobs.cancel()
        self._result = None
        self.passed.clear()

    @property
    def running(self) -> bool:
        """Whether gradients are being checked."""
        return self._jobs.running

    def give_up(self) -> None:
        """Stop checking, and go back to the steps."""
        self._jobs.cancel()
        self._result = None

    def start(self, context: ExplainContext) -> None:
        """Check the gradients of this network, and show that it is being done."""
        self._result = "The gradients are being checked …  Escape gives up"
        self._jobs.start(partial(_check, context, self.backward), self._take_in)

    def hide(self) -> None:
        """Back to the steps; a check under way still counts when it is done."""
        self._result = None

    def _take_in(self, answer: GradientCheck | str | Exception) -> None:
        if isinstance(answer, GradientCheck):
            self.passed.append(answer.passed)
        if self._result is not None:
            self._result = f"There is no check: {answer}." if isinstance(answer, Exception) else answer
        self._redraw()

    def lines(self, width: int, m: int) -> list[StyledLine]:
        """The result for m examples, or what is known so far."""
        if isinstance(self._result, GradientCheck):
            return gradient_check.lines(self._result, m)
        return [[(text, "plain")] for text in wrap(str(self._result), width)]


def _check(
    context: ExplainContext, backward: gradient_check.BackwardPass | None, job: Job[GradientCheck | str]
) -> GradientCheck:
    """In a thread."""

    def watch(name: str, done: int, of: int) -> None:
        job.check()
        if done % EVERY == 0:
            job.report(f"The gradients are being checked: {name}, {done:,} of {of:,} entries …  Escape gives up")

    part, training = context.dataset.train, context.training
    parameters = context.snapshot.parameters
    return gradient_check.check(
        context.network,
        parameters,
        part.X,
        part.Y,
        training.l2,
        training.l1,
        backward,
        watch,
        label_smoothing=training.label_smoothing,
    )
