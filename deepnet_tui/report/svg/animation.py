"""Pictures that move by themselves, in SVG's own animation: no script, no library. A still viewer shows the end."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from deepnet_tui.drawing.palettes import Bytes
from deepnet_tui.report.svg.cost_chart import HEIGHT, WIDTH, cost_axes, cost_lines, legend
from deepnet_tui.report.svg.picture import Picture, joined, line, path, words
from deepnet_tui.report.svg.png import png
from engine.training.events import Progress

SECONDS = 6.0
REST = 0.2  # of the time, for which the end stays


def animated_cost(reports: Sequence[Progress]) -> Picture | None:
    """The costs of a run as they came; None where there is nothing to draw."""
    axes = cost_axes(reports) if reports else None
    if axes is None:
        return None
    lines = cost_lines(reports, axes)
    width = axes.right - axes.left + 6
    times = f'keyTimes="0;{1 - REST:g};1" dur="{SECONDS:g}s" repeatCount="indefinite"'
    growing = f'<animate attributeName="width" values="0;{width:.1f};{width:.1f}" {times}/>'
    moving = f'<animateTransform attributeName="transform" type="translate" values="0 0;{width:.1f} 0;{width:.1f} 0" '
    clip = (
        f'<clipPath id="seen"><rect x="{axes.left - 3:.1f}" y="0" width="{width:.1f}" height="{HEIGHT}">'
        f"{growing}</rect></clipPath>"
    )
    curves = joined(path(points, colour, 2.2 if colour == "train" else 1.6) for _, colour, points in lines)
    pointer = f"<g>{line(axes.left - 3, axes.top, axes.left - 3, axes.bottom, 'grid', 1.5)}{moving}{times}/></g>"
    parts = [
        clip,
        *axes.grid("iteration", whole=True),
        *legend(lines),
        pointer,
        f'<g clip-path="url(#seen)">{curves}</g>',
    ]
    return Picture(WIDTH, HEIGHT, "Cost over the iterations", joined(parts))


def animated_frames(
    title: str, frames: Sequence[tuple[str, Bytes]], across: str, up: str, width: int = 560, above: str = ""
) -> Picture:
    """Rasters (rows, columns, 3) one after the other, each with its words; `above` are elements over all of them.

    `across` and `up` name the axes. The elements `above` have the raster's corner at (0, 0) and its size in pixels as
    drawn: `width`, and the height that belongs to it.
    """
    rows, columns, _ = frames[0][1].shape
    tall = width * rows / columns
    count = len(frames)
    each = (1 - REST) / count
    parts = []
    for place, (said, pixels) in enumerate(frames):
        data = base64.b64encode(png(pixels)).decode("ascii")
        last = place == count - 1
        begin, end = place * each, 1.0 if last else (place + 1) * each
        values, times = ["hidden", "visible", "hidden"], [0.0, begin, end]
        if place == 0:
            values, times = values[1:], times[1:]
        if last:
            values, times = values[:-1], times[:-1]
        animate = (
            f'<animate attributeName="visibility" values="{";".join(values)}" '
            f'keyTimes="{";".join(f"{time:.4f}" for time in times)}" calcMode="discrete" dur="{SECONDS:g}s" '
            f'repeatCount="indefinite"/>'
        )
        shown = "visible" if last else "hidden"
        parts.append(
            f'<g visibility="{shown}">{animate if count > 1 else ""}<image width="{width}" height="{tall:.1f}" '
            f'preserveAspectRatio="none" href="data:image/png;base64,{data}"/>{words(0, -8, said)}</g>'
        )
    body = f'<g transform="translate(40 30)">{joined(parts)}{above}{words(width, tall + 20, across, anchor="end")}'
    body += f'<g transform="translate(-12 0) rotate(-90)">{words(0, 0, up, anchor="end")}</g></g>'
    return Picture(width + 60, tall + 64, title, body)
