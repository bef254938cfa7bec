"""`runs show`: everything that is known of one run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from deepnet_tui.cli.commands.runs.options import Run
from deepnet_tui.cli.options import AsJson
from deepnet_tui.cli.output import say

if TYPE_CHECKING:
    from deepnet_tui.runs.store import StoredRun


def show(run: Run, json: AsJson = False) -> None:
    """Show one run: how it went, its metrics, its settings.

    \b
    Example:  deepnet-tui runs show last
    """
    from deepnet_tui.cli.output import emit
    from deepnet_tui.cli.tables import aligned
    from deepnet_tui.runs.metrics import known_settings, metrics_of_run
    from deepnet_tui.runs.store import Store

    record = Store().open(run)
    settings = known_settings(record)
    if json:
        emit({**record.plain(), "settings": settings})
        return
    blocks = [_facts(record), metrics_of_run(record), settings]
    rows = [(name, shown(value)) for block in blocks for name, value in block.items()]
    for line in aligned([row for row in rows if row[1]], None):
        say(line)


def shown(value: Any) -> str:
    """A value of a setting or a metric, on one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple) and not any(isinstance(item, dict) for item in value):
        return ",".join(map(str, value)) or "none"
    return str(value)


def _facts(record: StoredRun) -> dict[str, Any]:
    about, labels = record.about, record.labels
    units = about.get("network")
    return {
        "run": record.id,
        "name": labels.name,
        "note": labels.note,
        "tags": ", ".join(labels.tags),
        "star": "yes" if labels.star else "",
        "state": record.state,
        "reason": about.get("reason"),
        "source": record.source,
        "started": _moment(record.started),
        "iteration": record.iteration,
        "best iteration": about.get("best_iteration"),
        "seconds": about.get("seconds"),
        "cost": record.cost,
        "validation cost": record.validation_cost,
        "task": about.get("task"),
        "network": "-".join(map(str, units)) if isinstance(units, list) else "",
        "networks": about.get("ensemble"),
        "threshold": _threshold(about),
        "folder": str(record.folder),
    }


def _threshold(about: dict[str, Any]) -> str:
    """The number and the rule that chose it, "" where there is none; older runs have the rule only."""
    rule, value = about.get("threshold"), about.get("threshold_value")
    if value is None or str(value) == rule:
        return str(rule or "")
    return f"{shown(value)}, by {rule}"


def _moment(seconds: float) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):
        return ""
