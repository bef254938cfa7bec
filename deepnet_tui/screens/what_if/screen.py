"""Change the values of a row and see the answer, the contributions and every unit move."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from deepnet_tui.common.background import Job, LatestJob
from deepnet_tui.common.errors import InputError
from deepnet_tui.screens.data.split_line import SplitLine
from deepnet_tui.screens.notices import NoticeScreen
from deepnet_tui.screens.what_if.network import answer_lines, summary, unit_lines
from deepnet_tui.screens.what_if.row_table import cut, row_table, signed, value_text
from deepnet_tui.understand.answer import Answer
from deepnet_tui.understand.contributions import Contributions, contributions_of_inputs, sample_of
from deepnet_tui.widgets.base.editor import Editor
from deepnet_tui.widgets.base.keys import bindings
from deepnet_tui.widgets.panes.keybar import KeyBar

if TYPE_CHECKING:
    from deepnet_tui.commands.command import Command
    from deepnet_tui.understand.what_if import WhatIf
    from engine.arrays import Array

BACKGROUND = 100  # rows that contributions compare with


class WhatIfScreen(NoticeScreen):
    """Shows a row and what the network makes of it. `part` names the part of the data that the rows are of."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("question_mark,f1", "help", id="help", show=False),
        *bindings("whatif"),
    ]
    AUTO_FOCUS = ""  # the field gets the keys only while it is open
    COMPONENT_CLASSES: ClassVar[set[str]] = {"what-if--chosen", "what-if--changed", "what-if--plus", "what-if--minus"}
    DEFAULT_CSS = """
    WhatIfScreen {
        & #what-if-head { height: 1; background: $panel; }
        & #what-if-head:ansi { background: ansi_default; }
        & #what-if-row { width: 5fr; }
        & #what-if-network { width: 3fr; }
        & #what-if-said { height: auto; max-height: 3; padding: 0 1; }
        & .what-if--chosen { text-style: bold; }
        & .what-if--changed { color: $text-warning; text-style: bold; }
        & .what-if--plus { color: $text-primary; }
        & .what-if--minus { color: $text-warning; }
    }
    """

    def __init__(self, case: WhatIf, part: str, commands: tuple[Command, ...], member: str = "") -> None:
        super().__init__()
        self.case = case
        self._part, self._commands, self._member = part, commands, member
        self._chosen = 0
        self._found: Contributions | None = None
        self._error = ""
        self._asked: object = None
        self._background: Array | None = None
        self._jobs: LatestJob[Contributions] = LatestJob("contributions", self.call_later)

    def compose(self) -> ComposeResult:
        """Head, row beside network, the field, what there is to say, keys."""
        yield SplitLine("what-if-head")
        with Horizontal():
            with Vertical(id="what-if-row", classes="pane"):
                yield Static("", id="row-text")
            with Vertical(id="what-if-network", classes="pane") as pane:
                pane.border_title = "Network"
                yield Static("", id="network-text")
        editor = Editor(classes="editor", id="what-if-editor")
        editor.display = False
        yield editor
        yield Static("", id="what-if-said")
        yield KeyBar()

    def on_mount(self) -> None:
        """Draw once there is a size."""
        self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        """Draw for the new size, once the panes have theirs."""
        self.call_after_refresh(self.draw)

    def on_unmount(self) -> None:
        """Nobody waits for contributions any more."""
        self._jobs.cancel()

    # Contributions

    def _explain(self) -> None:
        """Have the contributions of the row as it is now worked out, unless they are."""
        asked = (self.case.version, self.case.answer.place)
        if asked != self._asked:
            self._asked = asked
            self._jobs.start(partial(self._work, self.case.after.copy(), self.case.answer), self._take_in)

    def _work(self, x: Array, answer: Answer, job: Job[Contributions]) -> Contributions:
        """In the job's thread."""
        if self._background is None:
            self._background = sample_of(self.case.X, BACKGROUND, 0)
        return contributions_of_inputs(self.case.model, x, self._background, answer, check=job.check)

    def _take_in(self, found: Contributions | Exception) -> None:
        if isinstance(found, Exception):
            self._found, self._error = None, str(found) or type(found).__name__
        else:
            self._found, self._error = found, ""
        self.draw()

    # Drawing

    def _styles(self) -> dict[str, Style]:
        names = ("chosen", "changed", "plus", "minus")
        found = {name: self.get_component_rich_style(f"what-if--{name}", partial=True) for name in names}
        return {**found, "muted": Style(dim=True)}

    def draw(self) -> None:
        """Draw everything."""
        if not self.is_attached or not self.app.is_running:
            return
        self._explain()
        case, styles = self.case, self._styles()
        name, said = summary(case)
        where = f"What if: row {case.row:,} of {self._part}"
        right = Content(f"{cut(name, 40)} {said} ")
        self.query_one("#what-if-head", SplitLine).put([(Content(where), "")], right, Content(f"row {case.row:,}"))
        pane = self.query_one("#what-if-row")
        pane.border_title = Content("Row and contributions")
        pane.border_subtitle = Content(self._found.method if self._found is not None else "")
        size = pane.content_size
        text = row_table(case, self._found, self._chosen, size.width, max(1, size.height), styles)
        self.query_one("#row-text", Static).update(Text("\n").join(text))
        network, room = self.query_one("#what-if-network"), self.query_one("#what-if-network").content_size
        network.border_title = Content(f"Network{f': {self._member}' if self._member else ''}")
        dark, plain = self.app.current_theme.dark, bool(self.app.no_color) or self.app.current_theme.ansi
        lines = [*answer_lines(case, room.width, styles), *unit_lines(case, room.width, styles, dark, plain)]
        self.query_one("#network-text", Static).update(Text("\n").join(lines[: max(1, room.height)]))
        self.query_one("#what-if-said", Static).update(Text(self._said(), no_wrap=False))
        offered = [entry for entry in self._commands if entry.scope == "whatif" or entry.id == "help"]
        self.query_one(KeyBar).show([(entry, entry.label) for entry in offered])

    def _said(self) -> str:
        """The chosen column in a sentence, and how the contributions add up."""
        case, found, column = self.case, self._found, self._chosen
        name = cut(case.columns[column].name, 40)
        now = value_text(case.value(column))
        was = f" (was {value_text(case.original(column))})" if column in case.changed else ""
        if found is None:
            return f"{name} is {now}{was}. {self._error or 'Contributions are being worked out …'}"
        error = f" ± {found.errors[column]:.2g}" if found.errors[column] else ""
        return (
            f"{name} is {now}{was}: {signed(float(found.values[column]))}{error}. "
            f"Mean {found.base:.4g} {signed(float(found.values.sum()))} from all columns = {found.prediction:.4g}"
        )

    def as_text(self) -> str:
        """The row with its contributions, with tabs."""
        case, found = self.case, self._found
        lines = ["column\tvalue\toriginal\tcontribution"]
        for place, column in enumerate(case.columns):
            share = "" if found is None else repr(float(found.values[place]))
            values = value_text(case.value(place)), value_text(case.original(place))
            lines.append("\t".join([cut(column.name, 1000), *values, share]))
        lines += [f"{cut(name, 1000)}\t{before!r}\t{after!r}" for name, before, after in case.answers()]
        return "\n".join(lines)

    # Keys

    def action_choose(self, step: int) -> None:
        """Another column."""
        self._chosen = max(0, min(self._chosen + step, len(self.case.columns) - 1))
        self.draw()

    def action_step(self, direction: int) -> None:
        """The next larger value, or the next word."""
        self._attempt(lambda: self.case.step(self._chosen, direction))

    def action_row(self, step: int) -> None:
        """Another row."""
        self.case.go_to(self.case.place + step)
        self._found = None
        self.draw()

    def action_next_answer(self) -> None:
        """Explain the next class or target."""
        self.case.next_answer()
        self.draw()

    def action_put_back(self) -> None:
        """The value of the data for the chosen column."""
        self.case.put_back(self._chosen)
        self.draw()

    def action_all_back(self) -> None:
        """The values of the data for every column."""
        self.case.go_to(self.case.place)
        self.draw()

    def action_edit(self) -> None:
        """Type a value."""
        column = self.case.columns[self._chosen]
        value = self.case.value(self._chosen)
        offered = self.case.offered(self._chosen)
        hint = f"{value_text(offered[0])} to {value_text(offered[-1])} in these rows; empty for a missing value"
        if column.is_words:
            hint = ", ".join(value_text(word) for word in offered[:12])
        editor = self.query_one(Editor)
        editor.open(cut(column.name, 40), "" if value is None else value_text(value), "")
        editor.query_one(".hint", Static).update(Content(hint))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the value that was typed."""
        event.stop()
        try:
            self.case.set(self._chosen, event.value)
        except InputError as error:
            self.query_one(Editor).refuse(str(error))
            return
        self._close_editor()
        self.draw()

    def _close_editor(self) -> None:
        self.query_one(Editor).display = False
        self.set_focus(None)

    def _attempt(self, work: Callable[[], object]) -> None:
        try:
            work()
        except InputError as error:
            self.warn(str(error))
        self.draw()

    def action_copy_row(self) -> None:
        """Copy the row and its contributions."""
        self.app.copy_to_clipboard(self.as_text())

    def action_help(self) -> None:
        """Show all keys, those of this screen first."""
        from deepnet_tui.screens.dialogs.help import Help

        self.app.push_screen(Help(tuple(sorted(self._commands, key=lambda entry: entry.scope != "whatif"))))

    def action_leave(self) -> None:
        """Out of the field, else back to the main screen."""
        if self.query_one(Editor).display:
            self._close_editor()
        else:
            self.dismiss(None)
