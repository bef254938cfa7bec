"""ONNX files of other programs, against onnxruntime; what can't be read is named."""

from __future__ import annotations

import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import helper

from deepnet_tui.common.errors import InputError
from deepnet_tui.export import export, load
from deepnet_tui.export.foreign.description import Description

from .graphs import Builder, run

ACTIVATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "relu": ("Relu", {}),
    "tanh": ("Tanh", {}),
    "sigmoid": ("Sigmoid", {}),
    "elu": ("Elu", {}),
    "leaky_relu": ("LeakyRelu", {}),
    "softplus": ("Softplus", {}),
    "gelu": ("Gelu", {"approximate": "tanh"}),
}
ENDS = {"softmax": ("Softmax", 3, "multiclass"), "sigmoid": ("Sigmoid", 1, "binary"), "linear": ("", 2, "regression")}


def dense(graph: Builder, random: Any, before: int, units: int) -> None:
    """A layer as Gemm in all its forms, or as MatMul and Add, at random."""
    W, b = random.standard_normal((before, units)), random.standard_normal(units)
    if random.random() < 0.5:
        graph.add("MatMul", graph.constant(W))
        shape = [(units,), (1, units)][random.integers(2)]
        graph.add("Add", graph.constant(b.reshape(shape)))
        return
    turned = int(random.integers(2))
    inputs = [graph.constant(W.T if turned else W)]
    if random.random() < 0.8:
        inputs.append(graph.constant(b if random.random() < 0.8 else b[:1]))
    alpha, beta = float(random.uniform(0.5, 2.0)), float(random.uniform(0.5, 2.0))
    graph.add("Gemm", *inputs, transB=turned, alpha=alpha, beta=beta)


@pytest.mark.parametrize("seed", range(12))
def test_random_networks_predict_as_onnxruntime_does(seed: int, tmp_path: Path) -> None:
    random = np.random.default_rng(seed)
    sizes = [int(size) for size in random.integers(1, 9, int(random.integers(1, 5)))]
    names = [str(name) for name in random.choice(list(ACTIVATIONS), len(sizes) - 1)]
    end = list(ENDS)[seed % 3]
    op, units, task = ENDS[end]
    graph = Builder(sizes[0])
    if seed % 2:  # standardised inside the graph
        graph.add("Sub", graph.constant(random.standard_normal(sizes[0])))
        graph.add("Div", graph.constant(random.uniform(0.5, 2.0, sizes[0])))
    for before, after, name in zip(sizes, sizes[1:], names, strict=False):
        dense(graph, random, before, after)
        kind, attributes = ACTIVATIONS[name]
        graph.add(kind, **attributes)
        graph.add("Dropout" if seed % 4 == 0 else "Identity")
    dense(graph, random, sizes[-1], units)
    if op:
        graph.add(op)
    path = graph.write(tmp_path)
    model = load(path)
    X = random.standard_normal((20, sizes[0])).astype(np.float32)
    np.testing.assert_allclose(model.outputs(X.T).T, run(path, X), rtol=2e-6, atol=2e-6)
    assert model.network.task == task
    assert [layer.activation for layer in model.network.hidden] == names
    assert model.network.dims == (*sizes, units)


