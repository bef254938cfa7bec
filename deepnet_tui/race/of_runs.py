"""A race of the settings of several runs, on the present data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.race.racers import MOST, Racer
from deepnet_tui.race.values import variable

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment


def race_of_runs(experiments: Sequence[Experiment], present: Experiment) -> tuple[Racer, ...]:
    """A racer for each of these experiments with the data and the seed of the `present` one.

    Raises InputError for fewer than two or more than 64 that differ.
    """
    data, seed, different = present.data, present.training.seed, list[Any]()
    for experiment in experiments:
        moved = experiment.model_copy(update={"data": data}).replace("training", seed=seed)
        if moved not in different:
            different.append(moved)
    if not 2 <= len(different) <= MOST:
        what = "the settings of these runs are the same" if len(different) < 2 else f"these are {len(different)} runs"
        raise InputError(f"{what}; a race needs from 2 to {MOST} that differ")
    settings = [{name: _value(experiment, name) for name in variable()} for experiment in different]
    names = [name for name in variable() if len({str(each[name]) for each in settings}) > 1]
    return tuple(
        Racer({name: each[name] for name in names}, experiment)
        for each, experiment in zip(settings, different, strict=True)
    )


def _value(experiment: Experiment, name: str) -> Any:
    """What a setting is; what the layers have, where they differ, as one word."""
    layers = experiment.network.hidden
    if name == "hidden":
        return tuple(layer.units for layer in layers)
    if name in ("activation", "dropout"):
        each = [getattr(layer, name) for layer in layers]
        return each[0] if len(set(each)) == 1 else "-".join(map(str, each)) or "none"
    return getattr(getattr(experiment, variable()[name].section), name)
