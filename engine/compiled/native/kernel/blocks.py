"""Blocks of a product, small enough for their sums to stay in registers, as machine code.

Rows of a matrix come as (array, place of the first element, stride).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import binding, ir
from numba.core import config, types
from numba.extending import intrinsic

from engine.compiled.native.kernel.vectors import Emitter, parts_of


def _has_wide_registers() -> bool:
    """Whether the processor has 32 registers of 64 bytes; else 16 of 32 bytes are reckoned with."""
    return "+avx512f" in (getattr(config, "CPU_FEATURES", None) or binding.get_host_cpu_features().flatten()).split(",")


UNITS, WIDTH = (8, 2) if _has_wide_registers() else (6, 1)  # of a product: rows and vectors of examples or features
DOT_UNITS, DOT_ROWS = (4, 4) if _has_wide_registers() else (3, 2)  # rows on either side of sums over examples


def product_block(units: int, *, masked: bool) -> Callable[..., None]:
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


def dots_block(units: int, columns: int) -> Callable[..., None]:
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


def rows_block(units: int, vectors: int) -> Callable[..., None]:
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
