"""The kernel: whole iterations of every network in one compiled loop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numba import njit, types
from numba.core import config

from engine.compiled.native.codes import Layer, Plan, Setting
from engine.compiled.native.layers import backward, forward, output_error
from engine.compiled.native.update_rules import clip, penalize, update

UNITS, Z, MASK, DROPS = map(int, (Layer.UNITS, Layer.Z, Layer.MASK, Layer.DROPS))
RULE, LOSS, CLIPS, FOLDS, DECOUPLED, BATCHED, COUNT, WIDTH, TILE, STRIDE, INPUT_STRIDE = map(int, list(Plan)[:11])
INPUTS, LABELS, WEIGHT, ERROR, OTHER, ROW = map(int, list(Plan)[11:])
CLIP, DIVISOR = int(Setting.CLIP), int(Setting.DIVISOR)


@njit(nogil=True, error_model="numpy")
def gather(plan, inputs, labels, weight, features, outputs, order, start, count, work):
    """Copy the chosen examples, rows of `inputs` and `labels`, to columns of `work`, zeros behind them."""
    stride = plan[INPUT_STRIDE]
    for j in range(count):
        example = order[start + j]
        for f in range(features):
            work[plan[INPUTS] + f * stride + j] = inputs[example * features + f]
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
    """The masks of dropout for the examples from `start`, of uniform numbers (units, count) a layer."""
    kind = work.dtype.type
    for layer in range(1, len(layers) - 1):
        if layers[layer, DROPS]:
            kept, scaled = keep[layer], kind(1.0) / keep[layer]
            known = min(width, max(count - start, 0))
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
    n,
    first,
    beyond,
    plan,
    layers,
    keep,
    quantile,
    parameters,
    gradient,
    first_slot,
    second_slot,
    is_weight,
    inputs,
    labels,
    weight,
    order,
    counts,
    settings,
    rates,
    updates,
    draws,
    work,
):
    """`n` iterations of the networks `first` to before `beyond`, which share nothing but their data.

    A network's examples are all of `inputs`, rows of INPUT_STRIDE, or those of mini-batches: `counts[i]` indices of
    `order`. `rates` (1 or n, K) has the learning rate, `updates` how many updates there were before, `draws` (K, ...)
    the uniform numbers of dropout.
    """
    kind = parameters.dtype.type
    last = len(layers) - 1
    features, outputs = layers[0, UNITS], layers[last, UNITS]
    batched, stride, step = plan[BATCHED] != 0, plan[STRIDE], plan[INPUT_STRIDE]
    source, known, weighed = (work, work, work) if batched else (inputs, labels, weight[0])
    for k in range(first, beyond):
        w, g, options = parameters[k], gradient[k], settings[k]
        chosen, drawn = 0, 0
        if not batched and len(weight) > 1:
            weighed = weight[k]
        for i in range(n):
            rate = rates[i % len(rates), k]
            count = counts[i] if batched else plan[COUNT]
            if batched:
                gather(plan, inputs, labels, weight[0], features, outputs, order[k], chosen, count, work)
                chosen += count
            fold = rate if plan[FOLDS] and not plan[CLIPS] else 1.0
            scale = kind(fold / (options[DIVISOR] * count if batched else options[DIVISOR]))
            g[:] = 0
            after = drawn
            for start in range(0, plan[WIDTH], plan[TILE]):
                width = min(plan[TILE], plan[WIDTH] - start)
                if draws.shape[1]:
                    after = draw_masks(layers, keep, draws[k], drawn, count, start, width, work, stride)
                forward(layers, w, source, plan[INPUTS] + start, step, work, stride, width)
                output_error(
                    plan[LOSS],
                    outputs,
                    work,
                    layers[last, Z],
                    plan[ERROR],
                    plan[ROW],
                    stride,
                    width,
                    known,
                    plan[LABELS] + start,
                    step,
                    weighed,
                    plan[WEIGHT] + start,
                    scale,
                    quantile,
                )
                backward(
                    layers, w, g, source, plan[INPUTS] + start, step, work, stride, width, plan[ERROR], plan[OTHER]
                )
            drawn = after
            penalize(w, g, is_weight, options, rate, fold, plan[DECOUPLED])
            if plan[CLIPS]:
                clip(g, options[CLIP])
                if plan[FOLDS]:
                    g *= kind(rate)
            update(plan[RULE], w, g, first_slot[k], second_slot[k], options, rate, updates + i + 1)


def load(dtype: str, folder: Path | None) -> Any:
    """The compiled kernel for this type of numbers, from the cache in `folder` if it is there, else compiled now."""
    whole, kind = types.int64, getattr(types, dtype)
    numbers, vector, matrix = kind[::1], types.int64[::1], kind[:, ::1]
    signature = types.void(
        whole,
        whole,
        whole,
        vector,
        types.int64[:, ::1],
        numbers,
        types.float64,
        matrix,
        matrix,
        matrix,
        matrix,
        numbers,
        numbers,
        numbers,
        matrix,
        types.int64[:, ::1],
        vector,
        types.float64[:, ::1],
        types.float64[:, ::1],
        whole,
        matrix,
        numbers,
    )
    before = config.CACHE_DIR
    try:
        config.CACHE_DIR = "" if folder is None else str(folder)
        return njit(signature, cache=folder is not None, nogil=True, error_model="numpy")(iterate.py_func)
    finally:
        config.CACHE_DIR = before
