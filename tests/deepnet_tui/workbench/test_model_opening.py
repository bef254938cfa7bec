"""A trained model with data: its own predictions stay, whatever the data are called."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.preparation.entries import Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.model import Model
from deepnet_tui.workbench.model_opening import model_on_data
from engine.spec import LayerSpec, NetworkSpec
from tests.deepnet_tui.export.models import make


def iris(hidden: tuple[LayerSpec, ...] = (LayerSpec(5, "tanh"),)) -> Model:
    """A random model that could be one of iris, from another program."""
    network = NetworkSpec(4, hidden, 3, "multiclass", "he")
    random = np.random.default_rng(0)
    return Model(network, {name: random.standard_normal(shape) for name, shape in network.shapes.items()})


def test_numbered_inputs_and_classes_are_named_after_the_data() -> None:
    from sklearn.datasets import load_iris

    model = iris()
    opened = model_on_data(model, "net.onnx", "iris")
    dataset, parameters = opened.restore()
    raw = load_iris().data[dataset.train.rows]
    np.testing.assert_allclose(dataset.train.X, raw.T)
    assert opened.model.classes == ("setosa", "versicolor", "virginica")
    trainer = opened.experiment.trainer(dataset)
    assert trainer.network == model.network
    assert parameters.keys() == model.parameters.keys()
    np.testing.assert_allclose(opened.model.outputs(dataset.train.X), model.outputs(raw.T))


def test_columns_are_found_by_their_names_and_prepared_as_in_training(tmp_path: Path) -> None:
    entries = (Numeric("b", mean=1.0, scale=2.0), Numeric("a", mean=5.0, scale=0.5))
    network = NetworkSpec(2, (), 1, "binary", "he")
    parameters = {name: np.ones(shape) for name, shape in network.shapes.items()}
    model = Model(network, parameters, target="y", classes=("yes", "no"), preparation=Preparation(entries))
    file = tmp_path / "rows.csv"
    file.write_text("a,b,y\n" + "".join(f"{i % 7}.5,{i},{'yes' if i % 3 else 'no'}\n" for i in range(40)))
    dataset = model_on_data(model, "m.npz", str(file)).dataset
    rows = dataset.train.rows
    np.testing.assert_allclose(dataset.train.X, [(rows - 1.0) / 2.0, (rows % 7 + 0.5 - 5.0) / 0.5])
    np.testing.assert_array_equal(dataset.train.Y[0], rows % 3 == 0)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_without_data_there_are_random_rows_with_the_models_own_answers(task: str) -> None:
    model = make(task)
    dataset = model_on_data(model, "m.npz").dataset
    outputs = model.outputs(dataset.train.X)
    if task == "regression":
        np.testing.assert_allclose(dataset.train.Y, outputs)
    elif task == "binary":
        np.testing.assert_array_equal(dataset.train.Y, outputs > 0.5)
    else:
        np.testing.assert_array_equal(dataset.train.Y.argmax(axis=0), outputs.argmax(axis=0))
    assert "random" in dataset.warnings[0]


def test_data_that_the_model_is_not_for() -> None:
    with pytest.raises(InputError, match="predicts a class, and progression in the data is a number"):
        model_on_data(iris(), "net.onnx", "diabetes")
    with pytest.raises(InputError, match="have no column 'x0', which the model needs"):
        model_on_data(iris(), "net.onnx", "wine")
