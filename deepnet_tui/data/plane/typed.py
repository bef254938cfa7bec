"""The settings of the two-dimensional sets as they are typed on the screen and shown there."""

from __future__ import annotations

from typing import Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.plane.expression import parse
from deepnet_tui.data.plane.transforms import OF_THE_PLANE, transforms_named
from deepnet_tui.data.setting_list import DATA_SETTINGS

HINTS = {
    "transform": f"{', '.join(OF_THE_PLANE)}, with commas between them; all, or none",
    "noise": DATA_SETTINGS["noise"].allowed + "; nothing for that of the set",
    "points": DATA_SETTINGS["points"].allowed + "; nothing for those of the set",
    "function": "y > sin(2 x) makes two classes, sin(x) + y a number; + - * / ^ and or not, sin cos exp log sqrt abs",
}


def parse_plane(name: str, text: str) -> Any:
    """The value of a setting as it is typed. Raises InputError, its field the setting."""
    text = text.strip()
    if name == "transform":
        words = [word for word in text.split(",") if word.strip() and word.strip() != "none"]
        return tuple(transform.name for transform in transforms_named(words))
    if name == "function":
        parse(text)
        return text
    if not text:
        return None
    setting = DATA_SETTINGS[name]
    try:
        number = int(text) if name == "points" else float(text.replace(",", "."))
    except ValueError:
        number = -1
    if not setting.low <= number <= setting.high:
        raise InputError(f"{setting.label} must be {setting.allowed}, not {text!r}", name)
    return number


def written(name: str, value: Any, own: Any) -> str:
    """A setting as it is shown; `own` is what the set has where nothing is said."""
    if name == "transform":
        return ", ".join(value) or "none"
    return str(own if value is None else value)
