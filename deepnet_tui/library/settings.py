"""Settings that a program gives by the names of an experiment's TOML, and the experiment that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import is_there
from deepnet_tui.common.text import did_you_mean, listed, quoted
from deepnet_tui.data.builtin import BUILTIN
from deepnet_tui.data.choices import with_target
from deepnet_tui.data.setting_list import DATA_SETTINGS, READING
from deepnet_tui.experiment import Experiment, settings_in_file
from deepnet_tui.experiment.experiment import SectionName
from deepnet_tui.experiment.network import SHARED
from engine.spec import NetworkSpec, TrainingSpec
from engine.spec.settings import settings_of

DATA = tuple(name for name in (*DATA_SETTINGS, "columns") if name not in ("source", "target"))
NETWORK = ("hidden", *SHARED, *settings_of(NetworkSpec))
TRAINING = tuple(settings_of(TrainingSpec))
FOR_FRAMES = ("missing",)  # of the settings on how a file is written


def experiment_of(
    source: str, target: str | Sequence[str] | None, settings: Mapping[str, Any]
) -> tuple[Experiment, tuple[str, ...] | None]:
    """The experiment for a source with these settings in place of its own or the default ones, and the names of those
    that somebody has chosen, as `Experiment.with_data_defaults` takes them.

    The source is a built-in name, a data file or an experiment.toml. Raises InputError for an unknown setting, a value
    that is not allowed, and a source that is not there.
    """
    settings = {name: _plain(value) for name, value in settings.items()}
    check_names(settings)
    chosen: tuple[str, ...] | None = tuple(settings)
    if Path(source).suffix.lower() == ".toml":
        experiment, in_file = Experiment.read(source), settings_in_file(source)
        chosen = None if in_file is None else (*settings, *in_file)
    else:
        experiment = Experiment.default(source)
    if target is not None:
        found = with_target(experiment.data, _target(target))
        experiment = experiment.replace("data", target=found.target, columns=found.columns)
    sections: tuple[tuple[SectionName, tuple[str, ...]], ...] = (
        ("data", DATA),
        ("network", NETWORK),
        ("training", TRAINING),
    )
    for section, names in sections:
        if values := {name: settings[name] for name in names if name in settings}:
            experiment = experiment.replace(section, **values)
    return experiment, chosen


def check_names(settings: Mapping[str, Any]) -> None:
    """Raise InputError for a name that is no setting."""
    known = dict.fromkeys((*DATA, *NETWORK, *TRAINING))
    for name in settings:
        if name not in known:
            guess = did_you_mean(name, known)
            raise InputError(f"there is no setting {quoted(name)}; {guess or 'they are ' + listed(known, 60)}", name)


def check_source(source: str) -> None:
    """Raise InputError unless the source is built in or there."""
    if source in BUILTIN or is_there(source):
        return
    if Path(source).suffix:
        raise InputError(f"there is no file {source}", "frame")
    guess = did_you_mean(source, BUILTIN)
    there = f"{guess} There are" if guess else "there are"
    raise InputError(f"there is no built-in data set or file {source!r}; {there} {', '.join(BUILTIN)}", "frame")


def check_for_frame(settings: Mapping[str, Any]) -> None:
    """Raise InputError for a setting that only a file has."""
    for name in READING:
        if name in settings and name not in FOR_FRAMES:
            raise InputError(f"data in memory take no {name}: it says how a file is written", name)


def _target(target: str | Sequence[str]) -> str | tuple[str, ...]:
    names = (target,) if isinstance(target, str) else tuple(str(name) for name in target)
    if not names:
        raise InputError("the target must be the name of a column, or several names", "target")
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise InputError(f"the target {quoted(twice)} is named twice", "target")
    return names if len(names) > 1 else names[0]


def _plain(value: Any) -> Any:
    """The value without the types of NumPy, and a path as text."""
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, list | tuple):
        return type(value)(_plain(item) for item in value)
    return value
