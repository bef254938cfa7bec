"""Where output goes: results to stdout, everything else to stderr."""

from __future__ import annotations

import json
import sys
from typing import Any

from deepnet_tui.common.formats.json_values import json_ready
from deepnet_tui.common.text import printable_lines
from deepnet_tui.common.times import time_left


def say(text: str = "", end: str = "\n") -> None:
    """A result for people: stdout. What would steer the terminal is shown as an escape."""
    print(printable_lines(text), end=end)


def tell(line: str) -> None:
    """A remark for people: stderr, unless the shell closed it. What would steer the terminal is shown as an escape."""
    if sys.stderr is not None:
        print(printable_lines(line), file=sys.stderr)


def emit(values: dict[str, Any]) -> None:
    """One JSON object on one line of stdout, at once; what is no finite number becomes null."""
    print(json.dumps(json_ready(values), allow_nan=False), flush=True)


def time_left_column() -> Any:
    """A column of a progress bar of rich: how long it still takes, as people say it."""
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class TimeLeft(ProgressColumn):
        max_refresh = 0.5

        def render(self, task: Task) -> Text:
            left = task.time_remaining
            return Text("" if left is None or task.finished else time_left(left), style="progress.remaining")

    return TimeLeft()
