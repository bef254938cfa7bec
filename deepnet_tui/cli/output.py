"""Where output goes: results to stdout, everything else to stderr."""

from __future__ import annotations

import json
import sys
from typing import Any

from deepnet_tui.common.json_values import json_ready


def tell(line: str) -> None:
    """A remark for people: stderr, unless the shell closed it."""
    if sys.stderr is not None:
        print(line, file=sys.stderr)


def emit(values: dict[str, Any]) -> None:
    """One JSON object on one line of stdout, at once; what is no finite number becomes null."""
    print(json.dumps(json_ready(values), allow_nan=False), flush=True)
