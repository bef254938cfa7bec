"""The forward and the backward pass of one network over one piece of its examples."""

from __future__ import annotations

import numpy as np
from numba import njit

from engine.compiled.native import elementwise as op
from engine.compiled.native.codes import ACTIVATIONS, LOSSES, LayerColumn
from engine.compiled.native.products import add_gradient, backward_product, forward_product

UNITS, BLOCK, Z, A, OUT, MASK, ACTIVATION, DROPS = map(int, LayerColumn)
LINEAR, RELU, LEAKY_RELU, ELU, GELU, SILU, SOFTPLUS, TANH, SIGMOID = range(len(ACTIVATIONS))
LOGISTIC, SOFTMAX, SQUARED, HUBER, ABSOLUTE, QUANTILE, POISSON = range(len(LOSSES))


@njit(nogil=True, error_model="numpy")
def forward(layers, w, source, work, stride, width):
    """Z, A and OUT of every layer but for the activation of the last; `source` are the inputs, a row of ones last."""
    kind = w.dtype.type
    last = len(layers) - 1
    for layer in range(1, last + 1):
        units, columns = layers[layer, UNITS], layers[layer - 1, UNITS] + 1
        z, a, out, code = layers[layer, Z], layers[layer, A], layers[layer, OUT], layers[layer, ACTIVATION]
        floor = kind(0.0) if layer < last and code == RELU else kind(-np.inf)
        forward_product(w, layers[layer, BLOCK], columns, source, (work, z, stride), units, width, floor)
        if layer == last:
            break
        if code not in (RELU, LINEAR):
            for u in range(units):
                activate(code, work, z + u * stride, a + u * stride, width)
        if layers[layer, DROPS]:
            for u in range(units):
                row, mask = a + u * stride, layers[layer, MASK] + u * stride
                op.multiply((work, out + u * stride), width, floor, (work, row, work, mask))
        source = (work, out, stride)


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
def backward(layers, w, g, source, work, stride, width, error, other):
    """Add the gradient of every layer to `g`, from the rows of dZ of the last at `error`; `other` is as much memory."""
    kind = w.dtype.type
    for layer in range(len(layers) - 1, 0, -1):
        units, rows, block = layers[layer, UNITS], layers[layer - 1, UNITS], layers[layer, BLOCK]
        below = source if layer == 1 else (work, layers[layer - 1, OUT], stride)
        add_gradient((work, error, stride), below, width, g, block, units, rows + 1)
        if layer == 1:
            break
        z, a, code = layers[layer - 1, Z], layers[layer - 1, A], layers[layer - 1, ACTIVATION]
        floor = kind(0.0) if code == RELU else kind(-np.inf)
        out, mask = (work, other, stride), (work, a, stride)
        backward_product(w, block, rows + 1, (work, error, stride), units, out, mask, width, floor)
        if layers[layer - 1, DROPS]:
            for u in range(rows):
                to, kept = other + u * stride, layers[layer - 1, MASK] + u * stride
                op.multiply((work, to), width, floor, (work, to, work, kept))
        if code not in (RELU, LINEAR):
            for u in range(rows):
                times_slope(code, work, z + u * stride, a + u * stride, other + u * stride, width)
        error, other = other, error
