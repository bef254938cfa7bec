"""The matrix products of a layer in blocks that stay in registers: rows are units, examples lie side by side.

Rows of a matrix come as (array, place of the first element, stride). Widths are padded to whole blocks, so that no
block has a remainder; examples of the padding have an error of 0.
"""

from __future__ import annotations

from numba import njit

from engine.compiled.native.kernel.blocks import (
    DOT_ROWS,
    DOT_UNITS,
    UNITS,
    WIDTH,
    dots_block,
    product_block,
    rows_block,
)
from engine.compiled.native.kernel.vectors import BYTES

_SIZES = (UNITS, 4, 2, 1)
_floored_most, _floored_4, _floored_2, _floored_1 = (product_block(units, masked=False) for units in _SIZES)
_masked_most, _masked_4, _masked_2, _masked_1 = (product_block(units, masked=True) for units in _SIZES)
_rows_most, _rows_4, _rows_2, _rows_1 = (rows_block(units, WIDTH) for units in _SIZES)
_row_most, _row_4, _row_2, _row_1 = (rows_block(units, 1) for units in _SIZES)
_dots_most, _dots_most_2, _dots_most_1 = (dots_block(DOT_UNITS, rows) for rows in (DOT_ROWS, 2, 1))
_dots_2_most, _dots_22, _dots_21 = (dots_block(2, rows) for rows in (DOT_ROWS, 2, 1))
_dots_1_most, _dots_12, _dots_11 = (dots_block(1, rows) for rows in (DOT_ROWS, 2, 1))


@njit(nogil=True)
def forward_product(W, start, columns, source, out, units, width, floor):
    """out (units, width) = [W|b] source, at least `floor`; `source` has a row of ones last."""
    step = WIDTH * (BYTES // W.itemsize)
    for j in range(0, width, step):
        rows = (source[0], source[1] + j, source[2])
        u = 0
        while u < units:
            weights = (W, start + u * columns, columns, 1)
            to = (out[0], out[1] + u * out[2] + j, out[2])
            if u + UNITS <= units:
                _floored_most(weights, rows, columns, to, to, floor)
                u += UNITS
            elif u + 4 <= units:
                _floored_4(weights, rows, columns, to, to, floor)
                u += 4
            elif u + 2 <= units:
                _floored_2(weights, rows, columns, to, to, floor)
                u += 2
            else:
                _floored_1(weights, rows, columns, to, to, floor)
                u += 1


@njit(nogil=True)
def backward_product(W, first, error, units, out, mask, rows, width, floor):
    """out (rows, width) = W^T error for some columns of W, 0 where `mask` is not above `floor`.

    `first` is the place of the first of these columns, and how far apart the rows of W are.
    """
    step = WIDTH * (BYTES // W.itemsize)
    start, columns = first
    for j in range(0, width, step):
        errors = (error[0], error[1] + j, error[2])
        k = 0
        while k < rows:
            weights = (W, start + k, 1, columns)
            to = (out[0], out[1] + k * out[2] + j, out[2])
            marks = (mask[0], mask[1] + k * mask[2] + j, mask[2])
            if k + UNITS <= rows:
                _masked_most(weights, errors, units, to, marks, floor)
                k += UNITS
            elif k + 4 <= rows:
                _masked_4(weights, errors, units, to, marks, floor)
                k += 4
            elif k + 2 <= rows:
                _masked_2(weights, errors, units, to, marks, floor)
                k += 2
            else:
                _masked_1(weights, errors, units, to, marks, floor)
                k += 1


@njit(nogil=True)
def add_gradient(error, source, width, out, units, columns, fresh):
    """out (units, columns) += error source^T; with `fresh` it is = and not +=."""
    u = 0
    while u < units:
        rows = DOT_UNITS if u + DOT_UNITS <= units else 2 if u + 2 <= units else 1
        left = (error[0], error[1] + u * error[2], error[2])
        k = 0
        while k < columns:
            few = DOT_ROWS if k + DOT_ROWS <= columns else 2 if k + 2 <= columns else 1
            right = (source[0], source[1] + k * source[2], source[2])
            to = (out[0], out[1] + u * out[2] + k, out[2])
            if rows == DOT_UNITS:
                if few == DOT_ROWS:
                    _dots_most(left, right, width, to, fresh)
                elif few == 2:
                    _dots_most_2(left, right, width, to, fresh)
                else:
                    _dots_most_1(left, right, width, to, fresh)
            elif rows == 2:
                if few == DOT_ROWS:
                    _dots_2_most(left, right, width, to, fresh)
                elif few == 2:
                    _dots_22(left, right, width, to, fresh)
                else:
                    _dots_21(left, right, width, to, fresh)
            elif few == DOT_ROWS:
                _dots_1_most(left, right, width, to, fresh)
            elif few == 2:
                _dots_12(left, right, width, to, fresh)
            else:
                _dots_11(left, right, width, to, fresh)
            k += few
        u += rows


@njit(nogil=True)
def add_gradient_of_rows(error, examples, count, out, units, features, fresh):
    """Of `add_gradient` as many columns as fill whole vectors, from examples whose values lie side by side.

    `examples` is (array, order, place in it) of `count` examples. Returns the number of columns.
    """
    inputs, order, first = examples
    lanes, k = BYTES // inputs.itemsize, 0
    while k + lanes <= features:
        vectors = WIDTH if k + WIDTH * lanes <= features else 1
        rows = (inputs, features, k, order, first)
        u = 0
        while u < units:
            left = (error[0], error[1] + u * error[2], error[2])
            to = (out[0], out[1] + u * out[2] + k, out[2])
            if u + UNITS <= units:
                few = UNITS
                if vectors == WIDTH:
                    _rows_most(left, rows, count, to, fresh)
                else:
                    _row_most(left, rows, count, to, fresh)
            elif u + 4 <= units:
                few = 4
                if vectors == WIDTH:
                    _rows_4(left, rows, count, to, fresh)
                else:
                    _row_4(left, rows, count, to, fresh)
            elif u + 2 <= units:
                few = 2
                if vectors == WIDTH:
                    _rows_2(left, rows, count, to, fresh)
                else:
                    _row_2(left, rows, count, to, fresh)
            else:
                few = 1
                if vectors == WIDTH:
                    _rows_1(left, rows, count, to, fresh)
                else:
                    _row_1(left, rows, count, to, fresh)
            u += few
        k += vectors * lanes
    return k
