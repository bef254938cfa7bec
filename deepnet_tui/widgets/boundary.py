"""The network's output over a plane in colour, the examples on top, and a small map for every hidden unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.content import Content
from textual.strip import Strip

from deepnet_tui import boundary as maps
from deepnet_tui import palettes
from deepnet_tui.halfblocks import Glyphs, Picture
from deepnet_tui.unit_maps import pages
from deepnet_tui.widgets.boundary_legend import HELD_OUT, TRAIN, legend, plain_mark
from deepnet_tui.widgets.numbers import whole
from deepnet_tui.widgets.scene import Scene, scene_of
from deepnet_tui.widgets.view import View, bindings

if TYPE_CHECKING:
    from deepnet_tui.workbench import Workbench

NUMBER_INK = {True: (235, 235, 235), False: (20, 20, 20)}  # if dark
WITH_ITERATION = 90  # columns from which the title has room for it
FRAMED = (40, 7)  # columns and rows from which the map has numbers at its edges


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
        self._scene: Scene | None = None
        self._plane: maps.Plane | None = None
        self._marks: maps.Marks | None = None
        self._strips: list[Strip] = []
        self._drawn: object = None
        self._base = Style.null()
        self._page, self._pages = 0, 1  # of the units' maps
        self._placed: tuple[object, Glyphs] = (None, {})
        self.frames = 0

    def show(self, workbench: Workbench) -> None:
        """Draw the parameters that are shown."""
        before, self._scene = self._scene, scene_of(workbench)
        if self._scene is None:
            self._strips = []
            self.refresh()
            return
        problem = self._scene.problem
        if before is None or before.problem is not problem:
            self.axes = (0, min(1, len(problem.inputs) - 1)) if len(problem.inputs) < 3 else None
            self._marks = maps.marks(problem)
            self._plane = None
            self._page = 0
        self._redraw()

    def on_resize(self) -> None:
        """Fill the new size."""
        self._redraw()

    # Keys

    def action_map_plane(self) -> None:
        """Features or components."""
        if self._scene and len(self._scene.problem.inputs) > 2:
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
        if self._scene is None or len(self._scene.problem.inputs) < 3:
            return
        count = len(self._scene.problem.inputs)
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
        scene, (width, height) = self._scene, self.size
        if scene is None or width < 8 or height < 2:
            return
        key = (
            id(scene.snapshot),
            self.size,
            self.axes,
            self.discrete,
            self.examples,
            self._page,
            self.app.theme,
            self.app.no_color,
        )
        if key == self._drawn:
            return
        if self._plane is None:
            problem = scene.problem
            self._plane = maps.components(problem) if self.axes is None else maps.features(problem, *self.axes)
        self.frames += 1
        aside = width * 2 // 5 if width >= 50 and scene.network.hidden else 0
        base = self._base = self.rich_style
        large = self._framed(scene, self._plane, width - aside, height)
        small = self._units(scene, self._plane, aside - 2, height) if aside else []
        self._drawn = (*key[:5], self._page, *key[6:])
        self._label(scene, self._plane, width)
        blank, gap = [Segment(" " * max(0, aside - 2), base)], [Segment("  ", base)] if aside else []
        self._strips = [
            Strip([*large[row], *gap, *(small[row] if row < len(small) else blank)], width) for row in range(height)
        ]
        self.refresh()

    def _framed(self, scene: Scene, plane: maps.Plane, width: int, height: int) -> list[list[Segment]]:
        """The large map; where there is room, with numbers at the ends of its axes."""
        if width < FRAMED[0] or height < FRAMED[1]:
            return self._map(scene, plane, width, height).lines()
        (left, right), (low, high) = [(f"{a:.3g}", f"{b:.3g}") for a, b in maps.ends(scene.problem, plane)]
        edge = max(len(low), len(high)) + 1 if plane.names[1] else 0
        lines = self._map(scene, plane, width - edge, height - 1).lines()
        beside = {0: high, len(lines) - 1: low}
        rows = [
            [Segment(f"{beside.get(row, ''):>{max(0, edge - 1)}} "[:edge], self._base), *line]
            for row, line in enumerate(lines)
        ]
        words = f"{plane.names[0]} →" + (
            "  others at their mean" if self.axes and len(scene.problem.inputs) > 2 else ""
        )
        middle = (
            f"{words[: max(0, width - edge - len(left) - len(right) - 2)]:^{width - edge - len(left) - len(right)}}"
        )
        return [*rows, [Segment(f"{'':{edge}}{left}{middle}{right}", self._base)]]

    @property
    def _dark(self) -> bool:
        return self.app.current_theme.dark

    def _map(self, scene: Scene, plane: maps.Plane, width: int, height: int) -> Picture:
        """The large map with the examples."""
        task, network = scene.problem.task, scene.network
        outputs = maps.raster(network, scene.snapshot.parameters, plane, width, 2 * height)
        scale = maps.value_range(scene.problem) if task == "regression" else (0.0, 1.0)
        places = maps.levels(task, outputs, scale, discrete=self.discrete)
        palette = self._palette(scene)
        glyphs = self._glyphs(scene, plane, width, height) if self.examples else {}
        return Picture(places, palette, glyphs, self._shades(len(palette)), self._base)

    def _palette(self, scene: Scene) -> palettes.Bytes:
        if scene.problem.task == "multiclass":
            return palettes.classes(scene.network.outputs, self._dark)
        return palettes.diverging(self._dark) if scene.problem.task == "binary" else palettes.rising()

    def _shades(self, count: int) -> Any:
        """A shade for every place of a palette, None where there is colour."""
        if not self.app.no_color:
            return None
        if count > palettes.LEVELS:
            return np.arange(count) // palettes.LEVELS % len(palettes.TEXTURES)
        return np.arange(count) * len(palettes.SHADES) // count

    def _glyphs(self, scene: Scene, plane: maps.Plane, width: int, height: int) -> Glyphs:
        """Examples by cell; where several fall on one, chance decides, the same way every time."""
        marks, key = self._marks, (id(plane), width, height, self.app.theme)
        if marks is None:
            return {}
        if key == self._placed[0]:
            return self._placed[1]
        columns, rows = plane.cells(marks.X, width, height)
        order = np.random.default_rng(0).permutation(len(columns))
        task, plain = scene.problem.task, self.app.no_color
        glyphs: Glyphs = {}
        for index in order[columns[order] >= 0].tolist():
            label, held = int(marks.label[index]), bool(marks.held_out[index])
            text = plain_mark(task, label, held) if plain else HELD_OUT if held else TRAIN
            glyphs[int(columns[index]), int(rows[index])] = (text, self._ink(task, label))
        self._placed = (key, glyphs)
        return glyphs

    def _ink(self, task: str, label: int) -> palettes.RGB:
        if task != "regression":
            return palettes.ink(task, label, self._dark)
        ramp = palettes.rising()[label].astype(int)
        red, green, blue = (ramp + (255 - ramp) * 0.45).astype(int).tolist()
        return (red, green, blue)

    def _units(self, scene: Scene, plane: maps.Plane, width: int, height: int) -> list[list[Segment]]:
        """A heading for every hidden layer on the page, and the maps of its units with their numbers."""
        counts = [layer.units for layer in scene.network.hidden]
        wide, tall, found = pages(counts, width, height)
        self._pages = len(found)
        self._page = max(0, min(self._page, self._pages - 1))
        gap = 2 if self.app.no_color and tall > 2 else 1  # without colour there are no half cells
        arrays = maps.units(scene.network, scene.snapshot.parameters, plane, wide - 1, 2 * tall - gap)
        rows: list[list[Segment]] = []
        for part in found[self._page]:
            spec = scene.network.hidden[part.layer]
            which = "" if part.stop - part.first == spec.units else f"  {part.first}–{part.stop - 1} of {spec.units:,}"
            heading = f"hidden {part.layer + 1}  {spec.activation.replace('_', ' ')}{which}"
            rows.append([Segment(heading.ljust(width)[:width], self._base)])
            rows += self._unit_rows(arrays[part.layer][part.first : part.stop], part.first, wide, tall, width)
        return rows[:height]

    def _unit_rows(self, values: Any, first: int, wide: int, tall: int, width: int) -> list[list[Segment]]:
        palette, (_, high, broad) = palettes.diverging(self._dark), values.shape
        lines = -(-len(values) // max(1, width // wide))
        across = -(-len(values) // lines)  # rows of the same length
        places = np.full((2 * tall * lines, max(width, wide)), -1)
        glyphs: Glyphs = {}
        ink = None if self.app.no_color else NUMBER_INK[self._dark]
        for index, map_ in enumerate(values):
            row, left = index // across, index % across * wide
            level = maps.signed_levels(np.sign(map_) if self.discrete else map_)
            places[2 * tall * row : 2 * tall * row + high, left : left + broad] = level
            glyphs |= {
                (left + at, tall * row): (digit, ink) for at, digit in enumerate(str(first + index)) if at < broad
            }
        shades = self._shades(len(palette))
        return Picture(places[:, :width], palette, glyphs, shades, self._base).lines()

    def render_line(self, y: int) -> Strip:
        """One prepared line."""
        if y >= len(self._strips):
            return Strip.blank(self.size.width, self.rich_style)
        return self._strips[y]

    # Words

    def _label(self, scene: Scene, plane: maps.Plane, width: int) -> None:
        across, up = plane.names
        axes = "components" if self.axes is None else f"{across} → {up} ↑" if up else f"{across} →"
        at = f"iteration {whole(scene.snapshot.iteration)}  " if width >= WITH_ITERATION else ""
        head = f"Boundary  {at}{axes}  "
        words = legend(scene.problem, width - len(head) - 2, dark=self._dark, plain=self.app.no_color)
        self.border_title = Content.assemble(head, *words)
        keys = [f"{self.key('map_discrete')} bands", f"{self.key('map_examples')} points"]
        if len(scene.problem.inputs) > 2:
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
