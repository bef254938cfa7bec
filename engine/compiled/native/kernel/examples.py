"""The examples of an iteration: chosen ones side by side, and the masks of dropout for them."""

from __future__ import annotations

from typing import Any

from numba import njit
from numba.core import types
from numba.extending import intrinsic

from engine.compiled.native.codes import LayerColumn, PlanNumber
from engine.compiled.native.kernel.vectors import BYTES, Emitter, parts_of

UNITS, DROPS, MASK, FIRST, AFTER = map(
    int, (LayerColumn.UNITS, LayerColumn.DROPS, LayerColumn.MASK, LayerColumn.FIRST, LayerColumn.AFTER)
)
WIDTH, INPUT_STRIDE, INPUTS, LABELS, WEIGHT = map(
    int, (PlanNumber.WIDTH, PlanNumber.INPUT_STRIDE, PlanNumber.INPUTS, PlanNumber.LABELS, PlanNumber.WEIGHT)
)


@intrinsic
def _transposed_block(_context: Any, rows: Any, out: Any) -> Any:
    """Copy a vector of values of as many examples as it has lanes, so that the examples are side by side.

    `rows` is (array, values of an example, first value, order, place in it), `out` (array, place, stride).
    """

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        emitter = Emitter(builder, out[0].dtype)
        inputs, features, value, order, first = parts_of(context, builder, rows, args[0])
        results, to, stride = parts_of(context, builder, out, args[1])
        add, mul, whole = builder.add, builder.mul, to.type
        vectors = []
        for lane in range(emitter.lanes):
            example = builder.load(builder.gep(order, [add(first, whole(lane))]))
            vectors.append(emitter.load(inputs, add(mul(example, features), value)))
        for row, vector in enumerate(emitter.transposed(vectors)):
            emitter.store(vector, results, add(to, mul(stride, whole(row))))
        return context.get_dummy_value()

    return types.void(rows, out), emit


@njit(nogil=True, error_model="numpy")
def gather(plan, layers, inputs, order, start, count, work):
    """Copy some features of the chosen examples, rows of `inputs`, to columns of `work`, zeros behind them."""
    features, stride, lanes = layers[0, UNITS], plan[INPUT_STRIDE], BYTES // work.itemsize
    first, after = layers[0, FIRST], layers[0, AFTER]
    whole = first + (after - first) // lanes * lanes
    for j in range(0, count, lanes):
        some = min(lanes, count - j)
        full = whole if some == lanes else first
        for f in range(first, full, lanes):
            _transposed_block((inputs, features, f, order, start + j), (work, plan[INPUTS] + f * stride + j, stride))
        for f in range(full, after):
            for i in range(j, j + some):
                work[plan[INPUTS] + f * stride + i] = inputs[order[start + i] * features + f]
    for f in range(first, after):
        for j in range(count, plan[WIDTH]):
            work[plan[INPUTS] + f * stride + j] = 0


@njit(nogil=True, error_model="numpy")
def gather_labels(plan, outputs, labels, weight, order, start, count, work):
    """Copy the labels and the weights of the chosen examples likewise."""
    stride = plan[INPUT_STRIDE]
    for j in range(count):
        example = order[start + j]
        for u in range(outputs):
            work[plan[LABELS] + u * stride + j] = labels[example * outputs + u]
        work[plan[WEIGHT] + j] = weight[example]
    for j in range(count, plan[WIDTH]):
        for u in range(outputs):
            work[plan[LABELS] + u * stride + j] = 0
        work[plan[WEIGHT] + j] = 0


@njit(nogil=True, error_model="numpy")
def draw_masks(layers, keep, draws, drawn, count, start, width, work, stride):
    """The masks of dropout for `width` examples from `start`; `draws` has uniform numbers (units, count) a layer.

    Returns where those of the next iteration begin.
    """
    kind = work.dtype.type
    known = min(width, max(count - start, 0))
    for layer in range(1, len(layers) - 1):
        if layers[layer, DROPS]:
            kept, scaled = keep[layer], kind(1.0) / keep[layer]
            for u in range(layers[layer, FIRST], layers[layer, AFTER]):
                to, at = layers[layer, MASK] + u * stride, drawn + u * count + start
                for j in range(known):
                    work[to + j] = scaled if draws[at + j] < kept else kind(0.0)
                for j in range(known, width):
                    work[to + j] = 0
            drawn += layers[layer, UNITS] * count
    return drawn
