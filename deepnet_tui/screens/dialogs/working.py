"""Work that may take long, beside a screen that stays alive: says what is done, and Escape gives it up."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from textual.app import App, ComposeResult
from textual.content import Content
from textual.widgets import Static

from deepnet_tui.common.background import Job, LatestJob
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.times import spoken
from deepnet_tui.screens.dialogs.dialog import Dialog

Result = TypeVar("Result")
Stage = Callable[[str], object]
AT_ONCE = 0.15  # seconds that work may take before a dialog says what is being done
TICKS = 4  # a second


class Working(Dialog[None]):
    """What is being done, and for how long; `give_up` is called on Escape."""

    KEYS = "Escape gives up"

    def __init__(self, title: str, give_up: Callable[[], object]) -> None:
        self.TITLE_TEXT = title
        super().__init__(classes="ask-path")
        self._give_up = give_up
        self._began = time.monotonic()
        self._stage = "One moment"

    def body(self) -> ComposeResult:
        """The stage and the time."""
        yield Static(id="stage")

    def on_mount(self) -> None:
        """Count the seconds."""
        self.set_interval(1 / TICKS, self._show)
        self._show()

    def say(self, stage: str) -> None:
        """Another stage begins."""
        self._stage = stage
        if self.is_mounted:
            self._show()

    def _show(self) -> None:
        gone = time.monotonic() - self._began
        self.query_one("#stage", Static).update(Content(f"{self._stage} …  {spoken(gone) if gone >= 1 else ''}"))

    def action_leave(self) -> None:
        """Give the work up."""
        self._give_up()
        self.dismiss(None)

    def on_unmount(self) -> None:
        """Nobody waits for it any more."""
        self._give_up()


class _Task(Generic[Result]):
    """One piece of work, from its start to its end."""

    def __init__(
        self, app: App[Any], title: str, done: Callable[[Result], object], refuse: Callable[[str], object]
    ) -> None:
        self._app, self._title, self._done, self._refuse = app, title, done, refuse
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._job: LatestJob[Any] = LatestJob(title.lower(), self._hand_over)
        self._dialog: Working | None = None
        self._stage = ""

    def start(self, work: Callable[[Stage], Result]) -> None:
        def run(job: Job[Any]) -> tuple[Result]:
            return (work(lambda stage: job.report(stage)),)

        self._job.start(run, self._take)
        end = time.monotonic() + AT_ONCE
        while self._job.running and (left := end - time.monotonic()) > 0:
            with suppress(Empty):
                self._calls.get(timeout=left)()
        if self._job.running:
            self._dialog = Working(self._title, self._given_up)
            self._dialog.say(self._stage or self._title)
            self._app.push_screen(self._dialog)

    def _hand_over(self, call: Callable[[], None]) -> None:
        self._calls.put(call)
        self._app.call_later(self._drain)

    def _drain(self) -> None:
        with suppress(Empty):
            while True:
                self._calls.get_nowait()()

    def _given_up(self) -> None:
        if self._job.running:
            self._job.cancel()
            self._refuse(f"{self._title}: given up")

    def _take(self, answer: str | tuple[Result] | Exception) -> None:
        if isinstance(answer, str):
            self._stage = answer
            if self._dialog is not None:
                self._dialog.say(answer)
            return
        if self._dialog is not None:
            self._dialog.dismiss(None)
        if isinstance(answer, InputError):
            self._refuse(str(answer))
        elif isinstance(answer, MemoryError):
            self._refuse("There is not enough memory for that")
        elif isinstance(answer, Exception):
            raise answer
        else:
            self._done(answer[0])


def run_behind(
    app: App[Any],
    title: str,
    work: Callable[[Stage], Result],
    done: Callable[[Result], object],
    refuse: Callable[[str], object],
) -> None:
    """Do `work` in a thread, and call `done` with what it gives, or `refuse` with what an InputError says.

    What takes longer than a moment is shown in a dialog, whose title is `title`; Escape there gives it up. `work` calls
    the function that it gets with what it does next; that raises Superseded where nobody waits for it any more.
    """
    _Task(app, title, done, refuse).start(work)
