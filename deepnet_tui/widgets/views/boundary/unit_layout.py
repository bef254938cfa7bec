"""The layout of the small maps of hidden units: as large as fit on one page, or of readable size on several pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SIZES = ((28, 14), (20, 10), (14, 7), (12, 6), (10, 5), (8, 4), (6, 3))  # of a map in cells, gaps included


@dataclass(frozen=True)
class UnitRange:
    """Units `first` to `stop` (not included) of hidden layer `layer` (from 0), under one heading."""

    layer: int
    first: int
    stop: int


def pages(counts: Sequence[int], width: int, height: int) -> tuple[int, int, list[list[UnitRange]]]:
    """Width and height of a map, and what stands on each page, for layers of `counts` units."""
    for wide, tall in SIZES:
        found = _packed(counts, max(1, width // wide), tall, height)
        if len(found) == 1 and wide <= width:
            break
    return wide, tall, found


def _packed(counts: Sequence[int], across: int, tall: int, height: int) -> list[list[UnitRange]]:
    """The layers one after the other, a heading and then rows of `across` maps, on as many pages as it takes."""
    packed: list[list[UnitRange]] = [[]]
    left = height
    for layer, count in enumerate(counts):
        first = 0
        while first < count:
            rows = (left - 1) // tall
            if rows < 1 and packed[-1]:
                packed.append([])
                left = height
                continue
            stop = min(count, first + max(1, rows) * across)
            packed[-1].append(UnitRange(layer, first, stop))
            left -= 1 + tall * -(-(stop - first) // across)
            first = stop
    return packed
