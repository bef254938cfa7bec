"""Where output goes: results to stdout, everything else to stderr."""

from __future__ import annotations

import json
import math
import sys
from typing import Any


def tell(line: str) -> None:
    """A remark for people: stderr, unless the shell closed it."""
    if sys.stderr is not None:
        print(line, file=sys.stderr)


def emit(values: dict[str, Any]) -> None:
    """One JSON object on one line of stdout, at once; what is no finite number becomes null."""
    print(json.dumps(_plain(values), allow_nan=False), flush=True)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):  # an array or a number of NumPy, which is not loaded for every command
        return _plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value
