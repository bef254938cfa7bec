"""How keys are called: by Textual, by people, and in the configuration."""

from __future__ import annotations

NAMES = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "question_mark": "?",
    "colon": ":",
    "f1": "F1",
    "minus": "-",
    "slash": "/",
    "asterisk": "*",
    "plus": "+",
    "equals_sign": "=",
    "comma": ",",
    "full_stop": ".",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "↑",
    "down": "↓",
    "shift+tab": "shift-tab",
}


def shown(keys: str, first: bool = False) -> str:
    """Keys, separated by commas, as people read them; only the first of them if asked."""
    names = [NAMES.get(key, key.replace("ctrl+", "^") if key.startswith("ctrl+") else key) for key in keys.split(",")]
    return names[0] if first else " ".join(names)


def is_typed(key: str) -> bool:
    """Whether a key writes a character, as a letter does, where text is typed."""
    return "+" not in key and (len(key) == 1 or ((key not in NAMES or len(NAMES[key]) == 1) and _is_character(key)))


def is_key(name: str) -> bool:
    """Whether a terminal can send a key of this name."""
    from textual.keys import Keys

    *modifiers, key = name.split("+")
    if not set(modifiers) <= {"ctrl", "shift", "alt"} or len(set(modifiers)) < len(modifiers):
        return False
    if len(key) == 1:
        return key.isalnum()
    return key in {entry.value for entry in Keys} or key in NAMES or _is_character(key)


def _is_character(name: str) -> bool:
    """Whether this is what Textual calls a character: full_stop."""
    import unicodedata

    try:
        unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return name in ("minus", "plus", "slash", "underscore")
    return True
