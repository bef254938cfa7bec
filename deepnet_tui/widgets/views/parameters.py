"""Every parameter of the network: a table of all of them, and beneath it the numbers of the chosen one by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from rich.console import Group
from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual import events
from textual.binding import BindingType

from deepnet_tui.drawing.numbers import short, whole
from deepnet_tui.training.snapshots import Snapshot
from deepnet_tui.widgets.base.keys import bindings
from deepnet_tui.widgets.base.snapshot_context import snapshot_context
from deepnet_tui.widgets.base.view import View
from engine.arrays import Array

if TYPE_CHECKING:
    from deepnet_tui.workbench.workbench import Workbench

CELL = 10
SUMMARIES: dict[str, Callable[[Array], Any]] = {"mean": np.mean, "std": np.std, "min": np.min, "max": np.max}
SPARE = ("shape", "‖gradient‖", "max", "min", "std")  # the columns that go first where there is no room
GAP = "  "  # between columns of the table; Rich takes longer over its own padding


class ParametersView(View, can_focus=True):
    """Up and down choose a parameter; page up, page down, left and right turn the pages of its numbers."""

    FOLLOWS_PARAMETERS = True
    FRAMES = 1
    BINDINGS: ClassVar[list[BindingType]] = bindings("parameters")
    COMPONENT_CLASSES: ClassVar[set[str]] = {"parameters--chosen"}
    DEFAULT_CSS = """
    ParametersView > .parameters--chosen { text-style: bold; color: $text-primary; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="view")
        self._snapshot: Snapshot | None = None
        self._chosen = 0
        self._first = 0
        self._corner = (0, 0)

    def version(self, workbench: Workbench) -> object:
        """The snapshot, whose gradient norms may come later."""
        context = snapshot_context(workbench)
        return (id(context.snapshot), len(context.snapshot.gradient_norms)) if context else None

    def show(self, workbench: Workbench) -> None:
        """Draw the snapshot that is shown."""
        context = snapshot_context(workbench)
        snapshot = context.snapshot if context else None
        if (
            snapshot is not None
            and self._snapshot is not None
            and self._shape() != _shape_of(snapshot, self._chosen_name())
        ):
            self._corner = (0, 0)
        self._snapshot = snapshot
        if context is not None and snapshot is not None:
            self._chosen = min(self._chosen, len(snapshot.parameters) - 1)
            self.border_title = f"{context.heading('Parameters')}  iteration {whole(snapshot.iteration)}"
            self._say_more()
        self.refresh()

    def on_resize(self) -> None:
        """More or fewer of them are in sight."""
        self._say_more()

    def _say_more(self) -> None:
        count = len(self._snapshot.parameters) if self._snapshot else 0
        self.border_subtitle = f"↑ ↓ all {count}" if self._table_rows() < count else ""

    def _chosen_name(self) -> str:
        names = list(self._snapshot.parameters) if self._snapshot else []
        return names[min(self._chosen, len(names) - 1)] if names else ""

    def _shape(self) -> tuple[int, ...]:
        return _shape_of(self._snapshot, self._chosen_name())

    def action_choose(self, step: int) -> None:
        """Another parameter."""
        if self._snapshot is not None:
            self._chosen = max(0, min(self._chosen + step, len(self._snapshot.parameters) - 1))
            self._corner = (0, 0)
            self.refresh()

    def action_page(self, rows: int, columns: int) -> None:
        """Another page of the chosen parameter's numbers."""
        if self._snapshot is None:
            return
        height, width = self._page()
        shape = self._shape()
        row, column = self._corner[0] + rows * height, self._corner[1] + columns * width
        if 0 <= row < shape[0] and 0 <= column < shape[1]:
            self._corner = (row, column)
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Choose the parameter that was clicked."""
        row = event.get_content_offset_capture(self).y - 1
        if self._snapshot is not None and 0 <= row < self._table_rows():
            self.action_choose(self._first + row - self._chosen)

    def on_mouse_scroll_down(self) -> None:
        """The wheel goes through the parameters."""
        self.action_choose(1)

    def on_mouse_scroll_up(self) -> None:
        """The wheel goes through the parameters."""
        self.action_choose(-1)

    def _table_rows(self) -> int:
        count = len(self._snapshot.parameters) if self._snapshot else 0
        return max(1, min(count, max(self.size.height // 2 - 1, self.size.height - 3 - self._shape()[0])))

    def _page(self) -> tuple[int, int]:
        """Rows and columns of numbers that fit."""
        rows = self.size.height - self._table_rows() - 3
        return max(1, rows), max(1, (self.size.width - 6) // CELL)

    def render(self) -> Group | Text:
        """The table and the page."""
        if self._snapshot is None or self.size.height < 3:
            return Text("The parameters appear here when the data are ready.", style="dim")
        return Group(self._table(self._snapshot), *self._numbers(self._snapshot))

    def _table(self, snapshot: Snapshot) -> Table:
        rows = self._table_rows()
        self._first = max(0, min(self._first, len(snapshot.parameters) - rows))
        self._first = max(self._chosen - rows + 1, min(self._first, self._chosen))
        table = Table(box=None, pad_edge=False, padding=0, expand=False, header_style="dim")
        table.add_column("  layer", no_wrap=True)
        seen = list(enumerate(snapshot.parameters.items()))[self._first : self._first + rows]
        columns = self._columns(snapshot, [name for _, (name, _) in seen])
        for heading in columns:
            table.add_column(f"{GAP}{heading}", justify="right", no_wrap=True)
        chosen = self._style("parameters--chosen")
        for place, (index, (name, _)) in enumerate(seen):
            first = f"{'▸' if index == self._chosen else ' '} {name}"
            style = chosen if index == self._chosen else Style()
            table.add_row(first, *(Text(GAP + cells[place]) for cells in columns.values()), style=style)
        return table

    def _columns(self, snapshot: Snapshot, names: list[str]) -> dict[str, list[str]]:
        """The cells for `names` by heading, as many columns as fit whole: half a number is a wrong one."""
        norms = [snapshot.gradient_norms.get(f"d{name}") for name in names]
        arrays = [snapshot.parameters[name] for name in names]
        columns = {"shape": list(map(shape_text, arrays))}
        columns |= {
            heading: [short(float(summary(values))) for values in arrays] for heading, summary in SUMMARIES.items()
        }
        columns["‖gradient‖"] = ["–" if norm is None else short(norm) for norm in norms]
        room = self.size.width - max(len("  layer"), *(len(name) + 2 for name in names))
        for spare in SPARE:
            if sum(len(GAP) + max(len(heading), *map(len, cells)) for heading, cells in columns.items()) <= room:
                break
            del columns[spare]
        return columns

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name, partial=True)

    def _numbers(self, snapshot: Snapshot) -> list[Text]:
        name = self._chosen_name()
        values = np.atleast_2d(snapshot.parameters[name])
        height, width = self._page()
        row, column = self._corner
        part = values[row : row + height, column : column + width]
        head = Text(f"\n{name} ", style="bold")
        rows = _segment("row", row, part.shape[0], values.shape[0])
        columns = _segment("column", column, part.shape[1], values.shape[1])
        whole_shown = part.shape == values.shape
        head.append(shape_text(values) if whole_shown else f"{rows}, {columns}  PgUp PgDn ← →", style="dim not bold")
        lines = [head]
        for number, numbers in enumerate(part, start=row):
            line = Text(f"{number:>5} ", style="dim", no_wrap=True)
            line.append("".join(f"{short(float(value)):>{CELL}}" for value in numbers), style="not dim")
            lines.append(line)
        return lines

    def as_text(self) -> str:
        """The table, then all numbers of the chosen parameter, with tabs."""
        if self._snapshot is None:
            return ""
        lines = ["parameter\tshape\tmean\tstd\tmin\tmax\tgradient norm"]
        for name, values in self._snapshot.parameters.items():
            numbers = (values.mean(), values.std(), values.min(), values.max())
            norm = self._snapshot.gradient_norms.get(f"d{name}", float("nan"))
            lines.append("\t".join([name, shape_text(values), *(repr(float(n)) for n in (*numbers, norm))]))
        chosen = self._snapshot.parameters[self._chosen_name()]
        lines += ["", self._chosen_name(), *("\t".join(repr(float(v)) for v in row) for row in np.atleast_2d(chosen))]
        return "\n".join(lines)


def _shape_of(snapshot: Snapshot | None, name: str) -> tuple[int, ...]:
    values = snapshot.parameters.get(name) if snapshot else None
    return (0, 0) if values is None else values.shape


def _segment(what: str, first: int, count: int, of: int) -> str:
    """rows 0–3 of 8, row 3 of 8."""
    return f"{what} {first:,} of {of:,}" if count == 1 else f"{what}s {first:,}–{first + count - 1:,} of {of:,}"


def shape_text(values: Array) -> str:
    """(16, 2)."""
    return f"({', '.join(whole(size) for size in values.shape)})"
