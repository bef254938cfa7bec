"""The forward and the backward pass of one network over one piece of its examples."""

from __future__ import annotations

import numpy as np
from numba import njit

from engine.compiled.native.codes import ACTIVATIONS, LOSSES, LayerColumn
from engine.compiled.native.kernel import elementwise as op
from engine.compiled.native.kernel.meeting import meet
from engine.compiled.native.kernel.products import add_gradient, add_gradient_of_rows, backward_product, forward_product

UNITS, BLOCK, Z, A, OUT, MASK, ACTIVATION, DROPS, FIRST, AFTER = map(int, LayerColumn)
LINEAR, RELU, LEAKY_RELU, ELU, GELU, SILU, SOFTPLUS, TANH, SIGMOID = range(len(ACTIVATIONS))
LOGISTIC, SOFTMAX, SQUARED, HUBER, ABSOLUTE, QUANTILE, POISSON = range(len(LOSSES))


@njit(nogil=True, error_model="numpy")
def forward(layers, w, source, work, stride, width, crew):
    """Z, A and OUT of every layer but for the activation of the last; `source` are the inputs, a row of ones last.

    Every thread of `crew` computes units of its own, and waits for the others after each layer.
    """
    kind = w.dtype.type
    last = len(layers) - 1
    for layer in range(1, last + 1):
        first, after, columns = layers[layer, FIRST], layers[layer, AFTER], layers[layer - 1, UNITS] + 1
        z, a, out, code = layers[layer, Z], layers[layer, A], layers[layer, OUT], layers[layer, ACTIVATION]
        floor = kind(0.0) if layer < last and code == RELU else kind(-np.inf)
        start, to = layers[layer, BLOCK] + first * columns, (work, z + first * stride, stride)
        forward_product(w, start, columns, source, to, after - first, width, floor)
        if layer < last and code not in (RELU, LINEAR):
            for u in range(first, after):
                activate(code, work, z + u * stride, a + u * stride, width)
        if layer < last and layers[layer, DROPS]:
            for u in range(first, after):
                row, mask = a + u * stride, layers[layer, MASK] + u * stride
                op.multiply((work, out + u * stride), width, floor, (work, row, work, mask))
        source = (work, out, stride)
        meet(crew)


@njit(nogil=True, error_model="numpy")
def activate(code, work, z, a, width):
    """a = g(z) of one unit."""
    zero = work.dtype.type(0.0)
    if code == TANH:
        op.tanh((work, a), width, zero, (work, z))
    elif code == SIGMOID:
        op.sigmoid((work, a), width, zero, (work, z))
    elif code == LEAKY_RELU:
        op.leaky((work, a), width, zero, (work, z))
    elif code == ELU:
        op.elu((work, a), width, zero, (work, z))
    elif code == GELU:
        op.gelu((work, a), width, zero, (work, z))
    elif code == SILU:
        op.silu((work, a), width, zero, (work, z))
    else:
        op.softplus((work, a), width, zero, (work, z))


@njit(nogil=True, error_model="numpy")
def times_slope(code, work, z, a, error, width):
    """dZ = dA g'(z) of one unit, in place."""
    zero = work.dtype.type(0.0)
    triple = (work, z, work, a, work, error)
    if code == TANH:
        op.tanh_slope((work, error), width, zero, triple)
    elif code == SIGMOID:
        op.sigmoid_slope((work, error), width, zero, triple)
    elif code == LEAKY_RELU:
        op.leaky_slope((work, error), width, zero, triple)
    elif code == ELU:
        op.elu_slope((work, error), width, zero, triple)
    elif code == GELU:
        op.gelu_slope((work, error), width, zero, triple)
    elif code == SILU:
        op.silu_slope((work, error), width, zero, triple)
    elif code == SOFTPLUS:
        op.softplus_slope((work, error), width, zero, triple)


