"""The kernel: whole iterations of every network in one compiled loop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numba
from numba import njit, types

from engine.compiled.native.codes import LayerColumn, PlanNumber, SettingColumn
from engine.compiled.native.layers import backward, forward, output_error
from engine.compiled.native.update_rules import clip, decay, penalize, scale_gradient, scale_weights, update

UNITS, Z, MASK, DROPS = map(int, (LayerColumn.UNITS, LayerColumn.Z, LayerColumn.MASK, LayerColumn.DROPS))
RULE, LOSS, CLIPS, FOLDS, DECOUPLED, BATCHED, COUNT, WIDTH, TILE, STRIDE, INPUT_STRIDE = map(int, list(PlanNumber)[:11])
INPUTS, LABELS, WEIGHT, ERROR, OTHER, ROW, SIZE = map(int, list(PlanNumber)[11:])
CLIP, DIVISOR, SCALE_RATE = map(int, (SettingColumn.CLIP, SettingColumn.DIVISOR, SettingColumn.SCALE_RATE))
TRANSPOSED = 16  # features that are copied together, so that what is written to stays in the cache


@njit(nogil=True, error_model="numpy")
def gather(plan, inputs, labels, weight, features, outputs, order, start, count, work):
    """Copy the chosen examples, rows of `inputs` and `labels`, to columns of `work`, zeros behind them."""
    stride = plan[INPUT_STRIDE]
    for block in range(0, features, TRANSPOSED):
        for j in range(count):
            example = order[start + j]
            for f in range(block, min(block + TRANSPOSED, features)):
                work[plan[INPUTS] + f * stride + j] = inputs[example * features + f]
    for j in range(count):
        example = order[start + j]
        for u in range(outputs):
            work[plan[LABELS] + u * stride + j] = labels[example * outputs + u]
        work[plan[WEIGHT] + j] = weight[example]
    for j in range(count, plan[WIDTH]):
        for f in range(features):
            work[plan[INPUTS] + f * stride + j] = 0
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
            for u in range(layers[layer, UNITS]):
                to, at = layers[layer, MASK] + u * stride, drawn + u * count + start
                for j in range(known):
                    work[to + j] = scaled if draws[at + j] < kept else kind(0.0)
                for j in range(known, width):
                    work[to + j] = 0
            drawn += layers[layer, UNITS] * count
    return drawn


@njit(nogil=True, error_model="numpy")
def iterate(
    n, members, plan, layers, keep, quantile, vectors, is_weight, data, batches, settings, rates, updates, work
):
    """`n` iterations of the networks `members`, from the first to before the last; they share nothing but their data.

    `vectors` are parameters, gradient and the two of the optimizer's memory, (K, P) each. `data` are inputs, labels and
    weights (1 or K, m); `batches` the order (K, ...) in which mini-batches take them and the size of each, and uniform
    numbers (K, ...) for dropout. `rates` (1 or n, K) has the learning rate of each iteration, `updates` says how many
    came before.
    """
    inputs, labels, weight = data
    order, counts, draws = batches
    kind, last = work.dtype.type, len(layers) - 1
    features, outputs = layers[0, UNITS], layers[last, UNITS]
    batched, stride, step = plan[BATCHED] != 0, plan[STRIDE], plan[INPUT_STRIDE]
    z, error, spare = (work, layers[last, Z], stride), (work, plan[ERROR], stride), (work, plan[ROW])
    for k in range(members[0], members[1]):
        w, g, options = vectors[0][k], vectors[1][k], settings[k]
        weights = weight[k if len(weight) > 1 else 0]
        chosen, drawn = 0, 0
        for i in range(n):
            rate, count = rates[i if len(rates) > 1 else 0, k], counts[i] if batched else plan[COUNT]
            known = (work, work, work) if batched else (inputs, labels, weights)
            if batched:
                gather(plan, inputs, labels, weights, features, outputs, order[k], chosen, count, work)
                chosen += count
            fold = rate if plan[FOLDS] and not plan[CLIPS] else 1.0
            scale = kind(fold / (options[DIVISOR] * count if batched else options[DIVISOR]))
            g[:] = 0
            after = drawn
            for start in range(0, plan[WIDTH], plan[TILE]):
                width = min(plan[TILE], plan[WIDTH] - start)
                source = (known[0], plan[INPUTS] + start, step)
                shown, weighed = (known[1], plan[LABELS] + start, step), (known[2], plan[WEIGHT] + start)
                if draws.shape[1]:
                    after = draw_masks(layers, keep, draws[k], drawn, count, start, width, work, stride)
                forward(layers, w, source, work, stride, width)
                output_error(plan[LOSS], quantile, outputs, z, error, spare, width, shown, weighed, scale)
                backward(layers, w, g, source, work, stride, width, plan[ERROR], plan[OTHER])
            drawn = after
            penalize(w, g, is_weight, options, fold, plan[DECOUPLED])
            if plan[CLIPS]:
                clip(g[: plan[SIZE]], options[CLIP])
                if plan[FOLDS]:
                    g *= kind(rate)
            if plan[SIZE] < w.size:
                scale_gradient(layers[1, UNITS], features, w, g, plan[SIZE])
            if plan[DECOUPLED]:
                decay(w, is_weight, options, rate)
            update(plan[RULE], w, g, vectors[2][k], vectors[3][k], options, rate, updates + i + 1)
            if plan[SIZE] < w.size:
                scale_weights(layers[1, UNITS], features, w, plan[SIZE], options[SCALE_RATE])


def load(dtype: str, folder: Path) -> Any:
    """The compiled kernel for this type of numbers, from the cache in `folder` if it is there, else compiled now."""
    whole, kind = types.int64, getattr(types, dtype)
    row, rows, wholes, columns = kind[::1], kind[:, ::1], whole[::1], types.float64[:, ::1]
    signature = types.void(
        whole,
        types.UniTuple(whole, 2),
        wholes,
        whole[:, ::1],
        row,
        types.float64,
        types.UniTuple(rows, 4),
        row,
        types.Tuple((row, row, rows)),
        types.Tuple((whole[:, ::1], wholes, rows)),
        columns,
        columns,
        whole,
        row,
    )
    config: Any = numba.config
    before = config.CACHE_DIR
    try:
        config.CACHE_DIR = str(folder)
        return njit(signature, cache=True, nogil=True, error_model="numpy")(iterate.py_func)
    finally:
        config.CACHE_DIR = before
