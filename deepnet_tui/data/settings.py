"""Which data an experiment uses and how they are read, split and prepared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.setting_list import DATA_SETTINGS, PLANE, READING

FORMER_NAMES = {"held_out": "validation"}  # up to version 0.1
Kind = Literal["numeric", "boolean", "categorical", "date", "identifier", "constant", "text", "block"]
Role = Literal["feature", "target", "ignored"]


class ColumnSettings(BaseModel):
    """What the user decided about one column; whatever is None is inferred."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind | None = None
    role: Role | None = None


def _bounds(name: str) -> FieldInfo:
    setting = DATA_SETTINGS[name]
    field: FieldInfo = Field(ge=setting.low, le=setting.high, strict=True)
    return field


def _one_or_several(value: Any) -> Any:
    """The name of a target as it is, several names as a tuple; a list of one is that one."""
    if isinstance(value, list | tuple) and value and all(isinstance(name, str) for name in value):
        return value[0] if len(value) == 1 else tuple(value)
    if isinstance(value, list | tuple):
        raise PydanticCustomError("target", "must be the name of a column or a list of such names")
    if not (value is None or isinstance(value, str)):
        raise PydanticCustomError("target", "Input should be a valid string")
    return value


def _transform_names(value: Any) -> Any:
    """The names of transforms as they are written everywhere; one may stand alone. Raises InputError."""
    from deepnet_tui.data.plane.transforms import transforms_named

    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise PydanticCustomError("transform", "must be a list of names")
    return tuple(transform.name for transform in transforms_named(names))


def _function(text: str) -> str:
    """A function that can be read. Raises InputError."""
    from deepnet_tui.data.plane.expression import parse

    parse(text)
    return text


class DataSettings(BaseModel):
    """A source (a built-in name or a file), its target or several of them, and the validation part.

    `validation` is a share of the examples, 0 for none; `seed` draws which ones. `test` is a second file of the
    same form, evaluated and never trained on. `preparation` is how the columns of a table become inputs; built-in
    sets have the plain one. `transform`, `noise`, `points` and `function` are for the two-dimensional sets.
    How the file is written, from `separator` to `missing`, is inferred where it is None.
    `DATA_SETTINGS` has the bounds and the help of every setting.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    source: str = DATA_SETTINGS["source"].default
    target: Annotated[str | tuple[str, ...] | None, BeforeValidator(_one_or_several)] = None
    test: str | None = None
    validation: Annotated[float, _bounds("validation")] = DATA_SETTINGS["validation"].default
    seed: Annotated[int, _bounds("seed")] = DATA_SETTINGS["seed"].default
    preparation: Literal["rich", "plain"] = DATA_SETTINGS["preparation"].default
    separator: str | None = None
    encoding: str | None = None
    decimal: Literal[".", ","] | None = None
    sheet: str | None = None
    skip: Annotated[int, _bounds("skip")] | None = None
    comment: str | None = None
    missing: str | None = None
    transform: Annotated[tuple[str, ...], BeforeValidator(_transform_names)] = ()
    noise: Annotated[float, _bounds("noise")] | None = None
    points: Annotated[int, _bounds("points")] | None = None
    function: Annotated[str, AfterValidator(_function)] | None = None
    columns: dict[str, ColumnSettings] = {}

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
