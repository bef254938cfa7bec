"""Planes through a rich preparation: an axis is a column in its own unit, whatever inputs are made of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.evaluate import decision_map
from deepnet_tui.evaluate.plane import axes, components, ends, features
from engine import LayerSpec, NetworkSpec
from engine.parameters import initialize
from engine.predictor import predict


def dataset_of(folder: Path, columns: tuple[str, ...]) -> Dataset:
    random = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "age": np.where(random.random(300) < 0.1, np.nan, random.gamma(2.0, 20.0, 300)),
            "size": random.normal(170, 9, 300),
            "town": random.choice(np.array(["Rome", "Bari", "Como"]), 300),
            "t": random.choice(np.array(["no", "yes"]), 300),
        }
    )
    frame[[*columns, "t"]].to_csv(folder / "table.csv", index=False)
    return load(DataSettings(source=str(folder / "table.csv"), target="t", preparation="rich"))


def test_a_map_of_two_columns_is_what_the_network_answers(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, ("age", "size"))
    assert [axis.name for axis in axes(dataset)] == ["age", "size"]
    plane = features(dataset, 0, 1)
    assert plane.names == ("age", "size")
    assert not plane.others
    network = NetworkSpec(len(dataset.inputs), (LayerSpec(5, "tanh"),), 1, "binary", "he")
    parameters = initialize(network, 1)
    points = plane.points(9, 6)
    X = dataset.preparation.apply({"age": points[0], "size": points[1]}).X
    expected = predict(network, parameters, X).reshape(-1, 6, 9)
    assert decision_map.raster(network, parameters, plane, 9, 6) == pytest.approx(expected, rel=1e-9)
    assert decision_map.units(network, parameters, plane, 9, 6)[0].shape == (5, 6, 9)
    raw = pd.read_csv(tmp_path / "table.csv").iloc[dataset.train.rows]
    u, v = plane.project(dataset.train.X)
    assert u == pytest.approx(raw["age"].fillna(dataset.preparation.entries[0].fill).to_numpy())  # type: ignore[union-attr]
    assert v == pytest.approx(raw["size"].to_numpy())
    (left, right), (low, high) = ends(dataset, plane)
    assert left < raw["age"].min() < raw["age"].max() < right
    assert low < raw["size"].min() < raw["size"].max() < high
    places, rows = plane.cells(dataset.train.X, 40, 12)
    assert (places >= 0).all()
    assert (rows >= 0).all()


def test_words_are_axes_of_their_own_and_others_stay_at_their_mean(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, ("age", "town", "size"))
    assert [axis.name for axis in axes(dataset)] == ["age", "town=Bari", "town=Como", "town=Rome", "size"]
    plane = features(dataset, 4, 2)
    assert plane.others
    X = plane.centre + plane.directions @ plane.lift(np.array([[170.0], [1.0]]))
    mean = dataset.train.X.mean(axis=1)
    place = {name: at for at, name in enumerate(dataset.inputs)}
    assert X[place["town=Como"], 0] == 1.0
    assert X[place["town=Rome"], 0] == mean[place["town=Rome"]]
    assert X[place["age"], 0] == mean[place["age"]]
    sizes = dataset.preparation.apply({"age": [1.0], "town": ["Rome"], "size": [170.0]}).X[:, 0]
    assert X[place["size"] :, 0].tolist() == sizes[place["size"] :].tolist()
    assert components(dataset).lift(np.eye(2)).tolist() == np.eye(2).tolist()


def test_a_single_column_is_shown_along_a_line(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, ("age",))
    plane = features(dataset, 0, 0)
    assert plane.names == ("age", "")
    network = NetworkSpec(len(dataset.inputs), (), 1, "binary", "he")
    parameters = initialize(network, 1)
    points = plane.points(5, 2)
    expected = predict(network, parameters, dataset.preparation.apply({"age": points[0]}).X).reshape(1, 2, 5)
    assert decision_map.raster(network, parameters, plane, 5, 2) == pytest.approx(expected)