@njit(nogil=True, error_model="numpy")
def output_error(loss, quantile, units, z, error, spare, width, labels, weight, scale):
    """dZ of the last layer times `scale` and the weight of each example, from rows of Z and labels to those of `error`.

    `weight` is one row, as is `spare`, memory for one.
    """
    work, row = spare
    w, place = weight
    if loss == SOFTMAX:
        op.copy(spare, width, scale, (work, z[1]))
        for u in range(1, units):
            op.row_maximum(spare, width, scale, (work, row, work, z[1] + u * z[2]))
        for u in range(units):
            op.exp_difference((work, error[1] + u * error[2]), width, scale, (work, z[1] + u * z[2], work, row))
        op.copy(spare, width, scale, (work, error[1]))
        for u in range(1, units):
            op.add(spare, width, scale, (work, row, work, error[1] + u * error[2]))
        for u in range(units):
            e, y = error[1] + u * error[2], labels[1] + u * labels[2]
            op.softmax_error((work, e), width, scale, (work, e, work, row, labels[0], y, w, place))
        return
    for u in range(units):
        out = (work, error[1] + u * error[2])
        rows = (work, z[1] + u * z[2], labels[0], labels[1] + u * labels[2], w, place)
        if loss == LOGISTIC:
            op.logistic_error(out, width, scale, rows)
        elif loss == SQUARED:
            op.squared_error(out, width, scale, rows)
        elif loss == HUBER:
            op.huber_error(out, width, scale, rows)
        elif loss == POISSON:
            op.poisson_error(out, width, scale, rows)
        elif loss == ABSOLUTE:
            op.absolute_error(out, width, scale, rows)
        else:
            kind = work.dtype.type
            op.absolute_error(out, width, scale * kind(0.5), rows)
            op.shift(out, width, scale * kind(0.5 - quantile), (work, out[1], w, place))


@njit(nogil=True, error_model="numpy")
def backward(layers, w, g, source, examples, work, stride, width, error, other, fresh, crew):
    """Add the gradient of every layer to `g`, from the rows of dZ of the last at `error`; `other` is as much memory.

    With `fresh` it is put in place of what is there. `examples` is (inputs, order, place in it, count) where the inputs
    have the values of an example side by side, and a count of -1 where not. Every thread of `crew` adds the gradient of
    its own units, and waits for the others after each layer.
    """
    kind = w.dtype.type
    for layer in range(len(layers) - 1, 0, -1):
        units, rows, block = layers[layer, UNITS], layers[layer - 1, UNITS], layers[layer, BLOCK]
        first, after = layers[layer, FIRST], layers[layer, AFTER]
        own, some = (work, error + first * stride, stride), after - first
        begin, columns, done = block + first * (rows + 1), rows + 1, 0
        if layer == 1 and examples[3] >= 0:
            to = (g, begin, columns)
            done = add_gradient_of_rows(own, examples[:3], examples[3], to, some, rows, fresh)
        below = source if layer == 1 else (work, layers[layer - 1, OUT], stride)
        below = (below[0], below[1] + done * below[2], below[2])
        add_gradient(own, below, width, (g, begin + done, columns), some, columns - done, fresh)
        if layer == 1:
            break
        first, after = layers[layer - 1, FIRST], layers[layer - 1, AFTER]
        z, a, code = layers[layer - 1, Z], layers[layer - 1, A], layers[layer - 1, ACTIVATION]
        floor = kind(0.0) if code == RELU else kind(-np.inf)
        out, mask = (work, other + first * stride, stride), (work, a + first * stride, stride)
        weights = (block + first, rows + 1)
        backward_product(w, weights, (work, error, stride), units, out, mask, after - first, width, floor)
        if layers[layer - 1, DROPS]:
            for u in range(first, after):
                to_row, kept = other + u * stride, layers[layer - 1, MASK] + u * stride
                op.multiply((work, to_row), width, floor, (work, to_row, work, kept))
        if code not in (RELU, LINEAR):
            for u in range(first, after):
                times_slope(code, work, z + u * stride, a + u * stride, other + u * stride, width)
        error, other = other, error
        meet(crew)
