"""Rules about training that has stopped learning though there is something to learn: a plateau, too few units, a target
that changes fast, and answers that are the wrong way round."""

from __future__ import annotations

import math

from engine.diagnostics.data_rules import unscaled_features
from engine.diagnostics.findings import Change, Finding, Remedy, TrainingRecord
from engine.diagnostics.network_rules import (
    dead_relus,
    diverged,
    exploding_gradients,
    identical_units,
    loss_evidence,
    saturated,
    small_weights,
    vanishing_gradients,
)
from engine.ops.optimizers import OPTIMIZERS

FIRST_LOOK = 100  # iterations, before which no run counts as stuck
FEWEST_LOOKS = 5
EXPLAINED = 0.5  # of the variance of the labels by their nearest neighbours: then there is something to learn
PATIENT = 3_000  # iterations in which a fast target was learned
WIDE_ENOUGH = 8  # units
OTHER_CAUSES = (
    unscaled_features,
    diverged,
    identical_units,
    small_weights,
    dead_relus,
    saturated,
    vanishing_gradients,
    exploding_gradients,
)


def fast_target(record: TrainingRecord) -> Finding | None:
    """A target that only an example's very neighbours tell, as that of a sine of many periods: smooth units bend too
    slowly for it."""
    if not _changes_fast(record) or _another_cause(record) or not _has_run(record):
        return None
    test, share = record.data.permutation_test, max(0.0, 1 - record.now.loss / record.data.base)
    if test is None or share >= test.near / 2:
        return None
    changes = [
        Change("network", "activation", " and ".join(used), "tanh", tuple(layer.layer for layer in record.hidden))
        for used in [tuple(dict.fromkeys(layer.activation for layer in record.hidden))]
        if used and used != ("tanh",)
    ]
    if record.network.initializer != "he" and record.hidden:
        changes.append(Change("network", "initializer", record.network.initializer, "he"))
    changes += _adam(record)
    iterations = record.training.iterations
    changes.append(Change("training", "iterations", iterations, max(3 * iterations, PATIENT)))
    return Finding(
        "fast_target",
        "The target changes faster than the network follows",
        "Examples that are very close have similar targets, examples a little farther apart do not. A network bends "
        "slowly at first, and needs many iterations for that; the rich preparation of tables gives it bins instead.",
        (
            f"the nearest neighbours explain {test.near:.0%} of the target, those within a tenth of the examples "
            f"{max(test.wide, 0.0):.0%}, the network {share:.0%}",
            loss_evidence(record),
        ),
        Remedy(tuple(changes), "Large tanh units turn over within the data; they find the waves one by one."),
    )


def plateau(record: TrainingRecord) -> Finding | None:
    """A loss that stays at that of a constant prediction, with weights and units that are as they should be."""
    base = record.data.base
    early, now = _half_way(record), record.now
    if not (_has_run(record) and _can_learn(record)) or _changes_fast(record) or _another_cause(record):
        return None
    if early is None or abs(now.loss - base) > 0.02 * base or abs(early - base) > 0.02 * base:
        return None
    changes = _adam(record)
    if not changes:
        rate = record.training.learning_rate
        if OPTIMIZERS[record.training.optimizer].line_search or rate >= 0.03:
            return None
        changes = [Change("training", "learning_rate", rate, 0.03)]
    return Finding(
        "plateau",
        "Training is on a plateau",
        "The units nearly cancel each other, so the slope is almost zero in every direction; beyond the plateau the "
        "loss falls again.",
        (
            f"loss {early:.4g} half way and {now.loss:.4g} now; a constant prediction has {base:.4g}",
            f"gradient of W1 {now.layers[0].gradient:.1e}, though a weight has the size {now.layers[0].weight:.2g}",
        ),
        Remedy(tuple(changes), "Steps that do not depend on the size of the slope cross the plateau."),
    )


def too_few_units(record: TrainingRecord) -> Finding | None:
    """A loss that has stopped falling far above what can be reached, in a network with hardly any units."""
    early, now = _half_way(record), record.now
    narrow = tuple(layer.layer for layer in record.hidden if layer.units <= len(record.data.sizes) and layer.units < 4)
    if not (narrow and _has_run(record) and _can_learn(record) and record.learns_little):
        return None
    if plateau(record) or _changes_fast(record) or any(rule(record) for rule in OTHER_CAUSES if rule is not saturated):
        return None
    if early is None or abs(early - now.loss) > 0.01 * record.data.base or abs(now.loss - record.data.base) < 0.02:
        return None
    units = record.hidden[narrow[0] - 1].units
    return Finding(
        "too_few_units",
        "Too few units",
        "The loss has stopped falling, yet the labels can be told much better: with so few units training ends where "
        "some of the examples are given up.",
        (f"layer {narrow[0]} has {units} {'unit' if units == 1 else 'units'}", loss_evidence(record)),
        Remedy(
            (Change("network", "units", units, max(WIDE_ENOUGH, 4 * units), narrow[:1]),),
            "With more units than needed there is nearly always a way down.",
        ),
    )


def reversed_answers(record: TrainingRecord) -> Finding | None:
    """Validation labels of which nearly all are the other way round than the network, which has learned, says."""
    now = record.now
    if record.data.validation < 20 or record.learns_little or not now.agreement > 0.5:
        return None
    if not now.validation_agreement < -0.5:
        return None
    return Finding(
        "reversed_answers",
        "The answers are reversed",
        "What the network has learned holds for the validation examples, too, but with the opposite sign. Their labels "
        "are coded the other way round, or a column has changed its sign: compare a row of each part.",
        (
            f"correlation of predictions and labels: {now.agreement:+.2f} in training, {now.validation_agreement:+.2f} "
            "in validation",
            f"validation loss {now.validation_loss:.4g}; a constant prediction has {record.data.base:.4g}",
        ),
    )


def _adam(record: TrainingRecord) -> list[Change]:
    """To Adam with its usual rate, from an optimizer whose steps shrink with the gradient."""
    if not OPTIMIZERS[record.training.optimizer].linear:
        return []
    rate = record.training.learning_rate
    return [
        Change("training", "optimizer", record.training.optimizer, "adam"),
        *([Change("training", "learning_rate", rate, 0.01)] if rate != 0.01 else []),
    ]


def _has_run(record: TrainingRecord) -> bool:
    return record.now.iteration >= FIRST_LOOK and len(record.course) >= FEWEST_LOOKS


def _half_way(record: TrainingRecord) -> float | None:
    """The loss at half of the iterations; None if it is not known."""
    half = [entry for entry in record.course if entry.iteration <= record.now.iteration / 2]
    return half[-1].loss if half and math.isfinite(half[-1].loss) else None


def _can_learn(record: TrainingRecord) -> bool:
    """Whether the examples say that there is something to learn, or are so few that they can be learned by heart."""
    test = record.data.permutation_test
    if test is None:
        return record.data.examples <= record.network.size
    return test.near >= EXPLAINED


def _changes_fast(record: TrainingRecord) -> bool:
    test = record.data.permutation_test
    return test is not None and test.near >= EXPLAINED and test.wide < test.near / 2 and bool(record.hidden)


def _another_cause(record: TrainingRecord) -> bool:
    return any(rule(record) for rule in OTHER_CAUSES)