def test_a_picture_is_flattened_and_keeps_its_shape(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    graph = Builder(1, 4, 5)
    graph.add("Reshape", graph.constant([-1, 20], "int64"))
    dense(graph, random, 20, 6)
    graph.add("Mul", graph.add("Sigmoid") and graph.nodes[-1].input[0])  # silu as exporters write it
    dense(graph, random, 6, 3)
    graph.add("Softmax", axis=-1)
    path = graph.write(tmp_path)
    model = load(path)
    X = random.standard_normal((7, 1, 4, 5))
    np.testing.assert_allclose(model.outputs(X.reshape(7, 20).T).T, run(path, X), atol=2e-6)
    assert model.network.hidden[0].activation == "silu"
    assert model.preparation.columns == ("x",)


def test_a_view_as_pytorch_writes_it(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    graph = Builder(2, 3)
    graph.add("Shape")
    graph.add("Gather", graph.constant(0, "int64"), axis=0)
    batch = graph.add("Unsqueeze", graph.constant([0], "int64"))
    graph.last = batch
    shape = graph.add("Concat", graph.constant([-1], "int64"), axis=0)
    graph.last = "x"
    graph.add("Reshape", shape)
    dense(graph, random, 6, 4)
    graph.add("Elu", alpha=1.0)
    dense(graph, random, 4, 1)
    path = graph.write(tmp_path)
    X = random.standard_normal((5, 2, 3))
    np.testing.assert_allclose(load(path).outputs(X.reshape(5, 6).T).T, run(path, X), rtol=2e-6, atol=2e-6)


def test_half_precision_and_columns_of_their_own(tmp_path: Path) -> None:
    graph = Builder(2)
    W = np.array([[0.5, -1.25], [2.0, 0.75]])
    weights = graph.constant(W, "float16")
    graph.nodes.append(helper.make_node("Cast", [weights], ["wide"], "cast", to=1))
    graph.nodes.append(helper.make_node("Concat", ["b", "a"], ["x"], "columns", axis=1))
    graph.add("MatMul", "wide")
    model = graph.model()
    del model.graph.input[:]
    for name in ("a", "b"):
        model.graph.input.append(helper.make_tensor_value_info(name, 1, ["N", 1]))
    path = tmp_path / "net.onnx"
    path.write_bytes(model.SerializeToString())
    found = load(path).predict({"b": [1.0, 2.0], "a": [3.0, -4.0], "c": [0, 0]})
    assert found.values is not None
    np.testing.assert_allclose(found.values, np.array([[1.0, 3.0], [2.0, -4.0]]) @ W)


def test_a_batch_normalization_and_a_scaler_become_part_of_a_layer(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    graph = Builder(3)
    graph.add("Scaler", domain="ai.onnx.ml", offset=[0.5, -1.0, 2.0], scale=[2.0, 0.25, 1.0])
    dense(graph, random, 3, 4)
    graph.add("BatchNormalization", *(graph.constant(random.uniform(0.5, 2.0, 4)) for _ in range(4)))
    graph.add("Relu")
    dense(graph, random, 4, 1)
    path = graph.write(tmp_path)
    X = random.standard_normal((9, 3)).astype(np.float32)
    np.testing.assert_allclose(load(path).outputs(X.T).T, run(path, X), rtol=2e-6, atol=2e-6)
    assert load(path).network.dims == (3, 4, 1)


def test_what_no_task_ends_in_is_followed_by_a_layer_that_changes_nothing(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    graph = Builder(3)
    dense(graph, random, 3, 4)
    graph.add("Sigmoid")
    path = graph.write(tmp_path)
    X = random.standard_normal((9, 3)).astype(np.float32)
    model = load(path)
    np.testing.assert_allclose(model.outputs(X.T).T, run(path, X), atol=2e-6)
    assert (model.network.task, model.network.dims) == ("regression", (3, 4, 4))


def test_logits_become_probabilities_where_that_is_said(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    graph = Builder(3)
    dense(graph, random, 3, 2)
    path = graph.write(tmp_path)
    said = Description(output="softmax", columns=("distance, km", "Größe", "int"), classes=("no", "yes"))
    model = load(path, said)
    X = random.standard_normal((9, 3)).astype(np.float32)
    logits = run(path, X)
    np.testing.assert_allclose(model.outputs(X.T).T, np.exp(logits) / np.exp(logits).sum(1, keepdims=True), atol=2e-6)
    receipt = export(model, tmp_path / "own.onnx")
    assert receipt.verified
    copy = load(tmp_path / "own.onnx")
    assert (copy.preparation.columns, copy.classes) == (said.columns, said.classes)


def test_skl2onnx_if_it_is_installed(tmp_path: Path) -> None:
    skl2onnx = pytest.importorskip("skl2onnx")
    from sklearn.datasets import load_iris
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, y = load_iris(return_X_y=True)
    for activation, labels in (("relu", y), ("tanh", y > 0), ("logistic", np.array(["a", "b", "c"])[y])):
        mlp = MLPClassifier((5, 4), activation=activation, max_iter=20, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pipeline = make_pipeline(StandardScaler(), mlp).fit(X, labels)
        graph = skl2onnx.to_onnx(pipeline, X[:1].astype(np.float32), target_opset={"": 17, "ai.onnx.ml": 3})
        path = tmp_path / "mlp.onnx"
        path.write_bytes(graph.SerializeToString())
        found = load(path).interpret(load(path).outputs(X.T)).probabilities
        assert found is not None
        np.testing.assert_allclose(found, pipeline.predict_proba(X), atol=2e-6)


def _refused(op: str, *constants: Any, **attributes: Any) -> Builder:
    graph = Builder(3)
    graph.add(op, *(graph.constant(value) for value in constants), **attributes)
    return graph


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        (_refused("Sin"), "its node Sin '/Sin_0' is no part of a dense feed-forward network"),
        (_refused("MatMul", np.ones((4, 2))), "multiplies 3 numbers an example by a matrix of the shape (4, 2)"),
        (_refused("Gemm", np.ones((3, 2)), transA=1), "has transA"),
        (_refused("LeakyRelu", alpha=0.3), "has alpha 0.3"),
        (_refused("Gelu"), "has approximate 'none'; here gelu has 'tanh' only"),
        (_refused("Add", np.ones((2, 3))), "joins values of the shapes (3,) and (2, 3)"),
        (_refused("Div", np.zeros(3)), "divides by zero"),
        (_refused("Transpose", perm=[1, 0]), "its node Transpose '/Transpose_0' turns values"),
        (_refused("Reshape", [3.0, -1.0]), "the shape (3, -1), which joins examples"),
        (_refused("Reshape", [-1.0, 2.0]), "gives 3 numbers an example another shape"),
    ],
)
def test_what_can_not_be_read_is_named(graph: Builder, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load(graph.write(tmp_path))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_residual_connections_are_refused(tmp_path: Path) -> None:
    graph = Builder(3)
    graph.add("Relu")
    graph.add("Add", "x")
    with pytest.raises(InputError, match="adds two values of the network"):
        load(graph.write(tmp_path))


def test_hostile_graphs(tmp_path: Path) -> None:
    graph = _refused("MatMul", np.ones((3, 2)))
    path = graph.write(tmp_path)
    whole = path.read_bytes()
    for end in range(1, len(whole), 7):
        path.write_bytes(whole[:end])
        with suppress(InputError):  # what is left may be a whole graph without its version
            assert load(path).network.dims == (3, 2)
    model = graph.model()
    model.graph.node[0].input[1] = "v0"  # a circle
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match="before it is made"):
        load(path)
    model = graph.model()
    model.graph.initializer[0].dims[0] = 10**9
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match="numbers, and"):
        load(path)
    model = graph.model()
    model.graph.initializer[0].data_type = 95
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match="its parameter 'c0' can't be read"):
        load(path)
    model = graph.model()
    model.graph.initializer[0].data_location = 1
    model.graph.initializer[0].external_data.add(key="location", value="/etc/passwd")
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match="in another file"):
        load(path)
    model = graph.model()
    del model.graph.input[0].type.tensor_type.shape.dim[1:]
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match="does not say how many numbers"):
        load(path)
    model = graph.model()
    model.graph.output.append(helper.make_tensor_value_info("x", 1, None))
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match="2 outputs that are numbers"):
        load(path)


def test_a_model_of_ours_takes_no_description(tmp_path: Path) -> None:
    graph = _refused("MatMul", np.ones((3, 2)))
    export(load(graph.write(tmp_path)), tmp_path / "own.npz")
    with pytest.raises(InputError, match="says all about itself"):
        load(tmp_path / "own.npz", Description(output="linear"))
