"""A network as a diagram: layers as columns of units, weights as lines of braille dots. Positions only, no screen."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array

SPACING = 8  # cells from one column of units to the next, at least
MOST_LINES = 160  # of the chosen unit
MOST_OTHERS = 40  # that stand behind them, so that the picture stays one of lines
FAINT = 0.04  # of the strongest weight of a layer: what is weaker is not drawn
DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])  # of a braille character, by row and column


@dataclass(frozen=True)
class Column:
    """One layer: the cell `x` it stands at, the units that are shown, the cell `y` of each, and how many are not.

    A layer with units that are not shown has a note at the cell row `fold`, else `fold` is -1.
    """

    layer: int
    x: int
    units: range
    rows: tuple[int, ...]
    hidden: int
    fold: int


def columns(
    dims: Sequence[int], chosen: tuple[int, int], width: int, height: int, left: int = 0, right: int = 0
) -> list[Column]:
    """The layers around the chosen (layer, unit) that fit into width x height cells, with margins for names."""
    room = max(1, width - left - right - 2)
    count = min(len(dims), room // SPACING + 1)
    first = min(max(0, chosen[0] - count // 2), len(dims) - count)
    step = min(room / max(1, count - 1), 3 * SPACING)
    start = left + (room - step * (count - 1)) / 2
    return [
        _column(layer, round(start + step * place), dims[layer], chosen[1] if layer == chosen[0] else 0, height)
        for place, layer in enumerate(range(first, first + count))
    ]


def _column(layer: int, x: int, units: int, near: int, height: int) -> Column:
    if units <= height:
        rows = tuple(int((unit + 0.5) * height / units) for unit in range(units))
        return Column(layer, x, range(units), rows, 0, -1)
    shown = max(1, height - 1)
    first = min(max(0, near - shown // 2), units - shown)
    return Column(layer, x, range(first, first + shown), tuple(range(shown)), units - shown, height - 1)


@dataclass(frozen=True)
class WeightLines:
    """What the weights look like: `dots` (height, width) braille patterns, 0 where there is nothing, and `level`
    (height, width), the signed strength from -1 to 1 of the weight that the cell belongs to."""

    dots: Array
    level: Array


def weight_lines(
    shown: Sequence[Column],
    parameters: Mapping[str, Array],
    chosen: tuple[int, int],
    width: int,
    height: int,
    dashed: bool = False,
) -> WeightLines:
    """The strongest weights between the columns that are shown, faintly, and those of the chosen unit bright on top.

    `dashed` draws negative weights with gaps, for screens without colour.
    """
    starts, ends, strengths, own = [], [], [], []
    for before, after in itertools.pairwise(shown):
        W = np.asarray(parameters[f"W{after.layer}"])
        part = W[np.ix_(list(after.units), list(before.units))]
        largest = float(np.abs(W).max(initial=0.0))
        if not (np.isfinite(largest) and largest > 0):
            continue
        rows, cols = np.nonzero(np.abs(part) >= FAINT * largest)
        y_after, y_before = np.array(after.rows), np.array(before.rows)
        starts.append(np.stack([np.full(len(cols), before.x + 1), y_before[cols]]))
        ends.append(np.stack([np.full(len(rows), after.x - 1), y_after[rows]]))
        strengths.append(part[rows, cols] / largest)
        touches = (after.layer == chosen[0]) & (rows == chosen[1] - after.units.start)
        touches |= (before.layer == chosen[0]) & (cols == chosen[1] - before.units.start)
        own.append(touches)
    dots, level = np.zeros((height, width), np.int64), np.zeros((height, width))
    if not sum(len(each) for each in strengths):
        return WeightLines(dots, level)
    start, end = np.concatenate(starts, axis=1), np.concatenate(ends, axis=1)
    strength, mine = np.concatenate(strengths), np.concatenate(own)
    for which, most, faintest, brightest in ((~mine, MOST_OTHERS, 0.1, 0.3), (mine, MOST_LINES, 0.65, 1.0)):
        order = np.flatnonzero(which)
        order = order[np.argsort(np.abs(strength[order]), kind="stable")][-most:]
        if order.size:
            shade = np.sign(strength) * (faintest + (brightest - faintest) * np.abs(strength))
            drawn = _drawn((height, width), start[:, order], end[:, order], shade[order], dashed)
            over = drawn.dots > 0
            dots[over], level[over] = drawn.dots[over], drawn.level[over]
    return WeightLines(dots, level)


def _drawn(size: tuple[int, int], start: Array, end: Array, shade: Array, dashed: bool) -> WeightLines:
    """All lines at once, the later ones over the earlier."""
    height, width = size
    dots, level = np.zeros(size, np.int64), np.zeros(size)
    x0, y0 = start[0] * 2.0, start[1] * 4.0 + 1.5
    x1, y1 = end[0] * 2.0 + 1.0, end[1] * 4.0 + 1.5
    steps = int(max(np.abs(x1 - x0).max(), np.abs(y1 - y0).max())) + 1
    t = np.linspace(0.0, 1.0, steps)
    x = np.rint(x0[:, None] + t * (x1 - x0)[:, None]).astype(int)
    y = np.rint(y0[:, None] + t * (y1 - y0)[:, None]).astype(int)
    inside = (x >= 0) & (x < 2 * width) & (y >= 0) & (y < 4 * height)
    if dashed:
        inside &= (shade[:, None] > 0) | (np.arange(steps) % 6 < 3)
    cells = (y // 4)[inside], (x // 2)[inside]
    np.bitwise_or.at(dots, cells, DOTS[(y % 4)[inside], (x % 2)[inside]])
    level[cells] = np.broadcast_to(shade[:, None], inside.shape)[inside]
    return WeightLines(dots, level)
