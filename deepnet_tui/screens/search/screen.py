"""The search screen: best so far, importance of settings, all trials. The search itself is in the background."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from deepnet_tui.common.errors import InputError
from deepnet_tui.screens.data.split_line import SplitLine
from deepnet_tui.screens.notices import NoticeScreen
from deepnet_tui.screens.redraws import has_room
from deepnet_tui.screens.search import lines
from deepnet_tui.screens.search.table import cells, heading, table
from deepnet_tui.search.background import BackgroundSearch, Stage
from deepnet_tui.search.trial import DIVERGED, FAILED, PRUNED, RUNNING, Trial, ranked
from deepnet_tui.widgets.base.keys import bindings, key_of
from deepnet_tui.widgets.panes.keybar import KeyBar

if TYPE_CHECKING:
    from deepnet_tui.commands.command import Command
    from deepnet_tui.screens.search.chart import TrialChart

FRAMES = 4  # looks a second at what the search has done
START_LABELS = {Stage.READY: "start", Stage.SEARCHING: "pause", Stage.PAUSING: "pause"}


class SearchScreen(NoticeScreen):
    """Shows a search and steers it; `take` puts a trial's settings on the workbench. Leaving it stops nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("question_mark,f1", "help", id="help", show=False),
        *bindings("search"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"search--chosen", "search--best", "search--bar"}
    DEFAULT_CSS = """
    SearchScreen {
        & #search-head { height: 1; background: $panel; }
        & #search-head:ansi { background: ansi_default; }
        & #search-top { height: 2fr; min-height: 8; max-height: 16; }
        & #search-curve { width: 1.6fr; padding: 0; }
        & #search-hint { height: 1fr; content-align: center middle; text-align: center; color: $text-muted; }
        & #search-ranges { width: 1fr; min-width: 36; }
        & #search-trials { height: 3fr; min-height: 6; }
        & #search-said { height: auto; max-height: 3; padding: 0 1; }
        & .search--chosen { background: $panel; text-style: bold; }
        & .search--best { color: $text-success; }
        & .search--bar { color: $text-primary; }
    }
    """

    def __init__(
        self, search: BackgroundSearch, commands: tuple[Command, ...], take: Callable[[Trial], object]
    ) -> None:
        super().__init__()
        self.search = search
        self._commands, self._take = commands, take
        self._chosen = 0  # the number of a trial, and whether somebody chose it
        self._has_chosen = False
        self._first = 0  # the first row that is seen
        self._drawn: tuple[object, ...] | None = None
        self._chart: TrialChart | None = None

    def compose(self) -> ComposeResult:
        """Head, curve beside ranges, trials, what there is to say, keys."""
        yield SplitLine("search-head")
        with Horizontal(id="search-top"):
            with Vertical(id="search-curve", classes="pane") as curve:
                curve.border_title = "Best so far"
                yield Static("", id="search-hint")
            with Vertical(id="search-ranges", classes="pane"):
                yield Static("", id="ranges-text")
        with Vertical(id="search-trials", classes="pane") as trials:
            trials.border_title = "Trials"
            yield Static("", id="trials-text")
        yield Static("", id="search-said")
        yield KeyBar()

    async def on_mount(self) -> None:
        """The chart's library is loaded here, if nobody has loaded it yet."""
        from deepnet_tui.screens.search.chart import TrialChart

        self._chart = TrialChart()
        await self.query_one("#search-curve").mount(self._chart)
        self.set_interval(1 / FRAMES, self.poll)
        self.call_after_refresh(self.poll)

    def on_resize(self) -> None:
        """Draw for the new size, once the panes have theirs."""
        self._drawn = None
        self.call_after_refresh(self.poll)

    # Drawing

    def poll(self) -> None:
        """Draw what is new."""
        if not self.is_attached or not self.app.is_running:
            return
        version = (self.search.version, self._chosen, self.query_one("#trials-text").size)
        asked = self._drawn is None or version[1:] != self._drawn[1:]
        if version != self._drawn and (asked or has_room(self.app)):
            self._drawn = version
            self._draw()

    def _draw(self) -> None:
        search = self.search
        left, right, shorter = lines.head(search)
        self.query_one("#search-head", SplitLine).put([(left, "")], right, shorter)
        start = key_of(self, "search_start")
        drawn = any(trial.score is not None for trial in search.progress.trials)
        hint = self.query_one("#search-hint", Static)
        hint.display = not drawn
        hint.update(lines.chart_hint(search, start))
        if self._chart is not None:
            self._chart.display = drawn
            self._chart.show(search.progress)
        known = bool(search.progress.importance)
        self.query_one("#search-ranges").border_title = "Importance of settings" if known else "What is searched"
        box = self.query_one("#ranges-text", Static)
        styles = self._styles()
        box.update(Text("\n").join(lines.ranges(search, box.size.width, styles["bar"], styles["muted"])))
        self.query_one("#trials-text", Static).update(self._table(styles))
        said = self.query_one("#search-said", Static)
        said.update(lines.said(search, start))
        offered = [entry for entry in self._commands if entry.scope == "search" or entry.id == "help"]
        self.query_one(KeyBar).show([(entry, self._label(entry)) for entry in offered if self._is_offered(entry)])

    def _label(self, command: Command) -> str:
        return START_LABELS.get(self.search.stage, "resume") if command.id == "search_start" else command.label

    def _is_offered(self, command: Command) -> bool:
        resting = self.search.stage not in (Stage.SEARCHING, Stage.PAUSING)
        match command.id:
            case "search_start":
                return self.search.progress.finished < self.search.wanted
            case "search_take":
                return bool(self.search.progress.trials)
            case "search_more" | "search_fewer":
                return resting
            case _:
                return command.id == "help"

    def _styles(self) -> dict[str, Style]:
        names = ("chosen", "best", "bar")
        found = {name: self.get_component_rich_style(f"search--{name}", partial=True) for name in names}
        faint = dict.fromkeys(("muted", PRUNED, DIVERGED, FAILED), Style(dim=True))
        return {**found, **faint, RUNNING: found["bar"]}

    def _ranked(self) -> list[Trial]:
        return ranked(self.search.progress.trials)

    @property
    def chosen(self) -> Trial | None:
        """The trial under the cursor, the best one until somebody moves it."""
        trials = self._ranked()
        if not self._has_chosen:
            return trials[0] if trials else None
        return next((trial for trial in trials if trial.number == self._chosen), None)

    def _table(self, styles: dict[str, Style]) -> Text:
        widget, trials, chosen = self.query_one("#trials-text"), self._ranked(), self.chosen
        pane = self.query_one("#search-trials").content_size
        if not trials:
            return Text("Every trial is a line here, the best one first.", style=styles["muted"])
        rows = max(1, pane.height - 1)
        place = trials.index(chosen) if chosen is not None else 0
        self._first = max(place - rows + 1, min(self._first, place, max(0, len(trials) - rows)))
        best = self.search.progress.best
        seen = slice(self._first, self._first + rows)
        width = widget.size.width or pane.width
        shown = table(trials, seen, self.search.ranges, width, chosen=chosen, best=best, styles=styles)
        return Text("\n").join(shown)

    def as_text(self) -> str:
        """The table, with tabs."""
        rows = [heading(self.search.ranges)]
        rows += [cells(trial, self.search.ranges, marks=False) for trial in self._ranked()]
        return "\n".join("\t".join(row) for row in rows)

    # Keys

    def action_search_start(self) -> None:
        """Start, pause or resume."""
        if self.search.stage is Stage.SEARCHING:
            self.search.pause()
        elif self.search.progress.finished < self.search.wanted:
            self.search.start()
        self.poll()

    def action_search_take(self) -> None:
        """Put the settings of the selected trial on the workbench."""
        trial = self.chosen
        if trial is None:
            return
        try:
            self._take(trial)
        except InputError as error:
            self.warn(str(error))
            return
        self.dismiss(None)

    def action_trials(self, count: int) -> None:
        """Want more trials, or fewer."""
        self.search.add_trials(count)
        self.poll()

    def action_choose(self, step: int) -> None:
        """Select another trial."""
        trials, chosen = self._ranked(), self.chosen
        if chosen is not None:
            place = max(0, min(trials.index(chosen) + step, len(trials) - 1))
            self._chosen, self._has_chosen = trials[place].number, True
            self.poll()

    def on_click(self, event: events.Click) -> None:
        """Select the trial that was clicked."""
        region = self.query_one("#trials-text").region
        place = self._first + event.screen_y - region.y - 1
        trials = self._ranked()
        if region.contains(event.screen_x, event.screen_y) and 0 <= place < len(trials):
            self._chosen, self._has_chosen = trials[place].number, True
            self.poll()

    def action_search_copy(self) -> None:
        """Copy the table to the clipboard."""
        self.app.copy_to_clipboard(self.as_text())

    def action_help(self) -> None:
        """Show all keys, those of this screen first."""
        from deepnet_tui.screens.dialogs.help import Help

        self.app.push_screen(Help(tuple(sorted(self._commands, key=lambda entry: entry.scope != "search"))))

    def action_leave(self) -> None:
        """Back to the main screen; the search goes on."""
        self.dismiss(None)
