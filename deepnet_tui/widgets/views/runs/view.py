"""The runs that were kept, newest first: how they ended, how they differ from the present one; they can be opened."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from deepnet_tui.common.background import LatestJob
from deepnet_tui.drawing.numbers import whole
from deepnet_tui.drawing.theme import LINE_SIGNS, chart_colors, css_color
from deepnet_tui.race.of_runs import race_of_runs
from deepnet_tui.runs.follow import CostsFile
from deepnet_tui.runs.store import Store, StoredRun
from deepnet_tui.widgets.base.keys import bindings
from deepnet_tui.widgets.base.view import View
from deepnet_tui.widgets.views.runs.comparison import ComparedRun, Comparison
from deepnet_tui.widgets.views.runs.table import COLUMNS, run_cells, runs_table, started_text, training_text

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.runs.follow import RunCurve
    from deepnet_tui.training.history import Curves
    from deepnet_tui.widgets.base.chart import LineChart
    from deepnet_tui.workbench.workbench import Workbench

MOST = 200  # runs that are listed here
TALL = 15  # lines from which the list and the comparison are seen together


class RunsView(View, can_focus=True):
    """Up and down choose a run; it can be compared with the present one or a marked one, and brought back."""

    FRAMES = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {"runs--chosen"}
    BINDINGS: ClassVar[list[BindingType]] = bindings("runs")
    DEFAULT_CSS = """
    RunsView > .runs--chosen { text-style: bold; color: $text-primary; }
    RunsView #runs-list { height: 1fr; }
    RunsView #runs-compare { height: 1fr; }
    RunsView #runs-settings { width: 1fr; padding: 0 0 0 2; }
    RunsView LineChart { width: 1.1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="view")
        self.border_title = "Runs"
        self._records: list[StoredRun] | None = None
        self._settings: dict[str, str] = {}
        self._kept = 0
        self._chosen = 0
        self._first = 0
        self._comparing = False
        self._present: ComparedRun | None = None
        self._kept_as = ""  # the present run, in the store
        self._marked: ComparedRun | None = None
        self._read: ComparedRun | None = None  # the run under the cursor, once it has been read
        self._error = ""
        self._listing: LatestJob[_Listed] = LatestJob("list of runs", self.call_later)
        self._reading: LatestJob[ComparedRun] = LatestJob("run", self.call_later)
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

    def version(self, workbench: Workbench) -> object:
        """A run that starts, rests or ends, and every edit."""
        return (workbench.training_run.id, workbench.state, workbench.experiment) if workbench.ready else None

    def show(self, workbench: Workbench) -> None:
        """Read the runs again."""
        if workbench.ready:
            training_run = workbench.training_run
            self._present = ComparedRun("present", workbench.experiment, training_run.history.curves())
            self._kept_as = training_run.kept_as
        store = Store() if workbench.store is None else workbench.store
        self._listing.start(partial(_listed, store), self._take_in_list)
        self._draw()

    def _take_in_list(self, answer: _Listed | Exception) -> None:
        """Draw the runs, the cursor on the same one as before."""
        if isinstance(answer, Exception):
            self._error = f"The runs can't be listed: {answer}"
        else:
            before = self.chosen
            self._records, self._settings, self._kept = answer.records, answer.settings, answer.kept
            names = [record.id for record in self._records]
            self._chosen = names.index(before.id) if before is not None and before.id in names else 0
            self._read_chosen()
        self._draw()

    @property
    def chosen(self) -> StoredRun | None:
        """The run under the cursor."""
        return self._records[self._chosen] if self._records else None

    def _read_chosen(self) -> None:
        """Have the chosen run read, in a thread."""
        record, present = self.chosen, self._present
        if record is not None:
            known = present.curves if present is not None and record.id == self._kept_as else None
            self._reading.start(partial(_read, record, known), self._take_in_run)

    def _take_in_run(self, answer: ComparedRun | Exception) -> None:
        self._read, self._error = (None, str(answer)) if isinstance(answer, Exception) else (answer, "")
        self._draw()

    # Keys

    def action_choose(self, step: int) -> None:
        """Choose another run."""
        if self._records:
            self._chosen = max(0, min(self._chosen + step, len(self._records) - 1))
            self._read_chosen()
            self._draw()

    def action_compare(self) -> None:
        """Show the comparison instead of the list, and back."""
        self._comparing = not self._comparing
        self._arrange()
        self._draw()

    def action_mark(self) -> None:
        """Mark this run: others are compared with it. A second time removes the mark."""
        read = self._read
        if read is None or self.chosen is None or read.name != self.chosen.id:
            return
        self._marked = None if self._marked is not None and self._marked.name == read.name else read
        self._draw()

    def action_open(self) -> None:
        """Open the chosen run's experiment."""
        if self.chosen is not None:
            self.post_message(self.Open(self.chosen.experiment))

    def action_open_trained(self) -> None:
        """Open the chosen run's experiment with the parameters that it ended with."""
        if self.chosen is not None:
            self.post_message(self.Open(self.chosen.experiment, partial(restored, self.chosen)))

    async def action_race(self) -> None:
        """Race the settings of the marked and the chosen run; without a mark the values typed into settings."""
        marked, chosen = self._marked, self.chosen
        if marked is None or chosen is None:
            await self.run_action("screen.race")
            return
        self.post_message(
            self.Race(lambda workbench: race_of_runs((marked.experiment, chosen.experiment()), workbench.experiment))
        )

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
        self.query_one("#runs-list", Static).update(self._table(), layout=False)
        self._draw_comparison()

    def _label(self) -> None:
        keys = [
            (self.key("run_open"), "experiment"),
            (self.key("run_trained"), "with parameters"),
            (self.key("run_mark"), "mark"),
        ]
        if self.size.height < TALL:
            keys.append((self.key("run_compare"), "list" if self._comparing else "compare"))
        keys.append((self.key("all_runs"), "all runs"))
        self.border_subtitle = "  ".join(f"{key} {text}" for key, text in keys) if self._records else ""
        count = f"  {whole(self._kept)} kept" if self._records else ""
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
            style = chosen if index == self._chosen else Style()
            lines.append((run_cells(record, self._settings.get(record.id, ""), mark), style))
        return runs_table(lines, widget.size.width)

    def _comparison(self) -> Comparison | None:
        """The marked or the present run beside the chosen one, None until both are known."""
        read, base = self._read, self._marked or self._present
        if read is None or base is None or self.chosen is None or read.name != self.chosen.id:
            return None
        return Comparison(base, read)

    def _draw_comparison(self) -> None:
        settings, chart = self.query_one("#runs-settings", Static), self._chart
        comparison, chosen = self._comparison(), self.chosen
        visible = self.query_one("#runs-compare").display
        if comparison is None or chosen is None or chart is None or not visible:
            settings.update(Content.styled(self._error or "Choose a run to compare it", "dim"))
            return
        colors = chart_colors(self.app)
        chart.draw(comparison.plot(colors, plain=bool(self.app.no_color)))
        names = (f"━ {'marked' if self._marked else 'present'}", f"{LINE_SIGNS['validation']} {started_text(chosen)}")
        settings.update(comparison.lines(names, (css_color(colors.train), css_color(colors.validation))))

    def as_text(self) -> str:
        """The table and the comparison, with tabs."""
        records = self._records or []
        lines = [COLUMNS, *(run_cells(record, self._settings.get(record.id, "")) for record in records)]
        comparison = self._comparison()
        if comparison is not None:
            lines += [(entry.name, entry.one, entry.other) for entry in comparison.differences]
        return "\n".join("\t".join(row) for row in lines)


class _Listed(NamedTuple):
    """The newest runs, their settings in short, and how many runs there are."""

    records: list[StoredRun]
    settings: dict[str, str]
    kept: int


def _listed(store: Store, _: object) -> _Listed:
    """The runs, newest first; the Runs screen has them all. In a thread."""
    records = store.list()
    newest = records[:MOST]
    settings = {name: training_text(found) for name, found in store.settings(newest).items()}
    return _Listed(newest, settings, len(records))


def _read(record: StoredRun, known: Curves | RunCurve | None, _: object) -> ComparedRun:
    """In a thread; curves that are `known` may be very long, and are not read again. Raises InputError."""
    curves = CostsFile(record.folder).curve() if known is None else known
    return ComparedRun(record.id, record.experiment(), curves)


def restored(record: StoredRun) -> tuple[Dataset, Mapping[str, Any]]:
    """The data and the newest parameters of a run. Raises InputError."""
    from deepnet_tui.training.stored_run import restore

    dataset, trainer = restore(record)
    return dataset, trainer.parameters
