"""A model as an ONNX graph after skl2onnx's convention: raw columns in, one input each; predictions out.

Outputs are `label` and `probabilities`, or `prediction` for a number. Inside, everything is float64.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from deepnet_tui.data.preparation.entries import Block, Categorical, Entry, Numeric, input_count
from deepnet_tui.data.values.words import FALSE_WORDS, MISSING, TRUE_WORDS
from deepnet_tui.export.activations import SOFTMAX_OUTPUT, code_of
from deepnet_tui.export.model_json import model_to_json, to_text
from deepnet_tui.model import Model

OPSET = 17
ML_OPSET = 3
DOCUMENT, DTYPE, PREFIX = "deepnet_tui", "deepnet_tui_dtype", "deepnet_tui_prefix"
PLAIN = {"false", "true", "0", "1"}
NARROW = 1e-6  # a column is read as float32 if its rounding moves the standardised value by no more than this


class Graph:
    """Nodes and constants in the order they are added. Names of the columns are kept free for the inputs."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self.prefix = ""
        while any(name.startswith(self.prefix) and self._own(name[len(self.prefix) :]) for name in columns):
            self.prefix += "_"
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    @staticmethod
    def _own(name: str) -> bool:
        return re.fullmatch(r"([Wb]|node|constant)\d+|label|probabilities|prediction", name) is not None

    def add(self, operator: str, *inputs: str, output: str = "", domain: str = "", **attributes: Any) -> str:
        """Add a node and return the name of its output."""
        from onnx import helper

        output = self.prefix + (output or f"node{len(self.nodes)}")
        node = helper.make_node(operator, inputs, [output], domain=domain, **attributes)
        self.nodes.append(node)
        return output

    def number(self, value: float) -> str:
        """Add a number and return its name."""
        return self.constant(np.float64(value))

    def constant(self, value: Any, name: str = "") -> str:
        """Add a constant and return its name."""
        from onnx import numpy_helper

        name = self.prefix + (name or f"constant{len(self.constants)}")
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name


def build(model: Model) -> Any:
    """The model as onnx.ModelProto."""
    from onnx import TensorProto, helper

    graph = Graph(model.preparation.columns)
    inputs = [
        helper.make_tensor_value_info(entry.name, _type(entry), ["N", entry.size if isinstance(entry, Block) else 1])
        for entry in model.preparation.entries
    ]
    A = _network(graph, model, _prepared(graph, model))
    m = ["N"]
    if model.network.labels == "numbers":
        scaled = graph.add("Mul", A, graph.constant(np.float64(model.target_scale)))
        name = graph.add("Add", scaled, graph.constant(np.float64(model.target_mean)), output="prediction")
        outputs = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, [*m, 1])]
    else:
        if model.network.labels == "binary":
            rest = graph.add("Sub", graph.constant(np.float64(1.0)), A)
            A = graph.add("Concat", rest, A, axis=1, output="probabilities")
        else:
            A = graph.add("Identity", A, output="probabilities")
        label, kind = _label(graph, model, graph.add("ArgMax", A, axis=1, keepdims=0))
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


def _type(entry: Entry) -> int:
    from onnx import TensorProto

    if isinstance(entry, Categorical) or (isinstance(entry, Numeric) and _spelled(entry)):
        return int(TensorProto.STRING)
    largest = abs(entry.mean) + 3 * abs(entry.scale)
    return int(TensorProto.FLOAT if largest * 2**-24 <= NARROW * abs(entry.scale) else TensorProto.DOUBLE)


def _spelled(entry: Numeric) -> bool:
    """Whether a boolean column is read as words, because it says more than false and true."""
    return entry.kind == "boolean" and not {word.lower() for word in entry.words} <= PLAIN


