"""How good a learner is on the rows that it has not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

METRICS = {"classification": ("accuracy", "log_loss"), "regression": ("r2", "rmse")}


@dataclass(frozen=True)
class Outcome:
    """Scores by name, and the seconds that training took.

    Ours also has the seconds until its first report and the iterations.
    """

    seconds: float
    scores: dict[str, float]
    first_report: float | None = None
    iterations: int | None = None


def scores(task: str, metrics: Mapping[str, float | None]) -> dict[str, float]:
    """Accuracy and log-loss, or R2 and RMSE, out of the product's metrics. Raises ValueError where there is none."""
    found = {name: metrics.get(name) for name in METRICS[task]}
    known = {name: value for name, value in found.items() if value is not None}
    if len(known) < len(found):
        raise ValueError(f"it has no {' and no '.join(name for name in found if name not in known)}")
    return known
