"""Maps of a network over a plane: every pixel is what the network predicts there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.data.parts import DatasetPart
from deepnet_tui.drawing import palettes
from deepnet_tui.evaluate import decision_map
from deepnet_tui.evaluate.plane import components, features
from deepnet_tui.experiment import Experiment
from engine import LayerSpec, NetworkSpec
from engine.network import forward
from engine.parameters import initialize
from engine.predictor import predict


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


def test_drawn_examples_know_the_validation_part() -> None:
    dataset = load(Experiment.default("iris").data)
    marks = decision_map.drawn_examples(dataset)
    assert marks.X.shape == (4, 150)
    assert marks.validation.sum() == dataset.validation.m if dataset.validation else 0
    assert set(marks.label.tolist()) == {0, 1, 2}