def _prepared(graph: Graph, model: Model) -> str:
    """Nodes from the raw columns to the inputs (N, n0): all to float64, side by side, filled, standardised."""
    from onnx import TensorProto

    parts: list[str] = []
    fill, mean, scale = (
        np.full(model.network.inputs, np.nan),
        np.zeros(model.network.inputs),
        np.ones(model.network.inputs),
    )
    at = 0
    for entry in model.preparation.entries:
        here = slice(at, at + input_count(entry))
        at = here.stop
        if isinstance(entry, Categorical):
            if not entry.categories:
                continue
            code = graph.add("LabelEncoder", entry.name, domain="ai.onnx.ml", **_codes(entry))
            hot = graph.add("Equal", code, graph.constant(np.arange(len(entry.categories), dtype=np.int64)[np.newaxis]))
            parts.append(graph.add("Cast", hot, to=TensorProto.DOUBLE))
            continue
        mean[here], scale[here] = entry.mean, entry.scale
        name = entry.name
        if isinstance(entry, Numeric):
            fill[here] = entry.fill
            if _spelled(entry):
                name = graph.add("LabelEncoder", name, domain="ai.onnx.ml", **_truth(entry))
        parts.append(graph.add("Cast", name, to=TensorProto.DOUBLE))
    X = graph.add("Concat", *parts, axis=1)
    X = graph.add("Where", graph.add("IsNaN", X), graph.constant(fill), X)
    return graph.add("Div", graph.add("Sub", X, graph.constant(mean)), graph.constant(scale))


def _codes(entry: Categorical) -> dict[str, Any]:
    """Word -> place in the list of categories, -1 for an unknown one."""
    places = {word: place for place, word in enumerate(entry.categories) if word not in MISSING}
    if "" in entry.categories:
        places |= dict.fromkeys(sorted(MISSING), entry.categories.index(""))
    return {"keys_strings": list(places), "values_int64s": list(places.values()), "default_int64": -1}


def _truth(entry: Numeric) -> dict[str, Any]:
    """Word -> 0 or 1 in the spellings the app knows; anything else counts as missing."""
    truth: dict[str, float] = {}
    for words, value in ((FALSE_WORDS, 0.0), (TRUE_WORDS, 1.0)):
        truth |= {spelling: value for word in sorted(words) for spelling in (word, word.title(), word.upper())}
    truth |= {entry.words[1]: 1.0, entry.words[0]: 0.0}
    for word in MISSING:
        truth.pop(word, None)
    return {"keys_strings": list(truth), "values_floats": list(truth.values()), "default_float": math.nan}


def _network(graph: Graph, model: Model, A: str) -> str:
    """Nodes from the inputs (N, n0) to the outputs (N, nL): W as it is stored, b without its second axis."""
    for number, layer in enumerate(model.network.layers, start=1):
        W = graph.constant(np.asarray(model.parameters[f"W{number}"], np.float64), f"W{number}")
        b = graph.constant(np.asarray(model.parameters[f"b{number}"], np.float64).ravel(), f"b{number}")
        Z = graph.add("Gemm", A, W, b, transB=1)
        softmax = layer.activation == SOFTMAX_OUTPUT
        A = graph.add("Softmax", Z, axis=1) if softmax else code_of(layer.activation).onnx(graph, Z)
    return A


def _label(graph: Graph, model: Model, place: str) -> tuple[str, int]:
    """From the place of the largest probability to the label: whole numbers if all labels are, else words."""
    from onnx import TensorProto

    places = list(range(len(model.classes)))
    if all(re.fullmatch(r"0|-?[1-9]\d{0,17}", name) for name in model.classes):
        table = graph.constant(np.array([int(name) for name in model.classes], dtype=np.int64))
        return graph.add("Gather", table, place, output="label"), int(TensorProto.INT64)
    encoder = {"keys_int64s": places, "values_strings": list(model.classes), "default_string": ""}
    return graph.add("LabelEncoder", place, domain="ai.onnx.ml", output="label", **encoder), int(TensorProto.STRING)
