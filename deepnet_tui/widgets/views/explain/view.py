"""Explain: one iteration of the network as it stands, one operation at a time, with its numbers."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input

from deepnet_tui.explain import gradient_check
from deepnet_tui.explain.layout import OUT, Sheet
from deepnet_tui.explain.navigator import Navigator
from deepnet_tui.explain.page import DEFAULT_KEYS, page
from deepnet_tui.explain.trace import trace
from deepnet_tui.widgets.base.keys import bindings, commands_for
from deepnet_tui.widgets.base.snapshot_context import snapshot_context
from deepnet_tui.widgets.base.view import View
from deepnet_tui.widgets.views.explain.board import Board
from deepnet_tui.widgets.views.explain.check import CheckPage
from deepnet_tui.widgets.views.explain.field import AskField
from deepnet_tui.widgets.views.explain.keys import Keys
from deepnet_tui.widgets.views.explain.notes import ExplainContext, notes, title
from deepnet_tui.workbench.state import State
from engine.label_smoothing import smoothed

if TYPE_CHECKING:
    from deepnet_tui.workbench.workbench import Workbench

MOST_EXAMPLES = 1024
ONE_BY_ONE = 8  # examples up to which they are added singly
HINT = (
    "{previous}{next} step  {left}{down}{up}{right} entry  {follow} follow  "
    "{previous_example} {next_example} example  {guess} guess  {check} check"
)
TRACE_SHARE = 0.1  # of the time may go into new traces while the network is trained


class ExplainView(View):
    """The page, and a field for guesses and numbers of examples. Its keys are the commands of the scope "explain".

    While the network is trained the numbers follow it, until a key is pressed here: then they are held, so that they
    can be read, until the training pauses.
    """

    FOLLOWS_PARAMETERS = True
    FRAMES = 4  # numbers can't be read any faster
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("explain"),
        Binding("escape", "give_up", show=False),
    ]
    DEFAULT_CSS = """
    ExplainView > Board { height: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="view")
        self.navigator = Navigator()
        self.first = 0
        self.count = 1
        self.held = False
        self.check = CheckPage(self.call_later, self._draw)
        self._source: ExplainContext | None = None
        self._live: ExplainContext | None = None
        self._key: tuple[object, ...] = ()
        self._traced: ExplainContext | None = None  # keeps what the key names alive
        self._training = False
        self._next_trace = 0.0

    def compose(self) -> ComposeResult:
        """The page and the field."""
        yield Board(self.page)
        yield AskField()

    def show(self, workbench: Workbench) -> None:
        """Follow the parameters that are shown, unless they are held."""
        context = snapshot_context(workbench)
        self._training = workbench.state in (State.TRAINING, State.PAUSING)
        if context is None:
            self._source = None
        else:
            self.held = self.held and self._training
            self._live = live = ExplainContext(context)
            due = not self._training or time.monotonic() >= self._next_trace
            if (due and not self.held) or self._source is None or not self._source.shows_the_same(live):
                self._source = live
        self._draw()

    @property
    def checks(self) -> list[bool]:
        """Whether each gradient check since `begin` has passed."""
        return self.check.passed

    def begin(self, backward: gradient_check.BackwardPass | None) -> None:
        """Forget what was seen and checked, and check this backward pass from now on."""
        self.check.start_over(backward)
        self.navigator.visited.clear()
        if self.navigator.trace is not None:
            self.navigator.move(0, 0)
            self._draw()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While something is typed the keys of the page do nothing."""
        typing = self.is_mounted and bool(self.query_one(AskField).asking)
        return False if typing and action in PAGE_ACTIONS else super().check_action(action, parameters)

    def action_step(self, steps: int) -> None:
        """The next operation, or another origin while one is being chosen."""
        self._navigate(self.navigator.choose if self.navigator.choices else self.navigator.step, steps)

    def action_layer(self, direction: int) -> None:
        """The next or the previous layer."""
        self._navigate(self.navigator.layer, direction)

    def action_move(self, rows: int, columns: int) -> None:
        """Another entry of the result."""
        self._navigate(self.navigator.move, rows, columns)

    def action_follow(self) -> None:
        """Go to where the entry was computed; while it is hidden, ask for a guess."""
        if self.navigator.hidden:
            self._ask("guess")
        else:
            self._navigate(self.navigator.follow)

    def action_return(self) -> None:
        """Back to where the entry was followed from."""
        self._navigate(self.navigator.back)

    def action_guess(self) -> None:
        """Hide results until they are guessed, or show them again."""
        self._navigate(self.navigator.guess)

    def action_example(self, steps: int) -> None:
        """Another example."""
        self._show_examples(first=self.first + steps)

    def action_more(self, examples: int) -> None:
        """More examples at once, or fewer: one by one, from eight on 16, 32, ... up to all."""
        if self.count + min(examples, 0) < ONE_BY_ONE:
            self._show_examples(count=self.count + examples)
        else:
            power = math.floor(math.log2(self.count)) + 1 if examples > 0 else math.ceil(math.log2(self.count)) - 1
            self._show_examples(count=2**power)

    def action_number(self) -> None:
        """Ask for the number of an example."""
        self._ask("example")

    def action_follow_live(self) -> None:
        """Hold the numbers while the network is trained, or let them follow the training."""
        self.held = not self.held and self._training
        if not self.held and self._live is not None:
            self._source = self._live
        self._draw()

    def action_check(self) -> None:
        """The gradient check, and back."""
        if self.check.open or self._source is None:
            self.check.hide()
        else:
            self.check.start(self._source)
        self._draw()

    def action_give_up(self) -> None:
        """Stop a check; where there is none, Escape means what it means elsewhere."""
        if not self.check.running:
            raise SkipAction
        self.check.give_up()
        self._draw()

    def on_board_clicked(self, event: Board.Clicked) -> None:
        """Point at the entry of the result that was clicked, or go to where that of an operand was computed."""
        event.stop()
        if event.operand == OUT:
            self._navigate(self.navigator.point, event.row, event.column)
            return
        place, clicked = self.navigator.position, (event.operand, event.row, event.column)
        for part in self.navigator.operation.parts(place.row, place.column):
            if (part.operand, part.row, part.column) == clicked and part.made_by is not None:
                self._navigate(partial(self.navigator.go, part))
                return

    def _navigate(self, work: Callable[..., str | None], *args: int) -> None:
        """Call a method of the navigator, show the sentence that it gives, and hold the numbers meanwhile."""
        if self.navigator.trace is None or self.check.open:
            return
        self.held = self._training
        if sentence := work(*args):
            self.notify(sentence)
        self._draw()

    def _show_examples(self, first: int | None = None, count: int | None = None) -> None:
        """Other examples, numbered from 0."""
        if self._source is not None:
            m = self._source.dataset.train.m
            self.count = max(1, min(self.count if count is None else count, MOST_EXAMPLES, m))
            self.first = (self.first if first is None else first) % m
            self.held = self._training
            self._draw()

    # Typing

    def _ask(self, what: str) -> None:
        """Open the field: for a guess, or for the number of an example."""
        if self.navigator.trace is None or self.check.open:
            return
        self.held = self._training
        place = self.navigator.position
        entry = self.navigator.operation.entry(place.row, place.column)
        placeholder = f"{entry} is …  Enter reveals" if what == "guess" else "number of an example, from 0"
        self.query_one(AskField).ask(what, placeholder)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Use what was typed."""
        event.stop()
        try:
            if self.query_one(AskField).asking == "guess":
                self.navigator.reveal(event.value)
            elif event.value.strip():
                self._show_examples(first=self._example_number(event.value))
        except ValueError as error:
            self.notify(str(error), severity="warning")
            return
        self._close_field()

    def on_ask_field_closed(self, event: AskField.Closed) -> None:
        """Back to the page."""
        event.stop()
        self._close_field()

    def _example_number(self, text: str) -> int:
        m = self._source.dataset.train.m if self._source else 0
        if not text.strip().isdecimal() or not 0 <= int(text) < m:
            raise ValueError(f"{text.strip()!r} is not the number of an example; the examples are 0 to {m - 1:,}")
        return int(text)

    def _close_field(self) -> None:
        self.query_one(AskField).close()
        self.query_one(Board).focus()
        self._draw()

    # Drawing

    def _draw(self) -> None:
        self._retrace()
        self.border_title = self._title()
        self.border_subtitle = Content.styled(self._hint(), "dim")
        self.query_one(Board).refresh()

    def _retrace(self) -> None:
        """Compute the iteration anew if the network, the examples or the settings are others."""
        source = self._source
        if source is None:
            return
        part, training, next_update = source.dataset.train, source.training, source.next_update
        self.first %= part.m
        key = (id(source.snapshot), id(source.dataset), source.network, training, self.first, self.count)
        if key == self._key:
            return
        self._key, self._traced = key, source
        began = time.monotonic()
        columns = range(self.first, min(self.first + self.count, part.m))
        self.navigator.load(
            trace(
                source.network,
                source.snapshot.parameters,
                part.X[:, columns],
                smoothed(part.Y[:, columns], training.label_smoothing, source.network.labels),
                next_update.learning_rate,
                training.l2,
                training.l1,
                next_update.examples,
                source.rule,
            )
        )
        now = time.monotonic()
        self._next_trace = now + (now - began) / TRACE_SHARE

    @property
    def _keys(self) -> Keys:
        return Keys(commands_for(self))

    def _hint(self) -> str:
        return self._keys.named("{check} goes back to the steps" if self.check.open else HINT)

    def _title(self) -> Content:
        if self._source is None:
            return Content("Explain")
        held = self._keys.named(" held: {live} follows the training ") if self.held else ""
        return Content.assemble(title(self._source, self.first, self.count), (held, "$text-accent"))

    def page(self, width: int, height: int) -> Sheet:
        """What is shown in so many columns and rows."""
        source = self._source
        if self.check.open:
            return Sheet(self.check.lines(width, source.dataset.train.m if source else 0), [])
        if self.navigator.trace is None or source is None or height < 3:
            return Sheet([[("The steps appear here when the data are ready.", "index")]], [])
        remarks = notes(source, self.navigator.operation, self.first, self.count)
        return page(
            self.navigator, width, height, remarks, {name: self._keys.named(f"{{{name}}}") for name in DEFAULT_KEYS}
        )

    def as_text(self) -> str:
        """The page, wide enough for a document."""
        return "\n".join(self.page(120, 200).text)


PAGE_ACTIONS = {name.removeprefix("action_") for name in vars(ExplainView) if name.startswith("action_")}
