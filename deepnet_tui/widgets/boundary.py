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
from deepnet_tui.widgets.scene import Scene, scene_of
from deepnet_tui.widgets.view import View, bindings

if TYPE_CHECKING:
    from deepnet_tui.workbench import Workbench

UNIT_SIZES = ((14, 7), (12, 6), (10, 5), (8, 4), (6, 3), (4, 2))  # of a unit's map in cells, gaps included
TRAIN, HELD_OUT = "•", "○"
PLAIN_MARKS = (("x", "o"), ("X", "O"))  # without colour: by class, the held-out ones in capitals


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
            self.app.theme,
            self.app.no_color,
        )
        if key == self._drawn:
            return
        self._drawn = key
        if self._plane is None:
            problem = scene.problem
            self._plane = maps.components(problem) if self.axes is None else maps.features(problem, *self.axes)
        self.frames += 1
        self._label(scene, self._plane)
        aside = width * 2 // 5 if width >= 50 and scene.network.hidden else 0
        base = self._base = self.rich_style
        large = self._map(scene, self._plane, width - aside, height).lines()
        small = self._units(scene, self._plane, aside - 2, height) if aside else []
        blank, gap = [Segment(" " * max(0, aside - 2), base)], [Segment("  ", base)] if aside else []
        self._strips = [
            Strip([*large[row], *gap, *(small[row] if row < len(small) else blank)], width) for row in range(height)
        ]
        self.refresh()

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
            return np.arange(count) // palettes.LEVELS % len(palettes.SHADES)
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
            if plain and task == "binary":
                text = PLAIN_MARKS[held][label]
            elif plain and task == "multiclass":
                text = str(label)[-1]
            else:
                text = HELD_OUT if held else TRAIN
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
        """A heading for every hidden layer, and as many of its units' maps as there is room for."""
        counts = [layer.units for layer in scene.network.hidden]
        wide, tall, lines = unit_layout(counts, width, height)
        across = max(1, width // wide)
        gap = 2 if self.app.no_color and tall > 2 else 1  # without colour there are no half cells
        arrays = maps.units(scene.network, scene.snapshot.parameters, plane, wide - 1, 2 * tall - gap)
        palette = palettes.diverging(self._dark)
        rows: list[list[Segment]] = []
        for number, (spec, values, count) in enumerate(zip(scene.network.hidden, arrays, lines, strict=True), start=1):
            if not count:
                rows.append([Segment(f"… {len(counts) - number + 1} more layers".ljust(width)[:width], self._base)])
                break
            rest = spec.units - count * across
            more = f"  … {rest:,} more" if rest > 0 else ""
            heading = f"hidden {number}  {spec.activation.replace('_', ' ')}{more}"
            rows.append([Segment(heading.ljust(width)[:width], self._base)])
            rows += self._unit_rows(values[: count * across], palette, wide, tall, width)
        return rows[:height]

    def _unit_rows(self, values: Any, palette: palettes.Bytes, wide: int, tall: int, width: int) -> list[list[Segment]]:
        across = max(1, width // wide)
        lines, (_, high, broad) = -(-len(values) // across), values.shape
        places = np.full((2 * tall * lines, max(width, wide)), -1)
        for index, map_ in enumerate(values):
            top, left = index // across * 2 * tall, index % across * wide
            level = maps.signed_levels(np.sign(map_) if self.discrete else map_)
            places[top : top + high, left : left + broad] = level
        return Picture(places[:, :width], palette, plain=self._shades(len(palette)), ground=self._base).lines()

    def render_line(self, y: int) -> Strip:
        """One prepared line."""
        if y >= len(self._strips):
            return Strip.blank(self.size.width, self.rich_style)
        return self._strips[y]

    # Words

    def _label(self, scene: Scene, plane: maps.Plane) -> None:
        across, up = plane.names
        axes = f"{across} → {up} ↑" if up else f"{across} →"
        parts: list[Content] = [Content(f" Boundary  {axes}  ")]
        if not self.app.no_color:
            parts += self._legend(scene)
        elif scene.problem.task == "binary":
            zero, one = scene.problem.classes
            parts.append(Content(f"x {zero} (light)  o {one} (dense)  capitals held out "))
        self.border_title = Content.assemble(*parts)
        keys = f"{self.key('map_discrete')} bands  {self.key('map_examples')} points"
        if len(scene.problem.inputs) > 2:
            other = "two features" if self.axes is None else "components  ← → ↑ ↓ others"
            keys += f"  {self.key('map_plane')} {other}"
        self.border_subtitle = f" {keys} "

    def _legend(self, scene: Scene) -> list[Content]:
        problem = scene.problem
        held = f"  {HELD_OUT} held out" if problem.held_out is not None else ""
        if problem.task == "regression":
            low, high = maps.value_range(problem)
            ends = [value * problem.target_scale + problem.target_mean for value in (low, high)]
            ramp = palettes.rising()
            bar = [Content.styled("■", _css(ramp[int(at)])) for at in np.linspace(0, palettes.LEVELS - 1, 8)]
            legend = [Content(f"{problem.target} {ends[0]:.4g} "), *bar, Content(f" {ends[1]:.4g}")]
        else:
            legend = []
            for label, name in enumerate(problem.classes[:6]):
                color = palettes.ink(problem.task, label, self._dark)
                legend += [Content.styled("■", _css(np.array(color))), Content(f" {name}  ")]
            if len(problem.classes) > 6:
                legend.append(Content("…  "))
        return [*legend, Content(f" {TRAIN} train{held} ")]

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


def unit_layout(counts: list[int], width: int, height: int) -> tuple[int, int, list[int]]:
    """Width and height of a unit's map in cells, and how many lines of maps each layer gets beneath its heading.

    The largest maps with which all units fit; else the smallest, the lines shared out in turn.
    """
    for wide, tall in UNIT_SIZES:
        across = max(1, width // wide)
        needed = [-(-count // across) for count in counts]
        if sum(needed) * tall + len(counts) <= height:
            return wide, tall, needed
    lines, left = [0] * len(counts), height
    while True:
        before = left
        for layer, need in enumerate(needed):
            price = tall + (lines[layer] == 0)
            if lines[layer] < need and price <= left:
                lines[layer] += 1
                left -= price
        if left == before:
            return wide, tall, lines


def _css(color: Any) -> str:
    return "#{:02x}{:02x}{:02x}".format(*(int(part) for part in color))
