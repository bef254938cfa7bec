"""Which data an experiment uses and how they are read, split and prepared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.section import (
    Check,
    InvalidError,
    SettingsSection,
    bounded,
    by_name,
    field,
    number,
    one_of,
    optional,
    text,
    whole,
)
from deepnet_tui.data.setting_list import DATA_SETTINGS, PLANE, READING

FORMER_NAMES = {"held_out": "validation"}  # up to version 0.1
Kind = Literal["numeric", "boolean", "categorical", "date", "identifier", "constant", "text", "block"]
Role = Literal["feature", "target", "ignored"]


class ColumnSettings(SettingsSection):
    """What the user decided about one column; whatever is None is inferred."""

    kind: Kind | None = field(optional(one_of(*get_args(Kind))), None)
    role: Role | None = field(optional(one_of(*get_args(Role))), None)


def _within_bounds(name: str) -> Check:
    setting = DATA_SETTINGS[name]
    return bounded(whole if setting.kind == "whole" else number, setting.low, setting.high)


def _one_or_several(value: Any) -> str | tuple[str, ...] | None:
    """The name of a target as it is, several names as a tuple; a list of one is that one."""
    if isinstance(value, list | tuple) and value and all(isinstance(name, str) for name in value):
        return value[0] if len(value) == 1 else tuple(value)
    if isinstance(value, list | tuple):
        raise InvalidError("must be the name of a column or a list of such names", value)
    return None if value is None else text(value)


def _transform_names(value: Any) -> tuple[str, ...]:
    """The names of transforms as they are written everywhere; one may stand alone. Raises InputError."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise InvalidError("must be a list of names", value)
    if not names:
        return ()
    from deepnet_tui.data.plane.transforms import transforms_named

    return tuple(transform.name for transform in transforms_named(names))


def _function(value: Any) -> str:
    """A function that can be read. Raises InputError."""
    from deepnet_tui.data.plane.expression import parse

    parse(text(value))
    return text(value)


class DataSettings(SettingsSection):
    """A source (a built-in name or a file), its target or several of them, and the validation part.

    `validation` is a share of the examples, 0 for none; `seed` draws which ones. `test` is a second file of the
    same form, evaluated and never trained on. `preparation` is how the columns of a table become inputs; built-in
    sets have the plain one. `transform`, `noise`, `points` and `function` are for the two-dimensional sets.
    How the file is written, from `separator` to `missing`, is inferred where it is None.
    `DATA_SETTINGS` has the bounds and the help of every setting.
    """

    source: str = field(text, DATA_SETTINGS["source"].default)
    target: str | tuple[str, ...] | None = field(_one_or_several, None)
    test: str | None = field(optional(text), None)
    validation: float = field(_within_bounds("validation"), DATA_SETTINGS["validation"].default)
    seed: int = field(_within_bounds("seed"), DATA_SETTINGS["seed"].default)
    preparation: Literal["rich", "plain"] = field(one_of("rich", "plain"), DATA_SETTINGS["preparation"].default)
    separator: str | None = field(optional(text), None)
    encoding: str | None = field(optional(text), None)
    decimal: Literal[".", ","] | None = field(optional(one_of(".", ",")), None)
    sheet: str | None = field(optional(text), None)
    skip: int | None = field(optional(_within_bounds("skip")), None)
    comment: str | None = field(optional(text), None)
    missing: str | None = field(optional(text), None)
    transform: tuple[str, ...] = field(_transform_names, ())
    noise: float | None = field(optional(_within_bounds("noise")), None)
    points: int | None = field(optional(_within_bounds("points")), None)
    function: str | None = field(optional(_function), None)
    columns: dict[str, ColumnSettings] = field(by_name(ColumnSettings.model_validate), {})

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of the columns to predict, none where that is still to be found out."""
        return () if not self.target else (self.target,) if isinstance(self.target, str) else self.target

    @property
    def files(self) -> tuple[str, ...]:
        """What is read: the source, a file or a built-in name, and the test file if there is one."""
        return (self.source, self.test) if self.test else (self.source,)

    @property
    def reading(self) -> dict[str, str]:
        """What is said about how the file is written, instead of inferred, as texts that travel with a model."""
        return {name: str(value) for name in READING if (value := getattr(self, name)) is not None}

    @property
    def plane(self) -> dict[str, Any]:
        """What is said about a two-dimensional set, by setting."""
        return {name: value for name in PLANE if (value := getattr(self, name)) not in (None, ())}

    @property
    def missing_words(self) -> frozenset[str] | None:
        """The words that are said to mean a missing value, without those that always do; None if nothing is said."""
        return None if self.missing is None else frozenset(word.strip() for word in self.missing.split(",")) - {""}


def settings_for(source: str, reading: Mapping[str, Any]) -> DataSettings:
    """The settings of a file that is read as `reading` says, whose values may be texts as in `DataSettings.reading`.

    Raises InputError for a number of lines that is none.
    """
    values = dict(reading)
    skip = DATA_SETTINGS["skip"]
    if "skip" in values:
        number = int(values["skip"]) if str(values["skip"]).isdecimal() else -1
        if not skip.low <= number <= skip.high:
            raise InputError(f"the number of lines to skip must be {skip.allowed}, not {values['skip']}", "skip")
        values["skip"] = number
    return DataSettings.model_validate({"source": source, **values})


def with_current_names(raw: dict[str, Any]) -> dict[str, Any]:
    """The same settings; those called as up to version 0.1 get their present names.

    Raises InputError where a setting is given under both.
    """
    for former, name in FORMER_NAMES.items():
        if former in raw and name in raw:
            raise InputError(f"[data] has both {name} and {former}, its former name; keep {name}", name)
    return {FORMER_NAMES.get(name, name): value for name, value in raw.items()}
