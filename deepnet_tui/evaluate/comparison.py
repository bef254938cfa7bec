"""What differs between two runs, and how their costs went."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment

NAMES = {
    "data source": "data",
    "data seed": "split seed",
    "training seed": "seed",
    "network hidden": "hidden",
}


@dataclass(frozen=True)
class Difference:
    """One setting that two experiments don't share, as it is shown."""

    name: str
    one: str
    other: str


def differences(one: Experiment, other: Experiment) -> tuple[Difference, ...]:
    """The settings that differ, in the order in which they are written; "–" where one has none."""
    first, second = _flat(one), _flat(other)
    names = [*first, *(name for name in second if name not in first)]
    return tuple(
        Difference(_name(name), first.get(name, "–"), second.get(name, "–"))
        for name in names
        if first.get(name) != second.get(name)
    )


def _name(name: str) -> str:
    return NAMES.get(name, name.partition(" ")[2].replace("_", " "))


def _flat(experiment: Experiment) -> dict[str, str]:
    flat: dict[str, str] = {}
    for section, values in experiment.to_dict().items():
        for key, value in values.items() if section != "search" else ():
            flat[f"{section} {key}"] = _shown(key, value)
    return flat


def _shown(key: str, value: Any) -> str:
    from deepnet_tui.data.builtin import BUILTIN

    if key in ("source", "test"):
        return value if value in BUILTIN else str(Path(value).absolute())
    if key == "hidden":
        return "-".join(str(layer["units"] if isinstance(layer, dict) else layer) for layer in value) or "none"
    if key == "columns":
        return ", ".join(f"{name} {' '.join(said.values())}" for name, said in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)
