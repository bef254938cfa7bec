"""The doctor: what is wrong with a training run, how it shows, and what to change.

Every rule is a pure function from the record of a run to a finding, or None. To add a disease, add a function to RULES.
A rule speaks only where its evidence does; where two would name the same cause, the one nearer to the cause speaks.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from engine.diagnostics.findings import Change, Finding, Remedy, TrainingRecord
from engine.diagnostics.statistics import Statistics
from engine.ops.activations import ACTIVATIONS, Activation
from engine.ops.initializers import INITIALIZERS
from engine.ops.optimizers import OPTIMIZERS

__all__ = ["RULES", "Change", "Finding", "Remedy", "Rule", "TrainingRecord", "diagnose"]

Rule = Callable[[TrainingRecord], Finding | None]


def diverged(record: TrainingRecord) -> Finding | None:
    """The cost left the finite numbers, or lies far above where it began."""
    end, first, now = record.finished, record.course[0], record.now
    infinite = end is not None and end.reason == "diverged"
    worse = now.iteration > first.iteration and not now.loss <= 2 * max(first.loss, record.data.base)
    if not (infinite or worse):
        return None
    rate = record.training.learning_rate
    said = end.message if infinite and end is not None else f"the loss rose from {first.loss:.4g} to {now.loss:.4g}"
    change = Change("training", "learning_rate", rate, _smaller(rate))
    good = min(record.course, key=lambda look: look.loss if math.isfinite(look.loss) else math.inf)
    return Finding(
        "diverged",
        "Training diverged",
        "The updates overshoot: each one makes the cost worse than it was.",
        (said, f"learning rate {rate:g}", f"a constant answer has the loss {record.data.base:.4g}"),
        Remedy((change,), "Smaller steps stay on the slope that they follow.", good.iteration),
    )


def identical(record: TrainingRecord) -> Finding | None:
    """Hidden units that started the same and stayed the same, as all-zero weights make them."""
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
        "Units with the same weights get the same gradient and stay the same: a whole layer acts as one unit.",
        (f"layer {first.layer}: {first.identical:.0%} of {first.units} units have a twin{zero}", _loss(record)),
        Remedy((_initializer(record),), "Random weights make every unit different from the start."),
    )


def too_small(record: TrainingRecord) -> Finding | None:
    """The cost stuck at the base rate because the weights are so small that no signal gets through."""
    now, base = record.now, record.data.base
    if identical(record):
        return None
    if not (_tiny(now) and record.hidden and now.iteration >= 50 and abs(now.loss - base) <= 0.02 * base):
        return None
    if _tiny(record.course[0]):
        why = "Weights sized by a layer's inputs keep the signal as large as it came."
        remedy = Remedy((_initializer(record),), why)
    else:
        penalties = {name: getattr(record.training, name) for name in ("l2", "l1")}
        weaker = [Change("training", name, value, _round(value / 10)) for name, value in penalties.items() if value]
        if not weaker:
            return None
        remedy = Remedy(tuple(weaker), "They began large enough; the penalty has pulled them towards 0.")
    return Finding(
        "small_weights",
        "The weights are too small for the signal to get through",
        "Every layer shrinks what it gets, forward and back, so the network answers the base rate for every example.",
        (
            f"loss {now.loss:.6f}; a constant answer has {base:.6f}",
            f"the output differs by {now.layers[-1].spread:.1e} between examples (before its activation)",
            f"gradient of W1 {now.layers[0].gradient:.1e}",
        ),
        remedy,
    )


def dead(record: TrainingRecord) -> Finding | None:
    """ReLUs that are zero for every example get no gradient and never come back."""
    if identical(record) or _tiny(record.now):
        return None
    least = 0.5 if record.learns_little else 0.8
    layers = [layer for layer in record.hidden if layer.dead >= least and (layer.units > 2 or layer.dead == 1)]
    if not layers:
        return None
    worst = max(layers, key=lambda layer: layer.dead)
    rate = record.training.learning_rate
    changes = [_activation(record, "leaky_relu", _used(record, lambda entry: entry.can_die))]
    if record.now.iteration and record.course[0].layers[worst.layer - 1].dead < 0.5 * worst.dead:
        changes.append(Change("training", "learning_rate", rate, _smaller(rate)))
    numbers = tuple(f"layer {layer.layer}: {layer.dead:.0%} of {layer.units} units" for layer in layers[:3])
    return Finding(
        "dead_relus",
        "ReLUs are dead",
        "These units give 0 for every example, so no gradient passes them and they no longer learn.",
        (*numbers, _loss(record)),
        Remedy(tuple(changes), "A leaky ReLU passes a little gradient below zero, so that a unit can come back."),
    )


def saturated(record: TrainingRecord) -> Finding | None:
    """Sigmoids or tanhs at their flat ends, while there is still much to learn."""
    layers = [layer for layer in record.hidden if layer.saturated >= 0.7]
    if not layers or not record.learns_little or identical(record):
        return None
    worst = max(layers, key=lambda layer: layer.saturated)
    numbers = tuple(
        f"layer {layer.layer}: {layer.saturated:.0%} of the activations, pre-activations spread by {layer.spread:.3g}"
        for layer in layers[:3]
    )
    return Finding(
        "saturated",
        f"The {worst.activation} units are saturated",
        "They sit at their flat ends, where the slope is nearly 0 and so is every gradient that passes them.",
        (*numbers, _loss(record)),
        _calmer(record),
    )


def vanishing(record: TrainingRecord) -> Finding | None:
    """The gradient all but disappears on its way back to the first layer."""
    if len(record.hidden) < 3 or _tiny(record.now) or identical(record) or dead(record) or saturated(record):
        return None
    first, last = record.now.layers[0].signal, record.now.layers[-1].signal
    if not (record.learns_little and first < 1e-3 * last):
        return None
    others = _used(record, lambda entry: not entry.relu_like)
    changes = [_activation(record, "relu", others)] if others else []
    changes += [_initializer(record, "he")] if record.network.initializer != "he" else []
    return Finding(
        "vanishing_gradients",
        "The gradients vanish",
        "Every layer on the way back makes the gradient smaller, so the first layers hardly learn.",
        (f"dZ{len(record.hidden) + 1} {last:.1e}, dZ1 {first:.1e}: {_ratio(last, first)} smaller", _loss(record)),
        Remedy(tuple(changes), "ReLUs have slope 1 where they are active, and He weights keep the size.")
        if changes
        else None,
    )


def exploding(record: TrainingRecord) -> Finding | None:
    """The gradient grows from layer to layer on its way back."""
    wild = [look for look in (record.course[0], record.now) if look.layers[0].signal > 100 * look.layers[-1].signal > 0]
    infinite = record.finished is not None and record.finished.reason == "diverged"
    if len(record.hidden) < 2 or not wild or not (infinite or wild[-1] is record.now or record.learns_little):
        return None
    look = wild[-1]
    first, last = look.layers[0].signal, look.layers[-1].signal
    best = "he" if _used(record, lambda entry: entry.relu_like) else "xavier"
    changes = [_initializer(record, best)] if record.network.initializer != best else []
    if not changes and record.training.clip_norm is None and not OPTIMIZERS[record.training.optimizer].line_search:
        changes = [Change("training", "clip_norm", None, 1.0)]
    return Finding(
        "exploding_gradients",
        "The gradients explode",
        "Every layer on the way back makes the gradient larger, so the updates of the first layers are wild.",
        (
            f"iteration {look.iteration:,}: dZ{len(look.layers)} {last:.1e}, dZ1 {first:.1e}: "
            f"{_ratio(first, last)} larger",
            f"the last layer's pre-activations spread by {look.layers[-1].spread:.3g}",
        ),
        Remedy(tuple(changes), "Weights sized by a layer's inputs keep the gradient's size.") if changes else None,
    )


def unscaled(record: TrainingRecord) -> Finding | None:
    """Features far larger, or all far smaller, than the initial weights are made for."""
    sizes, names = record.data.sizes, record.data.names
    largest = int(np.argmax(sizes))
    if 0.01 <= sizes[largest] <= 10:
        return None
    smallest = int(np.argmin(np.where(sizes > 0, sizes, np.inf)))
    return Finding(
        "unscaled_features",
        "The features are not scaled",
        "Weights start as if every feature were about 1 in size; others drown the rest or slow everything down. "
        "Subtract each feature's mean and divide by its standard deviation before training.",
        (
            f"{names[largest]} has the size {sizes[largest]:.3g} (root mean square)",
            f"{names[smallest]} has {sizes[smallest]:.3g}",
        ),
    )


def overfitting(record: TrainingRecord) -> Finding | None:
    """The held-out loss rises while the training loss falls, and no patience looks after it."""
    course = [look for look in record.course if math.isfinite(look.validation_loss)]
    if len(course) < 3 or record.data.validation < 20 or record.training.patience is not None:
        return None
    best, now, base = min(course, key=lambda look: look.validation_loss), course[-1], record.data.base
    risen = now.validation_loss - best.validation_loss
    if not (risen > 0.25 * base and now.validation_loss > 1.5 * best.validation_loss and now.loss < best.loss):
        return None
    l2 = record.training.l2
    return Finding(
        "overfitting",
        "The network overfits",
        "It learns the training examples by heart: they still get better, the held-out ones get worse.",
        (
            f"held-out loss {best.validation_loss:.4f} at iteration {best.iteration:,}, now {now.validation_loss:.4f}",
            f"training loss {best.loss:.4f}, now {now.loss:.4f}",
            f"{record.network.size:,} parameters for {record.data.examples:,} examples",
        ),
        Remedy(
            (
                Change("training", "l2", l2, _round(max(10 * l2, 0.01 * record.data.examples))),
                Change("training", "patience", None, 5),
            ),
            "L2 keeps the weights small; patience stops where the held-out loss was best.",
        ),
    )


def imbalance(record: TrainingRecord) -> Finding | None:
    """A rare class that the network does not see, because ignoring it costs so little."""
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
        "Leaving a rare class out costs little, so accuracy looks good while the class is never found.",
        (
            f"{names[rarest]}: {counts[rarest]:,} of {total:,} examples ({counts[rarest] / total:.1%}), "
            f"{recall[rarest]:.0%} of them recognised",
            f"always answering {names[int(np.argmax(counts))]} is right for {max(counts) / total:.1%}",
        ),
        Remedy(
            (Change("training", "class_weight", None, "balanced"),), "Every class then counts the same in the cost."
        ),
    )


def random_labels(record: TrainingRecord) -> Finding | None:
    """No sign that the labels depend on the features."""
    permutation_test, held = record.data.permutation_test, record.now.validation_loss
    if permutation_test is None or permutation_test.smallest < 0.2 or held < 0.9 * record.data.base:
        return None
    return Finding(
        "random_labels",
        "The labels look random",
        "Two quick tests see no link between features and labels. That does not prove that there is none, but what is "
        "learned here may be chance.",
        (
            f"shuffled labels fit as well in {permutation_test.neighbours:.0%} of the tries by the nearest neighbours, "
            f"in {permutation_test.line:.0%} by a straight line",
            "a clear link gives less than 5% in one of them",
            f"{permutation_test.examples:,} examples",
        ),
    )


RULES: dict[str, Rule] = {
    "diverged": diverged,
    "identical_units": identical,
    "small_weights": too_small,
    "dead_relus": dead,
    "saturated": saturated,
    "vanishing_gradients": vanishing,
    "exploding_gradients": exploding,
    "unscaled_features": unscaled,
    "overfitting": overfitting,
    "imbalance": imbalance,
    "random_labels": random_labels,
}


def diagnose(record: TrainingRecord) -> list[Finding]:
    """All findings, the most urgent first."""
    found = (rule(record) for rule in RULES.values()) if record.course else ()
    return [finding for finding in found if finding is not None]


def _tiny(look: Statistics) -> bool:
    """Whether the weights of all layers are far below what keeps a signal's size."""
    wanted = [INITIALIZERS["lecun"].spread(layer.inputs, layer.units, 1.0) for layer in look.layers]
    return all(layer.weight < 0.2 * size for layer, size in zip(look.layers, wanted, strict=True))


