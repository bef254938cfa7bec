"""The forward and the backward pass of one network over one piece of its examples."""

from __future__ import annotations

import numpy as np
from numba import njit

from engine.compiled.native import elementwise as op
from engine.compiled.native.codes import ACTIVATIONS, LOSSES, Layer
from engine.compiled.native.products import add_gradient, backward_product, forward_product

UNITS, BLOCK, Z, A, OUT, MASK, ACTIVATION, DROPS = map(int, Layer)
LINEAR, RELU, LEAKY_RELU, ELU, GELU, SILU, SOFTPLUS, TANH, SIGMOID = range(len(ACTIVATIONS))
LOGISTIC, SOFTMAX, SQUARED, HUBER, ABSOLUTE, QUANTILE, POISSON = range(len(LOSSES))


@njit(nogil=True, error_model="numpy")
def forward(layers, w, source, source_start, source_stride, work, stride, width):
    """Z, A and OUT of every layer but for the activation of the last; `source` are the inputs, a row of ones last."""
    kind = w.dtype.type
    last = len(layers) - 1
    for layer in range(1, last + 1):
        units, columns = layers[layer, UNITS], layers[layer - 1, UNITS] + 1
        z, a, out, code = layers[layer, Z], layers[layer, A], layers[layer, OUT], layers[layer, ACTIVATION]
        floor = kind(0.0) if layer < last and code == RELU else kind(-np.inf)
        forward_product(
            w, layers[layer, BLOCK], columns, source, source_start, source_stride, work, z, stride, units, width, floor
        )
        if layer == last:
            break
        if code != RELU and code != LINEAR:
            for u in range(units):
                activate(code, work, z + u * stride, a + u * stride, width)
        if layers[layer, DROPS]:
            for u in range(units):
                row, mask = a + u * stride, layers[layer, MASK] + u * stride
                op.multiply(work, out + u * stride, width, floor, (work, row, work, mask))
        source, source_start, source_stride = work, out, stride


@njit(nogil=True, error_model="numpy")
def activate(code, work, z, a, width):
    """a = g(z) of one unit."""
    zero = work.dtype.type(0.0)
    if code == TANH:
        op.tanh(work, a, width, zero, (work, z))
    elif code == SIGMOID:
        op.sigmoid(work, a, width, zero, (work, z))
    elif code == LEAKY_RELU:
        op.leaky(work, a, width, zero, (work, z))
    elif code == ELU:
        op.elu(work, a, width, zero, (work, z))
    elif code == GELU:
        op.gelu(work, a, width, zero, (work, z))
    elif code == SILU:
        op.silu(work, a, width, zero, (work, z))
    else:
        op.softplus(work, a, width, zero, (work, z))


@njit(nogil=True, error_model="numpy")
def times_slope(code, work, z, a, error, width):
    """dZ = dA g'(z) of one unit, in place."""
    zero = work.dtype.type(0.0)
    triple = (work, z, work, a, work, error)
    if code == TANH:
        op.tanh_slope(work, error, width, zero, triple)
    elif code == SIGMOID:
        op.sigmoid_slope(work, error, width, zero, triple)
    elif code == LEAKY_RELU:
        op.leaky_slope(work, error, width, zero, triple)
    elif code == ELU:
        op.elu_slope(work, error, width, zero, triple)
    elif code == GELU:
        op.gelu_slope(work, error, width, zero, triple)
    elif code == SILU:
        op.silu_slope(work, error, width, zero, triple)
    elif code == SOFTPLUS:
        op.softplus_slope(work, error, width, zero, triple)


@njit(nogil=True, error_model="numpy")
def output_error(loss, units, work, z, error, row, stride, width, labels, label, label_stride, weight, place, scale, q):
    """dZ of the last layer times `scale` and the weight of each example; `row` is memory for one row.

    `label` and `place` are where the labels and the weights of this piece of the examples begin.
    """
    if loss == SOFTMAX:
        op.copy(work, row, width, scale, (work, z))
        for u in range(1, units):
            op.row_maximum(work, row, width, scale, (work, row, work, z + u * stride))
        for u in range(units):
            op.exp_difference(work, error + u * stride, width, scale, (work, z + u * stride, work, row))
        op.copy(work, row, width, scale, (work, error))
        for u in range(1, units):
            op.add(work, row, width, scale, (work, row, work, error + u * stride))
        for u in range(units):
            e, y = error + u * stride, label + u * label_stride
            op.softmax_error(work, e, width, scale, (work, e, work, row, labels, y, weight, place))
        return
    for u in range(units):
        e, at, y = error + u * stride, z + u * stride, label + u * label_stride
        group = (work, at, labels, y, weight, place)
        if loss == LOGISTIC:
            op.logistic_error(work, e, width, scale, group)
        elif loss == SQUARED:
            op.squared_error(work, e, width, scale, group)
        elif loss == HUBER:
            op.huber_error(work, e, width, scale, group)
        elif loss == POISSON:
            op.poisson_error(work, e, width, scale, group)
        elif loss == ABSOLUTE:
            op.absolute_error(work, e, width, scale, group)
        else:
            kind = work.dtype.type
            op.absolute_error(work, e, width, scale * kind(0.5), group)
            op.shift(work, e, width, scale * kind(0.5 - q), (work, e, weight, place))


@njit(nogil=True, error_model="numpy")
def backward(layers, w, g, source, source_start, source_stride, work, stride, width, error, other):
    """Add the gradient of every layer to `g`, from dZ of the last at `error`; `other` is as much memory."""
    kind = w.dtype.type
    for layer in range(len(layers) - 1, 0, -1):
        units, rows = layers[layer, UNITS], layers[layer - 1, UNITS]
        inputs, start, step = (source, source_start, source_stride) if layer == 1 else (work, layers[layer - 1, OUT], stride)
        block = layers[layer, BLOCK]
        add_gradient(work, error, stride, inputs, start, step, width, g, block, units, rows + 1)
        if layer == 1:
            break
        z, a, code = layers[layer - 1, Z], layers[layer - 1, A], layers[layer - 1, ACTIVATION]
        floor = kind(0.0) if code == RELU else kind(-np.inf)
        backward_product(w, block, rows + 1, units, work, error, work, other, stride, width, a, work, floor)
        if layers[layer - 1, DROPS]:
            for u in range(rows):
                to, mask = other + u * stride, layers[layer - 1, MASK] + u * stride
                op.multiply(work, to, width, floor, (work, to, work, mask))
        if code != RELU and code != LINEAR:
            for u in range(rows):
                times_slope(code, work, z + u * stride, a + u * stride, other + u * stride, width)
        error, other = other, error
