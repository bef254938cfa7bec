"""The panes of the Runs screen: the line of the filter, the chart with its legend, the settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from deepnet_tui.drawing.theme import css_color
from deepnet_tui.runs.comparison import RunComparison
from deepnet_tui.screens.runs.chart_view import COSTS, ChartView
from deepnet_tui.screens.runs.curves import DrawnRun, legend, look_of, place_text, plot_of
from deepnet_tui.screens.runs.settings import Subject, comparison_content, facts_content, names_of

if TYPE_CHECKING:
    from deepnet_tui.widgets.base.chart import LineChart

ROOMY = 72  # columns from which the legend stands beside the chart,
BESIDE, BENEATH = 31, 7  # so wide, else beneath it, at most so high
HINT = "words, source:moons, state:completed, tag:paper, star:"


class SteadyText(Static):
    """SteadyText that are laid out again only where they differ from those before."""

    def __init__(self, id: str) -> None:  # noqa: A002
        super().__init__("", id=id)
        self._words = Content("")

    def put(self, words: Content) -> None:
        """Show these."""
        if not words.is_same(self._words):
            before, self._words = self._words, words
            self.update(words, layout=_extent(words) != _extent(before))


def _extent(words: Content) -> tuple[int, int]:
    lines = words.plain.split("\n")
    return len(lines), max(map(cell_len, lines))


class FilterLine(Horizontal):
    """What is typed here is looked for; to its right how many runs fit."""

    DEFAULT_CSS = """
    FilterLine {
        height: 1;
        background: $panel;
        &:ansi { background: ansi_default; }
        & #filter-title { width: auto; padding: 0 1; }
        & Input { width: 1fr; height: 1; border: none; padding: 0; background: $panel; }
        & Input:focus { border: none; }
        & #filter-count { width: auto; padding: 0 1; color: $text-muted; }
    }
    """

    def compose(self) -> ComposeResult:
        """Title, field, count."""
        yield Static(Content.assemble(Content.styled("Runs", "bold"), "  /"), id="filter-title")
        yield Input(placeholder=HINT, compact=True, select_on_focus=False, id="filter")
        yield SteadyText("filter-count")

    def say(self, text: str) -> None:
        """How many fit."""
        self.query_one("#filter-count", SteadyText).put(Content(text))


class CurvesPane(Horizontal):
    """The chart, and beside it the values of the runs that are drawn."""

    DEFAULT_CSS = """
    CurvesPane {
        height: 1fr;
        & LineChart { width: 1fr; }
        & #runs-legend { width: 32; padding: 0 0 0 1; }
        &.-slim { layout: vertical; }
        &.-slim #runs-legend { width: 1fr; height: auto; max-height: 7; padding: 0 1; }
        &.-slim LineChart { height: 1fr; }
        & #runs-no-curve { width: 1fr; height: 1fr; content-align: center middle; color: $text-muted; }
    }
    """

    def __init__(self) -> None:
        super().__init__(id="runs-curves", classes="pane")
        self.chart: LineChart | None = None

    def compose(self) -> ComposeResult:
        """A hint where there is nothing to draw; the legend."""
        yield SteadyText("runs-no-curve")
        yield SteadyText("runs-legend")

    async def on_mount(self) -> None:
        """The chart's library is loaded by now, or is loaded here."""
        from deepnet_tui.widgets.base.chart import LineChart

        self.chart = LineChart()
        self.chart.display = False
        await self.mount(self.chart, before=0)

    def on_resize(self) -> None:
        """The legend beside the chart where that has room, else beneath."""
        self.set_class(self.size.width < ROOMY, "-slim")

    @property
    def columns(self) -> int:
        """About the columns of the chart."""
        return max(10, (self.chart.size.width if self.chart is not None else 0) - 8)

    def show(self, runs: Sequence[DrawnRun], view: ChartView, hint: str) -> None:
        """Draw the runs; the hint where none has a report."""
        drawable = any(len(run.curve) > 0 for run in runs)
        no_curve = self.query_one("#runs-no-curve", SteadyText)
        no_curve.display = not drawable
        no_curve.put(Content(hint))
        self.query_one("#runs-legend").display = bool(runs)
        if self.chart is not None:
            self.chart.display = drawable
            if drawable:
                self.chart.draw(plot_of(runs, view, self.app))
        self.point(runs, view)

    def point(self, runs: Sequence[DrawnRun], view: ChartView) -> None:
        """Show the cursor and the values there: the lines stay."""
        if self.chart is not None:
            self.chart.move_cursor(view.cursor)
        box = self.query_one("#runs-legend", SteadyText)
        slim = self.has_class("-slim")
        most = min(BENEATH, self.size.height // 3) if slim else self.size.height
        box.put(legend(runs, view, self.app, self.size.width - 2 if slim else BESIDE, max(1, most)))
        at = f"  at {place_text(view.cursor, view)}" if view.cursor is not None else ""
        self.border_title = Content.assemble(f"{COSTS[view.cost].capitalize()} over {view.axis}", Content.styled(at))
        ways = ["log cost"] * view.log_y + ["log axis"] * view.log_x
        ways += [f"smoothed {view.smoothing:g}"] if view.smoothing else []
        ways += ["zoomed"] if view.window else []
        self.border_subtitle = "  ".join(ways)


class DifferencesPane(VerticalScroll, can_focus=False):
    """What differs between the marked runs, or all about the chosen one."""

    DEFAULT_CSS = """
    DifferencesPane { height: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    DifferencesPane Static { height: auto; }
    """

    def __init__(self) -> None:
        super().__init__(id="runs-settings", classes="pane")

    def compose(self) -> ComposeResult:
        """The text."""
        yield SteadyText("runs-settings-text")

    def show(self, subject: Subject | str | None, runs: Sequence[DrawnRun]) -> None:
        """Show it, or the sentence why it can't be."""
        text = self.query_one("#runs-settings-text", SteadyText)
        width = max(20, self.scrollable_content_region.width - 1)
        self.border_title = "Run"
        if subject is None or isinstance(subject, str):
            text.put(Content.styled(subject or "", "dim"))
        elif isinstance(subject, RunComparison):
            self.border_title = "What differs"
            looks = {run.record.id: look_of(run, self.app) for run in runs}
            shown = [looks.get(name) for name in subject.runs]
            pairs = [(look.marker, css_color(look.color)) if look is not None else ("·", "") for look in shown]
            by_id = {run.record.id: run.record for run in runs}
            names = names_of([by_id[name] for name in subject.runs if name in by_id])
            names = names if len(names) == len(pairs) else list(subject.runs)
            text.put(comparison_content(subject, pairs, names, width))
        else:
            text.put(facts_content(subject, width))
