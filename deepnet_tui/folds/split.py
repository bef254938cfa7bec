"""How examples are dealt out to folds: every class alike, whole groups, or forward in time."""

from __future__ import annotations

import numpy as np

from deepnet_tui.data.preparation.split import Rows
from engine.arrays import Array


def stratified(count: int, m: int, seed: int, classes: Array | None = None) -> Array:
    """The fold, from 0, of each of m examples, drawn with `seed`; sizes differ by one at most.

    With `classes` (m,), whole numbers from 0, so do the numbers of examples of each class.
    """
    order = np.random.default_rng(seed).permutation(m)
    if classes is not None:
        order = order[np.argsort(classes[order], kind="stable")]
    folds = np.empty(m, dtype=np.int64)
    folds[order] = np.arange(m) % count
    return folds


def grouped(count: int, groups: Array, seed: int, classes: Array | None = None) -> Array:
    """The fold, from 0, of each example, so that no group is in two folds; `seed` orders groups of the same size.

    `groups` and `classes` (m,) are whole numbers from 0, and there are at least `count` groups. The largest groups go
    first, each to the fold that has the least of it so far: the fewest examples or, with `classes`, the fewest of its
    classes, each class counted as a share of all its examples.
    """
    sizes = np.bincount(groups)
    shares = sizes[:, np.newaxis] / len(groups)  # of each group, all examples and then every class
    if classes is not None:
        table = np.zeros((len(sizes), int(classes.max()) + 1))
        np.add.at(table, (groups, classes), 1.0)
        shares = np.hstack([shares, table / np.maximum(table.sum(axis=0), 1.0)])
    shuffled = np.random.default_rng(seed).permutation(len(sizes))
    filled = np.zeros((count, shares.shape[1]))
    fold_of_group = np.zeros(len(sizes), dtype=np.int64)
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        if sizes[group]:
            fold = int((filled @ shares[group]).argmin())
            fold_of_group[group] = fold
            filled[fold] += shares[group]
    return np.asarray(fold_of_group[groups])


def parts_of(folds: Array, count: int) -> tuple[Rows, ...]:
    """For each fold the examples outside it, which are trained on, and those in it."""
    return tuple((np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in range(count))


def in_time(count: int, times: Array) -> tuple[Rows, ...]:
    """For each fold the examples up to a moment, which are trained on, and the next ones, with later `times` (m,).

    The examples are cut into count + 1 pieces as equal as can be, of which the first is only trained on; examples of
    the same time stay together. There are at least count + 1 different times.
    """
    m = len(times)
    order = np.argsort(times, kind="stable")
    later = np.flatnonzero(np.diff(times[order]) > 0) + 1  # places in the order where another time begins
    size = m // (count + 1)
    cuts, lowest = [], 0
    for fold in range(count):
        allowed = later[lowest : len(later) - (count - 1 - fold)]
        wanted = m - (count - fold) * size
        nearest = int(np.abs(allowed - wanted).argmin())
        cuts.append(int(allowed[nearest]))
        lowest += nearest + 1
    ends = [*cuts[1:], m]
    return tuple((np.sort(order[:cut]), np.sort(order[cut:end])) for cut, end in zip(cuts, ends, strict=True))
