"""ONNX graphs that other programs wrote: values are followed from the inputs to one output, node by node."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import listed, one_line, quoted
from deepnet_tui.export.foreign.affine import Affine, Source, check_size, layers_of, plain
from deepnet_tui.export.foreign.dense import DenseLayer, Feature, dense_model
from deepnet_tui.export.foreign.description import Description
from deepnet_tui.export.foreign.onnx_nodes import NODES, Node, Value
from deepnet_tui.export.foreign.onnx_outside import outside_numbers
from deepnet_tui.export.format import broken
from deepnet_tui.export.onnx.precheck import refuse_oversized
from deepnet_tui.model import Model
from engine.arrays import Array

DOMAINS = ("", "ai.onnx", "ai.onnx.ml")
MOST_LAYERS = 1_000


def read_onnx(path: Path, description: Description) -> Model:
    """The model in a graph of dense layers. Nothing is run. Parameters may be in a file beside it.

    Raises InputError, naming the node, for what such a network does not have.
    """
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped, unused-ignore]

    try:
        if description.activation or description.layers:
            said = "activation" if description.activation else "layers"
            raise InputError(f"an ONNX file says its {said} itself", said)
        refuse_oversized(path)
        whole = onnx.load(str(path), format="protobuf", load_external_data=False)
        with np.errstate(all="ignore"):  # a number that is too large is refused with the model
            return _Graph(whole.graph, path.parent).model(path.stem, description)
    except InputError as error:
        if error.field in ("activation", "layers", "columns", "classes"):
            raise
        raise broken(path, str(error)) from None
    except (DecodeError, ValueError, OSError) as error:
        raise broken(path, f"it is not a whole ONNX file ({one_line(error)})") from None


class _Graph:
    """One graph: its constants, its inputs, and the values of its nodes as far as an output needs them."""

    def __init__(self, graph: Any, folder: Path) -> None:
        self.graph, self.folder = graph, folder
        self.constants = {item.name: item for item in graph.initializer}
        if graph.sparse_initializer:
            raise InputError("it has sparse parameters, which aren't read")
        self.features = [_feature(item) for item in graph.input if item.name not in self.constants]
        if not self.features:
            raise InputError("its graph has no input")
        self.makers = {name: node for node in graph.node for name in node.output if name}
        self.classes: tuple[str, ...] = ()

    def model(self, name: str, description: Description) -> Model:
        """The model of the output that is not a label. Raises InputError."""
        outputs = [item for item in self.graph.output if not _holds_labels(item)]
        if len(outputs) != 1:
            found = listed([item.name for item in self.graph.output])
            raise InputError(f"it has {len(outputs)} outputs that are numbers, and one is needed; its outputs: {found}")
        value = self._value_of(outputs[0].name)
        layers = _of_two_classes(value) or layers_of(value)
        if len(layers) > MOST_LAYERS:
            raise InputError(f"it has {len(layers):,} layers, and {MOST_LAYERS:,} are allowed")
        output = outputs[0].name
        units = len(layers[-1].b)
        targets = (output,) if units == 1 else tuple(f"{output}[{place}]" for place in range(units))
        return dense_model(layers, self.features, description, name=name, targets=targets, classes=self.classes)

    def _value_of(self, output: str) -> Affine:
        values: dict[str, Value | None] = {"": None} | dict(self._inputs())
        needed = self._needed(output)
        for node in self.graph.node:
            if not needed & set(node.output):
                continue
            for name in node.input:
                if name not in values:
                    values[name] = self._constant(name, node)
            values[node.output[0]] = self._computed(node, values)
        value = values.get(output)
        if not isinstance(value, Affine):
            raise InputError(f"its output {quoted(output)} does not depend on its inputs")
        return value

    def _inputs(self) -> dict[str, Value]:
        """The inputs of the graph, which are one source side by side."""
        check_size(sum(feature.size for feature in self.features))
        whole = plain(Source(sum(feature.size for feature in self.features)), ())
        found: dict[str, Value] = {}
        at = 0
        for feature in self.features:
            part = slice(at, at + feature.size)
            at += feature.size
            numbers = {name: getattr(whole, name)[part] for name in ("factor", "shift", "pick")}
            found[feature.name] = Affine(whole.source, feature.shape, **numbers)
        return found

    def _needed(self, output: str) -> set[str]:
        """The names of all values that an output is computed from."""
        needed: set[str] = set()
        names = [output]
        while names:
            name = names.pop()
            if name not in needed and name in self.makers:
                names.extend(self.makers[name].input)
            needed.add(name)
        return needed

    def _constant(self, name: str, node: Any) -> Value:
        tensor = self.constants.get(name)
        if tensor is None:
            raise InputError(f"its node {node.op_type} {quoted(_name(node))} uses {quoted(name)} before it is made")
        return _numbers(tensor, f"its parameter {quoted(name)}", self.folder)

    def _computed(self, node: Any, values: dict[str, Value | None]) -> Value:
        reader = NODES.get(node.op_type) if node.domain in DOMAINS else None
        attributes = {item.name: _attribute(item) for item in node.attribute}
        inputs = tuple(values[name] for name in node.input)
        known = Node(f"{node.domain}.{node.op_type}".lstrip("."), _name(node), attributes, inputs)
        if reader is None:
            raise known.refusal("is no part of a dense feed-forward network as it is read here")
        if node.op_type == "ZipMap":
            found = attributes.get("classlabels_strings") or attributes.get("classlabels_int64s") or ()
            self.classes = tuple(map(str, found))
        try:
            value = reader(known)
            if isinstance(value, Affine):
                return value
            check_size(*value.shape)
        except (TypeError, ValueError, IndexError, KeyError, OverflowError) as error:
            raise known.refusal(f"can't be read ({one_line(error)})") from None
        return value


def _of_two_classes(value: Affine) -> list[DenseLayer] | None:
    """The layers up to the sigmoid p of (1 - p, p), the probabilities of two classes; None for anything else."""
    layer = value.source.layer
    if layer is None or layer.activation != "sigmoid" or value.source.size != 1 or value.W is not None:
        return None
    pair = value.factor.tolist() == [-1.0, 1.0] and value.shift.tolist() == [1.0, 0.0]
    return layers_of(plain(value.source, (1,))) if pair else None


def _holds_labels(item: Any) -> bool:
    from onnx import TensorProto

    kind = item.type.tensor_type.elem_type
    whole = (TensorProto.INT64, TensorProto.INT32, TensorProto.STRING, TensorProto.BOOL)
    return item.type.HasField("tensor_type") and kind in whole


def _feature(item: Any) -> Feature:
    """An input of the graph: rows of numbers, (N, ...). Raises InputError for anything else."""
    from onnx import TensorProto

    kinds = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.INT64, TensorProto.INT32)
    tensor = item.type.tensor_type
    if tensor.elem_type not in kinds:
        raise InputError(f"its input {quoted(item.name)} does not hold numbers")
    shape = tuple(size.dim_value for size in tensor.shape.dim)[1:]
    if not shape or min(shape) < 1:
        raise InputError(f"its input {quoted(item.name)} does not say how many numbers an example has")
    check_size(*shape)
    return Feature(item.name, shape)


def _numbers(tensor: Any, what: str, folder: Path | None = None) -> Array:
    """The numbers of a tensor, which may be in a file in the `folder`. Raises InputError for one that is elsewhere, too
    large, or not what it says."""
    from onnx import TensorProto, numpy_helper

    check_size(*tensor.dims)
    try:
        if tensor.data_location == TensorProto.EXTERNAL:
            return outside_numbers(tensor, what, folder)
        return np.asarray(numpy_helper.to_array(tensor))
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise InputError(f"{what} can't be read ({one_line(error)})") from None


def _attribute(item: Any) -> Any:
    from onnx import AttributeProto, helper

    if item.type == AttributeProto.TENSOR:
        return _numbers(item.t, "a constant of it")
    value = helper.get_attribute_value(item)
    if isinstance(value, list):
        return [part.decode("utf-8", "replace") if isinstance(part, bytes) else part for part in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _name(node: Any) -> str:
    return str(node.name or (node.output[0] if node.output else ""))
