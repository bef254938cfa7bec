"""Accuracy and R2 of predictions, and the weights of examples by class."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array
from engine.ops.losses import LOSSES
from engine.spec import NetworkSpec, SpecError, TrainingSpec


def score(task: str, A: Array, Y: Array) -> float:
    """Accuracy, or for a regression R2 averaged over the outputs, of predictions A against Y, both (nL, m)."""
    labels = LOSSES[task].labels
    if labels == "numbers":
        rest = np.square(A - Y).sum(axis=1)
        spread = np.square(Y - Y.mean(axis=1, keepdims=True)).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.where(spread > 0, 1 - rest / spread, np.where(rest > 0, 0.0, 1.0)).mean())
    if labels == "one-hot":
        return float((A.argmax(axis=0) == Y.argmax(axis=0)).mean())
    return float(((A > 0.5) == (Y > 0.5)).mean())


def weigh_classes(network: NetworkSpec, training: TrainingSpec, Y: Array, weight: Array | None) -> Array | None:
    """The weight of each example (m,): its own `weight` times that of its class; None if all weigh the same.

    `balanced` gives class k the weight m / (classes x examples of k). Raises SpecError if the task has no classes, if
    the list of weights has another length, or if no example would have any weight.
    """
    by_class = training.class_weight
    if by_class is None:
        return weight
    kind = network.labels
    if kind == "numbers" or (kind == "binary" and network.outputs > 1):
        raise SpecError("class_weight", "class_weight needs one class for each example; this task has none")
    labels = Y[0].astype(int) if kind == "binary" else Y.argmax(axis=0)
    classes = max(network.outputs, 2)
    if by_class == "balanced":
        counts = np.bincount(labels, minlength=classes)
        factors = labels.size / (np.count_nonzero(counts) * np.maximum(counts, 1))
    elif len(by_class) != classes:
        raise SpecError("class_weight", f"class_weight has {len(by_class)} values for {classes} classes")
    else:
        factors = np.array(by_class, dtype=np.float64)
    combined = factors[labels] * (1.0 if weight is None else weight)
    if not combined.sum() > 0:
        raise SpecError("class_weight", "class_weight leaves every example without weight")
    return np.asarray(combined)
