"""How the boundary of a network was learned: its output over a plane at some of the snapshots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.drawing import palettes
from deepnet_tui.evaluate import decision_map
from deepnet_tui.evaluate.plane import Plane, axes, components, features
from deepnet_tui.report.svg.animation import animated_frames
from deepnet_tui.report.svg.picture import Picture
from deepnet_tui.training.snapshots import Snapshot
from engine.spec import NetworkSpec

MOST_FRAMES = 30
COLUMNS, ROWS = 112, 84
MOST_EXAMPLES = 300
WIDTH = 560
Frame = tuple[str, palettes.Bytes]


def boundary_frames(dataset: Dataset, network: NetworkSpec, snapshots: Sequence[Snapshot]) -> tuple[Plane, list[Frame]]:
    """The plane, and a raster (rows, columns, 3) with its words for at most MOST_FRAMES of the snapshots.

    Raises InputError where there are no snapshots.
    """
    if not snapshots:
        raise InputError("there is nothing to show yet: train first")
    plane = features(dataset, 0, min(1, len(axes(dataset)) - 1)) if len(axes(dataset)) <= 2 else components(dataset)
    chosen = np.unique(np.linspace(0, len(snapshots) - 1, min(MOST_FRAMES, len(snapshots))).astype(int))
    scale = decision_map.value_range(dataset) if dataset.labels == "numbers" else (0.0, 1.0)
    palette = _palette(dataset.labels, network.outputs)
    frames = []
    for place in chosen.tolist():
        snapshot = snapshots[place]
        outputs = decision_map.raster(network, snapshot.parameters, plane, COLUMNS, ROWS)
        frames.append((f"iteration {snapshot.iteration:,}", palette[decision_map.levels(dataset.task, outputs, scale)]))
    return plane, frames


def animated_boundary(dataset: Dataset, network: NetworkSpec, snapshots: Sequence[Snapshot]) -> Picture:
    """The frames with the examples on top. Raises InputError like `boundary_frames`."""
    plane, frames = boundary_frames(dataset, network, snapshots)
    title = f"How the output of the network for {dataset.target} was learned"
    return animated_frames(title, frames, plane.names[0], plane.names[1], WIDTH, _examples(dataset, plane))


def animated_gif(frames: Sequence[Frame]) -> bytes:
    """The frames as a GIF that repeats. Raises InputError where Pillow is not installed."""
    try:
        from PIL import Image
    except ImportError:
        install = "pip install 'deepnet-tui[pictures]'"
        raise InputError(f"a GIF needs Pillow, which is not installed: {install}; .svg needs nothing", "path") from None
    import io

    images = [Image.fromarray(np.ascontiguousarray(pixels.repeat(5, axis=0).repeat(5, axis=1))) for _, pixels in frames]
    file = io.BytesIO()
    pauses = [200] * (len(images) - 1) + [1200]
    images[0].save(file, "GIF", save_all=True, append_images=images[1:], duration=pauses, loop=0)
    return file.getvalue()


def _palette(labels: str, outputs: int) -> palettes.Bytes:
    if labels == "one-hot":
        return palettes.classes(outputs, dark=False)
    return palettes.diverging(dark=False) if labels == "binary" else palettes.rising()


def _examples(dataset: Dataset, plane: Plane) -> str:
    part = dataset.train
    some = np.unique(np.linspace(0, part.m - 1, min(MOST_EXAMPLES, part.m)).astype(int))
    X, Y = np.asarray(part.X[:, some], dtype=np.float64), part.Y[:, some]
    labels = Y.argmax(axis=0) if dataset.labels == "one-hot" else (Y[0] > 0.5).astype(int)
    (left, bottom), (right, top) = plane.low, plane.high
    dots = []
    for (u, v), label in zip(plane.project(X).T.tolist(), labels.tolist(), strict=True):
        x, y = WIDTH * (u - left) / (right - left), WIDTH * ROWS / COLUMNS * (top - v) / (top - bottom)
        colour = (60, 60, 60) if dataset.labels == "numbers" else palettes.ink(dataset.labels, label, dark=False)
        dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="rgb{colour}" stroke="#fff" stroke-width=".6"/>')
    return "".join(dots)
