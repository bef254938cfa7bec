"""The list of runs. Only the lines that are seen are made, so it does not matter how many runs there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.cells import set_cell_size
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from deepnet_tui.common.text import printable
from deepnet_tui.drawing.series import SeriesStyle, series_style
from deepnet_tui.drawing.theme import css_color
from deepnet_tui.runs.store import StoredRun
from deepnet_tui.screens.runs.columns import GAP, NAME, RunColumn, fitting

STATES = {"running": "good", "completed": "text", "stopped": "dim", "interrupted": "warning", "diverged": "bad"}


class RunList(ScrollView, can_focus=True, inherit_bindings=False):
    """One run a line beneath a head that stays; the screen has the keys. A click chooses, a second one opens."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "runs--text",
        "runs--head",
        "runs--sorted",
        "runs--dim",
        "runs--good",
        "runs--warning",
        "runs--bad",
        "runs--star",
        "runs--chosen",
    }
    DEFAULT_CSS = """
    RunList {
        height: 1fr;
        background: $background;
        scrollbar-size-vertical: 1;
        overflow-y: scroll;
        overflow-x: hidden;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
        & > .runs--head { color: $text-muted; }
        & > .runs--sorted { color: $text-primary; text-style: bold; }
        & > .runs--dim { color: $text-muted; }
        & > .runs--good { color: $text-success; }
        & > .runs--warning { color: $text-warning; }
        & > .runs--bad { color: $text-error; }
        & > .runs--star { color: $text-accent; }
        & > .runs--chosen { background: $panel; text-style: bold; }
        &:ansi > .runs--chosen { text-style: bold reverse; }
        &:nocolor > .runs--chosen { text-style: bold reverse; }
    }
    """

    class Moved(Message):
        """Another run is chosen."""

    class Opened(Message):
        """The chosen run is to be opened."""

    class HeadClicked(Message):
        """The list is to be sorted by a column."""

        def __init__(self, sort: str) -> None:
            super().__init__()
            self.sort = sort

    def __init__(self) -> None:
        super().__init__(id="run-list")
        self._records: Sequence[StoredRun] = ()
        self._slots: Mapping[str, int] = {}
        self._sort, self._descending = "started", True
        self._chosen = 0
        self.hint = ""  # what is said where no run is listed
        self._columns: list[tuple[RunColumn, int]] = []

    @property
    def chosen(self) -> StoredRun | None:
        """The run under the cursor."""
        return self._records[self._chosen] if self._chosen < len(self._records) else None

    @property
    def seen(self) -> Sequence[StoredRun]:
        """The runs that are on the screen."""
        first = round(self.scroll_y)
        return self._records[first : first + max(0, self.size.height - 1)]

    def show(self, records: Sequence[StoredRun], sort: str, descending: bool) -> None:
        """List these runs, the cursor on the same one as before if it is there, else on the same line."""
        before = self.chosen
        self._sort, self._descending, self._records = sort, descending, records
        place = next((place for place, record in enumerate(records) if before and record.id == before.id), None)
        self._chosen = max(0, min(self._chosen if place is None else place, len(records) - 1))
        self._arrange()
        self._keep_in_sight()

    def choose(self, name: str) -> None:
        """Choose the run with this id, if it is listed."""
        place = next((place for place, record in enumerate(self._records) if record.id == name), self._chosen)
        self.move(place - self._chosen)

    def mark(self, slots: Mapping[str, int]) -> None:
        """Show which runs are marked, by id, each with the number of its curve."""
        self._slots = slots
        self.refresh()

    def move(self, steps: int) -> None:
        """Choose another run."""
        place = max(0, min(self._chosen + steps, len(self._records) - 1))
        if place != self._chosen:
            self._chosen = place
            self._keep_in_sight()
            self.refresh()
            self.post_message(self.Moved())

    @property
    def room(self) -> int:
        """The columns beside the scrollbar."""
        return self.scrollable_content_region.width

    @property
    def page(self) -> int:
        """How many runs are seen at once."""
        return max(1, self.size.height - 1)

    def on_resize(self) -> None:
        """Choose the columns anew."""
        self._arrange()
        self._keep_in_sight()

    def _arrange(self) -> None:
        self.virtual_size = Size(self.room, len(self._records) + 1)
        self._columns = fitting(self.room, self._sort)
        self.refresh()

    def _keep_in_sight(self) -> None:
        top = round(self.scroll_y)
        wanted = max(self._chosen - self.page + 1, min(top, self._chosen))
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True, immediate=True)

    def on_click(self, event: events.Click) -> None:
        """Choose a run, open it with a second click, or sort by a column."""
        if event.y == 0:
            self._click_head(event.x)
            return
        place = round(self.scroll_y) + event.y - 1
        if place == self._chosen and event.chain > 1:
            self.post_message(self.Opened())
        elif place < len(self._records):
            self.move(place - self._chosen)

    def _click_head(self, x: int) -> None:
        at = 4
        for column, width in self._columns:
            if x < at + width + GAP:
                self.post_message(self.HeadClicked(column.sort))
                return
            at += width + GAP

    # Drawing

    def render_line(self, y: int) -> Strip:
        """The head, or one run."""
        if y == 0:
            return self._head()
        place = round(self.scroll_y) + y - 1
        if not self._records and y == 2:
            return Strip([Segment(_cell(f"    {self.hint}", self.room, False), self._style("dim"))])
        if not 0 <= place < len(self._records):
            return Strip.blank(self.room, self._style("text"))
        return self._row(self._records[place], chosen=place == self._chosen)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"runs--{name}", partial=False)

    def _head(self) -> Strip:
        segments = [Segment("    ", self._style("head"))]
        for number, (column, width) in enumerate(self._columns):
            title, name = column.title, "head"
            if column.sort == self._sort:
                arrow = "▾" if self._descending else "▴"
                title, name = (f"{arrow}{title}" if column.number else f"{title}{arrow}"), "sorted"
            gap = " " * GAP if number else ""
            if column.number and len(title) > width:  # the arrow stands in the gap
                gap = gap[len(title) - width :]
                width = len(title)
            segments.append(Segment(gap + _cell(title, width, column.number), self._style(name)))
        return Strip(segments).adjust_cell_length(self.room, self._style("head"))

    def _row(self, record: StoredRun, chosen: bool) -> Strip:
        base = self._style("chosen") if chosen else Style()
        text = self._style("text") + base
        slot = self._slots.get(record.id)
        look = None if slot is None else self._look(slot)
        mark = Segment(" ", text) if look is None else Segment(look.marker, text + Style(color=_color(look)))
        segments = [Segment("▸" if chosen else " ", text), mark]
        segments.append(Segment("★ " if record.labels.star else "  ", self._style("star") + base))
        for number, (column, width) in enumerate(self._columns):
            style = text
            if column.sort == "state":
                style = self._style(STATES.get(record.state, "text")) + base
            elif column.sort not in ("name", "cost", "validation_cost", self._sort):
                style = self._style("dim") + base
            if number:
                segments.append(Segment(" " * GAP, text))
            if column is NAME:
                segments += self._name_cell(record, width, base)
            else:
                segments.append(Segment(_cell(column.text(record), width, column.number), style))
        return Strip(segments).adjust_cell_length(self.room, text)

    def _name_cell(self, record: StoredRun, width: int, base: Style) -> list[Segment]:
        """The name or the end of the id, and the tags as far as there is room."""
        labels = record.labels
        tags = f" {printable(' '.join(f'#{tag}' for tag in labels.tags))}" if labels.tags else ""
        room = width - min(len(tags), width // 2)
        name = _cut(printable(labels.name), room) if labels.name else _end(record.id, room)
        style = self._style("text" if labels.name else "dim") + base
        left = width - Segment(name).cell_length
        return [Segment(name, style), Segment(_cell(tags, left, False) if left else "", self._style("star") + base)]

    def _look(self, slot: int) -> SeriesStyle:
        theme = self.app.current_theme
        return series_style(slot, dark=theme.dark, ansi=theme.ansi)


def _color(look: SeriesStyle) -> RichColor:
    return RichColor.parse(css_color(look.color).removeprefix("ansi_"))


def _cell(text: str, width: int, right: bool) -> str:
    """The text in so many cells, cut where it is longer."""
    text = _cut(text, width)
    return text.rjust(width) if right else set_cell_size(text, width)


def _cut(text: str, width: int) -> str:
    if Segment(text).cell_length <= width:
        return text
    return f"{set_cell_size(text, width - 1).rstrip()}…" if width > 1 else "…"[:width]


def _end(text: str, width: int) -> str:
    """The end of a text that is too long: of an id it is what tells runs apart."""
    text = printable(text)
    return text if len(text) <= width else f"…{text[len(text) - width + 1 :]}"
