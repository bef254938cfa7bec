"""Explain: one iteration of the network as it stands, one operation at a time, with its numbers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from textwrap import wrap
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from deepnet_tui.commands.registry import COMMANDS
from deepnet_tui.drawing.numbers import whole
from deepnet_tui.explain import gradient_check
from deepnet_tui.explain.layout import OUT, Line, Sheet
from deepnet_tui.explain.navigator import Navigator
from deepnet_tui.explain.page import USUAL, page
from deepnet_tui.explain.trace import trace
from deepnet_tui.training.workbench import State
from deepnet_tui.widgets.base.view import View
from deepnet_tui.widgets.views.explain.board import Board
from deepnet_tui.widgets.views.explain.keys import Keys
from deepnet_tui.widgets.views.explain.notes import Source, remarks
from engine.gradient_check import GradientCheck

if TYPE_CHECKING:
    from deepnet_tui.training.workbench import Workbench

MOST_EXAMPLES = 1024
HINT = (
    "{previous}{next} step  {left}{down}{up}{right} entry  {follow} follow  "
    "{previous_example} {next_example} example  {guess} guess  {check} check"
)
TRACE_SHARE = 0.1  # of the time may go into new traces while the network is trained


class Checked(Message):
    """A gradient check is done; `ticket` says which one."""

    def __init__(self, ticket: int, result: GradientCheck | str) -> None:
        super().__init__()
        self.ticket, self.result = ticket, result


class Explain(View):
    """The page, and a field for guesses and numbers of examples.

    While the network is trained the numbers follow it, until a key is pressed here: then they are held, so that they
    can be read, until it rests. `backward` is the backward pass that the gradient check looks at, the engine's if None.
    """

    FOLLOWS_PARAMETERS = True
    FRAMES = 4  # numbers can't be read any faster
    DEFAULT_CSS = """
    Explain > Board { height: 1fr; }
    Explain > Input { height: 1; border: none; padding: 0; background: $panel; display: none; }
    Explain > Input.-open { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="view")
        self.navigator = Navigator()
        self.first = 0
        self.count = 1
        self.held = False
        self.backward: gradient_check.Backward | None = None
        self.checks: list[bool] = []
        self._source: Source | None = None
        self._live: Source | None = None
        self._key: tuple[object, ...] = ()
        self._traced: Source | None = None  # keeps what the key names alive
        self._training = False
        self._next_trace = 0.0
        self._result: GradientCheck | str | None = None
        self._ticket = 0
        self._asking = ""

    def compose(self) -> ComposeResult:
        """The page and the field."""
        yield Board()
        yield Input(compact=True)

    def show(self, workbench: Workbench) -> None:
        """Follow the parameters that are shown, unless they are held."""
        snapshot = workbench.shown if workbench.ready else None
        self._training = workbench.state in (State.TRAINING, State.PAUSING)
        if snapshot is None:
            self._source = None
        else:
            self.held = self.held and self._training
            self._live = Source(workbench.network, snapshot, workbench.dataset, workbench.experiment.training)
            rest = not self._training or time.monotonic() >= self._next_trace
            if (rest and not self.held) or self._source is None or self._source.dataset is not self._live.dataset:
                self._source = self._live
        self._draw()

    # Reading

    def act(self, work: Callable[..., str | None], *args: int) -> None:
        """Do something in the reader, and hold the numbers for it. What it says is shown."""
        if self.navigator.trace is None or self._result is not None:
            return
        self.held = self._training
        if said := work(*args):
            self.notify(said)
        self._draw()

    def click(self, operand: int, row: int, column: int) -> None:
        """An entry was clicked: point at it, or go to where it was made."""
        if operand == OUT:
            self.act(self.navigator.point, row, column)
            return
        place = self.navigator.place
        for part in self.navigator.operation.parts(place.row, place.column):
            if (part.operand, part.row, part.column) == (operand, row, column) and part.made_by is not None:
                self.act(partial(self.navigator.go, part))
                return

    def examples(self, first: int | None = None, count: int | None = None) -> None:
        """Other examples, counted from 0."""
        if self._source is not None:
            m = self._source.dataset.train.m
            self.count = max(1, min(self.count if count is None else count, MOST_EXAMPLES, m))
            self.first = (self.first if first is None else first) % m
            self.held = self._training
            self._draw()

    def hold(self, held: bool) -> None:
        """Hold the numbers, or let them follow the training."""
        self.held = held and self._training
        if not self.held and self._live is not None:
            self._source = self._live
        self._draw()

    # Typing

    def ask(self, what: str) -> None:
        """Open the field: for a guess, or for the number of an example."""
        if self.navigator.trace is None or self._result is not None:
            return
        self._asking = what
        self.held = self._training
        field = self.query_one(Input)
        place = self.navigator.place
        entry = self.navigator.operation.entry(place.row, place.column)
        field.value = ""
        field.placeholder = f"{entry} is …  Enter reveals" if what == "guess" else "number of an example, from 0"
        field.add_class("-open")
        field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take in what was typed."""
        event.stop()
        try:
            if self._asking == "guess":
                self.navigator.reveal(event.value)
            elif event.value.strip():
                self._example_typed(event.value)
        except ValueError as error:
            self.notify(str(error), severity="warning")
            return
        self._close_field()

    def _example_typed(self, text: str) -> None:
        m = self._source.dataset.train.m if self._source else 0
        if not text.strip().isdecimal() or not 0 <= int(text) < m:
            raise ValueError(f"{text.strip()!r} is not the number of an example; the examples are 0 to {m - 1:,}")
        self.examples(first=int(text))

    def on_key(self, event: events.Key) -> None:
        """Escape closes the field."""
        if event.key == "escape" and self._asking:
            event.stop()
            event.prevent_default()
            self._close_field()

    def _close_field(self) -> None:
        self._asking = ""
        self.query_one(Input).remove_class("-open")
        self.query_one(Board).focus()
        self._draw()

    # The gradient check

    def begin(self, backward: gradient_check.Backward | None) -> None:
        """Forget what was looked at and checked, and let the check look at this backward pass from now on."""
        self.backward = backward
        self._ticket += 1
        self._result = None
        self.checks.clear()
        self.navigator.visited.clear()
        if self.navigator.trace is not None:
            self.navigator.move(0, 0)
            self._draw()

    def toggle_check(self) -> None:
        """Begin a gradient check of the parameters that are shown, or put its result away."""
        if self._result is not None or self._source is None:
            self._result = None
            self._draw()
            return
        self._ticket += 1
        self._result = "The gradients are being checked …"
        threading.Thread(
            target=self._check, args=(self._ticket, self._source, self.backward), name="gradient check", daemon=True
        ).start()
        self._draw()

    def _check(self, ticket: int, source: Source, backward: gradient_check.Backward | None) -> None:
        """In a thread of its own."""
        part, training = source.dataset.train, source.training
        result: GradientCheck | str
        try:
            result = gradient_check.check(
                source.network, source.snapshot.parameters, part.X, part.Y, training.l2, training.l1, backward
            )
        except Exception as error:  # said in the view; the app lives on
            result = f"There is no check: {error}."
        self.post_message(Checked(ticket, result))

    def on_checked(self, event: Checked) -> None:
        """The result has come."""
        event.stop()
        if event.ticket == self._ticket:
            if isinstance(event.result, GradientCheck):
                self.checks.append(event.result.passed)
            if self._result is not None:
                self._result = event.result
            self._draw()

    # Drawing

    def _draw(self) -> None:
        self._retrace()
        self.border_title = self._title()
        self.border_subtitle = Content.styled(self._hint(), "dim")
        self.query_one(Board).refresh()

    def _retrace(self) -> None:
        source = self._source
        if source is None:
            return
        self.first %= source.dataset.train.m
        key = (id(source.snapshot), id(source.dataset), source.network, source.training, self.first, self.count)
        if key == self._key:
            return
        self._key, self._traced = key, source
        began = time.monotonic()
        part, training = source.dataset.train, source.training
        columns = range(self.first, min(self.first + self.count, part.m))
        X, Y = part.X[:, columns], part.Y[:, columns]
        parameters = source.snapshot.parameters
        next_update, l2, l1 = source.next_update, training.l2, training.l1
        self.navigator.load(
            trace(
                source.network, parameters, X, Y, next_update.learning_rate, l2, l1, next_update.examples, source.rule
            )
        )
        now = time.monotonic()
        self._next_trace = now + (now - began) / TRACE_SHARE

    @property
    def _keys(self) -> Keys:
        return Keys(getattr(self.app, "commands", COMMANDS))

    def _hint(self) -> str:
        return self._keys.named("{check} goes back to the steps" if self._result is not None else HINT)

    def _title(self) -> Content:
        source = self._source
        if source is None:
            return Content("Explain")
        m = source.dataset.train.m
        last = min(self.first + self.count, m) - 1
        which = f"example {whole(last)}" if self.first == last else f"examples {whole(self.first)}–{whole(last)}"
        parts: list[Content | tuple[str, str]] = [
            Content.styled("Explain ", "bold"),
            Content(f" {which} of {whole(m)} "),
            Content(f" iteration {whole(source.snapshot.iteration)} "),
        ]
        if self.held:
            parts.append(Content.styled(self._keys.named(" held: {live} follows the training "), "$text-accent"))
        return Content.assemble(*parts)

    def page(self, width: int, height: int) -> Sheet:
        """What there is to see."""
        if self._result is not None:
            return Sheet(self._check_lines(width), [])
        if self.navigator.trace is None or self._source is None or height < 3:
            return Sheet([[("The steps appear here when the data are ready.", "index")]], [])
        said = remarks(self._source, self.navigator.operation, self.count)
        return page(self.navigator, width, height, said, {name: self._keys.named(f"{{{name}}}") for name in USUAL})

    def _check_lines(self, width: int) -> list[Line]:
        result, source = self._result, self._source
        if isinstance(result, GradientCheck) and source is not None:
            return gradient_check.lines(result, source.dataset.train.m)
        return [[(text, "plain")] for text in wrap(str(result), width)]

    def as_text(self) -> str:
        """The page, wide enough for a document."""
        return "\n".join(self.page(120, 200).text)
