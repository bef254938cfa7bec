"""The remedies of the doctor: which setting to change, and to which value."""

from __future__ import annotations

from collections.abc import Callable

from engine.diagnostics.findings import Change, Remedy, TrainingRecord
from engine.ops.activations import ACTIVATIONS, Activation
from engine.ops.initializers import INITIALIZERS


def activations_with(record: TrainingRecord, trait: Callable[[Activation], bool]) -> tuple[str, ...]:
    """The activations of hidden layers that have the `trait`, each once."""
    used = dict.fromkeys(layer.activation for layer in record.hidden)
    return tuple(name for name in used if trait(ACTIVATIONS[name]))


def suited_initializer(record: TrainingRecord) -> str:
    """The initializer that suits the activations: He for those like ReLU, otherwise Xavier."""
    return "he" if activations_with(record, lambda entry: entry.relu_like) else "xavier"


def change_initializer(record: TrainingRecord, name: str = "") -> Change:
    """To the initializer `name`, or to the one that suits the activations.

    If the settings have it already, the parameters came from elsewhere: then to the other one of He and Xavier.
    """
    now, wanted = record.network.initializer, name or suited_initializer(record)
    return Change("network", "initializer", now, wanted if wanted != now else "he" if now == "xavier" else "xavier")


def change_activation(record: TrainingRecord, before: tuple[str, ...], after: str) -> Change:
    """To the activation `after`, in the hidden layers that have one of those in `before`."""
    layers = tuple(layer.layer for layer in record.hidden if layer.activation in before)
    return Change("network", "activation", " and ".join(before), after, layers)


def lower_rate(record: TrainingRecord) -> Change:
    """To a tenth of the learning rate, at most 10: from 1e300, tenths would take too many steps."""
    rate = record.training.learning_rate
    return Change("training", "learning_rate", rate, rounded(min(rate / 10, 10.0)))


def against_saturation(record: TrainingRecord) -> Remedy:
    """Xavier, or, if the weights started with the right size, a smaller rate from the first parameters on."""
    if not INITIALIZERS[record.network.initializer].keeps_size:
        change = change_initializer(record, "xavier")
        return Remedy((change,), "Xavier weights start the units in the middle of their curve.")
    why = "Smaller steps keep the units off their flat ends."
    return Remedy((lower_rate(record),), why, record.course[0].iteration)


def rounded(value: float) -> float:
    """The value with two significant digits."""
    return float(f"{value:.2g}")
