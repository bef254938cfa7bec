"""The ONNX operators that are read, by type. To add one: a function from its inputs to its value, and its entry."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import quoted
from deepnet_tui.export.foreign.affine import Affine, activated, check_size, side_by_side
from engine.arrays import Array

Value: TypeAlias = Affine | Array
CLOSE = 1e-6  # slopes in float32 are not exactly those of the registry


@dataclass(frozen=True)
class Node:
    """A node of a graph: its operator, its name, its attributes and its inputs, None for one that is left out."""

    op: str
    name: str
    attributes: dict[str, Any]
    inputs: tuple[Value | None, ...]

    def refusal(self, why: str) -> InputError:
        """The error that names this node."""
        return InputError(f"its node {self.op} {quoted(self.name)} {why}")

    def value(self, place: int = 0) -> Affine:
        """An input that is computed from the inputs of the graph. Raises InputError for a constant."""
        value = self.inputs[place] if place < len(self.inputs) else None
        if not isinstance(value, Affine):
            raise self.refusal("does not work on values of the network")
        return value

    def constant(self, place: int, default: Any = None) -> Array:
        """An input that is a constant; `default` where it is left out. Raises InputError for anything else."""
        value = self.inputs[place] if place < len(self.inputs) else None
        if isinstance(value, Affine) or (value is None and default is None):
            raise self.refusal(f"needs a constant as its input number {place + 1}")
        return np.asarray(default if value is None else value)

    def setting(self, name: str, place: int, default: Any = None) -> Any:
        """What older graphs have as an attribute and newer ones as an input."""
        if name in self.attributes:
            return self.attributes[name]
        if place < len(self.inputs) and self.inputs[place] is not None:
            return self.constant(place)
        return default

    @property
    def is_constant(self) -> bool:
        return not any(isinstance(value, Affine) for value in self.inputs)


Reader = Callable[[Node], Value]


def _row(node: Node, constant: Array, dims: tuple[int, ...]) -> Array:
    """A constant beside a value (N, *dims), as a number for each of the value's."""
    try:
        check_size(*dims)
        shaped = constant
        while shaped.ndim > len(dims):
            if shaped.shape[0] != 1:
                raise ValueError
            shaped = shaped[0]
        return np.asarray(np.broadcast_to(shaped, dims), dtype=np.float64).ravel()
    except ValueError:
        raise node.refusal(f"joins values of the shapes {dims} and {constant.shape}, which do not fit") from None


def _same_source(node: Node, values: list[Affine]) -> None:
    if any(value.source is not values[0].source for value in values):
        raise node.refusal("joins values of different layers, which a plain feed-forward network does not")


def _add(node: Node) -> Value:
    a, b = node.inputs[:2]
    if node.is_constant:
        return _folded(node, np.add)
    if isinstance(a, Affine) and isinstance(b, Affine):
        raise node.refusal("adds two values of the network, which a plain feed-forward network does not")
    value, constant = (a, b) if isinstance(a, Affine) else (b, a)
    assert isinstance(value, Affine)  # noqa: S101
    return value.moved(_row(node, np.asarray(constant), value.dims))


def _subtract(node: Node) -> Value:
    a, b = node.inputs[:2]
    if node.is_constant:
        return _folded(node, np.subtract)
    if isinstance(a, Affine) and isinstance(b, Affine):
        raise node.refusal("subtracts two values of the network, which a plain feed-forward network does not")
    if isinstance(a, Affine):
        return a.moved(-_row(node, np.asarray(b), a.dims))
    assert isinstance(b, Affine)  # noqa: S101
    return b.scaled(np.array(-1.0)).moved(_row(node, np.asarray(a), b.dims))


def _multiply(node: Node) -> Value:
    a, b = node.inputs[:2]
    if node.is_constant:
        return _folded(node, np.multiply)
    if isinstance(a, Affine) and isinstance(b, Affine):
        for z, gate in ((a, b), (b, a)):
            layer = gate.source.layer
            if layer is not None and layer.activation == "sigmoid" and gate.is_plain and gate.source.before is z:
                return activated(z, "silu")
        raise node.refusal("multiplies two values of the network, which a plain feed-forward network does not")
    value, constant = (a, b) if isinstance(a, Affine) else (b, a)
    assert isinstance(value, Affine)  # noqa: S101
    return value.scaled(_row(node, np.asarray(constant), value.dims))


def _divide(node: Node) -> Value:
    if node.is_constant:
        return _folded(node, np.divide)
    value, divisor = node.value(), _row(node, node.constant(1), node.value().dims)
    if (divisor == 0).any():
        raise node.refusal("divides by zero")
    return value.scaled(1.0 / divisor)


