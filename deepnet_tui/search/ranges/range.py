"""The range of one setting: how it is written, and its values.

`0.001..0.1:log` is every number between the two, drawn by its logarithm; `8..64` every whole number of a whole setting;
`adam,adamw` is a list. The values of `hidden` have commas, so semicolons stand between them: `8;16,8;none`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import did_you_mean, quoted
from engine.spec import LayerSpec, NetworkSpec, SpecError, TrainingSpec
from engine.spec.settings import Setting, settings_of

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

LAYERS = Setting("layers", "whole", 2, "layers", "Number of hidden layers.", low=0, high=100)
UNITS = Setting("units", "whole", 16, "units", "Units of the first hidden layer; the others follow.", low=1, high=10**6)
HIDDEN = Setting("hidden", "hidden", (), "hidden", "Units of the hidden layers, or none.")
INCOMPARABLE = ("loss", "quantile", "class_weight", "label_smoothing")  # each makes a score of another kind
FIXED = ("ensemble", "internal", "calibrate", "seed", "report_every", "seconds", "dtype", "monitor")
ZERO_FROM, LOWEST = 1e-4, 1e-5  # shares of the upper end: what is drawn below the first counts as 0

DIGITS = 3  # of a number that is drawn: more would only be hard to read

SEARCHABLE: dict[str, Setting] = {
    "hidden": HIDDEN,
    "layers": LAYERS,
    "units": UNITS,
    **{
        name: setting
        for spec in (LayerSpec, NetworkSpec, TrainingSpec)
        for name, setting in settings_of(spec).items()
        if name not in (*INCOMPARABLE, *FIXED, "units")
        and (spec is not LayerSpec or name in ("activation", "dropout"))
        and (spec is not NetworkSpec or name in ("initializer", "scale"))
    },
}
"""Every setting that can be searched, by name."""


@dataclass(frozen=True)
class Range:
    """From `low` to `high`, or the `choices`; `log` draws by the logarithm, where 0 stands for a low end of 0."""

    setting: Setting
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    choices: tuple[Any, ...] = ()

    @property
    def name(self) -> str:
        """The setting's name."""
        return self.setting.name

    @property
    def from_zero(self) -> bool:
        """Whether 0 is one of the values of a logarithmic range."""
        return self.log and self.low == 0

    @property
    def text(self) -> str:
        """As it is written; `parse` reads it."""
        if self.choices:
            return (";" if self.setting.kind == "hidden" else ",").join(map(self.shown, self.choices))
        return f"{self.shown(self.low)}..{self.shown(self.high)}{':log' if self.log else ''}"

    def shown(self, value: Any) -> str:
        """One value as it is written."""
        if value is None:
            return self.setting.off
        if self.setting.kind == "hidden":
            return ",".join(map(str, value)) or "none"
        if isinstance(value, bool):
            return str(value).lower()
        return f"{value:.10g}" if isinstance(value, float) else str(value)

    def distribution(self) -> BaseDistribution:
        """The range as Optuna draws from it."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        if self.choices:
            return CategoricalDistribution([self.shown(value) for value in self.choices])
        if self.setting.kind == "whole":
            return IntDistribution(int(self.low), int(self.high), log=self.log)
        low = self.high * LOWEST if self.from_zero else self.low
        return FloatDistribution(low, self.high, log=self.log)

    def value(self, drawn: Any) -> Any:
        """The value of the setting for what Optuna has drawn."""
        if self.choices:
            return next(value for value in self.choices if self.shown(value) == drawn)
        if self.setting.kind == "whole":
            return drawn
        if self.from_zero and drawn < self.high * ZERO_FROM:
            return 0.0
        return min(max(float(f"{drawn:.{DIGITS}g}"), self.low), self.high)

    def drawn(self, value: Any) -> Any:
        """What Optuna would have drawn for this value. Raises ValueError for one that is not in the range."""
        if self.choices:
            if value not in self.choices:
                raise ValueError(value)
            return self.shown(value)
        if self.from_zero and value == 0:
            return self.high * math.sqrt(LOWEST * ZERO_FROM)
        low = self.high * ZERO_FROM if self.from_zero else self.low
        if value is None or not low <= value <= self.high:
            raise ValueError(value)
        return int(value) if self.setting.kind == "whole" else float(value)


def parse(name: str, text: str) -> Range:
    """The range written as `text`. Raises InputError, which says what is allowed."""
    setting = _setting(name)
    if ".." in text:
        return _between(setting, text)
    words = text.split(";") if setting.kind == "hidden" or ";" in text else text.split(",")
    return choices(setting, [word.strip() for word in words])


def choices(setting: Setting, words: list[str]) -> Range:
    """A list of values. Raises InputError for one that is not allowed, and where there are not two."""
    values: list[Any] = []
    for word in words:
        value = _value(setting, word)
        if value not in values:
            values.append(value)
    if len(values) < 2:
        names = list(setting.choices() if setting.choices else ())[:2]
        ways = "8;16,8" if setting.kind == "hidden" else ",".join(names) or "1,2 or 1..2"
        given = quoted(",".join(words))
        said = f"{setting.name} needs two values or more, such as {setting.name}={ways}, not {given}"
        raise InputError(said, "vary")
    return Range(setting, choices=tuple(values))


def _setting(name: str) -> Setting:
    key = name.strip().replace("-", "_")
    if key in SEARCHABLE:
        return SEARCHABLE[key]
    if key in INCOMPARABLE:
        raise InputError(f"{key} can't be searched: scores of trials that differ in it can't be compared", "vary")
    if key in FIXED:
        raise InputError(f"{key} can't be searched: it is the same in every trial", "vary")
    instead = did_you_mean(key, SEARCHABLE, 2) or f"settings are {', '.join(SEARCHABLE)}"
    raise InputError(f"there is no setting {quoted(key)} to search; {instead}", "vary")


def _between(setting: Setting, text: str) -> Range:
    if setting.kind not in ("whole", "number"):
        raise InputError(f"{setting.name} is no number, so it needs a list of values, not {quoted(text)}", "vary")
    ends, colon, scale = text.partition(":")
    if colon and scale.strip() != "log":
        raise InputError(f"{setting.name}: after a range only :log is allowed, not {quoted(':' + scale)}", "vary")
    words = ends.split("..")
    if len(words) != 2 or not all(word.strip() for word in words):
        raise InputError(f"{setting.name}: a range is written LOW..HIGH, not {quoted(ends)}", "vary")
    low, high = (_value(replace(setting, optional=False), word.strip()) for word in words)
    if not low < high:
        raise InputError(
            f"{setting.name}: the first number of a range must be the lower one, not {quoted(ends)}", "vary"
        )
    if colon and (low < 0 or (low == 0 and setting.kind == "whole")):
        raise InputError(f"{setting.name}: a :log range must begin above 0, not at {words[0].strip()}", "vary")
    return Range(setting, low, high, bool(colon))


def _value(setting: Setting, word: str) -> Any:
    """One value out of its text, checked. Raises InputError."""
    if setting.kind == "hidden":
        return _layers(word)
    if setting.optional and word in (setting.off, "none"):
        return None
    readers: dict[str, Callable[[str], Any]] = {"whole": _whole, "number": float, "flag": _flag}
    kind = {"whole": "a whole number", "number": "a number", "flag": "true or false"}.get(setting.kind, "a name")
    try:
        value = readers.get(setting.kind, str)(word)
    except ValueError:
        raise InputError(f"{setting.name}: {quoted(word)} is not {kind}", "vary") from None
    try:
        setting.check(value)
    except SpecError as error:
        raise InputError(str(error), "vary") from None
    return value


def _layers(word: str) -> tuple[int, ...]:
    if word == "none":
        return ()
    try:
        units = tuple(_whole(part) for part in word.split(","))
        for count in units:
            UNITS.check(count)
    except (ValueError, SpecError):
        said = (
            "must be whole numbers with commas between them such as 16,8, or none, with semicolons between the values"
        )
        raise InputError(f"hidden {said}, not {quoted(word)}", "vary") from None
    return units


def _whole(word: str) -> int:
    number = float(word)
    if not number.is_integer():
        raise ValueError(word)
    return int(number)


def _flag(word: str) -> bool:
    if word not in ("true", "false"):
        raise ValueError(word)
    return word == "true"
