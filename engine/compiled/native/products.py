"""The matrix products of a layer as blocks that stay in registers: rows are units, examples lie side by side.

Widths are padded to whole blocks, so that no block has a remainder; examples of the padding have an error of 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit
from numba.core import types
from numba.extending import intrinsic

from engine.compiled.native.vectors import Emitter

WIDTH = 2  # vectors of a block of a product


def data_of(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    """The address of the first element of an array."""
    return context.make_array(kind)(context, builder, array).data


def _product_block(units: int, *, masked: bool) -> Callable[..., None]:
    """out = W source for `units` rows and WIDTH vectors of examples, then limited or masked.

    The element of W for row u and source row k is at `start + u * unit_step + k * step`. Unmasked, the product is at
    least `floor`; masked, it is 0 where `out_mask` (rows like those of out) is not above `floor`.
    """

    @intrinsic
    def block(
        _context: Any,
        W: Any,
        start: Any,
        unit_step: Any,
        step: Any,
        source: Any,
        source_start: Any,
        source_stride: Any,
        count: Any,
        out: Any,
        out_start: Any,
        out_stride: Any,
        mask: Any,
        mask_start: Any,
        floor: Any,
    ) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kinds = signature.args
            emitter = Emitter(builder, kinds[0].dtype)
            weights, rows, results, marks = (
                data_of(context, builder, kinds[place], args[place]) for place in (0, 4, 8, 11)
            )
            first, per_unit, per_row, row_start, row_stride, count_, to, to_stride, from_mask, lowest = (
                args[place] for place in (1, 2, 3, 5, 6, 7, 9, 10, 12, 13)
            )
            sums = [[emitter.variable(emitter.constant(0.0)) for _ in range(WIDTH)] for _ in range(units)]
            whole = count_.type
            with emitter.loop(count_) as k:
                row = builder.add(row_start, builder.mul(k, row_stride))
                values = [emitter.load(rows, builder.add(row, whole(v * emitter.lanes))) for v in range(WIDTH)]
                place = builder.add(first, builder.mul(k, per_row))
                for u in range(units):
                    at = builder.add(place, builder.mul(per_unit, whole(u)))
                    weight = emitter.spread(builder.load(builder.gep(weights, [at])))
                    for v in range(WIDTH):
                        slot = sums[u][v]
                        builder.store(emitter.fma(weight, values[v], builder.load(slot)), slot)
            limit = emitter.spread(lowest)
            for u in range(units):
                for v in range(WIDTH):
                    offset = builder.add(builder.mul(to_stride, whole(u)), whole(v * emitter.lanes))
                    value = builder.load(sums[u][v])
                    if masked:
                        mark = emitter.load(marks, builder.add(from_mask, offset))
                        value = emitter.where_above(mark, limit, value, emitter.constant(0.0))
                    else:
                        value = emitter.at_least(value, limit)
                    emitter.store(value, results, builder.add(to, offset))
            return context.get_dummy_value()

        whole = types.int64
        arguments = (W, whole, whole, whole, source, whole, whole, whole, out, whole, whole, mask, whole, W.dtype)
        return types.void(*arguments), emit

    return block


def _dots_block(units: int, columns: int) -> Callable[..., None]:
    """out[u, k] += the sum over the examples of left[u] right[k], for `units` rows and `columns` rows."""

    @intrinsic
    def block(
        _context: Any,
        left: Any,
        left_start: Any,
        left_stride: Any,
        right: Any,
        right_start: Any,
        right_stride: Any,
        width: Any,
        out: Any,
        out_start: Any,
        out_stride: Any,
    ) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kinds = signature.args
            emitter = Emitter(builder, kinds[0].dtype)
            lefts, rights, results = (data_of(context, builder, kinds[place], args[place]) for place in (0, 3, 7))
            left_at, left_step, right_at, right_step, width_, to, to_stride = (
                args[place] for place in (1, 2, 4, 5, 6, 8, 9)
            )
            whole = width_.type
            sums = [[emitter.variable(emitter.constant(0.0)) for _ in range(columns)] for _ in range(units)]
            with emitter.loop(width_, emitter.lanes) as j:
                a = [
                    emitter.load(lefts, builder.add(builder.add(left_at, j), builder.mul(left_step, whole(u))))
                    for u in range(units)
                ]
                b = [
                    emitter.load(rights, builder.add(builder.add(right_at, j), builder.mul(right_step, whole(k))))
                    for k in range(columns)
                ]
                for u in range(units):
                    for k in range(columns):
                        slot = sums[u][k]
                        builder.store(emitter.fma(a[u], b[k], builder.load(slot)), slot)
            for u in range(units):
                for k in range(columns):
                    at = builder.gep(
                        results, [builder.add(builder.add(to, builder.mul(to_stride, whole(u))), whole(k))]
                    )
                    total = emitter.total(builder.load(sums[u][k]))
                    builder.store(builder.fadd(builder.load(at), total), at)
            return context.get_dummy_value()

        whole = types.int64
        return types.void(left, whole, whole, right, whole, whole, whole, out, whole, whole), emit

    return block


_floored_4, _floored_2, _floored_1 = (_product_block(units, masked=False) for units in (4, 2, 1))
_masked_4, _masked_2, _masked_1 = (_product_block(units, masked=True) for units in (4, 2, 1))
_dots_44, _dots_42, _dots_41 = (_dots_block(4, columns) for columns in (4, 2, 1))
_dots_24, _dots_22, _dots_21 = (_dots_block(2, columns) for columns in (4, 2, 1))
_dots_14, _dots_12, _dots_11 = (_dots_block(1, columns) for columns in (4, 2, 1))


@njit(nogil=True)
def forward_product(
    W, start, columns, source, source_start, source_stride, out, out_start, stride, units, width, floor
):
    """out (units, width) = [W|b] source, at least `floor`; `source` has a row of ones last."""
    step = WIDTH * (64 // W.itemsize)
    for j in range(0, width, step):
        at = source_start + j
        u = 0
        while u + 4 <= units:
            _floored_4(
                W,
                start + u * columns,
                columns,
                1,
                source,
                at,
                source_stride,
                columns,
                out,
                out_start + u * stride + j,
                stride,
                out,
                0,
                floor,
            )
            u += 4
        if u + 2 <= units:
            _floored_2(
                W,
                start + u * columns,
                columns,
                1,
                source,
                at,
                source_stride,
                columns,
                out,
                out_start + u * stride + j,
                stride,
                out,
                0,
                floor,
            )
            u += 2
        if u < units:
            _floored_1(
                W,
                start + u * columns,
                columns,
                1,
                source,
                at,
                source_stride,
                columns,
                out,
                out_start + u * stride + j,
                stride,
                out,
                0,
                floor,
            )


@njit(nogil=True)
def backward_product(
    W, start, columns, units, error, error_start, out, out_start, stride, width, mask_start, mask, floor
):
    """out (columns - 1, width) = W^T error, 0 where `mask` is not above `floor`."""
    step = WIDTH * (64 // W.itemsize)
    rows = columns - 1
    for j in range(0, width, step):
        k = 0
        while k + 4 <= rows:
            _masked_4(
                W,
                start + k,
                1,
                columns,
                error,
                error_start + j,
                stride,
                units,
                out,
                out_start + k * stride + j,
                stride,
                mask,
                mask_start + k * stride + j,
                floor,
            )
            k += 4
        if k + 2 <= rows:
            _masked_2(
                W,
                start + k,
                1,
                columns,
                error,
                error_start + j,
                stride,
                units,
                out,
                out_start + k * stride + j,
                stride,
                mask,
                mask_start + k * stride + j,
                floor,
            )
            k += 2
        if k < rows:
            _masked_1(
                W,
                start + k,
                1,
                columns,
                error,
                error_start + j,
                stride,
                units,
                out,
                out_start + k * stride + j,
                stride,
                mask,
                mask_start + k * stride + j,
                floor,
            )


@njit(nogil=True)
def add_gradient(
    error, error_start, stride, source, source_start, source_stride, width, out, out_start, units, columns
):
    """out (units, columns) += error source^T"""
    u = 0
    while u < units:
        rows = 4 if u + 4 <= units else 2 if u + 2 <= units else 1
        e = error_start + u * stride
        k = 0
        while k < columns:
            few = 4 if k + 4 <= columns else 2 if k + 2 <= columns else 1
            s = source_start + k * source_stride
            to = out_start + u * columns + k
            if rows == 4:
                if few == 4:
                    _dots_44(error, e, stride, source, s, source_stride, width, out, to, columns)
                elif few == 2:
                    _dots_42(error, e, stride, source, s, source_stride, width, out, to, columns)
                else:
                    _dots_41(error, e, stride, source, s, source_stride, width, out, to, columns)
            elif rows == 2:
                if few == 4:
                    _dots_24(error, e, stride, source, s, source_stride, width, out, to, columns)
                elif few == 2:
                    _dots_22(error, e, stride, source, s, source_stride, width, out, to, columns)
                else:
                    _dots_21(error, e, stride, source, s, source_stride, width, out, to, columns)
            elif few == 4:
                _dots_14(error, e, stride, source, s, source_stride, width, out, to, columns)
            elif few == 2:
                _dots_12(error, e, stride, source, s, source_stride, width, out, to, columns)
            else:
                _dots_11(error, e, stride, source, s, source_stride, width, out, to, columns)
            k += few
        u += rows
