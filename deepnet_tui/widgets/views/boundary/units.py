"""The small maps of Boundary: the activation of each hidden unit over the plane."""

from __future__ import annotations

from typing import Any

import numpy as np
from rich.segment import Segment

from deepnet_tui.drawing import palettes
from deepnet_tui.drawing.halfblocks import Glyphs, HalfBlockImage
from deepnet_tui.evaluate import decision_map
from deepnet_tui.evaluate.plane import Plane
from deepnet_tui.widgets.base.snapshot_context import SnapshotContext
from deepnet_tui.widgets.views.boundary.map import MapStyle, SegmentRows
from deepnet_tui.widgets.views.boundary.unit_layout import pages

NUMBER_INK = {True: (235, 235, 235), False: (20, 20, 20)}  # if dark


def page_of_units(
    context: SnapshotContext, plane: Plane, style: MapStyle, width: int, height: int, page: int
) -> tuple[SegmentRows, int, int]:
    """A heading for every hidden layer on the page, and its units' maps; the page it is, and how many there are."""
    counts = [layer.units for layer in context.network.hidden]
    wide, tall, found = pages(counts, width, height)
    page = max(0, min(page, len(found) - 1))
    gap = 2 if style.plain and tall > 2 else 1  # without colour there are no half cells
    arrays = decision_map.units(context.network, context.snapshot.parameters, plane, wide - 1, 2 * tall - gap)
    rows: SegmentRows = []
    for part in found[page]:
        spec = context.network.hidden[part.layer]
        which = "" if part.stop - part.first == spec.units else f"  {part.first}–{part.stop - 1} of {spec.units:,}"
        heading = f"hidden {part.layer + 1}  {spec.activation.replace('_', ' ')}{which}"
        rows.append([Segment(heading.ljust(width)[:width], style.base)])
        rows += _maps(arrays[part.layer][part.first : part.stop], part.first, style, wide, tall, width)
    return rows[:height], page, len(found)


def _maps(values: Any, first: int, style: MapStyle, wide: int, tall: int, width: int) -> SegmentRows:
    """Units `first` and those that follow, with their numbers; values are (units, rows, columns)."""
    palette, (_, high, broad) = palettes.diverging(style.dark), values.shape
    lines = -(-len(values) // max(1, width // wide))
    across = -(-len(values) // lines)  # rows of the same length
    places = np.full((2 * tall * lines, max(width, wide)), -1)
    glyphs: Glyphs = {}
    ink = None if style.plain else NUMBER_INK[style.dark]
    for index, level in enumerate(decision_map.signed_levels(np.sign(values) if style.discrete else values)):
        row, left = index // across, index % across * wide
        places[2 * tall * row : 2 * tall * row + high, left : left + broad] = level
        glyphs |= {(left + at, tall * row): (digit, ink) for at, digit in enumerate(str(first + index)) if at < broad}
    return HalfBlockImage(places[:, :width], palette, glyphs, style.shades(len(palette)), style.base).lines()
