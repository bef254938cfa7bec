"""The network's output over a plane in colour, the examples on top, and a small map for every hidden unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.strip import Strip

from deepnet_tui.drawing.numbers import whole
from deepnet_tui.evaluate import decision_map as maps
from deepnet_tui.widgets.base.canvas import Canvas
from deepnet_tui.widgets.base.snapshot_context import SnapshotContext, snapshot_context
from deepnet_tui.widgets.base.view import View, bindings
from deepnet_tui.widgets.views.boundary.legend import legend
from deepnet_tui.widgets.views.boundary.map import ExampleMarks, Look, framed
from deepnet_tui.widgets.views.boundary.units import page_of_units

if TYPE_CHECKING:
    from deepnet_tui.training.workbench import Workbench

WITH_ITERATION = 90  # columns from which the title has room for it


class Boundary(View, can_focus=True):
    """The plane is that of two features or of two principal components; the keys choose."""

    FOLLOWS_PARAMETERS = True
    FRAMES = 30  # as often as the screen looks
    BINDINGS: ClassVar[list[BindingType]] = bindings("boundary")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="view")
        self.discrete = False
        self.examples = True
        self.axes: tuple[int, int] | None = (0, 1)  # None: the principal components
        self.frames = 0
        self._scene: SnapshotContext | None = None
        self._plane: maps.Plane | None = None
        self._marks: ExampleMarks | None = None
        self._drawn: object = None
        self._titles: object = None
        self._page, self._pages = 0, 1  # of the units' maps

    def compose(self) -> ComposeResult:
        """The maps."""
        yield Canvas()

    def show(self, workbench: Workbench) -> None:
        """Draw the parameters that are shown."""
        before, self._scene = self._scene, snapshot_context(workbench)
        if self._scene is None:
            self._drawn = None
            self.query_one(Canvas).paint([])
            return
        dataset = self._scene.dataset
        if before is None or before.dataset is not dataset:
            self.axes = (0, min(1, len(dataset.inputs) - 1)) if len(dataset.inputs) < 3 else None
            self._marks = ExampleMarks(dataset)
            self._plane = None
            self._page = 0
        self._redraw()

    def on_resize(self) -> None:
        """Fill the new size."""
        self._redraw()

    # Keys

    def action_map_plane(self) -> None:
        """Features or components."""
        if self._scene and len(self._scene.dataset.inputs) > 2:
            self._choose((0, 1) if self.axes is None else None)

    def action_map_discrete(self) -> None:
        """Only the decision."""
        self.discrete = not self.discrete
        self._redraw()

    def action_map_examples(self) -> None:
        """With or without examples."""
        self.examples = not self.examples
        self._redraw()

    def action_map_across(self) -> None:
        """The next feature across."""
        self._turn(0, 1)

    def action_map_across_back(self) -> None:
        """The feature before across."""
        self._turn(0, -1)

    def action_map_up(self) -> None:
        """The next feature upward."""
        self._turn(1, 1)

    def action_map_up_back(self) -> None:
        """The feature before upward."""
        self._turn(1, -1)

    def action_map_units(self) -> None:
        """The next units."""
        self._page += 1
        self._redraw()

    def action_map_units_back(self) -> None:
        """The units before."""
        self._page -= 1
        self._redraw()

    def _turn(self, axis: int, step: int) -> None:
        if self._scene is None or len(self._scene.dataset.inputs) < 3:
            return
        count = len(self._scene.dataset.inputs)
        now = list(self.axes or (0, 1))
        if self.axes is not None:
            now[axis] = (now[axis] + step) % count
            if now[0] == now[1]:
                now[axis] = (now[axis] + step) % count
        self._choose((now[0], now[1]))

    def _choose(self, axes: tuple[int, int] | None) -> None:
        self.axes, self._plane = axes, None
        self._redraw()

    # Drawing

    def _redraw(self) -> None:
        context, (width, height) = self._scene, self.size
        if context is None or width < 8 or height < 2:
            return
        look = Look(self.app.current_theme.dark, bool(self.app.no_color), self.discrete, self.rich_style)
        key = (id(context.snapshot), self.size, self.axes, self.examples, self._page, look)
        if key == self._drawn:
            return
        if self._plane is None:
            dataset = context.dataset
            self._plane = maps.components(dataset) if self.axes is None else maps.features(dataset, *self.axes)
        self.frames += 1
        self._paint(context, self._plane, look, width, height)
        self._drawn = (*key[:4], self._page, look)
        self._label(context, self._plane, look, width)

    def _paint(self, context: SnapshotContext, plane: maps.Plane, look: Look, width: int, height: int) -> None:
        """The large map, and beside it the units' where there is room."""
        aside = width * 2 // 5 if width >= 50 and context.network.hidden else 0
        marks = self._marks if self.examples else None
        lines = framed(context, plane, marks, look, width - aside, height)
        if aside:
            units, self._page, self._pages = page_of_units(context, plane, look, aside - 2, height, self._page)
            blank, gap = [Segment(" " * (aside - 2), look.base)], Segment("  ", look.base)
            units += [blank] * (height - len(units))
            lines = [[*line, gap, *beside] for line, beside in zip(lines, units, strict=True)]
        self.query_one(Canvas).paint([Strip(line, width) for line in lines])

    # Words

    def _label(self, context: SnapshotContext, plane: maps.Plane, look: Look, width: int) -> None:
        iteration = context.snapshot.iteration if width >= WITH_ITERATION else None
        titles = (id(context.dataset), plane.names, self.axes, iteration, look, width, self._pages, self._page)
        if titles == self._titles:
            return  # a title repaints the pane, the same one again too
        self._titles = titles
        across, up = plane.names
        axes = "components" if plane.principal else f"{across} → {up} ↑" if up else f"{across} →"
        at = "" if iteration is None else f"iteration {whole(iteration)}  "
        head = f"Boundary  {at}{axes}  "
        words = legend(context.dataset, width - len(head) - 2, dark=look.dark, plain=look.plain)
        self.border_title = Content.assemble(head, *words)
        keys = [f"{self.key('map_discrete')} bands", f"{self.key('map_examples')} points"]
        if len(context.dataset.inputs) > 2:
            other = "features" if self.axes is None else "components  ← → ↑ ↓ others"
            keys.append(f"{self.key('map_plane')} {other}")
        if self._pages > 1:
            keys.append(f"{self.key('map_units')} units {self._page + 1}/{self._pages}")
        self.border_subtitle = "  ".join(keys)

    def as_text(self) -> str:
        """The raster as a table with tabs: the two coordinates, then the outputs."""
        if self._scene is None or self._plane is None:
            return ""
        names = "\t".join([*self._plane.names, *(f"output {n + 1}" for n in range(self._scene.network.outputs))])
        points = self._plane.points(40, 40)
        outputs = maps.raster(self._scene.network, self._scene.snapshot.parameters, self._plane, 40, 40).reshape(
            -1, 1600
        )
        rows = np.vstack([points, outputs]).T.tolist()
        return "\n".join([names, *("\t".join(repr(value) for value in row) for row in rows)])
