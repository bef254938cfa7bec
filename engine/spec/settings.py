"""Settings as data: the bounds, the label and the help of each, for every place where people write them.

`about` puts these into the metadata of a dataclass field, `settings_of(TrainingSpec)` reads them from there. The
command line, experiment files, the training pane and the manual are made from them: each setting is written once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from engine.spec.bounds import SpecError, choice, number, whole

KEY = "setting"  # of a field's metadata
PRACTICALLY_ENDLESS = 10**9  # upper bounds from here on are mentioned only if somebody exceeds them


@dataclass(frozen=True)
class Setting:
    """One setting: `kind` is choice, whole, number, flag, text or class_weight.

    `low` and `high` bound a whole number or a number, `open_low` says that `low` itself is not allowed. `choices` gives
    the names of a choice, each with an explanation; it is called late, because the registries need NumPy, which
    is not to be loaded before the first screen. `examples` are some of them, for where all would need NumPy.
    `optional` allows None, which people read and write as the word `off`. `form` says what may be written where the
    kind alone does not.
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
    examples: tuple[str, ...] = ()
    optional: bool = False
    off: str = "none"
    form: str = ""

    @property
    def allowed(self) -> str:
        """What may be written, in words: `a number above 0, or off`. Those of a choice are looked up, with NumPy."""
        words = self.form or self._bounds()
        return f"{words}, or {self.off}" if self.optional and not self.form else words

    def _bounds(self) -> str:
        if self.kind == "flag":
            return "true or false"
        if self.kind == "choice" and self.choices is not None:
            return ", ".join(self.choices())
        if self.kind not in ("whole", "number"):
            return self.kind
        kind, high = ("a whole number", f"{self.high:,}") if self.kind == "whole" else ("a number", f"{self.high:.10g}")
        low = f"{kind} {'above' if self.open_low else 'from'} {self.low:g}"
        if self.high >= PRACTICALLY_ENDLESS:
            return low
        return f"{low}, at most {high}" if self.open_low else f"{low} to {high}"

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


def settings_of(spec: type) -> dict[str, Setting]:
    """The settings of a description by name, in the order in which its fields are written."""
    return _settings_of(spec)


@cache
def _settings_of(spec: type) -> dict[str, Setting]:
    return {
        entry.name: Setting(name=entry.name, default=entry.default, **entry.metadata[KEY])
        for entry in fields(spec)
        if KEY in entry.metadata
    }