def _initializer(record: TrainingRecord, name: str = "") -> Change:
    """To a random initializer that suits the activations; to the other one where the parameters came from elsewhere."""
    suited = "he" if _used(record, lambda entry: entry.relu_like) else "xavier"
    now, wanted = record.network.initializer, name or suited
    return Change("network", "initializer", now, wanted if wanted != now else "he" if now == "xavier" else "xavier")


def _used(record: TrainingRecord, wanted: Callable[[Activation], bool]) -> tuple[str, ...]:
    """The activations of hidden layers for which `wanted` holds, each once."""
    used = dict.fromkeys(layer.activation for layer in record.hidden)
    return tuple(name for name in used if wanted(ACTIVATIONS[name]))


def _activation(record: TrainingRecord, after: str, before: tuple[str, ...]) -> Change:
    layers = tuple(layer.layer for layer in record.hidden if layer.activation in before)
    return Change("network", "activation", " and ".join(before), after, layers)


def _calmer(record: TrainingRecord) -> Remedy | None:
    """Against saturation: the cause that is still there."""
    if unscaled(record):
        return None  # the finding about the features says what to do
    if not INITIALIZERS[record.network.initializer].keeps_size:
        return Remedy((_initializer(record, "xavier"),), "Xavier weights start the units in the middle of their curve.")
    rate = record.training.learning_rate
    change = Change("training", "learning_rate", rate, _smaller(rate))
    return Remedy((change,), "Smaller steps keep the units off their flat ends.", record.course[0].iteration)


def _smaller(rate: float) -> float:
    """A tenth of the rate, and at most 10: from 1e300 tenths would take for ever."""
    return _round(min(rate / 10, 10.0))


def _loss(record: TrainingRecord) -> str:
    return f"loss {record.now.loss:.4g}; a constant answer has {record.data.base:.4g}"


def _ratio(large: float, small: float) -> str:
    return f"{large / small:,.0f} times" if small and large / small < 1e7 else "more than ten million times"


def _round(value: float) -> float:
    return float(f"{value:.2g}")