def _folded(node: Node, function: Callable[..., Any]) -> Array:
    arrays = [node.constant(place) for place in range(2)]
    try:
        check_size(*np.broadcast_shapes(*(array.shape for array in arrays)))
        return np.asarray(function(*arrays))
    except (TypeError, ValueError) as error:
        raise node.refusal(f"can't be computed: {error}") from None


def _negate(node: Node) -> Value:
    return -node.constant(0) if node.is_constant else node.value().scaled(np.array(-1.0))


def _flat(node: Node) -> Affine:
    """An input (N, n). Raises InputError for one of more axes."""
    value = node.value()
    if len(value.dims) != 1:
        raise node.refusal(f"works on values with {len(value.dims) + 1} axes, not on a row of numbers an example")
    return value


def _product(node: Node, value: Affine, V: Array) -> Affine:
    if V.ndim != 2 or V.shape[0] != value.size:
        raise node.refusal(f"multiplies {value.size:,} numbers an example by a matrix of the shape {V.shape}")
    return value.times(V.astype(np.float64))


def _matmul(node: Node) -> Value:
    return _product(node, _flat(node), node.constant(1))


def _gemm(node: Node) -> Value:
    if node.attributes.get("transA"):
        raise node.refusal("has transA, so that examples stand in columns, which isn't read")
    V = node.constant(1)
    V = V.T if node.attributes.get("transB") else V
    product = _product(node, _flat(node), V * float(node.attributes.get("alpha", 1.0)))
    offset = node.constant(2, 0.0) * float(node.attributes.get("beta", 1.0))
    return product.moved(_row(node, offset, product.dims))


def _normalize(node: Node) -> Value:
    value = _flat(node)
    gamma, beta, mean, variance = (_row(node, node.constant(place), value.dims) for place in range(1, 5))
    if node.attributes.get("training_mode"):
        raise node.refusal("is in its training mode")
    factor = gamma / np.sqrt(variance + float(node.attributes.get("epsilon", 1e-5)))
    return value.scaled(factor).moved(beta - mean * factor)


def _scaler(node: Node) -> Value:
    value = _flat(node)
    offset = _row(node, np.asarray(node.attributes.get("offset", (0.0,))), value.dims)
    scale = _row(node, np.asarray(node.attributes.get("scale", (1.0,))), value.dims)
    return value.moved(-offset).scaled(scale)


def _activation(name: str) -> Reader:
    return lambda node: activated(node.value(), name)


def _with_setting(name: str, attribute: str, wanted: Any, default: Any) -> Reader:
    """An activation that the registry has for one value of an attribute only."""

    def read(node: Node) -> Value:
        given = node.attributes.get(attribute, default)
        fits = given == wanted if isinstance(wanted, str) else abs(float(given) - wanted) < CLOSE
        if not fits:
            raise node.refusal(f"has {attribute} {given!r}; here {name} has {wanted!r} only")
        return activated(node.value(), name)

    return read


def _softmax(node: Node) -> Value:
    value = _flat(node)
    if node.attributes.get("axis", -1) not in (1, -1):
        raise node.refusal("is a softmax over the examples")
    return activated(value, "softmax")


def _maximum(node: Node) -> Value:
    """max(z, 0) and max(z, 0.01 z) as some exporters write them."""
    known = [value for value in node.inputs if isinstance(value, Affine)]
    others = [value for value in node.inputs if value is not None and not isinstance(value, Affine)]
    if len(known) == len(others) == 1 and not np.any(others[0]):
        return activated(known[0], "relu")
    raise node.refusal("is no activation that is known here")


def _clip(node: Node) -> Value:
    low, high = node.setting("min", 1), node.setting("max", 2)
    if low is not None and not np.any(low) and (high is None or float(np.min(high)) >= 3e38):
        return activated(node.value(), "relu")
    raise node.refusal("is no activation that is known here")


def _same(node: Node) -> Value:
    value = node.inputs[0] if node.inputs else None
    if value is None:
        raise node.refusal("has no input")
    return value


def _cast(node: Node) -> Value:
    from onnx import TensorProto, helper

    goal = int(node.attributes.get("to", 0))
    floats = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16)
    if not node.is_constant:
        if goal not in floats:
            raise node.refusal("makes whole numbers or words of values of the network")
        return node.value()
    return node.constant(0).astype(helper.tensor_dtype_to_np_dtype(goal))


def _constant(node: Node) -> Value:
    for name in ("value", "value_float", "value_floats", "value_int", "value_ints"):
        if name in node.attributes:
            return np.asarray(node.attributes[name])
    raise node.refusal("holds no numbers")


def _shape(node: Node) -> Value:
    shape = node.constant(0).shape if node.is_constant else (-1, *node.value().dims)
    return np.array(shape, dtype=np.int64)


