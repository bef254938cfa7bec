"""The settings that may vary in a race, and lists of their values as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import did_you_mean, quoted
from engine.spec import LayerSpec, NetworkSpec, TrainingSpec
from engine.spec.settings import Setting, settings_of

Value = Any  # a number, a name, None for off, or the units of the hidden layers
Varied = dict[str, tuple[Value, ...]]  # by the name of the setting

INCOMPARABLE = ("loss", "quantile")
FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
EXAMPLE = "learning_rate=0.001,0.01,0.1"


class VariedSetting(NamedTuple):
    """A setting that may vary, and its section of the experiment."""

    setting: Setting
    section: str


@cache
def variable() -> Mapping[str, VariedSetting]:
    """All settings that may vary, by name."""
    hidden = Setting("hidden", "text", None, "hidden layers", "Units of the hidden layers.", form="16-8, 32 or none")
    network = [hidden, settings_of(LayerSpec)["activation"], settings_of(LayerSpec)["dropout"]]
    network += [entry for name, entry in settings_of(NetworkSpec).items() if name not in INCOMPARABLE]
    found = {entry.name: VariedSetting(entry, "network") for entry in network}
    return found | {name: VariedSetting(entry, "training") for name, entry in settings_of(TrainingSpec).items()}


def is_list(text: str) -> bool:
    """Whether this is a list of values rather than one value: `0.1, 0.2`, not `0,1` or `1,000`."""
    text = text.strip()
    if ";" in text or re.search(r",\s", text):
        return True
    return text.count(",") > (0 if "." in text else 1) and not THOUSANDS.fullmatch(text)


def split(text: str) -> list[str]:
    """The words of a list."""
    by = ";" if ";" in text else r",\s+" if re.search(r",\s", text) else ","
    return [word.strip() for word in re.split(by, text.strip().strip(",;")) if word.strip()]


def parse(words: Sequence[str]) -> Varied:
    """The lists behind `--vary`: NAME=VALUE,VALUE each. Raises InputError."""
    varied: Varied = {}
    for word in words:
        name, equals, text = word.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or not text.strip():
            raise InputError(f"--vary takes NAME=VALUE,VALUE such as {EXAMPLE}, not {quoted(word)}", "vary")
        if name in varied:
            raise InputError(f"--vary names {name} twice; put all of its values into one list", "vary")
        varied[name] = values_of(name, [part.strip() for part in text.split(",")], "--vary")
    return varied


def values_of(name: str, raw: Sequence[Value], where: str = "") -> tuple[Value, ...]:
    """The values of one setting, read where they are words, and checked; `where` begins the sentence of an InputError.

    None is allowed twice.
    """
    start = f"{where}: " if where else ""
    if name in INCOMPARABLE:
        raise InputError(f"{start}{name} can't vary, since costs by different losses can't be compared", name)
    if name not in variable():
        near = did_you_mean(name, variable())
        rest = near or f"allowed are {', '.join(variable())}"
        raise InputError(f"{start}there is no setting {quoted(name)} that can vary; {rest}", name)
    setting = variable()[name].setting
    values: list[Value] = []
    for entry in raw:
        value = _read(setting, entry, start)
        if value in values:
            raise InputError(f"{start}{name} has {shown(name, value)} twice", name)
        values.append(value)
    return tuple(values)


def shown(name: str, value: Value) -> str:
    """A value as people write it."""
    setting = variable()[name].setting
    if value is None:
        return setting.off
    if isinstance(value, bool):
        return str(value).lower()
    if name == "hidden":
        return "-".join(map(str, value)) or "none"
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def _read(setting: Setting, entry: Value, start: str) -> Value:
    """One value. Raises InputError."""
    text = entry.strip() if isinstance(entry, str) else entry
    try:
        if setting.name == "hidden":
            return _units(text)
        value = _value(setting, text)
        setting.check(value)
    except (ValueError, TypeError):
        word = quoted(entry)
        raise InputError(f"{start}{setting.name} must be {setting.allowed}, not {word}", setting.name) from None
    return float(value) if setting.kind == "number" and value is not None else value


def _value(setting: Setting, text: Value) -> Value:
    if not isinstance(text, str):
        return text
    if setting.optional and text.lower() in (setting.off, "none", "off"):
        return None
    if setting.kind == "flag":
        return FLAGS.get(text.lower(), text)
    if setting.kind == "whole":
        return int(text.replace("_", "").replace(",", ""))
    return float(text.replace(",", ".")) if setting.kind == "number" else text


def _units(text: Value) -> tuple[int, ...]:
    """16-8, or a list of whole numbers; none for no hidden layer."""
    words = ([] if text == "none" else text.split("-")) if isinstance(text, str) else text
    units = [words] if isinstance(words, int) else list(words)
    for count in units:
        settings_of(LayerSpec)["units"].check(int(count))
    return tuple(int(count) for count in units)
