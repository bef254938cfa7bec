"""The Runs screen with its keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Input

from deepnet_tui.common.errors import InputError
from deepnet_tui.runs.store import Store, StoredRun
from deepnet_tui.screens.dialogs.dialog import Choose
from deepnet_tui.screens.runs import background
from deepnet_tui.screens.runs.board import RunsBoard
from deepnet_tui.screens.runs.chart_view import ChartView
from deepnet_tui.screens.runs.clipboard import copied
from deepnet_tui.screens.runs.columns import run_name, titles
from deepnet_tui.screens.runs.panes import DifferencesPane, FilterLine
from deepnet_tui.screens.runs.run_list import RunList
from deepnet_tui.screens.runs.state import MOST_AT_ONCE
from deepnet_tui.widgets.base.editor import Editor
from deepnet_tui.widgets.base.keys import bindings, key_of
from deepnet_tui.widgets.base.view import View
from deepnet_tui.widgets.views.runs.view import restored

if TYPE_CHECKING:
    from deepnet_tui.commands.command import Command
    from deepnet_tui.runs.follow import RunCurve
    from deepnet_tui.widgets.base.chart import LineChart

FIELDS = {
    "name": "what it is called, also on the command line; empty for no name",
    "note": "whatever is worth to be remembered; empty for no note",
    "tags": "words with spaces between them; empty for no tags",
}


class RunsScreen(RunsBoard):
    """`open_run` opens an experiment in the workspace and says whether it could; so does `race` with a race of runs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("question_mark,f1", "help", id="help", show=False),
        *bindings("runs_screen"),
    ]

    def __init__(
        self,
        commands: tuple[Command, ...],
        store: Store,
        open_run: Callable[[View.Open], bool],
        race: Callable[[Sequence[StoredRun]], bool] | None = None,
        at: str = "",
    ) -> None:
        """The list begins at the run with the id `at`."""
        super().__init__(commands, store)
        self._wanted = at
        self._open_run, self._race = open_run, race
        self._edited: tuple[str, StoredRun] | None = None  # what is typed, of which run

    def action_leave(self) -> None:
        """Close the field, the filter, the large chart, or else the screen."""
        field = self.query_one("#filter", Input)
        if self._edited is not None:
            self._close_editor()
        elif field.value:
            field.value = ""
            self.runs.focus()
        elif field.has_focus:
            self.runs.focus()
        elif self.has_class("-fill"):
            self.action_fill()
        else:
            self.dismiss(None)

    def action_help(self) -> None:
        """Show all keys, those of this screen first."""
        from deepnet_tui.screens.dialogs.help import Help

        self.app.push_screen(Help(tuple(sorted(self.commands, key=lambda entry: entry.scope != "runs_screen"))))

    # The list

    def action_move(self, steps: int) -> None:
        """Choose another run."""
        if self._edited is None:
            self.runs.move(steps)

    def action_page(self, pages: int) -> None:
        """Choose a run a page away."""
        self.action_move(pages * self.runs.page)

    def on_run_list_moved(self) -> None:
        """Have the chosen run read; it is drawn then."""
        self.look()
        self.compare()

    def action_mark(self) -> None:
        """Mark the chosen run, or remove its mark."""
        if (record := self.runs.chosen) is not None:
            self.state.toggle(record)
            self._marked()

    def action_mark_listed(self) -> None:
        """Mark the runs that are listed, as many as can be told apart."""
        for record in self.state.listed[:MOST_AT_ONCE]:
            if len(self.state.slots) < MOST_AT_ONCE:
                self.state.mark(record)
        if len(self.state.listed) > MOST_AT_ONCE:
            self.say(f"The first {MOST_AT_ONCE} are marked: more could not be told apart")
        self._marked()

    def action_unmark(self) -> None:
        """Remove all marks."""
        self.state.slots.clear()
        self._marked()

    def action_race(self) -> None:
        """Race the settings of the marked runs; where one is marked, those of the chosen one as well."""
        marked, chosen = self.state.marked, self.runs.chosen
        if len(marked) < 2 and chosen is not None and chosen not in marked:
            marked = [*marked, chosen]
        if len(marked) < 2:
            self.say("Mark the runs that are to race")
        elif self._race is not None and self._race(marked):
            self.dismiss(None)

    def _marked(self) -> None:
        self.look()
        self.compare()
        self.draw()

    def action_filter(self) -> None:
        """Type the filter."""
        if self._edited is None:
            self._show_list_pane()
            self.query_one("#filter", Input).focus()

    def _show_list_pane(self) -> None:
        if self.has_class("-fill"):
            self.action_fill()

    def on_input_changed(self, event: Input.Changed) -> None:
        """List what fits what has been typed so far."""
        if event.input.id == "filter":
            self.state.text = event.value
            self.list_again()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Back to the list with the filter as it is, or use what was typed about a run."""
        event.stop()
        if event.input.id == "filter":
            self.runs.focus()
        elif self._edited is not None:
            self._use(event.value)

    def action_sort(self) -> None:
        """Let the user choose what the list is sorted by."""

        def chosen(name: str | None) -> None:
            if name is not None and name != self.state.sort:
                self._sort(name)

        self.app.push_screen(Choose("Sort by", titles(self.state.metrics), self.state.sort), chosen)

    def action_reverse(self) -> None:
        """Sort the other way round."""
        self._sort(self.state.sort)

    def on_run_list_head_clicked(self, event: RunList.HeadClicked) -> None:
        """Sort by the column that was clicked."""
        self._sort(event.sort)

    def _sort(self, name: str) -> None:
        self.state.sort_by(name)
        self.list_again()

    # Opening

    def on_run_list_opened(self) -> None:
        """Open the run that was clicked twice."""
        self.action_open()

    def action_open(self) -> None:
        """Open the chosen run's experiment in the workspace."""
        if (record := self.runs.chosen) is not None:
            self._open(View.Open(record.experiment))

    def action_open_trained(self) -> None:
        """Open it with the parameters that it ended with."""
        if (record := self.runs.chosen) is not None:
            self._open(View.Open(record.experiment, partial(restored, record)))

    def _open(self, request: View.Open) -> None:
        if self._edited is None and self._open_run(request):
            self.dismiss(None)

    # What is said about a run

    def action_star(self) -> None:
        """Give the chosen run a star, or take it away."""
        if (record := self.runs.chosen) is not None:
            self.edits.add(partial(background.starred, self.store, record))

    def action_edit(self, field: str) -> None:
        """Type the name, the note or the tags of the chosen run."""
        record = self.runs.chosen
        if record is None or self._edited is not None:
            return
        self._show_list_pane()
        self._edited = (field, record)
        labels = record.labels
        text = " ".join(labels.tags) if field == "tags" else str(getattr(labels, field))
        self.query_one("#runs-editor", Editor).open(f"{field} of {record.id}", text, FIELDS[field])

    def _use(self, text: str) -> None:
        """Use what was typed, if it is allowed."""
        assert self._edited is not None  # noqa: S101
        field, record = self._edited
        try:
            background.checked(record.labels, field, text)
        except InputError as error:
            self.query_one("#runs-editor", Editor).refuse(str(error))
            return
        self._close_editor()
        self.edits.add(partial(background.labelled, self.store, record, field, text))

    def _close_editor(self) -> None:
        self._edited = None
        self.query_one("#runs-editor", Editor).display = False
        self.runs.focus()

    def action_delete(self) -> None:
        """Move the chosen run to the trash."""
        if (record := self.runs.chosen) is not None and self._edited is None:
            key = key_of(self, "runs_restore")
            self.edits.add(partial(background.deleted, self.store, record, run_name(record), key))

    def action_restore(self) -> None:
        """Bring back the run that was deleted last."""
        self.edits.add(partial(background.restored, self.store, self.state.deleted))

    # The chart

    def _look_so(self, view: ChartView) -> None:
        self.state.view = view
        self.show_side("curves")

    def _curves(self) -> list[RunCurve]:
        return [run.curve for run in self.state.drawn(self.runs.chosen)]

    def action_cursor(self, step: int) -> None:
        """Move the cursor to other reports; the lines stay as they are."""
        self.state.view = self.state.view.moved(self._curves(), step, self.curves_pane.columns)
        if self.curves_pane.display:
            self.curves_pane.point(self.state.drawn(self.runs.chosen), self.state.view)
        else:
            self.show_side("curves")

    def action_axis(self) -> None:
        """Another horizontal axis."""
        self._look_so(self.state.view.next_axis())

    def action_cost(self) -> None:
        """The other cost."""
        self._look_so(self.state.view.next_cost())

    def action_smooth(self) -> None:
        """Smooth more, or not at all."""
        self._look_so(self.state.view.next_smoothing())

    def action_log_cost(self) -> None:
        """Switch between the linear and the logarithmic cost axis."""
        self._look_so(replace(self.state.view, log_y=not self.state.view.log_y))

    def action_log_axis(self) -> None:
        """Switch between the linear and the logarithmic horizontal axis."""
        self._look_so(self.state.view.toggled_log_x())

    def action_zoom(self, factor: float) -> None:
        """See less or more of the axis."""
        self._look_so(self.state.view.zoomed(self._curves(), factor))

    def on_line_chart_zoomed(self, event: LineChart.Zoomed) -> None:
        """The wheel zooms around the pointer."""
        cursor = self.state.view.cursor
        view = replace(self.state.view, cursor=event.around).zoomed(self._curves(), event.factor)
        self._look_so(replace(view, cursor=cursor))

    def on_line_chart_panned(self, event: LineChart.Panned) -> None:
        """The wheel moves along the axis."""
        self.action_pan(event.share)

    def action_pan(self, share: float) -> None:
        """Move along the axis."""
        self._look_so(self.state.view.panned(self._curves(), share))

    def action_whole(self) -> None:
        """See the whole axis, without a cursor."""
        self._look_so(replace(self.state.view, window=None, cursor=None))

    # The panes

    def action_side(self) -> None:
        """Switch between chart and settings."""
        if self.query_one("#filter", Input).has_focus:
            self.runs.focus()
        else:
            self.show_side("settings" if self.side == "curves" else "curves")

    def action_text(self, step: int) -> None:
        """Scroll the settings."""
        self.query_one(DifferencesPane).scroll_relative(y=step, animate=False)

    def action_fill(self) -> None:
        """Let chart and settings fill the screen, or restore the list."""
        if self._edited is None:
            self.toggle_class("-fill")
            self.show_side(self.side)

    def action_copy(self) -> None:
        """Copy the list and the values of the marked runs."""
        self.app.copy_to_clipboard(copied(self.state, self.runs.chosen))

    def on_click(self, event: events.Click) -> None:
        """A click on the line of the filter goes to it."""
        if self.query_one(FilterLine).region.contains(event.screen_x, event.screen_y):
            self.action_filter()