def _flatten(node: Node) -> Value:
    value = node.value()
    if node.attributes.get("axis", 1) != 1:
        raise node.refusal("joins examples")
    return _in_shape(node, value, (value.size,))


def _reshape(node: Node) -> Value:
    goal = [int(size) for size in np.ravel(node.setting("shape", 1, ()))]
    if node.is_constant:
        return node.constant(0).reshape(goal)
    value = node.value()
    if goal[:1] not in ([0], [-1], [1]):
        raise node.refusal(f"gives values of the network the shape {tuple(goal)}, which joins examples")
    rest = [value.dims[place] if size == 0 and place < len(value.dims) else size for place, size in enumerate(goal[1:])]
    if rest.count(-1) == 1:
        known = math.prod(size for size in rest if size != -1)
        rest[rest.index(-1)] = value.size // known if known else 0
    return _in_shape(node, value, tuple(rest))


def _in_shape(node: Node, value: Affine, dims: tuple[int, ...]) -> Affine:
    if not dims or min(dims) < 1 or math.prod(dims) != value.size:
        raise node.refusal(f"gives {value.size:,} numbers an example another shape than {dims} can hold")
    return Affine(value.source, dims, value.factor, value.shift, value.pick, value.W)


def _squeeze(node: Node) -> Value:
    axes = node.setting("axes", 1)
    axes = None if axes is None else tuple(int(axis) for axis in np.ravel(axes))
    if node.is_constant:
        return np.squeeze(node.constant(0), axes)
    value = node.value()
    kept = [size for place, size in enumerate(value.dims, start=1) if size != 1 or (axes and place not in axes)]
    return _in_shape(node, value, tuple(kept) or (1,))


def _unsqueeze(node: Node) -> Value:
    axes = tuple(int(axis) for axis in np.ravel(node.setting("axes", 1, ())))
    if node.is_constant:
        return np.expand_dims(node.constant(0), axes)
    raise node.refusal("gives values of the network another axis")


def _transpose(node: Node) -> Value:
    if not node.is_constant:
        raise node.refusal("turns values of the network, so that examples do not stand in rows")
    return np.transpose(node.constant(0), node.attributes.get("perm"))


def _concat(node: Node) -> Value:
    axis = node.attributes.get("axis", 1)
    if node.is_constant:
        return np.concatenate([node.constant(place) for place in range(len(node.inputs))], axis=axis)
    values = [node.value(place) for place in range(len(node.inputs))]
    _same_source(node, values)
    if axis not in (1, -1) or any(len(value.dims) != 1 for value in values):
        raise node.refusal("does not put rows of numbers side by side")
    return side_by_side(values)


def _gather(node: Node) -> Value:
    places = np.asarray(node.constant(1))
    axis = int(node.attributes.get("axis", 0))
    if node.is_constant:
        return np.take(node.constant(0), places.astype(np.int64), axis=axis)
    value = _flat(node)
    if axis not in (1, -1) or places.ndim != 1 or not (np.abs(places) < value.size).all():
        raise node.refusal("does not choose columns")
    places = places.astype(np.int64) % value.size
    chosen = {"factor": value.factor[places], "shift": value.shift[places]}
    if value.W is None:
        return Affine(value.source, (len(places),), **chosen, pick=value.pick[places])
    return Affine(value.source, (len(places),), **chosen, pick=value.pick, W=value.W[:, places])


NODES: dict[str, Reader] = {
    "Add": _add,
    "BatchNormalization": _normalize,
    "Cast": _cast,
    "Clip": _clip,
    "Concat": _concat,
    "Constant": _constant,
    "Div": _divide,
    "Dropout": _same,
    "Elu": _with_setting("elu", "alpha", 1.0, 1.0),
    "Exp": _activation("exp"),
    "Flatten": _flatten,
    "Gather": _gather,
    "Gelu": _with_setting("gelu", "approximate", "tanh", "none"),
    "Gemm": _gemm,
    "Identity": _same,
    "LeakyRelu": _with_setting("leaky_relu", "alpha", 0.01, 0.01),
    "MatMul": _matmul,
    "Max": _maximum,
    "Mul": _multiply,
    "Neg": _negate,
    "Relu": _activation("relu"),
    "Reshape": _reshape,
    "Scaler": _scaler,
    "Shape": _shape,
    "Sigmoid": _activation("sigmoid"),
    "Softmax": _softmax,
    "Softplus": _activation("softplus"),
    "Squeeze": _squeeze,
    "Sub": _subtract,
    "Swish": _with_setting("silu", "alpha", 1.0, 1.0),
    "Tanh": _activation("tanh"),
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
    "ZipMap": _same,
}
"""By operator; those of the domain ai.onnx.ml are among them."""
