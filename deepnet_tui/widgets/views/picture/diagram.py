"""The drawing of a network: units, names, and weights as lines."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from deepnet_tui.drawing import diagram, palettes
from deepnet_tui.drawing.control_filter import in_cells
from deepnet_tui.drawing.halfblocks import style
from deepnet_tui.widgets.base.snapshot_context import SnapshotContext

NAMES = 12  # cells for the name of an input or an output, at most


class Diagram(Widget):
    """The units and the weights. A click chooses a unit."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"diagram--chosen", "diagram--muted"}
    DEFAULT_CSS = """
    Diagram > .diagram--chosen { color: $text-primary; text-style: bold; }
    """

    class Chosen(Message):
        """A unit was clicked."""

        def __init__(self, layer: int, unit: int) -> None:
            super().__init__()
            self.layer, self.unit = layer, unit

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shown: SnapshotContext | None = None
        self._chosen, self._weight = (1, 0), 0
        self._columns: list[diagram.Column] = []
        self._strips: list[Strip] = []

    def draw(self, context: SnapshotContext, chosen: tuple[int, int], weight: int) -> None:
        """Show this snapshot, with the chosen (layer, unit) and the number of its chosen weight, 0 for the bias."""
        self._shown, self._chosen, self._weight = context, chosen, weight
        self._redraw()

    def on_resize(self) -> None:
        """Fill the new size."""
        self._redraw()

    def on_click(self, event: events.Click) -> None:
        """Choose the unit nearest to the click."""
        if self._columns:
            column = min(self._columns, key=lambda column: abs(column.x - event.x))
            place = min(range(len(column.rows)), key=lambda place: abs(column.rows[place] - event.y))
            self.post_message(self.Chosen(column.layer, column.units[place]))

    def _redraw(self) -> None:
        context, (width, height) = self._shown, self.size
        if context is None or width < 12 or height < 2:
            self._strips = []
            return
        dims = context.network.dims
        left = max(cell_len(in_cells(name, NAMES)) for name in context.dataset.inputs[: 4 * height]) + 1
        right = max((cell_len(in_cells(name, NAMES)) for name in self._outputs(context)), default=0) + 1
        shown = diagram.columns(dims, self._chosen, width, height - 1, left, right)
        self._columns = shown
        plain = self.app.no_color
        drawn = diagram.weight_lines(shown, context.snapshot.parameters, self._chosen, width, height - 1, plain)
        cells = self._cells(context, shown, width, height - 1)
        base = self.rich_style
        self._strips = [
            Strip(self._line(drawn.dots[y], drawn.level[y], cells[y], width)).apply_style(base)
            for y in range(height - 1)
        ]
        self._strips.append(Strip(self._headings(context, shown, width)).apply_style(base))
        self.refresh()

    def _outputs(self, context: SnapshotContext) -> tuple[str, ...]:
        classes = context.dataset.classes
        return classes if context.dataset.labels == "one-hot" else context.dataset.targets

    def _cells(
        self, context: SnapshotContext, shown: list[diagram.Column], width: int, height: int
    ) -> list[dict[int, Segment]]:
        """Units, names and notes by row and column; a name is a segment of several cells."""
        cells: list[dict[int, Segment]] = [{} for _ in range(height)]
        outputs, last = self._outputs(context), len(context.network.layers)
        muted, chosen = Style(dim=True), self.get_component_rich_style("diagram--chosen", partial=True)
        source = self._chosen[0] - 1, self._weight - 1
        for column in shown:
            for unit, row in zip(column.units, column.rows, strict=True):
                here = (column.layer, unit) == self._chosen
                mark = "◉" if here else "◎" if (column.layer, unit) == source else "●"
                cells[row][column.x] = Segment(mark, chosen if here or mark == "◎" else Style())
                if column.layer == 0:
                    name = in_cells(context.dataset.inputs[unit], NAMES)
                    cells[row][column.x - 1 - cell_len(name)] = Segment(name, chosen if here else muted)
                elif column.layer == last and unit < len(outputs):
                    cells[row][column.x + 2] = Segment(in_cells(outputs[unit], NAMES), chosen if here else muted)
            if column.fold >= 0:
                note = f"… {column.hidden:,} more"[: diagram.SPACING + 4]
                cells[column.fold][max(0, min(column.x - 2, width - len(note)))] = Segment(note, muted)
        return cells

    def _line(self, dots: Any, level: Any, cells: dict[int, Segment], width: int) -> list[Segment]:
        palette = palettes.strokes(self.app.current_theme.dark, self.background_colors[1].rgb)
        places = np.rint((0.5 + 0.5 * level) * (len(palette) - 1)).astype(int).tolist()
        patterns, segments, x = dots.tolist(), [], 0
        while x < width:
            if x in cells:
                segments.append(cells[x])
                x += cells[x].cell_length
            elif patterns[x]:
                red, green, blue = palette[places[x]].tolist()
                segments.append(Segment(chr(0x2800 + patterns[x]), style((red, green, blue))))
                x += 1
            else:
                segments.append(Segment(" "))
                x += 1
        return segments

    def _headings(self, context: SnapshotContext, shown: list[diagram.Column], width: int) -> list[Segment]:
        """The size of every layer under its column, and what lies beyond the edges."""
        line = [" "] * width
        notes = [(column.x, f"{context.network.dims[column.layer]:,}") for column in shown]
        before, after = shown[0].layer, len(context.network.layers) - shown[-1].layer
        notes += [(1, f"‹ {before}")] if before else []
        notes += [(width - 2, f"{after} ›")] if after else []
        for x, note in notes:
            start = max(0, min(x - len(note) // 2, width - len(note)))
            line[start : start + len(note)] = note
        return [Segment("".join(line), Style(dim=True))]

    def render_line(self, y: int) -> Strip:
        """One prepared line."""
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)
