"""`runs compare`: several runs beside each other."""

from __future__ import annotations

from deepnet_tui.cli.commands.runs.options import Runs
from deepnet_tui.cli.commands.runs.show import shown
from deepnet_tui.cli.options import AsJson
from deepnet_tui.cli.output import say


def compare(runs: Runs, json: AsJson = False) -> None:
    """Compare two runs or more: the settings that differ, and all metrics.

    With --json, one object with a list for each setting and metric that has a value for each run.

    \b
    Example:  deepnet-tui runs compare last 20260131-14
    """
    from deepnet_tui.cli.output import emit
    from deepnet_tui.cli.tables import aligned
    from deepnet_tui.runs.comparison import RunComparison
    from deepnet_tui.runs.store import Store

    found = RunComparison.of(list(map(Store().open, runs)))
    if json:
        emit(vars(found))
        return
    rows = [("run", *found.runs)]
    rows += [("name", *found.names)] if any(found.names) else []
    rows += [
        (name, *map(shown, values))
        for block in (found.facts, found.metrics, found.settings)
        for name, values in block.items()
        if any(value is not None for value in values)
    ]
    for line in aligned(rows, None):
        say(line)
    if not found.settings:
        say("the settings are the same")
