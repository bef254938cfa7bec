"""The runs that were kept, newest first: how they ended, what sets them apart from this one, and the way back."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from deepnet_tui.common.errors import InputError
from deepnet_tui.drawing.numbers import cost, whole
from deepnet_tui.drawing.theme import chart_colors, css_color
from deepnet_tui.evaluate.comparison import curves_of, differences
from deepnet_tui.runs.store import Store, StoredRun
from deepnet_tui.training.history import Curves
from deepnet_tui.widgets.base.view import View, bindings

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.training.workbench import Workbench
    from deepnet_tui.widgets.base.chart import LineChart

COLUMNS = ("when", "data", "network", "training", "train", "held out", "state")
YIELDING = ("training", "network", "data")  # columns that give way where there is little room
LEAVING = ("training", "network", "state", "when")  # and that go where there is less
TALL = 15  # lines from which the list and the comparison are seen together


@dataclass(frozen=True)
class Side:
    """One of the two runs that are compared."""

    name: str
    experiment: Experiment
    curves: Curves


class Runs(View, can_focus=True):
    """Up and down choose a run; it can be compared with the present one or a marked one, and brought back."""

    FRAMES = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {"runs--chosen"}
    BINDINGS: ClassVar[list[BindingType]] = bindings("runs")
    DEFAULT_CSS = """
    Runs > .runs--chosen { text-style: bold; color: $text-primary; }
    Runs #runs-list { height: 1fr; }
    Runs #runs-compare { height: 1fr; }
    Runs #runs-settings { width: 1fr; padding: 0 0 0 2; }
    Runs LineChart { width: 1.2fr; }
    """

    class Listed(Message):
        """The runs were read."""

        def __init__(self, records: list[StoredRun], settings: dict[str, str]) -> None:
            super().__init__()
            self.records, self.settings = records, settings

    class Looked(Message):
        """One run was read, or why it could not be."""

        def __init__(self, name: str, side: Side | None, trouble: str = "") -> None:
            super().__init__()
            self.name, self.side, self.trouble = name, side, trouble

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="view")
        self.border_title = "Runs"
        self._records: list[StoredRun] | None = None
        self._settings: dict[str, str] = {}
        self._chosen = 0
        self._first = 0
        self._comparing = False
        self._present: Side | None = None
        self._marked: Side | None = None
        self._looked: Side | None = None
        self._trouble = ""
        self._chart: LineChart | None = None

    def compose(self) -> ComposeResult:
        """The list, and beneath or instead of it the comparison."""
        yield Static("", id="runs-list")
        with Horizontal(id="runs-compare"):
            yield Static("", id="runs-settings")

    async def on_mount(self) -> None:
        """The chart's library is loaded by now, or is loaded here."""
        from deepnet_tui.widgets.base.chart import LineChart

        self._chart = LineChart()
        await self.query_one("#runs-compare").mount(self._chart, before=0)
        self._arrange()

    def on_resize(self) -> None:
        """Both where there is room."""
        self._arrange()

    # Reading

    def stamp(self, workbench: Workbench) -> object:
        """A run that starts, rests or ends, and every edit."""
        return (workbench.training_run.id, workbench.state, workbench.experiment) if workbench.ready else None

    def show(self, workbench: Workbench) -> None:
        """Read the runs again."""
        if workbench.ready:
            self._present = Side("present", workbench.experiment, workbench.training_run.history.curves())
        store = Store() if workbench.store is None else workbench.store
        self.run_worker(partial(self._list, store), thread=True, group="runs", exclusive=True)
        self._draw()

    def _list(self, store: Store) -> None:
        records = store.list()
        settings = {record.id: self._settings.get(record.id) or _training(record) for record in records}
        self.post_message(self.Listed(records, settings))

    def on_runs_listed(self, event: Listed) -> None:
        """Draw them, the cursor on the same run as before."""
        event.stop()
        before = self.chosen
        self._records, self._settings = event.records, event.settings
        names = [record.id for record in event.records]
        self._chosen = names.index(before.id) if before is not None and before.id in names else 0
        self._look()
        self._draw()

    @property
    def chosen(self) -> StoredRun | None:
        """The run under the cursor."""
        return self._records[self._chosen] if self._records else None

    def _look(self) -> None:
        """Have the chosen run read, in a thread."""
        record = self.chosen
        if record is None:
            return

        def work() -> None:
            try:
                side = Side(record.id, record.experiment(), curves_of(record.costs()))
                self.post_message(self.Looked(record.id, side))
            except InputError as error:
                self.post_message(self.Looked(record.id, None, str(error)))

        self.run_worker(work, thread=True, group="look", exclusive=True)

    def on_runs_looked(self, event: Looked) -> None:
        """Draw the comparison, unless the cursor has moved on."""
        event.stop()
        if self.chosen is not None and event.name == self.chosen.id:
            self._looked, self._trouble = event.side, event.trouble
            self._draw()

    # Keys

    def action_choose(self, step: int) -> None:
        """Another run."""
        if self._records:
            self._chosen = max(0, min(self._chosen + step, len(self._records) - 1))
            self._look()
            self._draw()

    def action_compare(self) -> None:
        """The comparison instead of the list, and back."""
        self._comparing = not self._comparing
        self._arrange()
        self._draw()

    def action_mark(self) -> None:
        """Compare with this run from here on; again takes the mark away."""
        looked = self._looked
        if looked is None or self.chosen is None or looked.name != self.chosen.id:
            return
        self._marked = None if self._marked is not None and self._marked.name == looked.name else looked
        self._draw()

    def action_open(self) -> None:
        """Open the chosen run's experiment."""
        if self.chosen is not None:
            self.post_message(self.Open(self.chosen.experiment))

    def action_open_trained(self) -> None:
        """Open the chosen run's experiment with the parameters that it ended with."""
        if self.chosen is not None:
            self.post_message(self.Open(self.chosen.experiment, partial(restored, self.chosen)))

    def on_click(self, event: events.Click) -> None:
        """Choose the run that was clicked; a second click opens it."""
        widget = self.query_one("#runs-list")
        if not widget.region.contains(event.screen_x, event.screen_y):
            return
        row = self._first + event.screen_y - widget.region.y - 1
        if self._records and 0 <= row < len(self._records):
            if row == self._chosen and event.chain > 1:
                self.action_open()
            else:
                self.action_choose(row - self._chosen)

    # Drawing

    def _arrange(self) -> None:
        tall = self.size.height >= TALL
        self.query_one("#runs-list").display = tall or not self._comparing
        self.query_one("#runs-compare").display = tall or self._comparing
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        if not self.is_attached:
            return
        self._label()
        self.query_one("#runs-list", Static).update(self._table())
        self._draw_comparison()

    def _label(self) -> None:
        keys = [
            (self.key("run_open"), "experiment"),
            (self.key("run_trained"), "with parameters"),
            (self.key("run_mark"), "mark"),
        ]
        if self.size.height < TALL:
            keys.append((self.key("run_compare"), "list" if self._comparing else "compare"))
        self.border_subtitle = "  ".join(f"{key} {text}" for key, text in keys) if self._records else ""
        count = f"  {whole(len(self._records))} kept" if self._records else ""
        self.border_title = f"Runs{count}"

    def _table(self) -> Table | Text:
        if not self._records:
            return Text("Every run is kept and listed here." if self._records == [] else "one moment …", style="dim")
        widget = self.query_one("#runs-list")
        rows = max(1, widget.size.height - 1)
        self._first = max(self._chosen - rows + 1, min(self._first, self._chosen))
        chosen = self.get_component_rich_style("runs--chosen", partial=True)
        marked = self._marked.name if self._marked else ""
        lines = []
        for index, record in list(enumerate(self._records))[self._first : self._first + rows]:
            mark = "▸" if index == self._chosen else "*" if record.id == marked else " "
            lines.append((index, cells(record, self._settings.get(record.id, ""), mark)))
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
        widths = fitting([COLUMNS, *(row for _, row in lines)], widget.size.width)
        seen = [place for place, width in enumerate(widths) if width]
        for name, width in ((COLUMNS[place], widths[place]) for place in seen):
            justify: Literal["left", "right"] = "right" if name in ("train", "held out") else "left"
            table.add_column(name, justify=justify, no_wrap=True, width=width)
        for index, row in lines:
            table.add_row(*(row[place] for place in seen), style=chosen if index == self._chosen else Style())
        return table

    def _sides(self) -> tuple[Side, Side] | None:
        """The marked or the present run, and the chosen one."""
        looked, base = self._looked, self._marked or self._present
        if looked is None or base is None or self.chosen is None or looked.name != self.chosen.id:
            return None
        return base, looked

    def _draw_comparison(self) -> None:
        settings, sides, chart = self.query_one("#runs-settings", Static), self._sides(), self._chart
        if sides is None or chart is None or not self.query_one("#runs-compare").display:
            settings.update(Content.styled(self._trouble or "Choose a run to compare it", "dim"))
            return
        from deepnet_tui.widgets.base.chart import Drawing

        base, looked = sides
        colors = chart_colors(self.app)
        ends = [int(side.curves.iteration[-1]) for side in sides if len(side.curves.iteration)]
        chart.draw(Drawing(base.curves, end=max([1, *ends]), other=looked.curves))
        name = "marked" if self._marked else "present"
        lines = [
            Content.styled(f"{'':<14}{'train':>8}{'held out':>9}", "dim"),
            _line(f"━ {name}", base, css_color(colors.train)),
            _line(f"━ {self._when()}", looked, css_color(colors.validation)),
        ]
        found = differences(base.experiment, looked.experiment)
        wide = max((len(entry.name) for entry in found), default=0)
        for entry in found:
            text = f"{entry.name:<{wide}}  {entry.one} → {entry.other}"
            lines.append(Content(text))
        if not found:
            lines.append(Content.styled("The settings are the same.", "dim"))
        settings.update(Content("\n").join(lines))

    def _when(self) -> str:
        return "" if self.chosen is None else _time(self.chosen)

    def as_text(self) -> str:
        """The table and the comparison, with tabs."""
        lines = [COLUMNS, *(cells(record, self._settings.get(record.id, "")) for record in self._records or [])]
        sides = self._sides()
        found = differences(sides[0].experiment, sides[1].experiment) if sides else ()
        lines += [(entry.name, entry.one, entry.other) for entry in found]
        return "\n".join("\t".join(row) for row in lines)


