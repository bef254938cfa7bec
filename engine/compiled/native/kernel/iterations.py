"""Iterations of several networks, from gathering the examples to the update."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numba
from numba import njit, types

from engine.compiled.native.codes import LayerColumn, PlanNumber, SettingColumn
from engine.compiled.native.kernel.examples import draw_masks, gather, gather_labels
from engine.compiled.native.kernel.layers import backward, forward, output_error
from engine.compiled.native.kernel.meeting import NUMBER, begin_together, meet
from engine.compiled.native.kernel.update_rules import clip, decay, penalize, scale_gradient, scale_weights, update

UNITS, Z = int(LayerColumn.UNITS), int(LayerColumn.Z)
RULE, LOSS, CLIPS, FOLDS, DECOUPLED, BATCHED, COUNT, WIDTH, TILE, STRIDE, INPUT_STRIDE = map(int, list(PlanNumber)[:11])
INPUTS, LABELS, WEIGHT, ERROR, OTHER, ROW, SIZE = map(int, list(PlanNumber)[11:])
CLIP, DIVISOR, SCALE_RATE = map(int, (SettingColumn.CLIP, SettingColumn.DIVISOR, SettingColumn.SCALE_RATE))


@njit(nogil=True, error_model="numpy")
def complete_gradient(plan, layers, w, g, options, rate, crew):
    """Clip the gradient, and derive by the inputs' scales: one thread does that, as it takes the whole of it."""
    if not plan[CLIPS] and plan[SIZE] == w.size:
        return
    meet(crew)
    if crew[0][NUMBER] == 0:
        if plan[CLIPS]:
            clip(g[: plan[SIZE]], options[CLIP])
            if plan[FOLDS]:
                g *= w.dtype.type(rate)
        if plan[SIZE] < w.size:
            scale_gradient(layers[1, UNITS], layers[0, UNITS], w, g, plan[SIZE])
    meet(crew)


@njit(nogil=True, error_model="numpy")
def iterate(
    n,
    members,
    crew,
    layers,
    pieces,
    plan,
    keep,
    quantile,
    vectors,
    is_weight,
    data,
    batches,
    settings,
    rates,
    updates,
    work,
):
    """`n` iterations of the networks `members`, from the first to before the last; they share nothing but their data.

    The threads of `crew` share each iteration: it has what one of them knows of the others, what all know, and the
    number of iterations that have been run, to which `n` is added. `layers` is the table of this thread, and `pieces`
    are the parts of the flat vectors that it updates, from the first to before the last element.

    `vectors` are parameters, gradient and the two of the optimizer's memory, (K, P) each. `data` are inputs, labels and
    weights (1 or K, m); `batches` the order (K, ...) in which mini-batches take them and the size of each, and uniform
    numbers (K, ...) for dropout. `rates` (1 or n, K) has the learning rate of each iteration, `updates` says how many
    came before.
    """
    if not begin_together(crew):
        return
    inputs, labels, weight = data
    order, counts, draws = batches
    kind, last = work.dtype.type, len(layers) - 1
    outputs, leads = layers[last, UNITS], crew[0][NUMBER] == 0
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
                meet(crew)  # nobody needs the last batch any more
                gather(plan, layers, inputs, order[k], chosen, count, work)
                if leads:
                    gather_labels(plan, outputs, labels, weights, order[k], chosen, count, work)
                meet(crew)
            fold = rate if plan[FOLDS] and not plan[CLIPS] else 1.0
            scale = kind(fold / (options[DIVISOR] * count if batched else options[DIVISOR]))
            after = drawn
            for start in range(0, plan[WIDTH], plan[TILE]):
                width = min(plan[TILE], plan[WIDTH] - start)
                source = (known[0], plan[INPUTS] + start, step)
                shown, weighed = (known[1], plan[LABELS] + start, step), (known[2], plan[WEIGHT] + start)
                if draws.shape[1]:
                    after = draw_masks(layers, keep, draws[k], drawn, count, start, width, work, stride)
                forward(layers, w, source, work, stride, width, crew)
                if leads:
                    output_error(plan[LOSS], quantile, outputs, z, error, spare, width, shown, weighed, scale)
                meet(crew)
                present = min(width, max(count - start, 0)) if batched else -1
                examples = (inputs, order[k], chosen + start, present)
                spaces = plan[ERROR], plan[OTHER]
                backward(layers, w, g, source, examples, work, stride, width, spaces[0], spaces[1], start == 0, crew)
            drawn, chosen = after, chosen + count
            for number in range(len(pieces)):
                begin, end = pieces[number, 0], pieces[number, 1]
                penalize(w[begin:end], g[begin:end], is_weight[begin:end], options, fold, plan[DECOUPLED])
            complete_gradient(plan, layers, w, g, options, rate, crew)
            for number in range(len(pieces)):
                begin, end = pieces[number, 0], pieces[number, 1]
                own = w[begin:end]
                if plan[DECOUPLED]:
                    decay(own, is_weight[begin:end], options, rate)
                memory = vectors[2][k][begin:end], vectors[3][k][begin:end]
                update(plan[RULE], own, g[begin:end], memory[0], memory[1], options, rate, updates + i + 1)
            if plan[SIZE] < w.size:
                meet(crew)
                if leads:
                    scale_weights(layers[1, UNITS], layers[0, UNITS], w, plan[SIZE], options[SCALE_RATE])
                meet(crew)
    crew[2][0] += n


def load(dtype: str, folder: Path) -> Any:
    """The compiled kernel for this type of numbers, from the cache in `folder` if it is there, else compiled now."""
    whole, kind = types.int64, getattr(types, dtype)
    row, rows, wholes, columns = kind[::1], kind[:, ::1], whole[::1], types.float64[:, ::1]
    signature = types.void(
        whole,
        types.UniTuple(whole, 2),
        types.UniTuple(wholes, 3),
        whole[:, ::1],
        whole[:, ::1],
        wholes,
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
