"""The matrix products of a layer in blocks that stay in registers: rows are units, examples lie side by side.

Rows of a matrix come as (array, place of the first element, stride). Widths are padded to whole blocks, so that no
block has a remainder; examples of the padding have an error of 0.
"""

from __future__ import annotations

from collections.abc import Callable

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
_rows_most, _rows_4, _rows_2, _rows_1 = (rows_block(units, WIDTH) for units in _SIZES)
_row_most, _row_4, _row_2, _row_1 = (rows_block(units, 1) for units in _SIZES)
_dots_most, _dots_most_2, _dots_most_1 = (dots_block(DOT_UNITS, rows) for rows in (DOT_ROWS, 2, 1))
_dots_2_most, _dots_22, _dots_21 = (dots_block(2, rows) for rows in (DOT_ROWS, 2, 1))
_dots_1_most, _dots_12, _dots_11 = (dots_block(1, rows) for rows in (DOT_ROWS, 2, 1))


def _product(*, masked: bool) -> Callable[..., None]:
    most, four, two, one = (product_block(units, masked=masked) for units in _SIZES)

    @njit(nogil=True)
    def product(weights, count, source, out, mask, units, width, floor):
        W, first, per_unit, per_row = weights
        step = WIDTH * (BYTES // W.itemsize)
        for j in range(0, width, step):
            rows = (source[0], source[1] + j, source[2])
            u = 0
            while u < units:
                own = (W, first + u * per_unit, per_unit, per_row)
                to = (out[0], out[1] + u * out[2] + j, out[2])
                marks = (mask[0], mask[1] + u * mask[2] + j, mask[2])
                if u + UNITS <= units:
                    most(own, rows, count, to, marks, floor)
                    u += UNITS
                elif u + 4 <= units:
                    four(own, rows, count, to, marks, floor)
                    u += 4
                elif u + 2 <= units:
                    two(own, rows, count, to, marks, floor)
                    u += 2
                else:
                    one(own, rows, count, to, marks, floor)
                    u += 1

    return product


_floored, _masked = _product(masked=False), _product(masked=True)


@njit(nogil=True)
def forward_product(W, start, columns, source, out, units, width, floor):
    """out (units, width) = [W|b] source, at least `floor`; `source` has a row of ones last."""
    _floored((W, start, columns, 1), columns, source, out, out, units, width, floor)


@njit(nogil=True)
def backward_product(W, first, error, units, out, mask, rows, width, floor):
    """out (rows, width) = W^T error for some columns of W, 0 where `mask` is not above `floor`.

    `first` is the place of the first of these columns, and how far apart the rows of W are.
    """
    _masked((W, first[0], 1, first[1]), units, error, out, mask, rows, width, floor)


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
