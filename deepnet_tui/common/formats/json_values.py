"""Values as JSON can hold them."""

from __future__ import annotations

import json
import math
from typing import Any


def json_line(value: Any) -> str:
    """JSON on one line, with letters of all languages as they are; what can't be printed is escaped.

    Raises ValueError for a number that is not finite.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def json_ready(value: Any) -> Any:
    """The value with lists for tuples and arrays, and None for numbers that are not finite: JSON knows no others."""
    if isinstance(value, dict):
        return {str(key): json_ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_ready(item) for item in value]
    if hasattr(value, "tolist"):  # an array or a number of NumPy, which is not loaded for every command
        return json_ready(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value
