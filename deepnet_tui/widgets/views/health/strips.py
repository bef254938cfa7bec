"""Histograms over time: for every layer a strip, iterations to the right, values upwards, the denser the brighter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from rich.segment import Segment
from rich.style import Style

from deepnet_tui.drawing import palettes
from deepnet_tui.drawing.halfblocks import HalfBlockImage
from deepnet_tui.drawing.numbers import short, whole
from deepnet_tui.training.distributions import LayerDistributions
from engine.arrays import Array
from engine.diagnostics.distributions import bounds, density

WIDE, NARROW = 20, 9  # columns of what stands beside a strip
ROOMY = 60  # columns from which there is room for the wide one
LEAST = 2  # lines of a strip
MUTED = Style(dim=True)

SegmentRows = list[list[Segment]]
Ranges = Mapping[int, tuple[float, float]]  # by layer, from 1


def ranges_of(several: Sequence[LayerDistributions], kind: str) -> Ranges:
    """The range of values of each layer, the same for all of these networks."""
    layers = max((len(each.network.layers) for each in several), default=0)
    spreads = {
        layer: [
            found[kind][layer - 1] for each in several for _, found in each.times if len(each.network.layers) >= layer
        ]
        for layer in range(1, layers + 1)
    }
    return {layer: bounds(found) for layer, found in spreads.items()}


def fitting(height: int, layers: int) -> int:
    """How many of so many layers can be seen at once in so many lines, the last of which is the axis."""
    return max(1, min(layers, (height - 1) // LEAST))


def strips(
    found: LayerDistributions,
    kind: str,
    size: tuple[int, int],
    *,
    dark: bool,
    plain: bool,
    base: Style,
    first: int = 0,
    ranges: Ranges | None = None,
) -> SegmentRows:
    """The strips of the layers from place `first` (from 0) on in width x height cells, and beneath them the axis."""
    width, height = size
    if not found.times or width < NARROW + 4 or height < LEAST + 1:
        return []
    ranges = ranges_of([found], kind) if ranges is None else ranges
    gutter = WIDE if width >= ROOMY else NARROW
    layers = len(found.network.layers)
    seen = fitting(height, layers)
    first = max(0, min(first, layers - seen))
    tall, over = divmod(height - 1, seen)
    rows: SegmentRows = []
    for place in range(first, first + seen):
        lines = min(tall, 12) + (1 if place - first < over and tall < 12 else 0)
        layer = place + 1
        picture = _picture(found, kind, layer, width - gutter, lines, ranges[layer])
        image = HalfBlockImage(picture, _ramp(dark), None, _shades() if plain else None, base)
        beside = _beside(found, layer, lines, ranges[layer], gutter)
        rows += [[Segment(text, base + MUTED), *line] for text, line in zip(beside, image.lines(), strict=True)]
    end = whole(found.end) if gutter == NARROW else f"iteration {whole(found.end)}"
    start = whole(found.times[0][0])
    gap = max(1, width - gutter - len(start) - len(end))
    return [*rows, [Segment(f"{'':{gutter}}{start}{'':{gap}}{end}"[:width], base + MUTED)]]


def _picture(
    found: LayerDistributions, kind: str, layer: int, columns: int, lines: int, bounds_: tuple[float, float]
) -> Array:
    """The place in the ramp of every half cell (2 * lines, columns), the largest values on top."""
    times = np.array([iteration for iteration, _ in found.times])
    gap = 1 if lines > LEAST else 0  # half a line to the next strip
    bins = 2 * lines - gap
    each = np.array([density(spreads[kind][layer - 1], *bounds_, bins) for _, spreads in found.times])
    peaks = each.max(axis=1, keepdims=True)
    shares = np.sqrt(np.divide(each, peaks, out=np.zeros_like(each), where=peaks > 0))
    at = np.linspace(times[0], max(times[-1], times[0]), columns)
    which = np.searchsorted(times, at, side="right") - 1
    places: Array = np.rint(shares[which].T[::-1] * (palettes.LEVELS - 1)).astype(np.int64)
    return np.vstack([places, np.full((gap, columns), -1)])


def _beside(found: LayerDistributions, layer: int, lines: int, bounds_: tuple[float, float], gutter: int) -> list[str]:
    """What stands beside a strip: the layer and its largest value, its activation, its least value."""
    spec = found.network.layers[layer - 1]
    low, high = (_compact(value) for value in bounds_)
    room = gutter - 1
    texts = [f"{layer}{high:>{room - len(str(layer))}}", *[""] * (lines - 2), f"{low:>{room}}"][:lines]
    if gutter == WIDE:
        name = f"{layer} {spec.activation.replace('_', ' ')} {spec.units:,}"
        texts[0] = f"{name[: room - len(high) - 1]}{high:>{room - len(name[: room - len(high) - 1])}}"
    return [f"{text:<{room}} " for text in texts]


def _compact(value: float) -> str:
    """At most seven characters."""
    text = short(value)
    return text if len(text) <= 6 else f"{value:.3g}" if len(f"{value:.3g}") <= 7 else f"{value:.0e}"


@cache
def _ramp(dark: bool) -> palettes.Bytes:
    """From the background's grey to the colour of what is most frequent."""
    half: palettes.Bytes = palettes.diverging(dark)[palettes.LEVELS // 2 :]
    bright = np.array(((150, 205, 255) if dark else (0, 62, 130)), float)
    steps = np.linspace(0, len(half) - 1, palettes.LEVELS)
    smooth = np.stack([np.interp(steps, np.arange(len(half)), channel) for channel in half.T.astype(float)], axis=1)
    weight = np.linspace(0, 1, palettes.LEVELS)[:, None] ** 3
    return np.rint(smooth * (1 - weight) + bright * weight).astype(np.uint8)


def _shades() -> Array:
    return np.arange(palettes.LEVELS) * len(palettes.SHADES) // palettes.LEVELS
