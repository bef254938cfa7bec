"""Pictures of our own: valid, and the same whoever reads them."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
import zlib

import numpy as np
import pytest

from deepnet_tui.data.load import load
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.report.boundary import animated_boundary, animated_gif, boundary_frames
from deepnet_tui.report.svg.animation import animated_cost
from deepnet_tui.report.svg.cost_chart import MOST_POINTS, cost_chart
from deepnet_tui.report.svg.picture import Picture, words
from deepnet_tui.report.svg.png import png
from deepnet_tui.training.snapshots import Snapshot
from engine.parameters import initialize
from engine.spec import LayerSpec, NetworkSpec
from engine.training.events import Progress

SVG = "{http://www.w3.org/2000/svg}"


def parsed(picture: Picture) -> ET.Element:
    return ET.fromstring(picture.standalone())  # noqa: S314  our own text


def test_a_png_is_what_another_library_reads() -> None:
    pixels = np.random.RandomState(0).randint(0, 256, (7, 5, 3)).astype(np.uint8)
    data = png(pixels)
    at = data.index(b"IDAT")
    size = int.from_bytes(data[at - 4 : at], "big")
    lines = np.frombuffer(zlib.decompress(data[at + 4 : at + 4 + size]), np.uint8).reshape(7, 16)
    np.testing.assert_array_equal(lines[:, 1:].reshape(7, 5, 3), pixels)
    image = pytest.importorskip("PIL.Image")
    np.testing.assert_array_equal(np.asarray(image.open(io.BytesIO(data))), pixels)


def test_costs_that_are_not_finite_leave_gaps_and_many_are_thinned() -> None:
    reports = [Progress(k, float("inf") if k == 3 else 5.0 / (k + 1), float("nan")) for k in range(5000)]
    picture = cost_chart(reports)
    assert picture is not None
    paths = [element.get("d", "") for element in parsed(picture).iter(f"{SVG}path")]
    assert len(paths) == 1
    assert paths[0].count("L") <= MOST_POINTS
    assert "nan" not in picture.body
    assert "inf" not in picture.body
    assert cost_chart([]) is None
    assert cost_chart([Progress(0, float("inf"))]) is None


def test_the_animated_cost_repeats_without_a_script() -> None:
    picture = animated_cost([Progress(k, 1.0 / (k + 1), 2.0 / (k + 1)) for k in range(20)])
    assert picture is not None
    names = {element.tag.removeprefix(SVG) for element in parsed(picture).iter()}
    assert {"animate", "animateTransform", "clipPath", "path"} <= names
    assert "script" not in names


@pytest.mark.parametrize(("source", "outputs"), [("moons", 1), ("iris", 3)])
def test_the_boundary_of_every_snapshot_is_a_frame(source: str, outputs: int) -> None:
    dataset = load(DataSettings(source=source))
    network = NetworkSpec(len(dataset.inputs), (LayerSpec(3, "tanh"),), outputs, dataset.task, "xavier")
    snapshots = [Snapshot(10 * k, 1.0, None, initialize(network, k)) for k in range(3)]
    _, frames = boundary_frames(dataset, network, snapshots)
    assert [said for said, _ in frames] == ["iteration 0", "iteration 10", "iteration 20"]
    root = parsed(animated_boundary(dataset, network, snapshots))
    images = list(root.iter(f"{SVG}image"))
    assert len(images) == 3
    assert all(image.get("href", "").startswith("data:image/png;base64,") for image in images)
    image = pytest.importorskip("PIL.Image")
    with image.open(io.BytesIO(animated_gif(frames))) as gif:
        assert gif.n_frames == 3


def test_words_are_escaped() -> None:
    assert words(0, 0, '<a href="x">\x1b&') == (
        '<text x="0.0" y="0.0" font-size="12" text-anchor="start" class="f-muted">'
        "&lt;a href=&quot;x&quot;&gt;\\x1b&amp;</text>"
    )
