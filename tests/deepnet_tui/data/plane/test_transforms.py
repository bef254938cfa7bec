"""Further inputs of the two-dimensional sets, their noise, their points, and functions as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.builtin import BUILTIN
from deepnet_tui.data.load import load
from deepnet_tui.data.plane.transforms import OF_THE_PLANE
from deepnet_tui.data.plane.typed import parse_plane
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.evaluate.plane import features
from deepnet_tui.experiment import Experiment
from deepnet_tui.export import FORMATS, export
from deepnet_tui.export import load as load_model
from deepnet_tui.model import Model

ALL = tuple(OF_THE_PLANE)
PLANES = [name for name, entry in BUILTIN.items() if entry.is_plane]


def test_inputs_are_the_coordinates_and_what_is_made_of_them() -> None:
    dataset = load(DataSettings(source="moons", transform=ALL))
    x1, x2 = dataset.train.X[:2]
    assert dataset.inputs == ("x1", "x2", "x1^2", "x2^2", "x1 x2", "sin(x1)", "sin(x2)")
    np.testing.assert_array_equal(dataset.train.X[2:], [x1**2, x2**2, x1 * x2, np.sin(x1), np.sin(x2)])
    plain = load(DataSettings(source="moons"))
    np.testing.assert_array_equal(plain.train.X, dataset.train.X[:2])
    assert Preparation.from_dict(dataset.preparation.to_dict()) == dataset.preparation


def test_squares_let_a_line_part_two_rings() -> None:
    found = {}
    for transform in ((), ("x1^2", "x2^2")):
        experiment = Experiment.default("circles").replace("data", transform=transform).replace("network", hidden=[])
        dataset = load(experiment.data)
        trainer = experiment.trainer(dataset)
        trainer.advance(300)
        found[transform] = float(np.mean((trainer.predict(dataset.train.X) > 0.5) == dataset.train.Y))
    assert found[()] < 0.7 < 0.95 < found["x1^2", "x2^2"]


def test_a_plane_through_them_stays_where_such_inputs_can_be() -> None:
    dataset = load(DataSettings(source="circles", transform=("x1 x2", "sin(x2)", "x1^2")))
    plane = features(dataset, 0, 1)
    points = plane.points(5, 4)
    X = plane.centre + plane.directions @ plane.lift(points)
    np.testing.assert_allclose(X, dataset.preparation.apply({"x1": points[0], "x2": points[1]}).X, atol=1e-14)
    np.testing.assert_allclose(plane.project(X), points)


@pytest.mark.parametrize(
    "suffix", [suffix for suffix, entry in FORMATS.items() if entry.complete or suffix in (".py", ".c", ".h")]
)
def test_every_format_carries_them(suffix: str, tmp_path: Path) -> None:
    experiment = Experiment.default("xor").replace("data", transform=list(ALL), points=40, validation=0.0)
    dataset = load(experiment.data)
    model = Model.of(dataset, experiment.trainer(dataset))
    receipt = export(model, tmp_path / f"model{suffix}")
    assert receipt.verified, receipt.sentence  # read back, or run on raw rows by another program
    if FORMATS[suffix].complete:
        copy = load_model(tmp_path / f"model{suffix}")
        rows: list[dict[str, Any]] = [{"x1": 0.5, "x2": -0.25}, {"x1": None, "x2": "2"}]
        prepared = copy.preparation.apply(copy.as_columns(rows)).X
        np.testing.assert_allclose(prepared[:, 0], [0.5, -0.25, 0.25, 0.0625, -0.125, np.sin(0.5), np.sin(-0.25)])
        np.testing.assert_allclose(prepared[:, 1], [0, 2, 0, 4, 0, 0, np.sin(2)])


@pytest.mark.parametrize("source", PLANES)
def test_noise_and_points(source: str) -> None:
    few = load(DataSettings(source=source, points=60, validation=0.0))
    assert few.train.m == 60
    assert load(DataSettings(source=source, points=60, validation=0.0)).train.X.tobytes() == few.train.X.tobytes()
    noisy = load(DataSettings(source=source, points=60, validation=0.0, noise=2.0))
    assert noisy.train.X.std() > few.train.X.std()
    default = load(DataSettings(source=source))
    own = {name: BUILTIN[source].own(name) for name in ("points", "noise")}
    assert load(DataSettings(source=source, **own)).train.X.tobytes() == default.train.X.tobytes()


def test_functions_make_classes_or_numbers() -> None:
    classes = load(DataSettings(source="function", function="x2 > x1^2 and not x1 > 2", validation=0.0))
    x1, x2 = classes.train.X
    np.testing.assert_array_equal(classes.train.Y[0], (x2 > x1**2) & ~(x1 > 2))
    assert classes.task == "binary"
    numbers = load(DataSettings(source="function", function="sin(x) + 2 y", validation=0.0, points=30))
    x1, x2 = numbers.train.X
    np.testing.assert_allclose(numbers.scaling.values(numbers.train.Y[0]), np.sin(x1) + 2 * x2)
    assert numbers.task == "regression"


def test_an_experiment_file_keeps_them(tmp_path: Path) -> None:
    data = {"transform": ["x1 x2", "sin(x1)"], "noise": 0.25, "points": 60, "function": "y > x"}
    experiment = Experiment.default("function").replace("data", **data)
    experiment.write(tmp_path / "e.toml")
    assert Experiment.read(tmp_path / "e.toml") == experiment
    assert 'function = "y > x"' in (tmp_path / "e.toml").read_text()
    Experiment.default("moons").write(tmp_path / "plain.toml")
    assert "transform" not in (tmp_path / "plain.toml").read_text()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"source": "iris", "noise": 0.5}, "noise is a setting of the two-dimensional sets moons, "),
        ({"source": "moons", "function": "x > 0"}, "a function is for the set called function, not for moons"),
        ({"source": "nothing.csv", "transform": ["x1^2"]}, "transform is a setting of the two-dimensional sets"),
        ({"source": "moons", "transform": ["x3"]}, "there is no transform 'x3'; choose among x1^2"),
        ({"source": "moons", "transform": ["x1^2", "x1²"]}, "the transform x1^2 is there twice"),
        ({"source": "function", "function": "x > 9"}, "'x > 9' is the same everywhere between -3 and 3"),
        ({"source": "function", "function": "sqrt(x)"}, "has no value at x = -"),
        ({"source": "function", "function": "y >"}, "something is missing at the end"),
    ],
)
def test_what_they_can_not_be(settings: dict[str, object], said: str) -> None:
    with pytest.raises(InputError) as caught:
        load(DataSettings.model_validate(settings))
    assert said in str(caught.value)


def test_what_is_typed() -> None:
    assert parse_plane("transform", " X2 X1, sin x1 ,x1²") == ("x1 x2", "sin(x1)", "x1^2")
    assert parse_plane("transform", "all") == ALL
    assert parse_plane("transform", "none") == ()
    assert parse_plane("noise", "0,5") == 0.5
    assert parse_plane("points", "") is None
    for name, text in (("noise", "-1"), ("points", "5"), ("points", "a"), ("noise", "nan")):
        with pytest.raises(InputError, match="must be"):
            parse_plane(name, text)


def test_a_model_with_other_transforms_is_refused(tmp_path: Path) -> None:
    experiment = Experiment.default("moons").replace("data", transform=["x1^2"], points=20)
    dataset = load(experiment.data)
    path = tmp_path / "m.json"
    export(Model.of(dataset, experiment.trainer(dataset)), path)
    text = path.read_text()
    good = '{"kind": "square", "columns": ["x1"]}'
    assert good in text
    for made in ("cube", "product", "square"):
        path.write_text(text.replace(good, f'{{"kind": "{made}", "columns": ["{"z" if made == "square" else "x1"}"]}}'))
        with pytest.raises(InputError, match="transform"):
            load_model(path)
    path.write_text(text.replace(good, "7"))
    with pytest.raises(InputError, match="not complete"):
        load_model(path)
