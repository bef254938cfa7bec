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
from deepnet_tui.evaluate import decision_map
from deepnet_tui.evaluate.plane import Plane, axes, components, features
from deepnet_tui.widgets.base.canvas import Canvas
from deepnet_tui.widgets.base.keys import bindings
from deepnet_tui.widgets.base.snapshot_context import SnapshotContext, ensemble_context, heading, snapshot_context
from deepnet_tui.widgets.base.view import View
from deepnet_tui.widgets.views.boundary.legend import legend
from deepnet_tui.widgets.views.boundary.map import ExampleMarks, MapStyle, framed
from deepnet_tui.widgets.views.boundary.units import page_of_units

if TYPE_CHECKING:
    from deepnet_tui.workbench.workbench import Workbench

WITH_ITERATION = 90  # columns from which the title has room for it


class BoundaryView(View, can_focus=True):
    """The plane is that of two features or of two principal components; the keys choose."""

    FOLLOWS_PARAMETERS = True
    FRAMES = 30  # as often as the screen looks
    BINDINGS: ClassVar[list[BindingType]] = bindings("boundary")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="view")
        self.discrete = False
        self.examples = True
        self.one_network = False  # the large map is of the network of an ensemble that is shown, not of the mean
        self.axes: tuple[int, int] | None = (0, 1)  # None: the principal components
        self.frames = 0
        self._features = 2  # that an axis can show
        self._shown: SnapshotContext | None = None  # the network, whose units are shown
        self._whole: SnapshotContext | None = None  # the ensemble that it belongs to
        self._plane: Plane | None = None
        self._example_marks: ExampleMarks | None = None
        self._drawn: object = None
        self._titles: object = None
        self._page, self._pages = 0, 1  # of the units' maps

    def compose(self) -> ComposeResult:
        """The maps."""
        yield Canvas()

    def show(self, workbench: Workbench) -> None:
        """Draw the parameters that are shown."""
        before, self._shown = self._shown, snapshot_context(workbench)
        self._whole = ensemble_context(workbench)
        if self._shown is None:
            self._drawn = None
            self.query_one(Canvas).paint([])
            return
        dataset = self._shown.dataset
        if before is None or before.dataset is not dataset:
            self._features = len(axes(dataset))
            self.axes = (0, min(1, self._features - 1)) if self._features < 3 else None
            self._example_marks = ExampleMarks(dataset)
            self._plane = None
            self._page = 0
        self._redraw()

    def on_resize(self) -> None:
        """Fill the new size."""
        self._redraw()

    # Keys

    def action_map_plane(self) -> None:
        """Change between the plane of two features and that of two principal components."""
        if self._shown and self._features > 2:
            self._choose((0, 1) if self.axes is None else None)

    def action_map_discrete(self) -> None:
        """Change between class regions and confidence."""
        self.discrete = not self.discrete
        self._redraw()

    def action_map_examples(self) -> None:
        """Show or hide the examples."""
        self.examples = not self.examples
        self._redraw()

    def action_map_network(self) -> None:
        """Change between the mean of an ensemble and the network that is shown."""
        if self._shown and self._shown.name:
            self.one_network = not self.one_network
            self._redraw()

    def action_map_across(self) -> None:
        """The next feature on the horizontal axis."""
        self._turn(0, 1)

    def action_map_across_back(self) -> None:
        """The previous feature on the horizontal axis."""
        self._turn(0, -1)

    def action_map_up(self) -> None:
        """The next feature on the vertical axis."""
        self._turn(1, 1)

    def action_map_up_back(self) -> None:
        """The previous feature on the vertical axis."""
        self._turn(1, -1)

    def action_map_units(self) -> None:
        """The next page of hidden units."""
        self._page += 1
        self._redraw()

    def action_map_units_back(self) -> None:
        """The previous page of hidden units."""
        self._page -= 1
        self._redraw()

    def _turn(self, axis: int, step: int) -> None:
        if self._shown is None or self._features < 3:
            return
        now = list(self.axes or (0, 1))
        if self.axes is not None:
            now[axis] = (now[axis] + step) % self._features
            if now[0] == now[1]:
                now[axis] = (now[axis] + step) % self._features
        self._choose((now[0], now[1]))

    def _choose(self, axes: tuple[int, int] | None) -> None:
        self.axes, self._plane = axes, None
        self._redraw()

    # Drawing

    @property
    def _mapped(self) -> SnapshotContext | None:
        """What the large map is of."""
        return self._shown if self.one_network else self._whole

    def _redraw(self) -> None:
        context, mapped, (width, height) = self._shown, self._mapped, self.size
        if context is None or mapped is None or width < 8 or height < 2:
            return
        style = MapStyle(self.app.current_theme.dark, bool(self.app.no_color), self.discrete, self.rich_style)
        parameters = (id(context.snapshot), id(mapped.snapshot))
        key = (parameters, self.size, self.axes, self.examples, self._page, style)
        if key == self._drawn:
            return
        if self._plane is None:
            dataset = context.dataset
            self._plane = components(dataset) if self.axes is None else features(dataset, *self.axes)
        self.frames += 1
        self._paint(context, mapped, self._plane, style, width, height)
        self._drawn = (*key[:4], self._page, style)
        self._label(context, mapped, self._plane, style, width)

    def _paint(
        self,
        context: SnapshotContext,
        mapped: SnapshotContext,
        plane: Plane,
        style: MapStyle,
        width: int,
        height: int,
    ) -> None:
        """The large map, and beside it the units' where there is room."""
        aside = width * 2 // 5 if _has_units(context, width) else 0
        marks = self._example_marks if self.examples else None
        lines = framed(mapped, plane, marks, style, width - aside, height)
        if aside:
            units, self._page, self._pages = page_of_units(context, plane, style, aside - 2, height, self._page)
            blank, gap = [Segment(" " * (aside - 2), style.base)], Segment("  ", style.base)
            units += [blank] * (height - len(units))
            lines = [[*line, gap, *beside] for line, beside in zip(lines, units, strict=True)]
        self.query_one(Canvas).paint([Strip(line, width) for line in lines])

    # Titles

    def _label(
        self, context: SnapshotContext, mapped: SnapshotContext, plane: Plane, style: MapStyle, width: int
    ) -> None:
        iteration = context.snapshot.iteration if width >= WITH_ITERATION else None
        name = mapped.name
        if mapped is not context and name and _has_units(context, width):
            name += f", units of {context.member + 1}"
        titles = (id(context.dataset), plane.names, self.axes, iteration, style, width, self._pages, self._page, name)
        if titles == self._titles:
            return  # a title repaints the pane, the same one again too
        self._titles = titles
        across, up = plane.names
        axes = "components" if plane.principal else f"{across} → {up} ↑" if up else f"{across} →"
        at = "" if iteration is None else f"iteration {whole(iteration)}  "
        head = f"{heading('Boundary', name)}  {at}{axes}  "
        marks = legend(context.dataset, width - len(head) - 2, dark=style.dark, plain=style.plain)
        self.border_title = Content.assemble(head, *marks)
        keys = [f"{self.key('map_discrete')} bands", f"{self.key('map_examples')} points"]
        if self._features > 2:
            other = "features" if self.axes is None else "components  ← → ↑ ↓ others"
            keys.append(f"{self.key('map_plane')} {other}")
        if name:
            keys.append(f"{self.key('map_network')} {'mean' if self.one_network else 'one network'}")
        if self._pages > 1:
            keys.append(f"{self.key('map_units')} units {self._page + 1}/{self._pages}")
        self.border_subtitle = "  ".join(keys)

    def as_text(self) -> str:
        """The raster as a table with tabs: the two coordinates, then the outputs."""
        mapped = self._mapped
        if mapped is None or self._plane is None:
            return ""
        names = "\t".join([*self._plane.names, *(f"output {n + 1}" for n in range(mapped.network.outputs))])
        points = self._plane.points(40, 40)
        outputs = decision_map.raster(mapped.network, mapped.snapshot.parameters, self._plane, 40, 40)
        outputs = outputs.reshape(-1, 1600)
        rows = np.vstack([points, outputs]).T.tolist()
        return "\n".join([names, *("\t".join(repr(value) for value in row) for row in rows)])


def _has_units(context: SnapshotContext, width: int) -> bool:
    """Whether there is room for the maps of hidden units in so many columns."""
    return width >= 50 and bool(context.network.hidden)
