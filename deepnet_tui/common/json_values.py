"""Values as JSON can hold them."""

from __future__ import annotations

import math
from typing import Any


def json_ready(value: Any) -> Any:
    """The value with lists for tuples and arrays, and None for numbers that are not finite: JSON knows no others."""
    if isinstance(value, dict):
        return {str(key): json_ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_ready(item) for item in value]
    if hasattr(value, "tolist"):  # an array or a number of NumPy, which is not loaded for every command
        return json_ready(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value