def fitting(rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """The width of every column; where there is too little room, those that can give way do, one after the other.

    What then still finds no room goes whole, with a width of 0: half a number would be a wrong one.
    """
    full = [max(map(len, column)) for column in zip(*rows, strict=True)]
    gone: list[str] = []
    while True:
        widths = [0 if name in gone else width for name, width in zip(COLUMNS, full, strict=True)]
        for name in YIELDING:
            excess = sum(widths) + sum(width > 0 for width in widths) - room
            place = COLUMNS.index(name)
            widths[place] = max(min(len(name), widths[place]), widths[place] - max(0, excess))
        if sum(widths) + sum(width > 0 for width in widths) <= room + 1 or len(gone) == len(LEAVING):
            return widths
        gone.append(LEAVING[len(gone)])


def restored(record: StoredRun) -> tuple[Dataset, Mapping[str, Any]]:
    """The data and the newest parameters of a run. Raises InputError."""
    from deepnet_tui.training.headless import restore

    dataset, trainer = restore(record)
    return dataset, trainer.parameters


def cells(record: StoredRun, training: str = "", mark: str = " ") -> tuple[str, ...]:
    """One run as words."""
    network = "-".join(str(units) for units in record.about.get("network", ()))
    return (
        f"{mark} {_time(record)}",
        Path(record.source).stem[:12],
        network if len(network) <= 14 else f"{network[:13]}…",
        training,
        cost(record.cost),
        cost(record.validation_cost),
        record.state,
    )


def _time(record: StoredRun) -> str:
    return time.strftime("%d %b %H:%M", time.localtime(record.started))


def _training(record: StoredRun) -> str:
    """Initializer, optimizer and learning rate."""
    try:
        experiment = record.experiment()
    except InputError:
        return ""
    training = experiment.training
    return f"{experiment.network.initializer} {training.optimizer} {training.learning_rate:g}"


def _line(name: str, side: Side, color: str) -> Content:
    train = cost(float(side.curves.cost[-1])) if len(side.curves.cost) else "–"
    held = cost(float(side.curves.validation_cost[-1])) if len(side.curves.cost) else "–"
    return Content.assemble(Content.styled(f"{name:<14}", color), f"{train:>8}{held:>9}")
