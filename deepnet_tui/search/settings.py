"""The settings of a trial, as values by name: those that an experiment has, and an experiment with others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from engine.spec import TrainingSpec
from engine.spec.settings import settings_of

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment

Values = Mapping[str, Any]
SIZES = {"hidden", "layers", "units"}
UNITS = 16  # of a layer where the experiment has none
Changes = dict[str, dict[str, Any]]  # by section and setting


def values_of(experiment: Experiment, names: Iterable[str]) -> dict[str, Any]:
    """What the experiment has for these settings; of layers that differ, that of the first."""
    return {name: _value_of(experiment, name) for name in names}


def _value_of(experiment: Experiment, name: str) -> Any:
    layers = experiment.network.hidden
    units = tuple(layer.units for layer in layers)
    match name:
        case "hidden":
            return units
        case "layers":
            return len(units)
        case "units":
            return units[0] if units else UNITS
        case "activation" | "dropout":
            default: Any = "relu" if name == "activation" else 0.0
            return getattr(layers[0], name) if layers else default
        case "initializer" | "scale":
            return getattr(experiment.network, name)
        case _:
            return getattr(experiment.training, name)


def changes(experiment: Experiment, values: Values) -> Changes:
    """What to change in the experiment so that it has these values; settings that it has already are left out."""
    before = values_of(experiment, values)
    new = {name: value for name, value in values.items() if value != before[name]}
    network: dict[str, Any] = {name: new[name] for name in ("initializer", "scale") if name in new}
    shared: dict[str, Any] = {name: new[name] for name in ("activation", "dropout") if name in new}
    if SIZES & new.keys():
        network["hidden"] = [layer | shared for layer in _layers(experiment, values)]
    elif shared and experiment.network.hidden:
        network["hidden"] = [layer.model_dump() | shared for layer in experiment.network.hidden]
    training = {name: value for name, value in new.items() if name in settings_of(TrainingSpec)}
    return {section: found for section, found in (("network", network), ("training", training)) if found}


def _layers(experiment: Experiment, values: Values) -> list[dict[str, Any]]:
    """The hidden layers of another size: in proportion to those of the experiment, further ones like the last."""
    before = [layer.model_dump() for layer in experiment.network.hidden]
    shape = [layer["units"] for layer in before] or [UNITS]
    units = values.get("hidden")
    if units is None:
        first, count = values.get("units", shape[0]), values.get("layers", len(before))
        units = [max(1, round(first * shape[min(place, len(shape) - 1)] / shape[0])) for place in range(count)]
    last = len(before) - 1
    return [(before[min(place, last)] if before else {}) | {"units": count} for place, count in enumerate(units)]


def with_values(experiment: Experiment, values: Values) -> Experiment:
    """The experiment with these values. Raises InputError where they don't go together."""
    for section, found in changes(experiment, values).items():
        experiment = experiment.replace(section, **found)  # type: ignore[arg-type]
    return experiment
