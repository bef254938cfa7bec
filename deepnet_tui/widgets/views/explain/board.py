"""The page of Explain on the screen: its colours, its keys, its clicks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget

from deepnet_tui.explain.layout import Line, Sheet
from deepnet_tui.widgets.base.view import bindings

if TYPE_CHECKING:
    from deepnet_tui.widgets.views.explain.view import Explain

ONE_BY_ONE = 8  # examples up to which they are added singly
STYLES = {
    "name": "bold",
    "index": "dim",
    "plain": "",
    "formula": "bold",
    "shapes": "dim",
    "numbers": "$text-accent",
    "tutorial": "$text-primary",
    "note": "dim",
    "marked": "$text-primary bold",
    "used": "bold $text-primary on $panel",
    "pointed": "bold reverse",
    "followed": "bold reverse $text-accent",
    "sign": "bold",
    "pass": "bold $text-success",
    "fail": "bold reverse $text-error",
}


class Board(Widget, can_focus=True):
    """The page. Its keys are the commands of the scope "explain"."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("explain")
    ALLOW_MAXIMIZE = False

    def __init__(self) -> None:
        super().__init__()
        self.sheet = Sheet([], [])

    @property
    def explain(self) -> Explain:
        """The view around."""
        return cast("Explain", self.parent)

    def render(self) -> Content:
        """The lines of the page in their colours."""
        self.sheet = self.explain.page(self.size.width, self.size.height)
        return Content("\n").join(_content(line) for line in self.sheet.lines[: self.size.height])

    def on_click(self, event: events.Click) -> None:
        """A click points at an entry of the result; one on an operand follows it."""
        for hit in self.sheet.hits:
            if hit.y == event.y and hit.start <= event.x < hit.stop:
                self.explain.click(hit.operand, hit.row, hit.column)

    def action_step(self, steps: int) -> None:
        """The next operation, or another origin while one is being chosen."""
        navigator = self.explain.navigator
        self.explain.act(navigator.choose if navigator.choices else navigator.step, steps)

    def action_layer(self, direction: int) -> None:
        """The next layer."""
        self.explain.act(self.explain.navigator.layer, direction)

    def action_move(self, rows: int, columns: int) -> None:
        """Another entry."""
        self.explain.act(self.explain.navigator.move, rows, columns)

    def action_follow(self) -> None:
        """Where the entry came from; while it is hidden, what it might be."""
        if self.explain.navigator.hidden:
            self.explain.ask("guess")
        else:
            self.explain.act(self.explain.navigator.follow)

    def action_return(self) -> None:
        """Back to where the entry was followed from."""
        self.explain.act(self.explain.navigator.back)

    def action_guess(self) -> None:
        """Predict before results are shown."""
        self.explain.act(self.explain.navigator.guess)

    def action_example(self, steps: int) -> None:
        """Another example."""
        self.explain.examples(first=self.explain.first + steps)

    def action_more(self, examples: int) -> None:
        """More examples at once, or fewer: one by one, from eight on 16, 32, ... up to all."""
        count = self.explain.count
        if count + min(examples, 0) < ONE_BY_ONE:
            self.explain.examples(count=count + examples)
        else:
            power = math.floor(math.log2(count)) + 1 if examples > 0 else math.ceil(math.log2(count)) - 1
            self.explain.examples(count=2**power)

    def action_number(self) -> None:
        """Type the number of an example."""
        self.explain.ask("example")

    def action_follow_live(self) -> None:
        """Hold the numbers while the network is trained, or let them run."""
        self.explain.hold(not self.explain.held)

    def action_check(self) -> None:
        """The gradient check, and back."""
        self.explain.toggle_check()


def _content(line: Line) -> Content:
    return Content.assemble(*((text, STYLES[role]) for text, role in line)) if line else Content("")
