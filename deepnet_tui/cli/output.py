"""Where output goes: results to stdout, everything else to stderr."""

from __future__ import annotations

import json
import sys
from typing import Any

from deepnet_tui.common.formats.json_values import json_ready
from deepnet_tui.common.text import harmless


def say(text: str = "", end: str = "\n") -> None:
    """A result for people: stdout. What would steer the terminal is shown as an escape."""
    print(harmless(text), end=end)


def tell(line: str) -> None:
    """A remark for people: stderr, unless the shell closed it. What would steer the terminal is shown as an escape."""
    if sys.stderr is not None:
        print(harmless(line), file=sys.stderr)


def emit(values: dict[str, Any]) -> None:
    """One JSON object on one line of stdout, at once; what is no finite number becomes null."""
    print(json.dumps(json_ready(values), allow_nan=False), flush=True)
