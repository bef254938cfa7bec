"""The large map of Boundary: the network's output over a plane, the examples on top, numbers at its edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from deepnet_tui.data.dataset import Dataset
from deepnet_tui.drawing import palettes
from deepnet_tui.drawing.color.data_colors import RGB
from deepnet_tui.drawing.control_filter import in_cells
from deepnet_tui.drawing.halfblocks import Glyphs, HalfBlockImage
from deepnet_tui.evaluate import decision_map
from deepnet_tui.evaluate.plane import Plane, ends
from deepnet_tui.widgets.base.snapshot_context import SnapshotContext
from deepnet_tui.widgets.views.boundary.legend import mark

SegmentRows = list[list[Segment]]

FRAMED = (40, 7)  # columns and rows from which the map has numbers at its edges


@dataclass(frozen=True)
class MapStyle:
    """How maps are drawn: on a dark ground, without colour, in bands instead of shades; `base` is the background."""

    dark: bool
    plain: bool
    discrete: bool
    base: Style

    def shades(self, count: int) -> Any:
        """The texture for every place of a palette, None where there is colour."""
        if not self.plain:
            return None
        if count > palettes.LEVELS:
            return np.arange(count) // palettes.LEVELS % len(palettes.TEXTURES)
        return np.arange(count) * len(palettes.SHADES) // count


class ExampleMarks:
    """The examples of a dataset as characters on the cells of a map."""

    def __init__(self, dataset: Dataset) -> None:
        self._labels, self._classes = dataset.labels, len(dataset.classes)
        self._examples = decision_map.drawn_examples(dataset)
        self._placed: tuple[Plane | None, object, Glyphs] = (None, None, {})

    def glyphs(self, plane: Plane, width: int, height: int, style: MapStyle) -> Glyphs:
        """Examples by cell; where several fall on one, chance decides, the same way every time."""
        plane_before, key_before, glyphs = self._placed
        key = (width, height, style.dark, style.plain)
        if plane is not plane_before or key != key_before:
            glyphs = self._place(plane, width, height, style)
            self._placed = (plane, key, glyphs)
        return glyphs

    def _place(self, plane: Plane, width: int, height: int, style: MapStyle) -> Glyphs:
        examples, labels = self._examples, self._labels
        columns, rows = plane.cells(examples.X, width, height)
        order = np.random.default_rng(0).permutation(len(columns))
        glyphs: Glyphs = {}
        for index in order[columns[order] >= 0].tolist():
            label, validation = int(examples.label[index]), bool(examples.validation[index])
            text = mark(labels, label, validation, self._classes, plain=style.plain)
            glyphs[int(columns[index]), int(rows[index])] = (text, _ink(labels, label, style.dark))
        return glyphs


def _ink(labels: str, label: int, dark: bool) -> RGB:
    if labels != "numbers":
        return palettes.ink(labels, label, dark)
    ramp = palettes.rising()[label].astype(int)
    red, green, blue = (ramp + (255 - ramp) * 0.45).astype(int).tolist()
    return (red, green, blue)


def framed(
    context: SnapshotContext, plane: Plane, marks: ExampleMarks | None, style: MapStyle, width: int, height: int
) -> SegmentRows:
    """The map in width x height cells; where there is room, with numbers at the ends of its axes."""
    if width < FRAMED[0] or height < FRAMED[1]:
        return _map(context, plane, marks, style, width, height).lines()
    (left, right), (low, high) = [(f"{a:.3g}", f"{b:.3g}") for a, b in ends(context.dataset, plane)]
    edge = max(len(low), len(high)) + 1 if plane.names[1] else 0
    lines = _map(context, plane, marks, style, width - edge, height - 1).lines()
    beside = {0: high, len(lines) - 1: low}
    rows = [
        [Segment(f"{beside.get(row, ''):>{max(0, edge - 1)}} "[:edge], style.base), *line]
        for row, line in enumerate(lines)
    ]
    room = width - edge - len(left) - len(right)
    note = "  others at their mean" if plane.others else ""
    words = in_cells(f"{in_cells(plane.names[0], max(8, room - len(note) - 6))} →{note}", room - 2)
    before = max(0, room - cell_len(words)) // 2
    after = " " * (room - cell_len(words) - before)
    return [*rows, [Segment(f"{'':{edge}}{left}{'':{before}}{words}{after}{right}", style.base)]]


def _map(
    context: SnapshotContext, plane: Plane, marks: ExampleMarks | None, style: MapStyle, width: int, height: int
) -> HalfBlockImage:
    task, network = context.dataset.task, context.network
    outputs = decision_map.raster(network, context.snapshot.parameters, plane, width, 2 * height)
    scale = decision_map.value_range(context.dataset) if context.dataset.labels == "numbers" else (0.0, 1.0)
    places = decision_map.levels(task, outputs, scale, discrete=style.discrete)
    palette = _palette(context.dataset.labels, network.outputs, style.dark)
    glyphs = marks.glyphs(plane, width, height, style) if marks is not None else {}
    return HalfBlockImage(places, palette, glyphs, style.shades(len(palette)), style.base)


def _palette(labels: str, outputs: int, dark: bool) -> palettes.Bytes:
    if labels == "one-hot":
        return palettes.classes(outputs, dark)
    return palettes.diverging(dark) if labels == "binary" else palettes.rising()
