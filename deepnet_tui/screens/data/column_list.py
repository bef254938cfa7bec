"""What the data screen is made of: its lines, the list of columns, the first rows, what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import DataTable, OptionList
from textual.widgets.option_list import Option

from deepnet_tui.drawing.numbers import whole
from deepnet_tui.widgets.base.clickable_line import ClickableLine

if TYPE_CHECKING:
    from deepnet_tui.data.columns import ColumnInfo
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment

KIND, ROLE, NUMBER = 12, 9, 8  # widths
NAMES = (8, 24)
CELL = 18
ROLES = {"target": "$text-accent", "feature": "", "ignored": "dim"}


class Line(ClickableLine):
    """A line of parts that can be clicked, and one at the right end."""

    def __init__(self, id: str) -> None:  # noqa: A002
        super().__init__(id)
        self._parts: list[tuple[Content | str, str]] = []
        self._right: Content | None = None

    def put(self, parts: list[tuple[Content | str, str]], right: Content | None = None) -> None:
        """Show these parts, each with the action it runs."""
        self._parts, self._right = parts, right
        self.refresh()

    def render(self) -> Content:
        """The line."""
        parts: list[tuple[Content | str, str]] = [(" ", ""), *self._parts]
        if self._right is not None:
            room = self.size.width - 2 - self._right.cell_length
            left = Content("").join([part if isinstance(part, Content) else Content(part) for part, _ in parts])
            if left.cell_length > room - 2:
                left = left.truncate(max(0, room - 2), ellipsis=True)
                parts = [(left, "")]
            parts += [(" " * max(1, room - left.cell_length), ""), (self._right, "")]
        return self.line(parts)


class ColumnList(OptionList):
    """One line a column. Enter belongs to the screen; a click chooses."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.use", show=False),
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(compact=True)
        self._infos: list[ColumnInfo] = []
        self._wide = NAMES[0]

    @property
    def head(self) -> Content:
        """What stands above the columns of the list."""
        numbers = f"{'missing':>{NUMBER}} {'distinct':>{NUMBER}}"
        return Content.styled(f"  {'name':<{self._wide}}{'kind':<{KIND}}{'role':<{ROLE}}{numbers}  why", "dim")

    @property
    def chosen(self) -> ColumnInfo | None:
        """The column under the cursor."""
        return self._infos[self.highlighted] if self.highlighted is not None and self._infos else None

    def show(self, infos: Sequence[ColumnInfo]) -> None:
        """Draw the columns, keeping the cursor where it is."""
        if list(infos) == self._infos:
            return
        wide = self._wide = min(NAMES[1], max([NAMES[0], *(len(info.name) for info in infos)])) + 1
        if len(infos) == len(self._infos):
            before = self._infos
            self._infos = list(infos)
            for place, info in enumerate(infos):
                if info != before[place]:
                    self.replace_option_prompt_at_index(place, _row(info, wide))
            return
        self._infos = list(infos)
        here = self.highlighted
        self.set_options([Option(_row(info, wide)) for info in infos])
        self.highlighted = here if here is not None and here < len(infos) else None


def _row(info: ColumnInfo, wide: int) -> Content:
    style = ROLES.get(info.role, "")
    name = info.name if len(info.name) < wide else info.name[: wide - 2] + "…"
    mark = {"target": "●", "ignored": "·"}.get(info.role, "+")
    missing, distinct = whole(info.missing) if info.missing else "", whole(info.distinct)
    distinct = "" if info.kind == "block" else distinct + "+" * info.more
    numbers = f"{missing:>{NUMBER}} {distinct:>{NUMBER}}"
    return Content.assemble(
        Content.styled(f"{mark} ", style),
        Content.styled(f"{name:<{wide}}", style),
        f"{info.kind:<{KIND}}",
        Content.styled(f"{info.role:<{ROLE}}", style),
        Content.styled(f"{numbers}  {info.reason}", "dim"),
    )


class FirstRows(DataTable[str]):
    """The first rows as they were read; the arrows move through them."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "screen.use", show=False)]

    def __init__(self) -> None:
        super().__init__(cursor_type="none", zebra_stripes=False, cell_padding=1)

    def fill(self, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show these."""
        self.clear(columns=True)
        most = 200
        for name in names[:most]:
            self.add_column(_cell(name))
        for row in rows:
            self.add_row(*(_cell(word) for word in row[:most]))


def _cell(word: Any) -> Any:
    from rich.text import Text

    text = str(word).replace("\n", " ")
    return Text(text if len(text) <= CELL else text[: CELL - 1] + "…")


def found(experiment: Experiment, dataset: Dataset | None, notes: Sequence[str]) -> Content:
    """Warnings first, then what is dropped, then what else was done."""
    lines: list[Content] = []
    if dataset is not None:
        from deepnet_tui.common.errors import InputError

        try:
            warnings = experiment.warnings(dataset)
        except InputError:
            warnings = dataset.warnings
        lines += [Content.assemble(Content.styled("! ", "$text-warning bold"), text) for text in warnings]
        told = {text.partition(" is left out")[0] for text in warnings}
        dropped = [text for text in dataset.dropped if text.partition(" is not used")[0] not in told]
        lines += [Content.assemble(Content.styled("– ", "bold"), text) for text in dropped]
        notes = dataset.notes
    lines += [Content.styled(f"  {text}", "dim") for text in notes]
    if not lines and dataset is not None:
        lines.append(Content.styled("Nothing stands out: every column is used, no value is missing.", "dim"))
    return Content("\n").join(lines)
