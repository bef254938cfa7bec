"""The section [training]: the engine's TrainingSpec, read from plain values by a section that is made from it."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from deepnet_tui.common.section import Check, InvalidError, SettingsSection, field, flag, number, optional, text, whole
from deepnet_tui.data.builtin import Defaults
from engine.ops.optimizers import OPTIMIZERS
from engine.spec import SpecError, TrainingSpec, bounds
from engine.spec.settings import Setting, settings_of

NOTHING = "none"  # how a setting that is off is written

TRAINING_DEFAULTS: dict[str, Any] = {
    name: value for name, value in asdict(Defaults()).items() if name in settings_of(TrainingSpec)
}
"""Where this program begins otherwise than the engine."""

FOR_LINE_SEARCH: dict[str, Any] = {
    "ensemble": 1,
    "dropout": 0.0,
    "batch_size": None,
    "schedule": "constant",
    "warmup": 0,
    "internal": 0.0,
    "calibrate": False,
    "patience": None,
    "dtype": "float64",
}
"""What goes with an optimizer that searches along a line: one network, all examples, a cost without chance in it.

It finds an end of its own, so no part is kept aside to stop by.
"""

TRAINING_SETTINGS: dict[str, Setting] = {
    name: replace(setting, default=TRAINING_DEFAULTS.get(name, setting.default))
    for name, setting in settings_of(TrainingSpec).items()
}


KINDS: dict[str, Check] = {
    "choice": text,
    "text": text,
    "whole": whole,
    "number": number,
    "flag": flag,
    "class_weight": lambda value: value,  # read below
}


class _Words(SettingsSection):
    """Plain values as they are written in a file. `none` stands for a setting that is off, as does its own word."""

    @classmethod
    def prepared(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {name: _read(name, value) for name, value in values.items()}


def _field(setting: Setting) -> Any:
    check = KINDS[setting.kind]
    return field(optional(check) if setting.optional else check, setting.default)


TrainingSettings: type[SettingsSection] = type(
    "TrainingSettings",
    (_Words,),
    {
        "__doc__": "The section [training] of an experiment; every setting is explained at `engine.TrainingSpec`.",
        **{name: _field(setting) for name, setting in TRAINING_SETTINGS.items()},
    },
)


def training_of(value: Any) -> TrainingSpec:
    """The training that plain values say, or the one that is given. Raises InvalidError."""
    values = asdict(value) if isinstance(value, TrainingSpec) else value
    section = TrainingSettings.model_validate(values)
    try:
        return TrainingSpec(**section.model_dump())
    except SpecError as error:
        raise InvalidError(str(error), value, cause=error) from None


def plain_values(training: TrainingSpec) -> dict[str, Any]:
    """The settings as TOML can hold them."""
    return {name: _written(name, value) for name, value in asdict(training).items()}


def needs_all_examples(optimizer: object) -> bool:
    """Whether this is an optimizer that works on all examples at once."""
    entry = OPTIMIZERS.get(optimizer) if isinstance(optimizer, str) else None
    return entry is not None and entry.full_batch_only


def _read(name: str, value: Any) -> Any:
    setting = TRAINING_SETTINGS.get(name)
    if setting is None or not setting.optional:
        return value
    if isinstance(value, str) and value in (NOTHING, setting.off):
        return None
    return _class_weight(value) if name == "class_weight" and value is not None else value


def _written(name: str, value: Any) -> Any:
    if value is None:
        return "full" if name == "batch_size" else NOTHING
    return list(value) if isinstance(value, tuple) else value


def _class_weight(value: Any) -> str | tuple[float, ...]:
    """A class weight as the engine takes it. Raises SpecError."""
    if isinstance(value, str):
        bounds.choice("class_weight", value, ("balanced", NOTHING))
        return value
    if not isinstance(value, list | tuple):
        allowed = TRAINING_SETTINGS["class_weight"].allowed
        raise SpecError("class_weight", f"class_weight must be {allowed}, not {value!r:.60}")
    for weight in value:
        bounds.number("class_weight", weight, 0.0)
    return tuple(float(weight) for weight in value)
