"""The racers of a race: every combination of the values that vary, each with its experiment."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.formats.toml import read_toml
from deepnet_tui.experiment.experiment import LARGEST_FILE
from deepnet_tui.race.values import EXAMPLE, Value, Varied, shown, values_of, variable

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment

MOST = 64
SECTION = "race"


@dataclass(frozen=True)
class Racer:
    """One racer: what it has in `values` differs from racer to racer."""

    values: Mapping[str, Value]
    experiment: Experiment

    @property
    def texts(self) -> dict[str, str]:
        """Its values as people write them."""
        return {name: shown(name, value) for name, value in self.values.items()}

    @property
    def label(self) -> str:
        """What tells it from the others: 0.01, he."""
        return ", ".join(self.texts.values())

    @property
    def sentence(self) -> str:
        """The same with names: learning rate 0.01, initializer he."""
        return ", ".join(f"{variable()[name].setting.label} {text}" for name, text in self.texts.items())

    @property
    def plain(self) -> dict[str, Any]:
        """Its values for JSON."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in self.values.items()}


def check_count(varied: Varied) -> None:
    """Raise InputError unless there are 2 to 64 combinations."""
    counts = [len(values) for values in varied.values()]
    count = math.prod(counts)
    if count < 2:
        raise InputError(f"a race needs a setting with at least two values, such as {EXAMPLE}", "vary")
    if count > MOST:
        product = f"{' x '.join(map(str, counts))} = " if len(counts) > 1 else ""
        raise InputError(f"these lists make {product}{count:,} racers; a race has at most {MOST}", "vary")


def racers_of(experiment: Experiment, varied: Varied) -> tuple[Racer, ...]:
    """All combinations, the last list changing fastest. Raises InputError for too few or many, or for a bad one."""
    check_count(varied)
    combinations = itertools.product(*varied.values())
    return tuple(
        Racer(values, with_values(experiment, values))
        for values in (dict(zip(varied, combination, strict=True)) for combination in combinations)
    )


def check_racers(racers: Sequence[Racer], dataset: Dataset) -> None:
    """Raise InputError for a racer that does not fit the data, or if they don't fit into memory all at once."""
    from engine.compiled.memory_budget import available, needed

    bytes_needed = 0.0
    for racer in racers:
        try:
            racer.experiment.check(dataset)
        except InputError as error:
            raise InputError(f"{racer.sentence}: {error}", error.field) from None
        bytes_needed += needed(racer.experiment.network_spec(dataset), racer.experiment.training, dataset.train.m).total
    if bytes_needed > (there := available()):
        would = f"{len(racers)} racers would need about {bytes_needed / 2**30:,.1f} GiB"
        raise InputError(f"{would}; {there / 2**30:,.1f} GiB are there; let fewer race, or lower batch_size", "vary")


def with_values(experiment: Experiment, values: Mapping[str, Value]) -> Experiment:
    """The experiment with these settings. Raises InputError."""
    sections: dict[str, dict[str, Value]] = {}
    for name, value in values.items():
        sections.setdefault(variable()[name].section, {})[name] = value
    network = sections.get("network", {})
    if "hidden" in network:
        before = experiment.network.hidden
        common = {"activation": before[0].activation, "dropout": before[0].dropout} if before else {}
        common |= {name: network.pop(name) for name in ("activation", "dropout") if name in network}
        network["hidden"] = tuple({"units": units, **common} for units in network["hidden"])
    for section, changes in sections.items():
        experiment = experiment.replace(section, **changes)  # type: ignore[arg-type]
    return experiment


def varied_in_file(path: str | Path) -> Varied:
    """The lists in the section [race] of an experiment file, {} where it has none. Raises InputError."""
    raw = read_toml(Path(path), "an experiment", LARGEST_FILE).get(SECTION, {})
    if not isinstance(raw, dict):
        raise InputError(f"{path}: [{SECTION}] must be a table of lists, such as learning_rate = [0.1, 0.2]", SECTION)
    varied: Varied = {}
    for name, values in raw.items():
        if not isinstance(values, list) or not values:
            raise InputError(f"{path}: {name} in [{SECTION}] must be a list of values, not {values!r:.60}", name)
        varied[name] = values_of(name, values, f"{path}: [{SECTION}]")
    return varied
