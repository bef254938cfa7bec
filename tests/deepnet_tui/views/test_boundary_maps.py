"""Maps of a network over a plane: every pixel is what the network answers there."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.segment import Segment

from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.data.parts import DatasetPart
from deepnet_tui.drawing import palettes
from deepnet_tui.drawing.halfblocks import HalfBlockImage
from deepnet_tui.evaluate import decision_map
from deepnet_tui.evaluate.plane import components, features
from deepnet_tui.experiment import Experiment
from engine import LayerSpec, NetworkSpec
from engine.network import forward, predict
from engine.parameters import initialize


def problem_of(n0: int, m: int = 60, seed: int = 0, task: str = "binary") -> Dataset:
    random = np.random.default_rng(seed)
    X = random.standard_normal((n0, m)) * np.arange(1, n0 + 1)[:, None] + 3
    Y = random.integers(0, 2, (1, m)).astype(float)
    if task == "multiclass":
        Y = np.eye(3)[:, random.integers(0, 3, m)]
    elif task == "regression":
        Y = random.standard_normal((1, m))
    inputs = tuple(f"f{number}" for number in range(n0))
    return Dataset("made up", task, inputs, "y", ("no", "yes"), DatasetPart(X, Y, np.arange(m)))


@given(
    st.integers(1, 6), st.sampled_from(["binary", "multiclass", "regression"]), st.integers(0, 2), st.integers(0, 99)
)
@settings(max_examples=50, deadline=None)
def test_a_map_is_what_the_network_answers(n0: int, task: str, depth: int, seed: int) -> None:
    dataset = problem_of(n0, seed=seed, task=task)
    network = NetworkSpec(n0, tuple(LayerSpec(5, "tanh") for _ in range(depth)), len(dataset.train.Y), task, "he")
    parameters = initialize(network, seed)
    planes = [features(dataset, 0, min(1, n0 - 1)), features(dataset, n0 - 1, 0)]
    planes += [components(dataset)] if n0 > 1 else []
    for plane in planes:
        points = plane.points(7, 4)
        X = plane.centre + plane.directions @ points
        expected = predict(network, parameters, X).reshape(-1, 4, 7)
        assert decision_map.raster(network, parameters, plane, 7, 4) == pytest.approx(expected, rel=1e-9, abs=1e-12)
        values = forward(network, parameters, X)
        for layer, maps in enumerate(decision_map.units(network, parameters, plane, 7, 4), start=1):
            assert maps.reshape(5, -1) == pytest.approx(values[f"A{layer}"], rel=1e-9, abs=1e-12)


def test_other_features_stay_at_their_mean() -> None:
    dataset = problem_of(4)
    plane = features(dataset, 2, 0)
    X = plane.centre + plane.directions @ np.array([[1.5], [-2.0]])
    assert X[2, 0] == 1.5
    assert X[0, 0] == -2.0
    assert X[[1, 3], 0] == pytest.approx(dataset.train.X[[1, 3]].mean(axis=1))
    assert plane.names == ("f2", "f0")


@pytest.mark.parametrize(("n0", "m"), [(3, 60), (30, 60), (200, 50)])
def test_components_are_scikit_learns(n0: int, m: int) -> None:
    from sklearn.decomposition import PCA

    dataset = problem_of(n0, m)
    plane = components(dataset)
    expected = PCA(2, svd_solver="full").fit_transform(dataset.train.X.T).T
    found = plane.project(dataset.train.X)
    assert np.abs(found) == pytest.approx(np.abs(expected), rel=1e-6, abs=1e-8)
    assert plane.directions.T @ plane.directions == pytest.approx(np.eye(2), abs=1e-9)


@pytest.mark.parametrize("n0", [1, 2, 9])
def test_every_training_example_lies_on_the_map(n0: int) -> None:
    dataset = problem_of(n0)
    for plane in (
        features(dataset, 0, min(1, n0 - 1)),
        *([components(dataset)] if n0 > 1 else []),
    ):
        columns, rows = plane.cells(dataset.train.X, 40, 12)
        assert columns.min() >= 0
        assert columns.max() < 40
        assert rows.min() >= 0
        assert rows.max() < 12
    outside, _ = plane.cells(dataset.train.X + 1e6, 40, 12)
    assert (outside == -1).all()


def test_a_point_and_its_pixel_belong_together() -> None:
    plane = features(problem_of(2), 0, 1)
    points = plane.points(9, 5)
    columns, rows = plane.cells(points, 9, 5)
    assert (rows * 9 + columns).tolist() == list(range(45))


def test_a_large_network_is_asked_less_often() -> None:
    small, large = NetworkSpec(2, (LayerSpec(16),)), NetworkSpec(2, (LayerSpec(2000), LayerSpec(2000)))
    assert decision_map.coarseness(small, 10_000) == 1
    assert decision_map.coarseness(large, 10_000) == 16
    dataset = problem_of(2)
    plane = features(dataset, 0, 1)
    map_ = decision_map.raster(large, initialize(large, 1), plane, 33, 17)
    assert map_.shape == (1, 17, 33)
    assert (map_[0, :16, :16] == map_[0, 0, 0]).all()


def test_colours_follow_the_task() -> None:
    last = palettes.LEVELS - 1
    answers = np.array([[[0.0, 0.5, 1.0, np.nan]]])
    assert decision_map.levels("binary", answers).tolist()[0][::2] == [0, last]
    decided = decision_map.levels("binary", np.array([[[0.49, 0.51]]]), discrete=True)[0]
    assert decided[0] < palettes.LEVELS // 2 < decided[1]
    values = decision_map.levels("regression", np.array([[[-5.0, -1.0, 3.0, np.inf]]]), (-1.0, 3.0))[0]
    assert values.tolist() == [0, 0, last, last]
    bands = decision_map.levels("regression", np.linspace(0, 1, 60).reshape(1, 1, 60), discrete=True)
    assert len(np.unique(bands)) == decision_map.BANDS
    sure = np.array([[[0.9, 0.34]], [[0.05, 0.36]], [[0.05, 0.30]]])
    classes = decision_map.levels("multiclass", sure)[0]
    assert (classes // palettes.LEVELS).tolist() == [0, 1]
    assert classes[0] % palettes.LEVELS > classes[1] % palettes.LEVELS
    maps = np.array([[[-2.0, 0.0, 2.0]], [[0.0, 0.0, 0.0]], [[0.0, 0.0, 1e-3]]])  # each by its own largest
    middle = palettes.LEVELS // 2
    assert decision_map.signed_levels(maps)[:, 0].tolist() == [[0, middle, last], [middle] * 3, [middle, middle, last]]


def test_marks_are_the_examples_with_the_held_out_ones_apart() -> None:
    dataset = load(Experiment.default("iris").data)
    marks = decision_map.drawn_examples(dataset)
    assert marks.X.shape == (4, 150)
    assert marks.validation.sum() == dataset.validation.m if dataset.validation else 0
    assert set(marks.label.tolist()) == {0, 1, 2}


def luminance(color: Any) -> float:
    return float(np.array(color, float) @ [0.2126, 0.7152, 0.0722])


def seen(color: Any, missing: str) -> Any:
    """What a dichromat sees, by the simulation of Viénot, Brettel and Mollon (1999)."""
    linear = (np.array(color, float) / 255) ** 2.2
    lms = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
    reduce = {
        "red": np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]]),
        "green": np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]]),
    }[missing]
    back = np.linalg.inv(lms) @ reduce @ lms @ linear
    return 255 * np.clip(back, 0, 1) ** (1 / 2.2)


@pytest.mark.parametrize("missing", ["red", "green"])
@pytest.mark.parametrize("dark", [True, False])
def test_the_two_sides_differ_for_colour_blind_eyes(dark: bool, missing: str) -> None:
    ramp = palettes.diverging(dark)
    one, other = seen(ramp[0], missing), seen(ramp[-1], missing)
    assert np.linalg.norm(one - other) > 100
    for label, side in ((0, ramp[0]), (1, ramp[-1])):
        ink = palettes.ink("binary", label, dark)
        assert abs(luminance(ink) - luminance(side)) > 60, "an example must be seen on its own side"


def test_the_ramp_of_numbers_grows_lighter() -> None:
    light = [luminance(color) for color in palettes.rising()]
    assert all(after > before for before, after in itertools.pairwise(light))


def cells(line: list[Segment]) -> list[tuple[str, Any, Any]]:
    """Character, colour and ground of every cell."""
    return [
        (character, *((segment.style.color, segment.style.bgcolor) if segment.style else (None, None)))
        for segment in line
        for character in segment.text
    ]


@given(st.integers(1, 12), st.integers(1, 4), st.integers(0, 99), st.booleans())
@settings(max_examples=60, deadline=None)
def test_half_blocks_show_every_pixel_in_its_colour(width: int, height: int, seed: int, glyphs: bool) -> None:
    random = np.random.default_rng(seed)
    palette = random.integers(0, 256, (5, 3)).astype(np.uint8)
    places = random.integers(-1, 5, (2 * height, width))
    over: Any = {(int(random.integers(width)), 0): ("•", (1, 2, 3))} if glyphs else {}
    lines = HalfBlockImage(places, palette, over).lines()
    assert len(lines) == height
    for row, line in enumerate(lines):
        drawn = cells(line)
        assert len(drawn) == width
        for column, (character, front, back) in enumerate(drawn):
            if (column, row) in over:
                assert character == "•"
                assert tuple(front.triplet) == (1, 2, 3)
                continue
            pixels = {"▀": (front, back), "▄": (back, front), " ": (back, back)}[character]
            for pixel, place in zip(pixels, places[2 * row : 2 * row + 2, column], strict=True):
                expected = None if place < 0 else tuple(palette[place].tolist())
                assert (None if pixel is None else tuple(pixel.triplet)) == expected


def test_without_colour_there_are_shades() -> None:
    shades = np.array([0, 1, 2, 3])
    picture = HalfBlockImage(
        np.array([[0, 1, 2, 3, -1]] * 2), np.zeros((4, 3), np.uint8), {(1, 0): ("x", None)}, plain=shades
    )
    assert [segment.text for segment in picture.lines()[0]] == [" x▒▓ "]
