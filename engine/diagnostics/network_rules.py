"""Rules about the network and its training: divergence, identical and dead units, the sizes of signal and gradient."""

from __future__ import annotations

import math

from engine.diagnostics.data_rules import unscaled_features
from engine.diagnostics.findings import Change, Finding, Remedy, TrainingRecord
from engine.diagnostics.remedies import (
    activations_with,
    against_saturation,
    change_activation,
    change_initializer,
    lower_rate,
    rounded,
    suited_initializer,
)
from engine.diagnostics.statistics import Statistics
from engine.ops.initializers import INITIALIZERS
from engine.ops.optimizers import OPTIMIZERS


def diverged(record: TrainingRecord) -> Finding | None:
    """The cost is no longer finite, or far above the first one."""
    end, first, now = record.finished, record.course[0], record.now
    infinite = end is not None and end.reason == "diverged"
    worse = now.iteration > first.iteration and not now.loss <= 2 * max(first.loss, record.data.base)
    if not (infinite or worse):
        return None
    rate = record.training.learning_rate
    said = end.message if infinite and end is not None else f"the loss rose from {first.loss:.4g} to {now.loss:.4g}"
    good = min(record.course, key=lambda entry: entry.loss if math.isfinite(entry.loss) else math.inf)
    return Finding(
        "diverged",
        "Training diverged",
        "The updates overshoot: each one makes the cost worse than it was.",
        (said, f"learning rate {rate:g}", f"a constant prediction has the loss {record.data.base:.4g}"),
        Remedy((lower_rate(record),), "Smaller steps follow the slope without overshooting.", good.iteration),
    )


def identical_units(record: TrainingRecord) -> Finding | None:
    """Hidden units that started with the same weights and still have them, as with weights that are all 0."""
    layers = [layer for layer in record.hidden if layer.identical >= 0.5]
    began = {layer.layer for layer in record.course[0].layers if layer.identical >= 0.5}
    layers = [layer for layer in layers if layer.layer in began]
    if not layers:
        return None
    first = layers[0]
    zero = " and all its weights are 0" if first.weight == 0 else ""
    return Finding(
        "identical_units",
        "Units are identical",
        "Units with the same weights get the same gradient and stay the same, so a whole layer acts as one unit.",
        (
            f"layer {first.layer}: {first.identical:.0%} of {first.units} units equal another one{zero}",
            loss_evidence(record),
        ),
        Remedy((change_initializer(record),), "Random weights make every unit different from the start."),
    )


def small_weights(record: TrainingRecord) -> Finding | None:
    """A loss that stays at that of a constant prediction, because the weights are too small to pass the signal on."""
    now, base = record.now, record.data.base
    if identical_units(record):
        return None
    if not (_has_tiny_weights(now) and record.hidden and now.iteration >= 50 and abs(now.loss - base) <= 0.02 * base):
        return None
    if _has_tiny_weights(record.course[0]):
        why = "Weights scaled by the number of inputs preserve the size of the signal."
        remedy = Remedy((change_initializer(record),), why)
    else:
        penalties = {name: getattr(record.training, name) for name in ("l2", "l1")}
        weaker = [Change("training", name, value, rounded(value / 10)) for name, value in penalties.items() if value]
        if not weaker:
            return None
        remedy = Remedy(tuple(weaker), "They were large enough at the start; the penalty has made them small.")
    return Finding(
        "small_weights",
        "The weights are too small for the signal to get through",
        "Every layer makes the signal smaller, forward and backward, so the prediction is the same for every example.",
        (
            f"loss {now.loss:.6f}; a constant prediction has {base:.6f}",
            f"the output differs by {now.layers[-1].spread:.1e} between examples (before its activation)",
            f"gradient of W1 {now.layers[0].gradient:.1e}",
        ),
        remedy,
    )


def dead_relus(record: TrainingRecord) -> Finding | None:
    """ReLUs that are 0 for every example, and so get no gradient any more."""
    if identical_units(record) or _has_tiny_weights(record.now) or unscaled_features(record):
        return None
    least = 0.5 if record.learns_little else 0.8
    layers = [layer for layer in record.hidden if layer.dead >= least and (layer.units > 2 or layer.dead == 1)]
    if not layers:
        return None
    worst = max(layers, key=lambda layer: layer.dead)
    changes = [change_activation(record, activations_with(record, lambda entry: entry.can_die), "leaky_relu")]
    if record.now.iteration and record.course[0].layers[worst.layer - 1].dead < 0.5 * worst.dead:
        changes.append(lower_rate(record))
    numbers = tuple(f"layer {layer.layer}: {layer.dead:.0%} of {layer.units} units" for layer in layers[:3])
    return Finding(
        "dead_relus",
        "ReLUs are dead",
        "These units are 0 for every example, so they get no gradient and no longer learn.",
        (*numbers, loss_evidence(record)),
        Remedy(tuple(changes), "A leaky ReLU has a small gradient below zero, so a dead unit can recover."),
    )


