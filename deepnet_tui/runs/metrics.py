"""The settings and the metrics of stored runs, flat, as they are asked for, compared and exported."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.runs.record import StoredRun

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment

PARTS = ("test", "validation", "train")  # where a metric without a part is looked up, the first that has it


def settings_of_run(record: StoredRun) -> dict[str, Any]:
    """Every setting by section and name, such as `training.l2`. Raises InputError where they can't be read."""
    return settings_of(record.experiment())


def settings_of(experiment: Experiment) -> dict[str, Any]:
    """Every setting of an experiment by section and name."""
    raw = experiment.to_dict()
    return {f"{section}.{name}": value for section, values in raw.items() for name, value in values.items()}


def known_settings(record: StoredRun) -> dict[str, Any]:
    """`settings_of_run`, none of them where they can't be read."""
    try:
        return settings_of_run(record)
    except InputError:
        return {}


def metrics_of_run(record: StoredRun) -> dict[str, Any]:
    """Every metric by part and name, such as `validation.accuracy`; none for a run that was not evaluated."""
    metrics = record.about.get("metrics")
    if not isinstance(metrics, dict):
        return {}
    parts = [(part, values) for part, values in metrics.items() if isinstance(values, dict)]
    return {f"{part}.{name}": value for part, values in parts for name, value in values.items()}


def metric_of_run(record: StoredRun, name: str) -> Any:
    """One metric, `validation.accuracy` or `accuracy` for that of the last part that has one; None for none."""
    metrics = metrics_of_run(record)
    names = [name] if "." in name else [f"{part}.{name}" for part in PARTS]
    return next((metrics[each] for each in names if metrics.get(each) is not None), None)


def number(value: Any) -> float | None:
    """The value if it is a number that can be ordered, else None."""
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return value if known and (isinstance(value, int) or not math.isnan(value)) else None
