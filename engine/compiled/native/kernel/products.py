"""The matrix products of a layer in blocks that stay in registers: rows are units, examples lie side by side.

Rows of a matrix come as (array, place of the first element, stride). Widths are padded to whole blocks, so that no
block has a remainder; examples of the padding have an error of 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import njit
from numba.core import types
from numba.extending import intrinsic

from engine.compiled.native.kernel.vectors import BYTES, Emitter, parts_of

WIDTH = 2  # vectors of a block of a product


def _product_block(units: int, *, masked: bool) -> Callable[..., None]:
    """out = W source for `units` rows and WIDTH vectors of examples.

    `weights` is (array, place, step from unit to unit, step from source row to source row), of `count` source rows. The
    product is at least `floor`; or, masked, it is 0 where `mask`, rows like those of out, is not above `floor`.
    """

    @intrinsic
    def block(_context: Any, weights: Any, source: Any, count: Any, out: Any, mask: Any, floor: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            emitter = Emitter(builder, out[0].dtype)
            W, first, per_unit, per_row = parts_of(context, builder, weights, args[0])
            rows, start, stride = parts_of(context, builder, source, args[1])
            results, to, out_stride = parts_of(context, builder, out, args[3])
            marks, mark, mark_stride = parts_of(context, builder, mask, args[4])
            add, mul, limit, lanes = builder.add, builder.mul, emitter.spread(args[5]), emitter.lanes
            whole = start.type
            sums = [[emitter.variable(0.0) for _ in range(WIDTH)] for _ in range(units)]
            with emitter.loop(args[2]) as k:
                row, place = add(start, mul(k, stride)), add(first, mul(k, per_row))
                values = [emitter.load(rows, add(row, whole(v * lanes))) for v in range(WIDTH)]
                for u in range(units):
                    weight = emitter.spread(builder.load(builder.gep(W, [add(place, mul(per_unit, whole(u)))])))
                    for value, slot in zip(values, sums[u], strict=True):
                        builder.store(emitter.fma(weight, value, builder.load(slot)), slot)
            for u in range(units):
                for v in range(WIDTH):
                    value = builder.load(sums[u][v])
                    if masked:
                        seen = emitter.load(marks, add(add(mark, mul(mark_stride, whole(u))), whole(v * lanes)))
                        value = emitter.where_above(seen, limit, value, emitter.constant(0.0))
                    else:
                        value = emitter.at_least(value, limit)
                    emitter.store(value, results, add(add(to, mul(out_stride, whole(u))), whole(v * lanes)))
            return context.get_dummy_value()

        return types.void(weights, source, types.int64, out, mask, floor), emit

    return block


def _dots_block(units: int, columns: int) -> Callable[..., None]:
    """out[u, k] += the sum over the examples of left[u] right[k], for `units` rows and `columns` rows.

    With `fresh` it is = and not +=.
    """

    @intrinsic
    def block(_context: Any, left: Any, right: Any, width: Any, out: Any, fresh: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            emitter = Emitter(builder, out[0].dtype)
            sides = [parts_of(context, builder, kind, arg) for kind, arg in zip((left, right), args[:2], strict=True)]
            results, to, out_stride = parts_of(context, builder, out, args[3])
            add, mul, whole = builder.add, builder.mul, to.type
            sums = [[emitter.variable(0.0) for _ in range(columns)] for _ in range(units)]
            with emitter.loop(args[2], emitter.lanes) as j:
                a, b = (
                    [emitter.load(data, add(add(start, j), mul(stride, whole(row)))) for row in range(rows)]
                    for (data, start, stride), rows in zip(sides, (units, columns), strict=True)
                )
                for u in range(units):
                    for k in range(columns):
                        builder.store(emitter.fma(a[u], b[k], builder.load(sums[u][k])), sums[u][k])
            for u in range(units):
                total = emitter.totals([builder.load(slot) for slot in sums[u]])
                at = builder.gep(results, [add(to, mul(out_stride, whole(u)))])
                at = builder.bitcast(at, total.type.as_pointer())
                element = emitter.bytes_of_lane
                before = builder.load(at, align=element)
                before = builder.select(args[4], ir.Constant(before.type, [0.0] * columns), before)
                builder.store(builder.fadd(before, total), at, align=element)
            return context.get_dummy_value()

        return types.void(left, right, types.int64, out, types.boolean), emit

    return block


def _rows_block(units: int, vectors: int) -> Callable[..., None]:
    """out[u, k] += the sum over examples of error[u] times their value k, for `units` rows and `vectors` vectors of k.

    `rows` is (array, values of an example, k, order, place in it) of examples whose values lie side by side. With
    `fresh` it is = and not +=.
    """

    @intrinsic
    def block(_context: Any, error: Any, rows: Any, count: Any, out: Any, fresh: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            emitter = Emitter(builder, out[0].dtype)
            errors, start, stride = parts_of(context, builder, error, args[0])
            inputs, features, k, order, first = parts_of(context, builder, rows, args[1])
            results, to, out_stride = parts_of(context, builder, out, args[3])
            add, mul, whole, lanes = builder.add, builder.mul, to.type, emitter.lanes
            sums = [[emitter.variable(0.0) for _ in range(vectors)] for _ in range(units)]
            with emitter.loop(args[2]) as j:
                example = builder.load(builder.gep(order, [add(first, j)]))
                place = add(mul(example, features), k)
                values = [emitter.load(inputs, add(place, whole(v * lanes))) for v in range(vectors)]
                for u in range(units):
                    at = add(add(start, j), mul(stride, whole(u)))
                    number = emitter.spread(builder.load(builder.gep(errors, [at])))
                    for value, slot in zip(values, sums[u], strict=True):
                        builder.store(emitter.fma(number, value, builder.load(slot)), slot)
            for u in range(units):
                for v in range(vectors):
                    at = add(add(to, mul(out_stride, whole(u))), whole(v * lanes))
                    before = builder.select(args[4], emitter.constant(0.0), emitter.load(results, at))
                    emitter.store(builder.fadd(before, builder.load(sums[u][v])), results, at)
            return context.get_dummy_value()

        return types.void(error, rows, types.int64, out, types.boolean), emit

    return block


_floored_8, _floored_4, _floored_2, _floored_1 = (_product_block(units, masked=False) for units in (8, 4, 2, 1))
_masked_8, _masked_4, _masked_2, _masked_1 = (_product_block(units, masked=True) for units in (8, 4, 2, 1))
_rows_82, _rows_42, _rows_22, _rows_12 = (_rows_block(units, 2) for units in (8, 4, 2, 1))
_rows_81, _rows_41, _rows_21, _rows_11 = (_rows_block(units, 1) for units in (8, 4, 2, 1))
_dots_44, _dots_42, _dots_41 = (_dots_block(4, columns) for columns in (4, 2, 1))
_dots_24, _dots_22, _dots_21 = (_dots_block(2, columns) for columns in (4, 2, 1))
_dots_14, _dots_12, _dots_11 = (_dots_block(1, columns) for columns in (4, 2, 1))


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
            if u + 8 <= units:
                _floored_8(weights, rows, columns, to, to, floor)
                u += 8
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
            if k + 8 <= rows:
                _masked_8(weights, errors, units, to, marks, floor)
                k += 8
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
        rows = 4 if u + 4 <= units else 2 if u + 2 <= units else 1
        left = (error[0], error[1] + u * error[2], error[2])
        k = 0
        while k < columns:
            few = 4 if k + 4 <= columns else 2 if k + 2 <= columns else 1
            right = (source[0], source[1] + k * source[2], source[2])
            to = (out[0], out[1] + u * out[2] + k, out[2])
            if rows == 4:
                if few == 4:
                    _dots_44(left, right, width, to, fresh)
                elif few == 2:
                    _dots_42(left, right, width, to, fresh)
                else:
                    _dots_41(left, right, width, to, fresh)
            elif rows == 2:
                if few == 4:
                    _dots_24(left, right, width, to, fresh)
                elif few == 2:
                    _dots_22(left, right, width, to, fresh)
                else:
                    _dots_21(left, right, width, to, fresh)
            elif few == 4:
                _dots_14(left, right, width, to, fresh)
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
        vectors = 2 if k + 2 * lanes <= features else 1
        rows = (inputs, features, k, order, first)
        u = 0
        while u < units:
            left = (error[0], error[1] + u * error[2], error[2])
            to = (out[0], out[1] + u * out[2] + k, out[2])
            if u + 8 <= units:
                few = 8
                if vectors == 2:
                    _rows_82(left, rows, count, to, fresh)
                else:
                    _rows_81(left, rows, count, to, fresh)
            elif u + 4 <= units:
                few = 4
                if vectors == 2:
                    _rows_42(left, rows, count, to, fresh)
                else:
                    _rows_41(left, rows, count, to, fresh)
            elif u + 2 <= units:
                few = 2
                if vectors == 2:
                    _rows_22(left, rows, count, to, fresh)
                else:
                    _rows_21(left, rows, count, to, fresh)
            else:
                few = 1
                if vectors == 2:
                    _rows_12(left, rows, count, to, fresh)
                else:
                    _rows_11(left, rows, count, to, fresh)
            u += few
        k += vectors * lanes
    return k