def saturated(record: TrainingRecord) -> Finding | None:
    """Sigmoid or tanh units where their curve is flat, while the loss is still high."""
    layers = [layer for layer in record.hidden if layer.saturated >= 0.7]
    if not layers or not record.learns_little or identical_units(record) or unscaled_features(record):
        return None
    worst = max(layers, key=lambda layer: layer.saturated)
    numbers = tuple(
        f"layer {layer.layer}: {layer.saturated:.0%} of activations; std of the pre-activations {layer.spread:.3g}"
        for layer in layers[:3]
    )
    return Finding(
        "saturated",
        f"The {worst.activation} units are saturated",
        "Their pre-activations are so large that the slope of the activation, and with it every gradient, is nearly 0.",
        (*numbers, loss_evidence(record)),
        against_saturation(record),
    )


def vanishing_gradients(record: TrainingRecord) -> Finding | None:
    """The gradient gets much smaller from the last layer back to the first one."""
    if (
        len(record.hidden) < 3
        or _has_tiny_weights(record.now)
        or identical_units(record)
        or dead_relus(record)
        or saturated(record)
    ):
        return None
    first, last = record.now.layers[0].signal, record.now.layers[-1].signal
    if not (record.learns_little and first < 1e-3 * last):
        return None
    others = activations_with(record, lambda entry: not entry.relu_like)
    changes = [change_activation(record, others, "relu")] if others else []
    changes += [change_initializer(record, "he")] if record.network.initializer != "he" else []
    return Finding(
        "vanishing_gradients",
        "The gradients vanish",
        "The backward pass makes the gradient smaller in every layer, so the first layers hardly learn.",
        (
            f"dZ{len(record.hidden) + 1} {last:.1e}, dZ1 {first:.1e}: {_ratio(last, first)} smaller",
            loss_evidence(record),
        ),
        Remedy(
            tuple(changes), "ReLUs have slope 1 where they are active, and He weights preserve the size of the signal."
        )
        if changes
        else None,
    )


def exploding_gradients(record: TrainingRecord) -> Finding | None:
    """The gradient gets much larger from the last layer back to the first one."""
    ends = record.course[0], record.now
    exploded = [entry for entry in ends if entry.layers[0].signal > 100 * entry.layers[-1].signal > 0]
    infinite = record.finished is not None and record.finished.reason == "diverged"
    if len(record.hidden) < 2 or not exploded or unscaled_features(record):
        return None
    if not (infinite or exploded[-1] is record.now or record.learns_little):
        return None
    latest = exploded[-1]
    first, last = latest.layers[0].signal, latest.layers[-1].signal
    best = suited_initializer(record)
    changes = [change_initializer(record, best)] if record.network.initializer != best else []
    if not changes and record.training.clip_norm is None and not OPTIMIZERS[record.training.optimizer].line_search:
        changes = [Change("training", "clip_norm", None, 1.0)]
    return Finding(
        "exploding_gradients",
        "The gradients explode",
        "The backward pass makes the gradient larger in every layer, so the first layers get far too large updates.",
        (
            f"iteration {latest.iteration:,}: dZ{len(latest.layers)} {last:.1e}, dZ1 {first:.1e}: "
            f"{_ratio(first, last)} larger",
            f"std of the last layer's pre-activations {latest.layers[-1].spread:.3g}",
        ),
        Remedy(tuple(changes), "Weights scaled by the number of inputs preserve the size of the gradient.")
        if changes
        else None,
    )


def _has_tiny_weights(statistics: Statistics) -> bool:
    """Whether the weights of all layers are far below what preserves the size of a signal."""
    wanted = [INITIALIZERS["lecun"].spread(layer.inputs, layer.units, 1.0) for layer in statistics.layers]
    return all(layer.weight < 0.2 * size for layer, size in zip(statistics.layers, wanted, strict=True))


def loss_evidence(record: TrainingRecord) -> str:
    """The loss beside that of a constant prediction."""
    return f"loss {record.now.loss:.4g}; a constant prediction has {record.data.base:.4g}"


def _ratio(large: float, small: float) -> str:
    return f"{large / small:,.0f} times" if small and large / small < 1e7 else "more than ten million times"
