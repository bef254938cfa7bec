"""The section [training]: the engine's TrainingSpec, read from plain values by a model that is made from it."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Any, get_type_hints

from pydantic import BaseModel, ConfigDict, GetPydanticSchema, create_model, model_validator
from pydantic_core.core_schema import no_info_after_validator_function

from deepnet_tui.data.builtin import Defaults
from engine.ops.optimizers import OPTIMIZERS
from engine.spec import SpecError, TrainingSpec
from engine.spec.bounds import choice, number
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


class _Section(BaseModel):
    """Plain values as they are written in a file. `none` stands for a setting that is off, as does its own word."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _read_words(cls, raw: Any) -> Any:
        if isinstance(raw, TrainingSpec):
            return asdict(raw)
        return {name: _read(name, value) for name, value in raw.items()} if isinstance(raw, dict) else raw


TrainingSettings: type[BaseModel] = create_model(  # type: ignore[call-overload]
    "TrainingSettings",
    __base__=_Section,
    __doc__="The section [training] of an experiment; every setting is explained at `engine.TrainingSpec`.",
    **{name: (kind, TRAINING_SETTINGS[name].default) for name, kind in get_type_hints(TrainingSpec).items()},
)


def _spec(section: BaseModel) -> TrainingSpec:
    return TrainingSpec(**section.model_dump())


Training = Annotated[
    TrainingSpec,
    GetPydanticSchema(lambda _type, handler: no_info_after_validator_function(_spec, handler(TrainingSettings))),
]
"""A TrainingSpec that pydantic checks as TrainingSettings."""


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
        choice("class_weight", value, ("balanced", NOTHING))
        return value
    if not isinstance(value, list | tuple):
        allowed = TRAINING_SETTINGS["class_weight"].allowed
        raise SpecError("class_weight", f"class_weight must be {allowed}, not {value!r:.60}")
    for weight in value:
        number("class_weight", weight, 0.0)
    return tuple(float(weight) for weight in value)
