"""Rules about the data, and about what the network has learned from them: scale, overfitting, rare classes, noise."""

from __future__ import annotations

import math

import numpy as np

from engine.diagnostics.findings import Change, Finding, Remedy, TrainingRecord
from engine.diagnostics.remedies import rounded


def unscaled_features(record: TrainingRecord) -> Finding | None:
    """A feature that is far larger than the initial weights assume, or features that are all far smaller."""
    sizes, names = record.data.sizes, record.data.names
    largest = int(np.argmax(sizes))
    if 0.01 <= sizes[largest] <= 10:
        return None
    smallest = int(np.argmin(np.where(sizes > 0, sizes, np.inf)))
    return Finding(
        "unscaled_features",
        "The features are not scaled",
        "The initial weights assume features of a size of about 1. Larger ones dominate, smaller ones slow training. "
        "Subtract each feature's mean and divide by its standard deviation before training.",
        (
            f"{names[largest]} has the size {sizes[largest]:.3g} (root mean square)",
            f"{names[smallest]} has {sizes[smallest]:.3g}",
        ),
    )


def overfitting(record: TrainingRecord) -> Finding | None:
    """The validation loss rises while the training loss falls, without patience to stop training."""
    course = [entry for entry in record.course if math.isfinite(entry.validation_loss)]
    if len(course) < 3 or record.data.validation < 20 or record.training.patience is not None:
        return None
    best, now, base = min(course, key=lambda entry: entry.validation_loss), course[-1], record.data.base
    risen = now.validation_loss - best.validation_loss
    if not (risen > 0.25 * base and now.validation_loss > 1.5 * best.validation_loss and now.loss < best.loss):
        return None
    l2 = record.training.l2
    return Finding(
        "overfitting",
        "The network overfits",
        "It memorises the training examples: the training loss still falls, but the validation loss rises.",
        (
            f"validation loss {best.validation_loss:.4f} at iteration {best.iteration:,}, "
            f"now {now.validation_loss:.4f}",
            f"training loss {best.loss:.4f}, now {now.loss:.4f}",
            f"{record.network.size:,} parameters for {record.data.examples:,} examples",
        ),
        Remedy(
            (
                Change("training", "l2", l2, rounded(max(10 * l2, 0.01 * record.data.examples))),
                Change("training", "patience", None, 5),
            ),
            "L2 keeps the weights small; patience stops where the validation loss was lowest.",
        ),
    )


def imbalance(record: TrainingRecord) -> Finding | None:
    """A rare class that the network does not recognise, because ignoring it costs so little."""
    counts, recall, names = record.data.counts, record.now.recall, record.data.classes
    if not counts or record.training.class_weight is not None or record.now.iteration < 50:
        return None
    total = sum(counts)
    missed = [k for k, count in enumerate(counts) if count and count / total < 0.3 / len(counts) and recall[k] < 0.5]
    if not missed:
        return None
    rarest = min(missed, key=lambda k: counts[k])
    return Finding(
        "imbalance",
        "A rare class is ignored",
        "Ignoring a rare class costs little, so accuracy looks good while the class is hardly ever recognised.",
        (
            f"{names[rarest]}: {counts[rarest]:,} of {total:,} examples ({counts[rarest] / total:.1%}), "
            f"{recall[rarest]:.0%} of them recognised",
            f"always predicting {names[int(np.argmax(counts))]} is right for {max(counts) / total:.1%}",
        ),
        Remedy(
            (Change("training", "class_weight", None, "balanced"),), "Then every class counts the same in the cost."
        ),
    )


def random_labels(record: TrainingRecord) -> Finding | None:
    """No evidence that the labels depend on the features."""
    permutation_test, loss = record.data.permutation_test, record.now.validation_loss
    if permutation_test is None or permutation_test.smallest < 0.2 or loss < 0.9 * record.data.base:
        return None
    return Finding(
        "random_labels",
        "The labels look random",
        "Two permutation tests find no link between features and labels. That does not prove that there is none, but "
        "what the network learns may be noise.",
        (
            f"shuffled labels fit as well in {permutation_test.neighbours:.0%} of the tests by nearest neighbours, "
            f"in {permutation_test.line:.0%} of those by a linear fit",
            "a clear link gives less than 5% in one of them",
            f"{permutation_test.examples:,} examples",
        ),
    )
