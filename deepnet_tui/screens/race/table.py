"""The racers, the best first, as a table with a cursor."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from deepnet_tui.drawing.numbers import cost
from deepnet_tui.drawing.series import series_styles
from deepnet_tui.drawing.theme import css_color
from deepnet_tui.race.racers import Racer
from deepnet_tui.race.ranking import Standing
from deepnet_tui.race.values import variable

GAP = 2
SHORTEST, WIDEST = 5, 16  # of what racers differ in, where there is little room


class RankTable(Widget, can_focus=True):
    """Up and down choose a racer; until then the cursor is on whoever is ahead."""

    class Chosen(Message):
        """A racer was chosen with a double click."""

    def __init__(self) -> None:
        super().__init__(id="race-table", classes="pane")
        self.border_title = "Ranks"
        self._racers: Sequence[Racer] = ()
        self._order: Sequence[Standing] = ()
        self._goals: Sequence[int] = ()
        self._cursor: int | None = None  # the number of a racer; None follows the leader
        self._first = 0

    def show(self, racers: Sequence[Racer], order: Sequence[Standing], goals: Sequence[int]) -> None:
        """These racers in this order; `goals` are their numbers of iterations, by racer."""
        self._racers, self._order, self._goals = racers, order, goals
        hidden = len(order) - max(1, self.size.height - 1)
        self.border_subtitle = f"{hidden} more below or above" if hidden > 0 and self.size.height else ""
        self.refresh()

    @property
    def chosen(self) -> int | None:
        """The number of the racer under the cursor."""
        if self._cursor is not None:
            return self._cursor
        return self._order[0].number if self._order else None

    @property
    def _place(self) -> int:
        chosen = self.chosen
        return next((place for place, standing in enumerate(self._order) if standing.number == chosen), 0)

    def action_choose(self, step: int) -> None:
        """Choose another racer; the cursor stays with it when its rank changes."""
        if self._order:
            self._cursor = self._order[max(0, min(self._place + step, len(self._order) - 1))].number
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Choose the racer that was clicked; a second click takes it."""
        place = self._first + event.y - 1 - self.gutter.top
        if 0 <= place < len(self._order):
            self._cursor = self._order[place].number
            self.refresh()
            if event.chain > 1:
                self.post_message(self.Chosen())

    def render(self) -> Content:
        """The head, and as many racers as there is room for around the cursor."""
        rows = [self._cells(place, standing) for place, standing in enumerate(self._order)]
        head = self._head()
        widths = [max(map(cell_len, column)) for column in zip(head, *rows, strict=True)]
        names = range(2, 2 + len(self._racers[0].values) if self._racers else 2)
        if sum(widths) + GAP * (len(widths) - 1) > self.size.width:  # then their names give way to their values
            values = [max([SHORTEST, *(cell_len(row[column]) for row in rows)]) for column in range(len(head))]
            widths = [min(WIDEST, values[column]) if column in names else width for column, width in enumerate(widths)]
        room = max(1, self.size.height - 1)
        self._first = max(self._place - room + 1, min(self._first, self._place), 0)
        self._first = min(self._first, max(0, len(rows) - room))
        lines = [Content.styled(self._line(head, widths, names), "dim")]
        styles = series_styles(self.app, len(self._racers))
        for place in range(self._first, min(len(rows), self._first + room)):
            standing = self._order[place]
            text, cells = self._line(rows[place], widths, names), rows[place]
            style = "bold" if place == self._place else "dim" if standing.diverged else ""
            line = Content.styled(text, style)
            mark = widths[0] + GAP
            line = line.stylize(css_color(styles[standing.number].color), mark, mark + len(cells[1]))
            lines.append(line.stylize("on $panel") if place == self._place else line)
        return Content("\n").join(lines)

    def _head(self) -> list[str]:
        names = list(self._racers[0].values) if self._racers else []
        labels = [variable()[name].setting.label for name in names]
        return ["", "", *labels, "cost", *(["validation"] if self._validated else []), "state"]

    @property
    def _validated(self) -> bool:
        return any(standing.validation_cost is not None for standing in self._order)

    def _cells(self, place: int, standing: Standing) -> list[str]:
        costs = [standing.cost, *([standing.validation_cost] if self._validated else [])]
        state = standing.state
        if standing.finished is None and standing.cost is not None:
            state = f"{standing.iteration:,} of {self._goals[standing.number]:,}"
        return [
            ("▸" if place == self._place else " ") + ("–" if standing.diverged else str(place + 1)).rjust(2),
            series_styles(self.app, standing.number + 1)[-1].marker,
            *self._racers[standing.number].texts.values(),
            *("–" if each is None else cost(each) for each in costs),
            state,
        ]

    def _line(self, cells: Sequence[str], widths: Sequence[int], names: range) -> str:
        last = len(cells) - 1
        padded = [
            set_cell_size(cell, width) if column in names or column in (0, 1, last) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return set_cell_size((" " * GAP).join(padded), max(1, self.size.width))

    def as_text(self) -> str:
        """The table with tabs."""
        rows = [self._cells(place, standing) for place, standing in enumerate(self._order)]
        return "\n".join("\t".join(cell.strip("▸ ") for cell in row) for row in (self._head(), *rows))
