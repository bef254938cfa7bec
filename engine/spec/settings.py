"""What is known of a setting beside its name, type and default: its bounds, its label and its help.

`about` puts it into the metadata of a dataclass field, `settings_of(TrainingSpec)` reads it from there. The command
line, experiment files, the training pane and the manual are made from these, so that each setting is written once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from engine.spec.bounds import SpecError, choice, number, whole

KEY = "setting"  # of a field's metadata


@dataclass(frozen=True)
class Setting:
    """One setting: `kind` is choice, whole, number, flag or class_weight.

    `low` and `high` bound a whole number or a number, `open_low` says that `low` itself is not allowed. `choices` gives
    the names of a choice, each with an explanation; they are asked for late, because the registries need NumPy, which
    is not to be loaded before the first screen. `optional` allows None, which is written and shown as `off`.
    """

    name: str
    kind: str
    default: Any
    label: str
    help: str
    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    choices: Callable[[], Mapping[str, str]] | None = None
    optional: bool = False
    off: str = "none"

    def check(self, value: object) -> None:
        """Raise SpecError, which says what is allowed, unless the setting may have this value."""
        if value is None and self.optional:
            return
        if self.kind == "whole":
            whole(self.name, value, int(self.low), int(self.high))
        elif self.kind == "number":
            number(self.name, value, self.low, self.high, open_low=self.open_low)
        elif self.kind == "choice" and self.choices is not None:
            choice(self.name, value, self.choices())
        elif self.kind == "flag" and not isinstance(value, bool):
            raise SpecError(self.name, f"{self.name} must be True or False, not {value!r}")


def about(kind: str, label: str, help: str, **more: Any) -> dict[str, Any]:  # noqa: A002
    """The metadata of a dataclass field that is a setting; `more` are further fields of its Setting."""
    return {KEY: {"kind": kind, "label": label, "help": help, **more}}


@cache
def settings_of(spec: type) -> dict[str, Setting]:
    """The settings of a description by name, in the order in which its fields are written."""
    return {
        entry.name: Setting(name=entry.name, default=entry.default, **entry.metadata[KEY])
        for entry in fields(spec)
        if KEY in entry.metadata
    }
