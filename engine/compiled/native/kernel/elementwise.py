"""Operations on each number of a row: activations and their slopes, dropout, and the error of the output layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core import types
from numba.extending import intrinsic

from engine.compiled.native.kernel.vectors import Emitter, parts_of
from engine.ops.activations import GELU_CUBIC, GELU_SCALE, LEAK

Emit = Callable[..., Any]


def _rows(emit_vector: Emit, inputs: int) -> Callable[..., None]:
    """out[i] = f(factor, in1[i], ...) for i below `width`.

    `out` is (array, place of its first element), and `rows` the same of each of the inputs, one after the other.
    """

    @intrinsic
    def operate(_context: Any, out: Any, width: Any, factor: Any, rows: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            emitter = Emitter(builder, out[0].dtype)
            results, to = parts_of(context, builder, out, args[0])
            parts, number = parts_of(context, builder, rows, args[3]), emitter.spread(args[2])
            with emitter.loop(args[1], emitter.lanes) as index:
                places = [(parts[2 * row], builder.add(parts[2 * row + 1], index)) for row in range(inputs)]
                values = [emitter.load(data, place) for data, place in places]
                emitter.store(emit_vector(emitter, number, *values), results, builder.add(to, index))
            return context.get_dummy_value()

        return types.void(out, types.int64, out[0].dtype, rows), emit

    return operate


# Activations: a = g(z), in the order of ACTIVATIONS


def _leaky(e: Emitter, _: Any, z: Any) -> Any:
    return e.at_least(z, e.builder.fmul(z, e.constant(LEAK)))


def _elu(e: Emitter, _: Any, z: Any) -> Any:
    return e.where_above(z, e.constant(0.0), z, e.expm1_below(e.at_most(z, e.constant(0.0))))


def _gelu_tanh(e: Emitter, z: Any) -> Any:
    inner = e.fma(e.builder.fmul(z, z), e.constant(GELU_SCALE * GELU_CUBIC), e.constant(GELU_SCALE))
    return e.tanh(e.builder.fmul(inner, z))


def _gelu(e: Emitter, _: Any, z: Any) -> Any:
    half = e.builder.fmul(z, e.constant(0.5))
    return e.builder.fmul(half, e.builder.fadd(_gelu_tanh(e, z), e.constant(1.0)))


def _silu(e: Emitter, _: Any, z: Any) -> Any:
    return e.builder.fmul(z, e.sigmoid(z)[0])


leaky, elu, gelu, silu = (_rows(function, 1) for function in (_leaky, _elu, _gelu, _silu))
softplus = _rows(lambda e, _, z: e.softplus(z), 1)
tanh = _rows(lambda e, _, z: e.tanh(z), 1)
sigmoid = _rows(lambda e, _, z: e.sigmoid(z)[0], 1)


# dZ = dA g'(z), from z, a and dA


def _times_slope(slope: Emit) -> Callable[..., None]:
    return _rows(lambda e, _, z, a, error: e.builder.fmul(error, slope(e, z, a)), 3)


def _gelu_slope(e: Emitter, z: Any, _a: Any) -> Any:
    t, one = _gelu_tanh(e, z), e.constant(1.0)
    inner = e.fma(e.builder.fmul(z, z), e.constant(3 * GELU_SCALE * GELU_CUBIC), e.constant(GELU_SCALE))
    curved = e.builder.fmul(e.builder.fmul(inner, z), e.fma(e.builder.fneg(t), t, one))
    return e.builder.fmul(e.constant(0.5), e.builder.fadd(e.builder.fadd(t, one), curved))


def _silu_slope(e: Emitter, z: Any, a: Any) -> Any:
    s, rest = e.sigmoid(z)
    return e.fma(a, rest, s)


leaky_slope = _times_slope(lambda e, _, a: e.where_above(a, e.constant(0.0), e.constant(1.0), e.constant(LEAK)))
elu_slope = _times_slope(lambda e, _, a: e.builder.fadd(e.at_most(a, e.constant(0.0)), e.constant(1.0)))
gelu_slope, silu_slope = _times_slope(_gelu_slope), _times_slope(_silu_slope)
softplus_slope = _times_slope(lambda e, _, a: e.builder.fneg(e.expm1_below(e.builder.fneg(a))))
tanh_slope = _times_slope(lambda e, _, a: e.fma(e.builder.fneg(a), a, e.constant(1.0)))
sigmoid_slope = _times_slope(lambda e, _, a: e.builder.fmul(a, e.builder.fsub(e.constant(1.0), a)))

multiply = _rows(lambda e, _, a, b: e.builder.fmul(a, b), 2)


# dZ of the output layer, from z, y and the weight of the example; 0 where that is 0


def _weighed(error: Emit) -> Callable[..., None]:
    def emit(e: Emitter, scale: Any, z: Any, y: Any, weight: Any) -> Any:
        value = e.builder.fmul(error(e, z, y), e.builder.fmul(scale, weight))
        return e.where_above(weight, e.constant(0.0), value, e.constant(0.0))

    return _rows(emit, 3)


def _logistic(e: Emitter, z: Any, y: Any) -> Any:
    above, below = e.sigmoid(z)
    return e.builder.fsub(e.builder.fmul(above, e.builder.fsub(e.constant(1.0), y)), e.builder.fmul(below, y))


def _difference(e: Emitter, z: Any, y: Any) -> Any:
    return e.builder.fsub(z, y)


def _huber(e: Emitter, z: Any, y: Any) -> Any:
    return e.at_least(e.at_most(_difference(e, z, y), e.constant(1.0)), e.constant(-1.0))


def _sign(e: Emitter, z: Any, y: Any) -> Any:
    difference, zero = _difference(e, z, y), e.constant(0.0)
    signed = e.call("copysign", e.constant(1.0), difference)
    return e.builder.select(e.builder.fcmp_ordered("!=", difference, zero), signed, difference)


logistic_error, squared_error, huber_error, absolute_error = (
    _weighed(error) for error in (_logistic, _difference, _huber, _sign)
)
poisson_error = _weighed(lambda e, z, y: e.builder.fsub(e.exp(z), y))
shift = _rows(lambda e, number, value, weight: e.fma(number, weight, value), 2)


# Softmax, a row for each class

row_maximum = _rows(lambda e, _, a, b: e.at_least(a, b), 2)
exp_difference = _rows(lambda e, _, a, b: e.exp(e.builder.fsub(a, b)), 2)
add = _rows(lambda e, _, a, b: e.builder.fadd(a, b), 2)


def _softmax(e: Emitter, scale: Any, power: Any, total: Any, y: Any, weight: Any) -> Any:
    error = e.builder.fsub(e.builder.fdiv(power, total), y)
    return e.where_above(weight, e.constant(0.0), e.builder.fmul(error, e.builder.fmul(scale, weight)), e.constant(0.0))


softmax_error = _rows(_softmax, 4)
copy = _rows(lambda _e, _, a: a, 1)
