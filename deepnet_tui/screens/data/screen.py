"""The data screen: what each column is used for and how the data are split, before they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static

from deepnet_tui.common.errors import InputError
from deepnet_tui.data import choices
from deepnet_tui.data.builtin import BUILTIN
from deepnet_tui.data.plane.typed import HINTS, parse_plane, written
from deepnet_tui.data.preview import DataPreview, PreviewEvent, PreviewFailed
from deepnet_tui.data.setting_list import DATA_SETTINGS, PLANE
from deepnet_tui.screens.data import lines
from deepnet_tui.screens.data.column_list import ColumnList
from deepnet_tui.screens.data.column_menu import MENU, with_choice
from deepnet_tui.screens.data.first_rows import FirstRows
from deepnet_tui.screens.data.split_line import SplitLine
from deepnet_tui.screens.data.state import DataState
from deepnet_tui.screens.dialogs.dialog import Choose
from deepnet_tui.screens.dialogs.leaving import LeftOnce
from deepnet_tui.widgets.base.editor import Editor
from deepnet_tui.widgets.base.keys import bindings
from deepnet_tui.widgets.panes.keybar import KeyBar

if TYPE_CHECKING:
    from deepnet_tui.commands.command import Command
    from deepnet_tui.data.columns import ColumnInfo
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.data.settings import DataSettings
    from deepnet_tui.experiment import Experiment

    Taken: TypeAlias = tuple[Experiment, Dataset]

PLANE_COMMANDS = tuple(f"plane_{name}" for name in PLANE)
TALL = 32  # lines from which the notes and the first rows are both seen


class DataScreen(LeftOnce["Taken | None"], Screen["Taken | None"]):
    """Dismissed with the experiment and its dataset, or None.

    Whatever is changed is prepared anew in a thread; the newest change wins, and Escape stops it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("question_mark,f1", "help", id="help", show=False),
        *bindings("columns"),
    ]
    AUTO_FOCUS = "ColumnList"

    def __init__(self, experiment: Experiment, commands: tuple[Command, ...], *, fresh: bool = False) -> None:
        """`fresh` says that nobody has chosen the network and the training yet."""
        super().__init__()
        self._experiment = experiment
        self._commands = commands
        self._chosen_settings: tuple[str, ...] | None = () if fresh else None
        self._state = DataState(experiment.data)
        self._preview = DataPreview(self._take, self.call_later)
        self._rows_wanted = False  # rather than the notes, where there is room for one of them only
        self._editing = ""  # the setting that is being typed
        self._use_when_ready = False

    # Layout

    def compose(self) -> ComposeResult:
        """Head, settings, columns, notes, first rows."""
        yield SplitLine("data-head")
        yield SplitLine("data-settings")
        yield SplitLine("data-plane")
        editor = Editor(classes="editor", id="data-editor")
        editor.display = False
        yield editor
        yield Static("", id="data-wrong", markup=False)
        yield Static("", id="data-reading")
        with Vertical(id="columns", classes="pane") as pane:
            pane.border_title = "Columns"
            yield Static("", id="columns-head")
            yield ColumnList()
            yield Static("", id="column-reason")
        with VerticalScroll(id="notes", classes="pane", can_focus=True) as box:
            box.border_title = "Notes and warnings"
            yield Static("", id="notes-text")
        with Vertical(id="first-rows", classes="pane") as rows:
            rows.border_title = "First rows"
            yield FirstRows()
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin to read."""
        self._prepare(self._state.settings)

    def on_unmount(self) -> None:
        """Stop the thread."""
        self._preview.cancel()

    def on_resize(self) -> None:
        """Arrange the panes for the new size."""
        self._arrange()

    def _arrange(self) -> None:
        read = self._state.schema is not None
        tall = self.size.height >= TALL
        for name in ("#columns", "#data-settings"):
            self.query_one(name).display = read
        self.query_one("#notes").display = read and (tall or not self._rows_wanted)
        self.query_one("#first-rows").display = read and (tall or self._rows_wanted)
        self.query_one("#data-reading").display = not read

    # What is prepared

    def _prepare(self, settings: DataSettings) -> None:
        self._state.decide(settings)
        self._use_when_ready = False
        self._preview.update(settings)
        self._draw()

    def _take(self, event: PreviewEvent) -> None:
        """Take in what the thread tells."""
        unread = self._state.schema is None
        self._state.take(event)
        if isinstance(event, PreviewFailed):
            self._use_when_ready = False
        if unread and self._state.schema is not None:
            self._show_schema()
        self._draw()
        if self._use_when_ready and self._state.dataset is not None:
            self.action_use()

    def _show_schema(self) -> None:
        """Fill what stays as it is, and begin at the target, or at the last column, where that is seen at once."""
        schema = self._state.schema
        assert schema is not None  # noqa: S101
        self.query_one(FirstRows).fill([info.name for info in schema.columns], schema.rows)
        columns, infos = self.query_one(ColumnList), self._state.columns
        columns.show(infos)
        target = [place for place, info in enumerate(infos) if info.role == "target"]
        columns.begin_at(target[0] if target else len(infos) - 1)
        columns.focus()

    def _draw(self) -> None:
        self._arrange()
        state, columns = self._state, self.query_one(ColumnList)
        own = [entry for entry in self._commands if entry.scope == "columns" or entry.id == "help"]
        self.query_one("#data-head", SplitLine).put(*lines.head(state))
        keys = {entry.id: entry.keys.split(",")[0] for entry in own}
        self.query_one("#data-settings", SplitLine).put(lines.settings(state, keys))
        of_the_plane = lines.plane(state, keys)
        line = self.query_one("#data-plane", SplitLine)
        line.put(of_the_plane)
        line.display = state.schema is not None and bool(of_the_plane)
        wrong, complaint = self.query_one("#data-wrong", Static), lines.complaint(state)
        wrong.display = bool(complaint)
        wrong.update(complaint)
        columns.show(state.columns)
        self.query_one("#columns-head", Static).update(columns.head)
        self._draw_reason()
        self.query_one("#data-reading", Static).update(lines.reading(state))
        read = state.schema.notes if state.schema else ()
        self.query_one("#notes-text", Static).update(lines.notes(self._experiment_now(), state.dataset, read))
        hidden = {"column_kind_back", *(entry.id for entry in own if not of_the_plane and entry.id in PLANE_COMMANDS)}
        offered = [entry for entry in own if entry.id not in hidden] if state.schema else []
        self.query_one(KeyBar).show([(entry, entry.label) for entry in offered])

    def _draw_reason(self) -> None:
        self.query_one("#column-reason", Static).update(lines.reason(self.query_one(ColumnList).chosen))

    def _experiment_now(self) -> Experiment:
        """The experiment with the settings as decided."""
        raw = self._experiment.to_dict()
        raw["data"] = self._state.settings.model_dump(exclude_none=True)
        return type(self._experiment).from_dict(raw)

    # The whole

    def action_leave(self) -> None:
        """Close the field, or else the screen."""
        if self._editing:
            self._close_editor()
        else:
            self._preview.cancel()
            self.dismiss(None)

    def action_use(self) -> None:
        """Use these data, now or as soon as they are ready."""
        dataset = self._state.dataset
        if dataset is not None:
            experiment = self._experiment_now().with_fitting_loss(dataset)
            self.dismiss((experiment.with_data_defaults(dataset, self._chosen_settings), dataset))
        elif self._state.failed is not None:
            self.app.bell()
        elif self._state.schema is not None:
            self._use_when_ready = True

    def action_rows(self) -> None:
        """Switch between the first rows and the notes, where there is room for one of them only."""
        self._rows_wanted = not self._rows_wanted
        self._arrange()

    def action_help(self) -> None:
        """Show all keys, those of this screen first."""
        from deepnet_tui.screens.dialogs.help import Help

        self.app.push_screen(Help(tuple(sorted(self._commands, key=lambda entry: entry.scope != "columns"))))

    # Columns

    def _decide(self, settings: DataSettings) -> None:
        if settings != self._state.settings:
            self._prepare(settings)

    def _selected(self) -> ColumnInfo | None:
        """The column under the cursor; None, and a message, where it can't be changed."""
        if self._state.settings.source in BUILTIN:
            self.app.notify("The columns of a built-in set are fixed; only its split can be changed", timeout=5)
            return None
        return self.query_one(ColumnList).chosen

    def action_column_target(self) -> None:
        """Predict the selected column."""
        if (info := self._selected()) is not None:
            if len(self._state.settings.targets) > 1:
                self.app.notify("One target instead of several; several come from the command line or a file")
            self._decide(choices.with_target(self._state.settings, info.name))

    def action_column_role(self) -> None:
        """Include the selected column in the inputs, or exclude it."""
        if (info := self._selected()) is None:
            return
        if info.role == "target":
            self.app.notify("This is the target; make another column the target first", timeout=5)
        else:
            self._decide(choices.with_column(self._state.settings, info.name, role=choices.toggled_role(info)))

    def action_column_kind(self, step: int) -> None:
        """Give the selected column the next type, or with -1 the previous one."""
        if (info := self._selected()) is not None and (kind := choices.next_kind(info.kind, step)) != info.kind:
            self._decide(choices.with_column(self._state.settings, info.name, kind=kind))

    def action_column_as_found(self) -> None:
        """Discard the user's choices for the selected column."""
        if (info := self._selected()) is not None:
            self._decide(choices.with_column(self._state.settings, info.name, kind=None, role=None))

    def action_column_menu(self) -> None:
        """Offer all choices for the selected column."""
        info = self._selected()
        if info is None:
            return

        def answered(word: str | None) -> None:
            if word is not None:
                self._decide(with_choice(self._state.settings, info, word))

        self.app.push_screen(Choose(info.name, MENU, info.role), answered)

    def action_target_menu(self) -> None:
        """Offer all columns as the target."""
        if self._state.schema is None or self._selected() is None:
            return
        names = {info.name: f"{info.kind}, {info.reason}" for info in self._state.columns}

        def answered(name: str | None) -> None:
            if name is not None:
                self._decide(choices.with_target(self._state.settings, name))

        self.app.push_screen(Choose("Target", names, self._state.target), answered)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Offer all choices for a column that was clicked."""
        event.stop()
        self.action_column_menu()

    def on_option_list_option_highlighted(self) -> None:
        """Say why the column is what it is."""
        self._draw_reason()

    # The split

    def action_held_out(self) -> None:
        """Type the share of the validation part."""
        hint = f"{DATA_SETTINGS['validation'].allowed}, or a share such as 20%; 0 for no validation part"
        self._open_editor("validation", f"{100 * self._state.settings.validation:.4g}%", hint)

    def action_split_seed(self) -> None:
        """Type the seed of the split."""
        self._open_editor("seed", str(self._state.settings.seed), DATA_SETTINGS["seed"].allowed)

    def action_plane(self, name: str) -> None:
        """Type a setting of a two-dimensional set."""
        settings = self._state.settings
        entry = BUILTIN.get(settings.source)
        if entry is None or not entry.is_plane or (name == "function" and entry.name != name):
            sets = "the set called function" if name == "function" else "two-dimensional sets such as moons"
            self.app.notify(f"This is a setting of {sets}", timeout=5)
            return
        self._open_editor(name, written(name, getattr(settings, name), entry.own(name)), HINTS[name])

    def _open_editor(self, name: str, text: str, hint: str) -> None:
        if self._state.schema is not None:
            self._editing = name
            self.query_one(Editor).open(DATA_SETTINGS[name].label, text, hint)

    def _close_editor(self) -> None:
        self._editing = ""
        self.query_one(Editor).display = False
        self.query_one(ColumnList).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Use the typed value, if it is allowed."""
        event.stop()
        name = self._editing
        try:
            value: Any = choices.parse_seed(event.value) if name == "seed" else None
            if name != "seed":
                value = choices.parse_share(event.value) if name == "validation" else parse_plane(name, event.value)
        except InputError as error:
            self.query_one(Editor).refuse(str(error))
            return
        self._close_editor()
        self._decide(self._state.settings.model_copy(update={name: value}))
