"""Where the list, the chart and the settings of the Runs screen stand, and what the threads bring to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content

from deepnet_tui.common.background import LatestJob
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted
from deepnet_tui.drawing.numbers import whole
from deepnet_tui.runs.store import Store, StoredRun
from deepnet_tui.screens.notices import NoticeScreen
from deepnet_tui.screens.runs import background
from deepnet_tui.screens.runs.background import EditQueue, Listing, Look, RunEdit, StoreObserver
from deepnet_tui.screens.runs.panes import CurvesPane, DifferencesPane, FilterLine
from deepnet_tui.screens.runs.run_list import RunList
from deepnet_tui.screens.runs.settings import Subject, subject_of
from deepnet_tui.screens.runs.state import RunsState
from deepnet_tui.widgets.base.editor import Editor
from deepnet_tui.widgets.base.keys import key_of
from deepnet_tui.widgets.panes.keybar import KeyBar

if TYPE_CHECKING:
    from deepnet_tui.commands.command import Command

LOOK_EVERY = 1.0  # seconds between two looks at what other processes do
LOW = 18  # lines below which there is room for the list only
TALL = 30  # lines from which the chart and the settings are both seen beside the list
OFFERED = ("mark", "filter", "sort", "open", "side", "star", "delete", "name", "axis", "smooth", "cost", "tags")
LOADING = "reading the runs …"
EMPTY = "No run is stored yet: Escape goes back, {} trains, and every training is kept here."
NO_MATCH = "No run fits; / changes the filter."
NO_CURVE = "No costs yet: a run is drawn from its first report on."
SCOPE = "runs_screen"


class RunsBoard(NoticeScreen):
    """List, chart and settings; the screen (`screen.py`) has the keys."""

    AUTO_FOCUS = "RunList"
    DEFAULT_CSS = """
    RunsBoard {
        & #runs-panes { height: 1fr; layout: horizontal; }
        & #runs-list-pane { width: 1.15fr; height: 1fr; padding: 0 0 0 1; }
        & #runs-side { width: 1fr; height: 1fr; }
        & #runs-curves { height: 1.2fr; padding: 0 1 0 0; }
        & #runs-settings { height: 1fr; padding: 0 0 0 1; }
        & #runs-editor { display: none; margin: 0 1 0 0; }
        &.-narrow #runs-panes { layout: vertical; }
        &.-narrow #runs-list-pane { width: 1fr; }
    }
    """

    def __init__(self, commands: tuple[Command, ...], store: Store) -> None:
        super().__init__()
        self.commands = commands
        self.store = store
        self.state = RunsState()
        self.side = "curves"
        self._wrong = ""  # with what is typed as a filter
        self._wanted = ""  # the run that the cursor goes to once it is listed
        self._subject: Subject | str | None = None
        self._observer = StoreObserver(store)
        self._listing: LatestJob[Listing] = LatestJob("list of runs", self.call_later, pace=0.0)
        self._looking: LatestJob[Look] = LatestJob("look at runs", self.call_later, pace=0.05)
        self._comparing: LatestJob[Subject | None] = LatestJob("comparison of runs", self.call_later, pace=0.05)
        self.edits = EditQueue(self.call_later, self._take_edit)

    # Layout

    def compose(self) -> ComposeResult:
        """Filter, list, chart, settings, keys."""
        yield FilterLine()
        with Container(id="runs-panes"):
            with Vertical(id="runs-list-pane", classes="pane"):
                yield RunList()
                yield Editor(classes="editor", id="runs-editor")
            with Vertical(id="runs-side"):
                yield CurvesPane()
                yield DifferencesPane()
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the store, and look again and again."""
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.call_after_refresh(self.draw))
        self.list_again()
        self.set_interval(LOOK_EVERY, self.look)
        self.draw()

    def on_unmount(self) -> None:
        """Nobody waits for the threads any more."""
        for job in (self._listing, self._looking, self._comparing):
            job.cancel()

    def on_resize(self) -> None:
        """Arrange the panes for the new size."""
        self._arrange()
        self.call_after_refresh(self.draw)

    def _arrange(self) -> None:
        both, fill = self.size.height >= TALL, self.has_class("-fill")
        self.query_one("#runs-list-pane").display = not fill
        self.query_one("#runs-side").display = fill or self.size.height >= LOW
        self.query_one("#runs-curves").display = both or self.side == "curves"
        self.query_one("#runs-settings").display = both or self.side == "settings"

    def show_side(self, side: str) -> None:
        """Bring the chart or the settings forward, where one of them has room."""
        self.side = side
        self._arrange()
        self.call_after_refresh(self.draw)

    @property
    def runs(self) -> RunList:
        """The list."""
        return self.query_one(RunList)

    @property
    def curves_pane(self) -> CurvesPane:
        """The chart and its legend."""
        return self.query_one(CurvesPane)

    # What threads find

    def list_again(self) -> None:
        """Have the runs asked for as the filter and the sorting say."""
        try:
            query, self._wrong = self.state.query(), ""
        except InputError as error:
            self._wrong = str(error)
            self.draw()
            return
        records = self.state.records
        if records is None:
            self._listing.start(lambda _: background.listing(background.all_runs(self.store), query), self._take_list)
        else:
            self._listing.start(lambda _: background.listing(records, query), self._take_list)

    def _take_list(self, answer: Listing | Exception) -> None:
        if isinstance(answer, Exception):
            self._wrong = f"The runs can't be listed: {answer}"
            self.draw()
            return
        self.state.take(answer)
        self._show_list()
        self.runs.choose(self._wanted)
        self._wanted = ""
        if self.runs.chosen is not None and self.runs.chosen.id not in self.state.curves:
            self.look()
        self.compare()
        self.draw()

    def look(self) -> None:
        """Look at what others have changed, and read the curves that are drawn."""
        if not self.is_attached or not self.query(RunList):  # it is closing
            return
        records, chosen = self.state.records, self.runs.chosen
        if records is None:
            return
        drawn = [*self.state.marked, *([chosen] if chosen is not None else [])]
        watched = [record.id for record in (*self.runs.seen, *drawn)]
        self._looking.start(lambda _: self._observer.look(records, watched, drawn), self._take_look)

    def _take_look(self, answer: Look | Exception) -> None:
        if isinstance(answer, Exception):
            return  # another look follows
        curves, self.state.curves = self.state.curves, answer.curves
        if answer.changes:
            self._adopt(answer.changes.changed, answer.changes.gone)
            if not answer.curves.keys().isdisjoint([*answer.changes.changed, *answer.changes.gone]):
                self.compare()
        moved = any(curve is not curves.get(name) for name, curve in answer.curves.items())
        if answer.changes or moved or curves.keys() != answer.curves.keys():
            self.draw()

    def _take_edit(self, answer: RunEdit | Exception) -> None:
        if isinstance(answer, Exception):
            self.warn(background.refusal(answer))
            return
        self._wanted = answer.chosen
        self.state.deleted += answer.gone
        self.state.deleted = [name for name in self.state.deleted if all(name != run.id for run in answer.changed)]
        self._adopt({record.id: record for record in answer.changed}, answer.gone)
        self.say(answer.said)
        self.compare()
        self.draw()

    def _adopt(self, changed: Mapping[str, StoredRun], gone: Iterable[str]) -> None:
        """Take in runs that have changed, at once in their lines, soon in their places."""
        self.state.apply(changed, gone)
        self._show_list()
        self.list_again()

    def compare(self) -> None:
        """Have the marked runs compared, or the chosen one read."""
        marked, chosen = self.state.marked, self.runs.chosen
        self._comparing.start(lambda _: subject_of(marked, chosen), self._take_subject)

    def _take_subject(self, answer: Subject | Exception | None) -> None:
        self._subject = background.refusal(answer) if isinstance(answer, Exception) else answer
        self._draw_settings()

    # Drawing

    def _empty(self) -> str:
        return EMPTY.format(key_of(self, "train"))

    def _show_list(self) -> None:
        self.runs.hint = NO_MATCH if self.state.records else ""
        self.runs.show(self.state.listed, self.state.sort, self.state.descending)

    def draw(self) -> None:
        """Draw everything."""
        if not self.is_attached or not self.query(RunList):  # it may be on its way, or closing
            return
        state = self.state
        self.runs.mark(state.slots)
        self._draw_filter()
        pane = self.query_one("#runs-list-pane")
        marked = f"{counted(len(state.slots), 'run')} marked" if state.slots else "Runs"
        pane.border_title = Content.styled(self._wrong, "$text-error") if self._wrong else Content(marked)
        pane.border_subtitle = f"sorted by {state.sort.replace('_', ' ')}"
        self.draw_curves()
        self._draw_settings()
        self._show_keys()

    def draw_curves(self) -> None:
        """Draw the chart and its legend."""
        hint = LOADING if self.state.records is None else NO_CURVE if self.state.records else self._empty()
        self.curves_pane.show(self.state.drawn(self.runs.chosen), self.state.view, hint)

    def _draw_filter(self) -> None:
        line, state = self.query_one(FilterLine), self.state
        if state.records is None:
            line.say("" if self._wrong else LOADING)
        else:
            every, fits = whole(len(state.records)), whole(len(state.listed))
            line.say(f"{every} runs" if every == fits else f"{fits} of {every} runs")

    def _draw_settings(self) -> None:
        if self.is_attached:
            self.query_one(DifferencesPane).show(self._subject, self.state.drawn(self.runs.chosen))

    def _show_keys(self) -> None:
        by_id = {command.id.removeprefix("runs_"): command for command in self.commands if command.scope == SCOPE}
        offered = [by_id[name] for name in OFFERED if name in by_id]
        if self.state.deleted:
            offered.insert(1, by_id["restore"])
        offered += [command for command in self.commands if command.id == "help"]
        self.query_one(KeyBar).show([(command, command.label) for command in offered])
