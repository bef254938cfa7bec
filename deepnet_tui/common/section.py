"""Groups of settings, read from plain values: each is a field with a check, and nothing else is let in.

A small part of what pydantic does, with its names and its words, because pydantic takes longer to load than a small
network takes to train.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

Check = Callable[[Any], Any]
"""Takes a value as it was given, gives it as it is kept. Raises ValueError, an InvalidError where it says the place."""


class InvalidError(ValueError):
    """A value that is not allowed: `path` leads to it, `kind` is value, extra or table, `cause` an error."""

    def __init__(
        self,
        message: str,
        value: Any,
        path: tuple[str | int, ...] = (),
        kind: str = "value",
        cause: ValueError | None = None,
    ) -> None:
        super().__init__(message)
        self.value, self.path, self.kind, self.cause = value, path, kind, cause

    def within(self, step: str | int) -> InvalidError:
        """The same, seen from the section that it is in."""
        return InvalidError(str(self), self.value, (step, *self.path), self.kind, self.cause)


class Field:
    """One setting of a section: its check, and its default, which is not checked."""

    __slots__ = ("check", "default")

    def __init__(self, check: Check, default: Any) -> None:
        self.check, self.default = check, default


REQUIRED: Any = object()
"""The default of a field that has to be given."""


def field(check: Check, default: Any = REQUIRED) -> Any:
    """A field of a SettingsSection; typed as what it holds."""
    return Field(check, default)


class SettingsSection:
    """Settings by name. Instances don't change. Raises InvalidError for the first that is wrong."""

    model_fields: ClassVar[dict[str, Field]] = {}

    def __init_subclass__(cls) -> None:
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Field)}
        cls.model_fields = cls.model_fields | own
        for name in own:
            delattr(cls, name)

    def __init__(self, **values: Any) -> None:
        try:
            values = self.prepared(values)
        except ValueError as error:
            raise _invalid(error, values) from None
        found, wrong = {}, []
        for name, entry in self.model_fields.items():
            if name not in values:
                found[name] = dict(entry.default) if isinstance(entry.default, dict) else entry.default
                if entry.default is REQUIRED:
                    wrong.append(InvalidError("Field required", values, (name,)))
                continue
            try:
                found[name] = entry.check(values[name])
            except ValueError as error:
                wrong.append(_invalid(error, values[name]).within(name))
        wrong += [
            InvalidError("no such key", value, (name,), "extra")
            for name, value in values.items()
            if name not in self.model_fields
        ]
        if wrong:
            raise wrong[0]
        self.__dict__.update(found)
        try:
            self.check_together()
        except ValueError as error:
            raise _invalid(error, values) from None

    @classmethod
    def prepared(cls, values: dict[str, Any]) -> dict[str, Any]:
        """The values before they are checked. Raises ValueError."""
        return values

    def check_together(self) -> None:
        """Raise ValueError for settings that do not go together."""

    @classmethod
    def model_validate(cls, value: Any) -> Self:
        """The section of these plain values; one that is one already stays. Raises InvalidError."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            raise InvalidError("Input should be a table of settings", value, kind="table")
        return cls(**value)

    def model_dump(self, *, exclude_none: bool = False) -> dict[str, Any]:
        """Plain values by name, those of sections within it, too."""
        return {
            name: _plain(value, exclude_none)
            for name, value in self.__dict__.items()
            if not (exclude_none and value is None)
        }

    def model_copy(self, *, update: Mapping[str, Any]) -> Self:
        """The same with other values, which are not checked."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, **update)
        return copy

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} does not change; make another one with model_copy")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"


def _invalid(error: ValueError, value: Any) -> InvalidError:
    return error if isinstance(error, InvalidError) else InvalidError(str(error), value, cause=error)


def _plain(value: Any, exclude_none: bool) -> Any:
    if isinstance(value, SettingsSection):
        return value.model_dump(exclude_none=exclude_none)
    if isinstance(value, tuple):
        return tuple(_plain(each, exclude_none) for each in value)
    if isinstance(value, dict):
        return {name: _plain(each, exclude_none) for name, each in value.items() if not (exclude_none and each is None)}
    return value


def text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise InvalidError("Input should be a valid string", value)
    return value


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise InvalidError("Input should be a valid boolean", value)
    return value


def whole(value: Any) -> int:
    """A whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidError("Input should be a valid integer", value)
    return value


def number(value: Any) -> float:
    """A number, perhaps not a finite one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidError("Input should be a valid number", value)
    try:
        return float(value)
    except OverflowError:
        raise InvalidError("Input should be a valid number", value) from None


def bounded(check: Check, low: float, high: float) -> Check:
    """A finite number from `low` to `high`."""

    def checked(given: Any) -> Any:
        value = check(given)
        if isinstance(value, float) and not math.isfinite(value):
            raise InvalidError("Input should be a finite number", given)
        if value < low:
            raise InvalidError(f"Input should be greater than or equal to {low:.10g}", given)
        if value > high:
            raise InvalidError(f"Input should be less than or equal to {high:.10g}", given)
        return value

    return checked


def optional(check: Check) -> Check:
    """The same, or None."""
    return lambda value: None if value is None else check(value)


def one_of(*names: str) -> Check:
    """One of these words."""

    def checked(value: Any) -> str:
        if value not in names or not isinstance(value, str):
            listed = " or ".join(filter(None, (", ".join(map(repr, names[:-1])), repr(names[-1]))))
            raise InvalidError(f"Input should be {listed}", value)
        return value

    return checked


def several(check: Check) -> Check:
    """A tuple of such values."""

    def checked(values: Any) -> tuple[Any, ...]:
        if not isinstance(values, tuple):
            raise InvalidError("Input should be a valid tuple", values)
        return tuple(_at(place, check, value) for place, value in enumerate(values))

    return checked


def by_name(check: Check) -> Check:
    """A table of such values by name."""

    def checked(values: Any) -> dict[str, Any]:
        if not isinstance(values, Mapping):
            raise InvalidError("Input should be a valid dictionary", values)
        return {text(name): _at(name, check, value) for name, value in values.items()}

    return checked


def _at(step: str | int, check: Check, value: Any) -> Any:
    try:
        return check(value)
    except ValueError as error:
        raise _invalid(error, value).within(step) from None
