"""Checks of setting values, one for each kind, and the error that says what is allowed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any


class SpecError(ValueError):
    """A description that cannot be trained. `field` names the setting, the message says what is allowed."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def choice(field: str, value: object, allowed: Sequence[str] | Mapping[str, Any]) -> None:
    """Raise SpecError unless `value` is one of the names in `allowed`."""
    if not isinstance(value, str) or value not in allowed:
        raise SpecError(field, f"{field} {value!r} is unknown; choose one of {', '.join(allowed)}")


def whole(field: str, value: object, low: int, high: int) -> None:
    """Raise SpecError unless `value` is a whole number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, Integral) or not low <= int(value) <= high:
        raise SpecError(field, f"{field} must be a whole number from {low:,} to {high:,}, not {value!r}")


def number(field: str, value: object, low: float, high: float = math.inf, *, open_low: bool = False) -> None:
    """Raise SpecError unless `value` is a finite number in [low, high], or (low, high] with `open_low`."""
    good = isinstance(value, Real) and not isinstance(value, bool) and _is_finite(value)
    if not good or not (low < float(value) if open_low else low <= float(value)) or float(value) > high:  # type: ignore[arg-type]
        bound = f"above {low:g}" if open_low else f"at least {low:g}"
        limit = "" if math.isinf(high) else f" and at most {high:.10g}"
        raise SpecError(field, f"{field} must be a finite number {bound}{limit}, not {value!r}")


def use_plain_numbers(spec: Any, *fields: str) -> None:
    """Turn NumPy's numbers in these fields of a frozen dataclass into Python's, so that it can be stored as JSON."""
    for field in fields:
        value = getattr(spec, field)
        if value is not None and type(value) not in (bool, int, float):
            object.__setattr__(spec, field, int(value) if isinstance(value, Integral) else float(value))


def _is_finite(value: Real) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False
