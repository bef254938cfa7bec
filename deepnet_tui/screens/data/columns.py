"""A closer look at data before they are used: what each column is, what is held out, what was found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static

from deepnet_tui.commands.registry import COMMANDS
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted
from deepnet_tui.data import choices
from deepnet_tui.data.preview import (
    DataPreview,
    DatasetReady,
    PreviewEvent,
    PreviewFailed,
    PreviewProgress,
    SchemaReady,
)
from deepnet_tui.data.setting_list import DATA_SETTINGS
from deepnet_tui.drawing.numbers import whole
from deepnet_tui.screens.data.column_list import ColumnList, FirstRows, Line, found
from deepnet_tui.screens.dialogs.dialog import Choose
from deepnet_tui.widgets.base.settings_pane import Editor, Row
from deepnet_tui.widgets.base.view import bindings
from deepnet_tui.widgets.panes.keybar import KeyBar

if TYPE_CHECKING:
    from deepnet_tui.app import DeepnetApp
    from deepnet_tui.data.columns import ColumnInfo
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment

    Taken: TypeAlias = tuple[Experiment, Dataset]

TALL = 32  # lines from which the first rows are seen beside what was found
MENU = {
    "target": "predict this column",
    "feature": "learn from it",
    "ignored": "leave it out",
    "numeric": "numbers, standardised",
    "boolean": "one of two words, 0 or 1",
    "categorical": "words, one input each",
    "date": "days since 1970-01-01, standardised",
    "identifier": "names the row; left out unless it is a feature",
    "text": "free text; left out unless it is a feature",
    "as found": "take back what was decided",
}


class DataScreen(Screen["Taken | None"]):
    """Dismissed with the experiment and its problem, or None.

    Whatever is changed is prepared anew in a thread; the newest change wins, and Escape stops it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("question_mark,f1", "help", id="help", show=False),
        *bindings("columns"),
    ]
    AUTO_FOCUS = "ColumnList"

    def __init__(self, experiment: Experiment, *, fresh: bool = False) -> None:
        """`fresh` says that the network and the training are nobody's choice yet."""
        super().__init__(id="data-screen")
        self._decided: tuple[str, ...] | None = () if fresh else None
        self._experiment = experiment
        self._settings = experiment.data
        self._preview = DataPreview(self._take_in, self.call_later)
        self._understood: SchemaReady | None = None
        self._problem: Dataset | None = None
        self._refused: PreviewFailed | None = None
        self._advance = PreviewProgress(0.0, "reading")
        self._editing = ""
        self._take = False

    @property
    def name_shown(self) -> str:
        """The file's name without its folders."""
        return Path(self._settings.source).name

    # Layout

    def compose(self) -> ComposeResult:
        """Head, settings, columns, what was found, first rows."""
        yield Line("data-head")
        yield Line("data-settings")
        editor = Editor(classes="editor", id="data-editor")
        editor.display = False
        yield editor
        yield Static("", id="data-wrong")
        yield Static("", id="data-reading")
        with Vertical(id="columns", classes="pane") as pane:
            pane.border_title = "Columns"
            yield Static("", id="columns-head")
            yield ColumnList()
            yield Static("", id="column-reason")
        with VerticalScroll(id="found", classes="pane", can_focus=True) as box:
            box.border_title = "What was found"
            yield Static("", id="found-text")
        with Vertical(id="first-rows", classes="pane") as rows:
            rows.border_title = "First rows"
            yield FirstRows()
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin to read."""
        commands = getattr(self.app, "commands", COMMANDS)
        self._commands = [command for command in commands if command.scope == "columns" or command.id == "help"]
        self._rows_wanted = False
        self._want(self._settings)

    def on_unmount(self) -> None:
        """No thread goes on for nothing."""
        self._preview.cancel()

    def on_resize(self) -> None:
        """Both lower panes where there is room."""
        self._arrange()

    def _arrange(self) -> None:
        read = self._understood is not None
        tall = self.size.height >= TALL
        for name in ("#columns", "#data-settings"):
            self.query_one(name).display = read
        self.query_one("#found").display = read and (tall or not self._rows_wanted)
        self.query_one("#first-rows").display = read and (tall or self._rows_wanted)
        self.query_one("#data-reading").display = not read

    # What the thread tells

    def _want(self, settings: Any) -> None:
        self._settings = settings
        self._problem, self._refused, self._take = None, None, False
        self._preview.update(settings)
        self._draw()

    def _take_in(self, news: PreviewEvent) -> None:
        match news:
            case PreviewProgress():
                self._advance = news
            case SchemaReady():
                first = self._understood is None
                self._understood = news
                if first:
                    self._begin(news)
            case DatasetReady():
                self._problem = news.dataset
            case PreviewFailed():
                self._refused = news
                self._take = False
        self._draw()
        if self._take and self._problem is not None:
            self.action_use()

    def _begin(self, understood: SchemaReady) -> None:
        self.query_one(FirstRows).fill([info.name for info in understood.columns], understood.rows)
        columns = self.query_one(ColumnList)
        columns.show(self._columns())
        target = [place for place, info in enumerate(self._columns()) if info.role == "target"]
        columns.highlighted = target[0] if target else len(understood.columns) - 1
        columns.focus()

    # Drawing

    def _columns(self) -> list[ColumnInfo]:
        """The columns as decided, with what the preparation found out about them."""
        if self._problem is not None:
            return list(self._problem.columns)
        known = self._understood.columns if self._understood else ()
        return [choices.with_choices(info, self._settings) for info in known]

    def _draw(self) -> None:
        self._arrange()
        self._draw_head()
        self._draw_settings()
        self._draw_wrong()
        columns = self.query_one(ColumnList)
        columns.show(self._columns())
        self.query_one("#columns-head", Static).update(columns.head)
        self._draw_reason()
        if self._understood is None:
            self.query_one("#data-reading", Static).update(self._reading())
        notes = self._understood.notes if self._understood else ()
        self.query_one("#found-text", Static).update(found(self._experiment_now(), self._problem, notes))
        shown = [command for command in self._commands if command.id != "column_kind_back"] if self._understood else []
        self.query_one(KeyBar).show([(command, command.label) for command in shown])

    def _draw_head(self) -> None:
        understood, dataset = self._understood, self._problem
        size = f"  {counted(understood.m, 'row')} × {counted(len(understood.columns), 'column')}" if understood else ""
        task = ""
        if dataset is not None:
            held = dataset.validation.m if dataset.validation is not None else 0
            task = (
                f"  →  {counted(len(dataset.inputs), 'input')}, {whole(dataset.train.m)} train, {whole(held)} held out"
            )
        if self._refused is not None:
            mark = Content.styled("✗ not usable yet", "$text-error")
        elif dataset is not None:
            mark = Content.styled("✓ ready", "$text-success")
        else:
            percent = f"{self._advance.fraction:.0%}" if self._advance.fraction > 0 else "…"
            mark = Content.styled(f"{self._advance.what or 'preparing'} {percent}", "dim")
        self.query_one("#data-head", Line).put(
            [(Content.assemble(Content.styled(self.name_shown, "bold"), Content.styled(size + task, "dim")), "")], mark
        )

    def _draw_settings(self) -> None:
        dataset = self._problem
        target = next((info.name for info in self._columns() if info.role == "target"), "")
        task = _task(dataset) if dataset is not None else ""
        share = f"{self._settings.validation:.0%}" if self._settings.validation else "nothing"
        if self._settings.validation and abs(self._settings.validation * 100 % 1) > 1e-9:
            share = f"{100 * self._settings.validation:.3g}%"
        wrong = self._refused.field if self._refused else ""
        parts: list[tuple[Content | str, str]] = []
        for name, key, label, text, more in (
            ("target", "column_target", "target", target or "?", task),
            ("validation", "validation", "held out", share, ""),
            ("seed", "split_seed", "seed", str(self._settings.seed), ""),
        ):
            style = "bold $text-error" if name == wrong else "bold"
            shown = next((command.keys.split(",")[0] for command in self._commands if command.id == key), "")
            content = Content.assemble(
                Content.styled(f"{shown} ", "$text-accent"), f"{label} ", Content.styled(text, style), more
            )
            parts += [(content, f"{'target_menu' if name == 'target' else key}"), ("    ", "")]
        self.query_one("#data-settings", Line).put(parts)

    def _draw_wrong(self) -> None:
        wrong = self.query_one("#data-wrong", Static)
        refused = self._refused if self._understood is not None else None
        wrong.display = refused is not None
        if refused is not None:
            message = refused.message
            if refused.field == "target" and not any(info.role == "target" for info in self._columns()):
                message = "Which column shall be learnt? Choose it with ↑ ↓, then press t."
            wrong.update(Content(message))

    def _draw_reason(self) -> None:
        info = self.query_one(ColumnList).chosen
        text = ""
        if info is not None:
            examples = ", ".join(info.examples)
            text = f"{info.name}: {info.reason}" + (f"; such as {examples}" if examples else "")
        self.query_one("#column-reason", Static).update(Content.styled(text, "dim"))

    def _reading(self) -> Content:
        if self._refused is not None:
            back = Content.styled("Escape goes back", "dim")
            return Content("\n\n").join([Content.styled(self._refused.message, "$text-error"), back])
        done = round(24 * self._advance.fraction)
        bar = "━" * done + "┄" * (24 - done)
        parts = [f"Reading {self.name_shown} …", f"{bar} {self._advance.fraction:4.0%}", "Escape stops it"]
        return Content("\n\n").join([Content(part) for part in parts])

    def _experiment_now(self) -> Experiment:
        raw = self._experiment.to_dict()
        raw["data"] = self._settings.model_dump(exclude_none=True)
        return type(self._experiment).from_dict(raw)

    # Actions

    def action_leave(self) -> None:
        """Close the field, else the screen."""
        if self._editing:
            self._close_editor()
        else:
            self._preview.cancel()
            self.dismiss(None)

    def action_use(self) -> None:
        """Use these data, now or as soon as they are ready."""
        if self._problem is not None:
            self.dismiss((self._experiment_now().with_data_defaults(self._problem, self._decided), self._problem))
        elif self._refused is not None:
            self.app.bell()
        elif self._understood is not None:
            self._take = True

    def _decide(self, settings: Any) -> None:
        if settings != self._settings:
            self._want(settings)

    def _chosen(self) -> ColumnInfo | None:
        from deepnet_tui.data.builtin import BUILTIN

        if self._settings.source in BUILTIN:
            self.app.notify("The columns of a built-in set are what they are; its split can be changed", timeout=5)
            return None
        return self.query_one(ColumnList).chosen

    def action_column_target(self) -> None:
        """Predict the chosen column."""
        if (info := self._chosen()) is not None:
            self._decide(choices.with_target(self._settings, info.name))

    def action_column_role(self) -> None:
        """Use the chosen column, or not."""
        if (info := self._chosen()) is None:
            return
        if info.role == "target":
            self.app.notify("This is the target; make another column the target first", timeout=5)
        else:
            self._decide(choices.with_column(self._settings, info.name, role=choices.toggled_role(info)))

    def action_column_kind(self, step: int) -> None:
        """The next kind for the chosen column."""
        if (info := self._chosen()) is not None and (kind := choices.next_kind(info.kind, step)) != info.kind:
            self._decide(choices.with_column(self._settings, info.name, kind=kind))

    def action_column_as_found(self) -> None:
        """Take back what was decided on the chosen column."""
        if (info := self._chosen()) is not None:
            self._decide(choices.with_column(self._settings, info.name, kind=None, role=None))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click on a column offers all that it can be."""
        event.stop()
        self.action_column_menu()

    def action_column_menu(self) -> None:
        """All that the chosen column can be."""
        info = self._chosen()
        if info is None:
            return

        def answered(word: str | None) -> None:
            if word == "target":
                self.action_column_target()
            elif word == "as found":
                self.action_column_as_found()
            elif word in ("feature", "ignored"):
                self._decide(choices.with_column(self._settings, info.name, role=word))
            elif word is not None:
                self._decide(choices.with_column(self._settings, info.name, kind=word))

        self.app.push_screen(Choose(info.name, MENU, info.role), answered)

    def action_target_menu(self) -> None:
        """Choose the target out of all columns."""
        if self._understood is None or self._chosen() is None:
            return
        names = {info.name: f"{info.kind}, {info.reason}" for info in self._columns()}
        current = next((info.name for info in self._columns() if info.role == "target"), "")

        def answered(name: str | None) -> None:
            if name is not None:
                self._decide(choices.with_target(self._settings, name))

        self.app.push_screen(Choose("Target", names, current), answered)

    def action_rows(self) -> None:
        """First rows or what was found, where there is room for one of them only."""
        self._rows_wanted = not self._rows_wanted
        self._arrange()

    def on_option_list_option_highlighted(self) -> None:
        """Say why the column is what it is."""
        self._draw_reason()

    # Typing

    def action_held_out(self) -> None:
        """Type the share of the examples used for validation."""
        hint = f"{DATA_SETTINGS['validation'].allowed}, or a share such as 20%; 0 for no validation part"
        self._open_editor("validation", f"{100 * self._settings.validation:.4g}%", hint)

    def action_split_seed(self) -> None:
        """Type the seed of the split."""
        self._open_editor("seed", str(self._settings.seed), DATA_SETTINGS["seed"].allowed)

    def _open_editor(self, name: str, text: str, hint: str) -> None:
        if self._understood is None:
            return
        self._editing = name
        self.query_one(Editor).open(Row(name, "data", Content(""), DATA_SETTINGS[name].label, text, hint))

    def _close_editor(self) -> None:
        self._editing = ""
        self.query_one(Editor).display = False
        self.query_one(ColumnList).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter ends the edit, if the value is allowed."""
        event.stop()
        read = cast(
            "Callable[[str], Any]", {"validation": choices.parse_share, "seed": choices.parse_seed}[self._editing]
        )
        try:
            value = read(event.value)
        except InputError as error:
            self.query_one(Editor).refuse(str(error))
            return
        name = self._editing
        self._close_editor()
        self._decide(self._settings.model_copy(update={name: value}))

    async def action_help(self) -> None:
        """All keys."""
        from deepnet_tui.screens.dialogs.help import Help

        commands = cast("DeepnetApp", self.app).commands
        self.app.push_screen(Help(tuple(sorted(commands, key=lambda entry: entry.scope != "columns"))))


def _task(dataset: Dataset) -> str:
    if dataset.labels == "numbers":
        return " (a number)"
    names = ", ".join(dataset.classes[:4]) + (", …" if len(dataset.classes) > 4 else "")
    return f" ({len(dataset.classes)} classes: {names})"
