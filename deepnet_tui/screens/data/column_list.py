"""The columns of the data screen, one a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from deepnet_tui.drawing.numbers import whole

if TYPE_CHECKING:
    from deepnet_tui.data.columns import ColumnInfo

KIND, ROLE, NUMBER = 12, 9, 8  # widths
NAMES = (8, 24)
ROLES = {"target": "$text-accent", "feature": "", "ignored": "dim"}


class ColumnList(OptionList):
    """Name, type, role and counts of every column. Enter belongs to the screen; a click opens the menu."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.use", show=False),
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(compact=True)
        self._infos: list[ColumnInfo] = []
        self._wide = NAMES[0]
        self._begin: int | None = None  # where the cursor was put before the list had a size

    @property
    def head(self) -> Content:
        """The heading of the list."""
        numbers = f"{'missing':>{NUMBER}} {'distinct':>{NUMBER}}"
        last = "inputs; why" if any(info.becomes for info in self._infos) else "why"
        return Content.styled(f"  {'name':<{self._wide}}{'type':<{KIND}}{'role':<{ROLE}}{numbers}  {last}", "dim")

    @property
    def chosen(self) -> ColumnInfo | None:
        """The column under the cursor."""
        return self._infos[self.highlighted] if self.highlighted is not None and self._infos else None

    def begin_at(self, place: int) -> None:
        """Put the cursor on a column, or on the first one where the other is not seen without scrolling."""
        self.highlighted = self._begin = place
        self._settle_cursor()

    def on_resize(self) -> None:
        """The list has a size now."""
        self._settle_cursor()

    def _settle_cursor(self) -> None:
        height = self.scrollable_content_region.height
        if self._begin is not None and height > 0:
            if self.highlighted == self._begin >= height:
                self.highlighted = 0
            self._begin = None

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
        Content.styled(f"{numbers}  {info.explanation}", "dim"),
    )
