"""One of the networks side by side: what it has of its own, its picture, its costs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.app import ComposeResult
from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from deepnet_tui.drawing.numbers import cost
from deepnet_tui.drawing.series import SeriesStyle
from deepnet_tui.drawing.theme import css_color
from deepnet_tui.race.racers import Racer
from deepnet_tui.race.ranking import Standing
from deepnet_tui.widgets.base.canvas import Canvas


class NetworkPanel(Widget):
    """The screen decides what is painted; `chosen` says that Enter takes this network."""

    DEFAULT_CSS = """
    NetworkPanel {
        width: 1fr;
        height: 1fr;
        & > Canvas { height: 1fr; }
        & > .costs { height: 1; }
    }
    """

    def __init__(self, number: int) -> None:
        super().__init__(classes="pane")
        self.number = number

    def compose(self) -> ComposeResult:
        """The picture, and beneath it the costs."""
        yield Canvas()
        yield Static("", classes="costs")

    @property
    def canvas(self) -> Canvas:
        """Where the picture is painted."""
        return self.query_one(Canvas)

    def paint(self, rows: Sequence[Sequence[Segment]]) -> None:
        """Show these lines as the picture."""
        canvas = self.canvas
        canvas.paint([Strip(row, canvas.size.width) for row in rows])

    def tell(self, racer: Racer, standing: Standing, style: SeriesStyle, *, chosen: bool) -> None:
        """Show what the network is called and how it stands."""
        name = Content.styled(f"{style.marker} {racer.label}", f"bold {css_color(style.color)}")
        self.border_title = Content.assemble("▸ " if chosen else "", name)
        self.border_subtitle = "" if standing.finished is None else standing.state
        text = _costs(standing, self.content_size.width)
        self.query_one(".costs", Static).update(Content.styled(text, "bold"))
        self.set_class(chosen, "-chosen")


def _costs(standing: Standing, width: int) -> str:
    """The costs in words, as far as there is room for them."""
    train = cost(standing.cost)
    if standing.validation_cost is None:
        return f"cost {train}"
    held = cost(standing.validation_cost)
    texts = (f"cost {train}  validation {held}", f"cost {train}  val {held}", f"{train}  val {held}", train)
    return next((text for text in texts if len(text) <= width), train)
