"""The internal part: the training examples that each network keeps aside to choose its best parameters by.

Every member of an ensemble has a fold of its own. The examples are put into one random order in which the members of
each class stand evenly spread, and fold k is a run of that order, which begins k/K of the way round. So a run of at
most half of the order never holds a whole class of FEWEST examples or more.
"""

from __future__ import annotations

import math

import numpy as np

from engine.arrays import Array
from engine.spec import NetworkSpec, SpecError, TrainingSpec

FEWEST = 5  # examples of a class below which none of them is kept aside


def kept_aside(network: NetworkSpec, training: TrainingSpec, Y: Array, weight: Array | None) -> Array | None:
    """The examples (K, size) that each of the K networks keeps aside, in order; None if the setting is off.

    Y is (nL, m), `weight` (m,) or None. The share is that of all examples in classes that are large enough; it is off
    where it comes to no example at all. Raises SpecError if a network were left with no weight on either side.
    """
    order = _interleaved(_classes(network, Y), np.random.default_rng([training.seed, 2]))
    size = math.floor(training.internal * order.size + 1e-9)
    if not size:
        return None
    starts = [k * order.size // network.ensemble for k in range(network.ensemble)]
    folds = np.array([np.sort(np.take(order, np.arange(start, start + size), mode="wrap")) for start in starts])
    if weight is not None:
        inside = weight[folds].sum(axis=1)
        if not (inside > 0).all() or not (weight.sum() > inside).all():
            raise SpecError("internal", "internal leaves a network without any weight to train on, or to choose by")
    return folds


def _classes(network: NetworkSpec, Y: Array) -> Array:
    """The class of each example (m,), all the same where the labels are no classes."""
    if network.labels == "one-hot":
        return np.asarray(Y.argmax(axis=0))
    if network.labels == "binary" and len(Y) == 1:
        return np.asarray(Y[0].astype(int))
    return np.zeros(Y.shape[1], int)


def _interleaved(classes: Array, generator: np.random.Generator) -> Array:
    """The examples of all classes of at least FEWEST in a random order that spreads each class evenly around it."""
    examples, keys = [], []
    for label in np.unique(classes):
        among = generator.permutation(np.flatnonzero(classes == label))
        if among.size >= FEWEST or len(np.unique(classes)) == 1:
            examples.append(among)
            keys.append((np.arange(among.size) + generator.random()) / among.size)
    if not examples:
        return np.zeros(0, int)
    return np.asarray(np.concatenate(examples)[np.argsort(np.concatenate(keys), kind="stable")])
