"""Several runs beside each other: the settings that differ, and all metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.runs.metrics import metrics_of_run, settings_of_run
from deepnet_tui.runs.record import StoredRun

FACTS = ("state", "iteration", "seconds", "cost", "validation_cost")


@dataclass(frozen=True)
class RunComparison:
    """By name, a value for each of the runs; None where a run has none."""

    runs: tuple[str, ...]
    names: tuple[str, ...]
    settings: dict[str, list[Any]]
    facts: dict[str, list[Any]]
    metrics: dict[str, list[Any]]

    @classmethod
    def of(cls, records: Sequence[StoredRun]) -> RunComparison:
        """Compare two runs or more. Raises InputError for fewer, for one given twice, and for one without settings."""
        if len(records) < 2:
            raise InputError("compare needs two runs or more", "run")
        ids = [record.id for record in records]
        if twice := [name for place, name in enumerate(ids) if name in ids[:place]]:
            raise InputError(f"run {twice[0]} is given twice", "run")
        settings = _beside([settings_of_run(record) for record in records])
        return cls(
            runs=tuple(ids),
            names=tuple(record.labels.name for record in records),
            settings={name: values for name, values in settings.items() if any(v != values[0] for v in values[1:])},
            facts=_beside([{name: _fact(record, name) for name in FACTS} for record in records]),
            metrics=_beside([metrics_of_run(record) for record in records]),
        )


def _fact(record: StoredRun, name: str) -> Any:
    return record.state if name == "state" else record.about.get(name)


def _beside(rows: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}
