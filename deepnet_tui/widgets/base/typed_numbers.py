"""Numbers as people type them."""

from __future__ import annotations

import re

AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2},\d{3}")  # a decimal comma, or a separator between thousands


def read_whole(text: str) -> int:
    """The whole number that was typed, with separators between thousands or without. Raises ValueError."""
    cleaned = text.strip().replace("_", "").replace(" ", "")
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", cleaned):
        cleaned = cleaned.replace(",", "")
    try:
        return int(cleaned)
    except ValueError:
        raise ValueError(f"{text.strip()!r} is not a whole number") from None


def read_number(text: str) -> float:
    """The number that was typed, with a decimal point or a decimal comma. Raises ValueError."""
    cleaned = text.strip().replace("_", "")
    if AMBIGUOUS.fullmatch(cleaned):
        one, other = cleaned.replace(",", "."), cleaned.replace(",", "")
        raise ValueError(f"{cleaned!r} could be {float(one):g} or {int(other)}")
    cleaned = cleaned.replace(",", ".") if "." not in cleaned and cleaned.count(",") == 1 else cleaned
    try:
        return float(cleaned)
    except ValueError:
        raise ValueError(f"{text.strip()!r} is not a number") from None
