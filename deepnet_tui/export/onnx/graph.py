"""A model as an ONNX graph after skl2onnx's convention: raw columns in, one input each; predictions out.

Outputs are `label` and `probabilities`, or `prediction` for a number, (N, targets) for several. Inside,
everything is float64.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from deepnet_tui.data.preparation.entries import Block
from deepnet_tui.data.targets.scale import TargetScale
from deepnet_tui.export.activations import SOFTMAX_OUTPUT, code_of
from deepnet_tui.export.model_json import model_to_json, to_text
from deepnet_tui.export.onnx.matrix import MATRIX, matrix_columns, matrix_width
from deepnet_tui.export.onnx.nodes import Graph
from deepnet_tui.export.onnx.preparation import column_type, prepared
from deepnet_tui.model import HALF, Model

OPSET = 17
ML_OPSET = 3
DOCUMENT, DTYPE, PREFIX = "deepnet_tui", "deepnet_tui_dtype", "deepnet_tui_prefix"


def build(model: Model, matrix: bool = False) -> Any:
    """The model as onnx.ModelProto; with `matrix` its columns are those of one float32 input, see `matrix.py`."""
    from onnx import TensorProto, helper

    graph = Graph((MATRIX,) if matrix else model.preparation.columns)
    inputs = [
        helper.make_tensor_value_info(
            entry.name, column_type(entry), ["N", entry.size if isinstance(entry, Block) else 1]
        )
        for entry in model.preparation.entries
    ]
    if matrix:
        inputs = [helper.make_tensor_value_info(MATRIX, TensorProto.FLOAT, ["N", matrix_width(model)])]
        graph.columns = matrix_columns(graph, model)
    A = (_network if model.network.ensemble == 1 else _ensemble)(graph, model, prepared(graph, model))
    m = ["N"]
    if model.network.labels == "numbers":
        name = _predictions(graph, model, A)
        outputs = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, [*m, len(model.targets)])]
    else:
        positive = A
        if model.network.labels == "binary":
            rest = graph.add("Sub", graph.constant(np.float64(1.0)), A)
            A = graph.add("Concat", rest, A, axis=1, output="probabilities")
        else:
            A = graph.add("Identity", A, output="probabilities")
        if model.threshold == HALF:
            place = graph.add("ArgMax", A, axis=1, keepdims=0)
        else:
            above = graph.add("Greater", positive, graph.number(model.threshold))
            one = graph.constant(np.array([1], dtype=np.int64))
            place = graph.add("Squeeze", graph.add("Cast", above, to=TensorProto.INT64), one)
        label, kind = _label(graph, model, place)
        outputs = [
            helper.make_tensor_value_info(label, kind, m),
            helper.make_tensor_value_info(A, TensorProto.DOUBLE, [*m, len(model.classes)]),
        ]
    whole = helper.make_model(
        helper.make_graph(graph.nodes, "deepnet", inputs, outputs, graph.constants),
        producer_name="deepnet-tui",
        producer_version=model.version,
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)],
        ir_version=8,
        doc_string="A trained neural network with its preparation: raw columns in, predictions out.",
    )
    dtype = str(next(iter(model.parameters.values())).dtype)
    document = to_text(model_to_json(model))
    helper.set_model_props(whole, {DOCUMENT: document, DTYPE: dtype, PREFIX: graph.prefix})
    return whole


def _network(graph: Graph, model: Model, A: str) -> str:
    """Nodes from the inputs (N, n0) to the outputs (N, nL): W as it is stored, b without its second axis."""
    for number, layer in enumerate(model.network.layers, start=1):
        W = graph.constant(np.asarray(model.parameters[f"W{number}"], np.float64), f"W{number}")
        b = graph.constant(np.asarray(model.parameters[f"b{number}"], np.float64).ravel(), f"b{number}")
        Z = graph.add("Gemm", A, W, b, transB=1)
        softmax = layer.activation == SOFTMAX_OUTPUT
        A = graph.add("Softmax", Z, axis=1) if softmax else code_of(layer.activation).onnx(graph, Z)
    return A


def _ensemble(graph: Graph, model: Model, X: str) -> str:
    """Nodes from the inputs (N, n0) to the mean outputs (N, nL) of all networks, each layer of which is one product.

    W (K, n, n_prev) and b (K, n, 1) are as they are stored, and so examples stand in columns.
    """
    A = graph.add("Transpose", X, perm=[1, 0])
    for number, layer in enumerate(model.network.layers, start=1):
        both = (f"W{number}", f"b{number}")
        W, b = (graph.constant(np.asarray(model.parameters[name], np.float64), name) for name in both)
        Z = graph.add("Add", graph.add("MatMul", W, A), b)
        softmax = layer.activation == SOFTMAX_OUTPUT
        A = graph.add("Softmax", Z, axis=1) if softmax else code_of(layer.activation).onnx(graph, Z)
    return graph.add("Transpose", graph.add("ReduceMean", A, axes=[0], keepdims=0), perm=[1, 0])


def _predictions(graph: Graph, model: Model, A: str) -> str:
    """Nodes from the outputs (N, targets) to predictions, each in the unit of its target."""
    if not model.further_targets:
        return _values(graph, model.scaling, A, "prediction")
    columns = []
    for place, scaling in enumerate(model.scalings):
        column = graph.add("Gather", A, graph.constant(np.array([place], dtype=np.int64)), axis=1)
        columns.append(_values(graph, scaling, column))
    return graph.add("Concat", *columns, axis=1, output="prediction")


def _values(graph: Graph, scaling: TargetScale, A: str, output: str = "") -> str:
    """Nodes from the outputs (N, 1) for one target to values in its unit."""
    value = graph.add("Mul", A, graph.number(scaling.scale))
    value = graph.add("Add", value, graph.number(scaling.mean), output=output if scaling.is_plain else "")
    if scaling.log:
        value = graph.add("Sub", graph.add("Exp", value), graph.number(scaling.shift))
    if scaling.is_plain:
        return value
    bounds = ("" if bound is None else graph.number(bound) for bound in (scaling.low, scaling.high))
    return graph.add("Clip", value, *bounds, output=output)


def _label(graph: Graph, model: Model, place: str) -> tuple[str, int]:
    """From the place of the largest probability to the label: whole numbers if all labels are, else words."""
    from onnx import TensorProto

    places = list(range(len(model.classes)))
    if all(re.fullmatch(r"0|-?[1-9]\d{0,17}", name) for name in model.classes):
        table = graph.constant(np.array([int(name) for name in model.classes], dtype=np.int64))
        return graph.add("Gather", table, place, output="label"), int(TensorProto.INT64)
    encoder = {"keys_int64s": places, "values_strings": list(model.classes), "default_string": ""}
    return graph.add("LabelEncoder", place, domain="ai.onnx.ml", output="label", **encoder), int(TensorProto.STRING)
