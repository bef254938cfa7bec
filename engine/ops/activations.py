"""Activations: how the forward and the backward step of each are recorded. To add one, add an entry.

`forward(program, Z, A)` computes A = g(Z); unless `keeps_z` is set, Z and A are the same memory.
`backward(program, Z, A, dA)` turns dA into dZ = dA * g'(Z) in place, from A where that is enough.
All arrays are (units, examples).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.arrays import Array
from engine.ops.code import Code, GraphBuilder
from engine.ops.program import Program

Forward = Callable[[Program, Array, Array], None]
Backward = Callable[[Program, Array, Array, Array], None]
LEAK = 0.01  # slope of leaky_relu below zero
GELU_CUBIC = 0.044715  # Hendrycks & Gimpel (2016), the tanh form
GELU_SCALE = math.sqrt(2 / math.pi)


@dataclass(frozen=True)
class Activation:
    """A function of the pre-activation z, its derivative, how both are recorded, and its traits.

    `formula` and `derivative` are in z and the activation a. If the backward step is a `mask` computed from A (of any
    shape) and then applied by `masked`, one mask may serve many layers.

    `code` is the function in the languages of exports; a network that uses a function without it can't be exported to
    them. `relu_like` says that it grows without bound on one side, so that He weights suit it. `has_kink` says that its
    derivative jumps at 0, where finite differences measure no slope. `can_die` says that a unit can be 0, with slope 0,
    for every example. `saturated_below` is the slope below which a unit counts as saturated, None if the function has
    no flat ends. `in_tutorial` says that `engine.tutorial` has the function, and its backward step, under this name.
    """

    formula: str
    derivative: str
    forward: Forward
    backward: Backward
    keeps_z: bool = False
    mask: Callable[[Program, Array, Array], None] | None = None
    masked: Callable[[Program, Array, Array], None] | None = None
    code: Code | None = None
    relu_like: bool = False
    has_kink: bool = False
    can_die: bool = False
    saturated_below: float | None = None
    in_tutorial: bool = False


def _relu(program: Program, Z: Array, A: Array) -> None:
    program.add("A = max(0, Z)", np.maximum, Z, program.zeros(Z.shape), out=A)


def _relu_backward(program: Program, _Z: Array, A: Array, dA: Array) -> None:
    mask = program.scratch("mask", A.shape)
    _relu_mask(program, A, mask)
    _relu_masked(program, mask, dA)


def _relu_mask(program: Program, A: Array, mask: Array) -> None:
    # A is never negative, so the sign bit of minus its bits is set exactly where A > 0. A comparison would give
    # booleans, which would have to be cast back, at several times the cost.
    integer = np.dtype(f"i{A.itemsize}")
    bits = np.array(8 * A.itemsize - 1, integer)
    program.add("mask = -bits(A)", np.negative, A.view(integer), out=mask.view(integer))
    program.add("mask = all ones where A > 0", np.right_shift, mask.view(integer), bits, out=mask.view(integer))


def _relu_masked(program: Program, mask: Array, dA: Array) -> None:
    integer = np.dtype(f"i{dA.itemsize}")
    dZ = dA.view(integer)
    program.add("dZ = dA where A > 0, else 0", np.bitwise_and, dZ, mask.view(integer), out=dZ)


def _leaky_relu(program: Program, Z: Array, A: Array) -> None:
    low = program.scratch("work", Z.shape)
    program.add("low = 0.01 Z", np.multiply, Z, _constant(program, LEAK), out=low)
    program.add("A = max(low, Z)", np.maximum, low, Z, out=A)


def _leaky_relu_backward(program: Program, _Z: Array, A: Array, dA: Array) -> None:
    slope = program.scratch("work", A.shape)
    program.add("slope = A > 0", np.greater, A, program.zeros(A.shape), out=slope)
    program.add("slope = 0.99 slope", np.multiply, slope, _constant(program, 1 - LEAK), out=slope)
    program.add("slope = slope + 0.01", np.add, slope, _constant(program, LEAK), out=slope)
    program.add("dZ = dA * slope", np.multiply, dA, slope, out=dA)


def _elu(program: Program, Z: Array, A: Array) -> None:
    low = program.scratch("work", Z.shape)
    zeros = program.zeros(Z.shape)
    program.add("low = min(0, Z)", np.minimum, Z, zeros, out=low)
    program.add("low = e^low - 1", np.expm1, low, out=low)
    program.add("A = max(0, Z)", np.maximum, Z, zeros, out=A)
    program.add("A = A + low", np.add, A, low, out=A)


def _elu_backward(program: Program, _Z: Array, A: Array, dA: Array) -> None:
    slope = program.scratch("work", A.shape)
    program.add("slope = min(0, A)", np.minimum, A, program.zeros(A.shape), out=slope)
    program.add("slope = slope + 1", np.add, slope, _constant(program, 1.0), out=slope)
    program.add("dZ = dA * slope", np.multiply, dA, slope, out=dA)


def _sigmoid(program: Program, Z: Array, A: Array) -> None:
    one = _constant(program, 1.0)
    program.add("A = -Z", np.negative, Z, out=A)
    program.add("A = e^A", np.exp, A, out=A)  # may reach infinity, whose reciprocal is the right 0
    program.add("A = 1 + A", np.add, A, one, out=A)
    program.add("A = 1 / A", np.divide, one, A, out=A)


def _sigmoid_backward(program: Program, _Z: Array, A: Array, dA: Array) -> None:
    slope = program.scratch("work", A.shape)
    program.add("slope = 1 - A", np.subtract, _constant(program, 1.0), A, out=slope)
    program.add("slope = A * slope", np.multiply, A, slope, out=slope)
    program.add("dZ = dA * slope", np.multiply, dA, slope, out=dA)


def _tanh(program: Program, Z: Array, A: Array) -> None:
    program.add("A = tanh(Z)", np.tanh, Z, out=A)


def _tanh_backward(program: Program, _Z: Array, A: Array, dA: Array) -> None:
    slope = program.scratch("work", A.shape)
    program.add("slope = A * A", np.multiply, A, A, out=slope)
    program.add("slope = 1 - slope", np.subtract, _constant(program, 1.0), slope, out=slope)
    program.add("dZ = dA * slope", np.multiply, dA, slope, out=dA)


def _softplus(program: Program, Z: Array, A: Array) -> None:
    program.add("A = log(1 + e^Z)", np.logaddexp, Z, program.zeros(Z.shape), out=A)


def _softplus_backward(program: Program, _Z: Array, A: Array, dA: Array) -> None:
    slope = program.scratch("work", A.shape)
    program.add("slope = -A", np.negative, A, out=slope)
    program.add("slope = e^slope - 1", np.expm1, slope, out=slope)
    program.add("slope = -slope", np.negative, slope, out=slope)
    program.add("dZ = dA * slope", np.multiply, dA, slope, out=dA)


def _silu(program: Program, Z: Array, A: Array) -> None:
    _sigmoid(program, Z, A)
    program.add("A = Z * A", np.multiply, Z, A, out=A)


def _silu_backward(program: Program, Z: Array, A: Array, dA: Array) -> None:
    s, slope = program.scratch("work", Z.shape), program.scratch("work 2", Z.shape)
    _sigmoid(program, Z, s)
    program.add("slope = 1 - s", np.subtract, _constant(program, 1.0), s, out=slope)
    program.add("slope = A * slope", np.multiply, A, slope, out=slope)
    program.add("slope = s + slope", np.add, s, slope, out=slope)
    program.add("dZ = dA * slope", np.multiply, dA, slope, out=dA)


def _gelu_inner(program: Program, Z: Array, t: Array) -> None:
    """t = tanh(sqrt(2/pi) (Z + 0.044715 Z^3))"""
    program.add("t = Z * Z", np.multiply, Z, Z, out=t)
    program.add("t = 0.0357 t", np.multiply, t, _constant(program, GELU_SCALE * GELU_CUBIC), out=t)
    program.add("t = t + 0.798", np.add, t, _constant(program, GELU_SCALE), out=t)
    program.add("t = t * Z", np.multiply, t, Z, out=t)
    program.add("t = tanh(t)", np.tanh, t, out=t)


def _gelu(program: Program, Z: Array, A: Array) -> None:
    _gelu_inner(program, Z, A)
    program.add("A = A + 1", np.add, A, _constant(program, 1.0), out=A)
    program.add("A = A * Z", np.multiply, A, Z, out=A)
    program.add("A = A / 2", np.multiply, A, _constant(program, 0.5), out=A)


def _gelu_backward(program: Program, Z: Array, _A: Array, dA: Array) -> None:
    t, inner = program.scratch("work", Z.shape), program.scratch("work 2", Z.shape)
    half, one = _constant(program, 0.5), _constant(program, 1.0)
    _gelu_inner(program, Z, t)
    program.add("inner = Z * Z", np.multiply, Z, Z, out=inner)
    program.add("inner = 0.107 inner", np.multiply, inner, _constant(program, 3 * GELU_SCALE * GELU_CUBIC), out=inner)
    program.add("inner = inner + 0.798", np.add, inner, _constant(program, GELU_SCALE), out=inner)
    program.add("inner = inner * Z", np.multiply, inner, Z, out=inner)
    square = program.scratch("work 3", Z.shape)
    program.add("square = t * t", np.multiply, t, t, out=square)
    program.add("square = 1 - square", np.subtract, one, square, out=square)
    program.add("inner = inner * square", np.multiply, inner, square, out=inner)
    program.add("t = t + 1", np.add, t, one, out=t)
    program.add("t = t + inner", np.add, t, inner, out=t)
    program.add("t = t / 2", np.multiply, t, half, out=t)
    program.add("dZ = dA * t", np.multiply, dA, t, out=dA)


def _linear(program: Program, Z: Array, A: Array) -> None:
    if A.ctypes.data != Z.ctypes.data:
        program.add("A = Z", np.copyto, A, Z)


def _linear_backward(_program: Program, _Z: Array, _A: Array, _dA: Array) -> None:
    """dZ is dA."""


def _exp(program: Program, Z: Array, A: Array) -> None:
    program.add("A = e^Z", np.exp, Z, out=A)


def _exp_backward(program: Program, _Z: Array, A: Array, dA: Array) -> None:
    program.add("dZ = dA * A", np.multiply, dA, A, out=dA)


def _constant(program: Program, value: float) -> Array:
    return np.array(value, program.dtype)


def _onnx_elu(graph: GraphBuilder, z: str) -> str:
    above = graph.add("Relu", z)
    below = graph.add("Sub", graph.add("Exp", graph.add("Min", z, graph.number(0))), graph.number(1))
    return graph.add("Add", above, below)


def _onnx_gelu(graph: GraphBuilder, z: str) -> str:
    cube = graph.add("Mul", graph.add("Mul", z, z), z)
    inner = graph.add("Add", z, graph.add("Mul", cube, graph.number(GELU_CUBIC)))
    t = graph.add("Tanh", graph.add("Mul", inner, graph.number(GELU_SCALE)))
    half = graph.add("Mul", z, graph.number(0.5))
    return graph.add("Mul", half, graph.add("Add", t, graph.number(1)))


def _onnx_softplus(graph: GraphBuilder, z: str) -> str:
    tail = graph.add("Exp", graph.add("Neg", graph.add("Abs", z)))
    log = graph.add("Log", graph.add("Add", tail, graph.number(1)))
    return graph.add("Add", graph.add("Relu", z), log)


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(
        "max(0, z)",
        "1 if z > 0 else 0",
        _relu,
        _relu_backward,
        mask=_relu_mask,
        masked=_relu_masked,
        code=Code("z > 0.0 ? z : 0.0", "np.maximum(Z, 0.0)", "torch.nn.ReLU()", lambda g, z: g.add("Relu", z)),
        relu_like=True,
        has_kink=True,
        can_die=True,
        in_tutorial=True,
    ),
    "leaky_relu": Activation(
        "max(0.01 z, z)",
        "1 if z > 0 else 0.01",
        _leaky_relu,
        _leaky_relu_backward,
        code=Code(
            "z > 0.0 ? z : 0.01 * z",
            "np.maximum(0.01 * Z, Z)",
            "torch.nn.LeakyReLU(0.01)",
            lambda g, z: g.add("Max", z, g.add("Mul", z, g.number(LEAK))),
        ),
        relu_like=True,
        has_kink=True,
    ),
    "elu": Activation(
        "z if z > 0 else e^z - 1",
        "1 if z > 0 else e^z",
        _elu,
        _elu_backward,
        code=Code(
            "z > 0.0 ? z : expm1(z)",
            "np.maximum(Z, 0.0) + np.expm1(np.minimum(Z, 0.0))",
            "torch.nn.ELU()",
            _onnx_elu,
        ),
        relu_like=True,
    ),
    "gelu": Activation(
        "z/2 (1 + tanh(0.798 (z + 0.0447 z^3)))",
        "(1 + t)/2 + z/2 (1 - t^2) (0.798 + 0.107 z^2)",
        _gelu,
        _gelu_backward,
        keeps_z=True,
        code=Code(
            "0.5 * z * (1.0 + tanh(0.79788456080286535588 * (z + 0.044715 * z * z * z)))",
            "0.5 * Z * (1.0 + np.tanh(np.sqrt(2.0 / np.pi) * (Z + 0.044715 * Z**3)))",
            'torch.nn.GELU("tanh")',
            _onnx_gelu,
        ),
        relu_like=True,
    ),
    "silu": Activation(
        "z s(z), s = sigmoid",
        "s + z s (1 - s)",
        _silu,
        _silu_backward,
        keeps_z=True,
        code=Code(
            "z / (1.0 + exp(-z))",
            "Z / (1.0 + np.exp(-Z))",
            "torch.nn.SiLU()",
            lambda g, z: g.add("Mul", z, g.add("Sigmoid", z)),
        ),
        relu_like=True,
    ),
    "softplus": Activation(
        "log(1 + e^z)",
        "1 / (1 + e^-z)",
        _softplus,
        _softplus_backward,
        code=Code(
            "(z > 0.0 ? z : 0.0) + log1p(exp(-fabs(z)))",
            "np.logaddexp(Z, 0.0)",
            "torch.nn.Softplus(threshold=40.0)",
            _onnx_softplus,
        ),
        relu_like=True,
    ),
    "tanh": Activation(
        "tanh(z)",
        "1 - a^2",
        _tanh,
        _tanh_backward,
        code=Code("tanh(z)", "np.tanh(Z)", "torch.nn.Tanh()", lambda g, z: g.add("Tanh", z)),
        saturated_below=0.05,  # 5% of the steepest slope, which is 1
    ),
    "sigmoid": Activation(
        "1 / (1 + e^-z)",
        "a (1 - a)",
        _sigmoid,
        _sigmoid_backward,
        code=Code(
            "1.0 / (1.0 + exp(-z))",
            "1.0 / (1.0 + np.exp(-Z))",
            "torch.nn.Sigmoid()",
            lambda g, z: g.add("Sigmoid", z),
        ),
        saturated_below=0.05 * 0.25,  # the steepest slope is 1/4
        in_tutorial=True,
    ),
    "linear": Activation(
        "z", "1", _linear, _linear_backward, code=Code("z", "Z", "torch.nn.Identity()", lambda _g, z: z)
    ),
}


OUTPUTS: dict[str, Activation] = {
    "exp": Activation(
        "e^z",
        "a",
        _exp,
        _exp_backward,
        code=Code("exp(z)", "np.exp(Z)", "Exp()", lambda g, z: g.add("Exp", z)),
    ),
}
"""Activations that a loss may give to the output layer, beside ACTIVATIONS; not for hidden layers."""


def output_activation(name: str) -> Activation:
    """The activation of an output layer, but for softmax, which takes a whole column."""
    return OUTPUTS[name] if name in OUTPUTS else ACTIVATIONS[name]


def activate(name: str, Z: npt.ArrayLike) -> Array:
    """A = g(Z) in a new array, for Z of any shape, computed by the instructions that training uses."""
    Z, program = _fresh(Z)
    A = Z.copy()
    ACTIVATIONS[name].forward(program, Z if ACTIVATIONS[name].keeps_z else A, A)
    with np.errstate(over="ignore"):
        program.run()
    return A


def slope(name: str, Z: npt.ArrayLike) -> Array:
    """g'(Z) in a new array, for Z of any shape, computed by the instructions that training uses."""
    Z, program = _fresh(Z)
    A, dZ = activate(name, Z), np.ones_like(Z)
    ACTIVATIONS[name].backward(program, Z, A, dZ)
    with np.errstate(over="ignore"):
        program.run()
    return dZ


def _fresh(Z: npt.ArrayLike) -> tuple[Array, Program]:
    Z = np.array(Z, dtype=np.result_type(np.asarray(Z), np.float32 if _is_float32(Z) else np.float64), order="C")
    return Z, Program(Z.dtype, Z.size)


def _is_float32(Z: Any) -> bool:
    return getattr(Z, "dtype", None) == np.float32
