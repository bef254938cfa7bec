"""The costs of a training run, and what else came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from deepnet_tui.library.notebook import cost_chart, heading, lines, panel, table

if TYPE_CHECKING:
    from engine.arrays import Array


@dataclass(frozen=True)
class CostHistory:
    """The costs at each report of a run: arrays (n,), nan where a report has none.

    `cost` is the training cost before update `iteration`, `validation_cost` that of the validation part,
    `internal_cost` that of the examples that each network keeps aside.
    """

    iteration: Array
    cost: Array
    validation_cost: Array
    internal_cost: Array

    def __len__(self) -> int:
        return len(self.iteration)

    def to_dict(self) -> dict[str, list[float]]:
        """The arrays as lists, which `pandas.DataFrame` takes; those that are all nan are left out."""
        return {name: values.tolist() for name, values in vars(self).items() if np.isfinite(values).any()}

    def svg(self) -> str:
        """The chart of the costs as SVG, for a page or a file; "" for a run without two reports."""
        curves = {"training": self.cost, "validation": self.validation_cost, "kept aside": self.internal_cost}
        return cost_chart(self.iteration, curves)

    def __repr__(self) -> str:
        if not len(self):
            return "CostHistory of no reports"
        return f"CostHistory of {len(self)} reports: cost {self.cost[0]:.4g} to {self.cost[-1]:.4g}"

    def _repr_html_(self) -> str:
        return panel(heading("Cost", f"{len(self)} reports"), self.svg())


@dataclass(frozen=True, repr=False)
class TrainingOutcome:
    """What came of a training.

    `reason` is completed, epochs, time, tolerance, early_stopping or diverged, `message` says it in a sentence;
    `iterations` is how many updates were made, `best_iteration` the one whose parameters were brought back,
    None if those of the last one were kept; `seconds` is the time it took. `metrics` has those of
    "train", "validation" and "test", None for a part that is not there. `settings` are those of the experiment as in
    its TOML, chosen or default. `dropped`, `notes` and `warnings` are sentences on the data: what is not used and why,
    what was done to them, what to look at before the metrics are believed.
    """

    reason: str
    message: str
    iterations: int
    best_iteration: int | None
    seconds: float
    history: CostHistory
    metrics: Mapping[str, Any]
    settings: Mapping[str, Any]
    dropped: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())
    warnings: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        return f"{self._ending}\n{metrics_text(self.metrics)}".rstrip()

    @property
    def _ending(self) -> str:
        said = self.message or self.reason.replace("_", " ")
        return f"{self.iterations:,} iterations in {self.seconds:.1f} s: {said}"

    def _repr_html_(self) -> str:
        return panel(
            heading("Training", self._ending),
            self.history.svg(),
            metrics_table(self.metrics),
            lines([f"warning: {text}" for text in self.warnings]),
            lines([*self.dropped, *self.notes]),
        )


def metrics_rows(metrics: Mapping[str, Any] | None) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of a table of metrics: a row for each part that is there."""
    parts = {name: values for name, values in (metrics or {}).items() if isinstance(values, Mapping)}
    names = [name for name, value in next(iter(parts.values()), {}).items() if not isinstance(value, Mapping)]
    rows = [[part, *(_number(values.get(name)) for name in names)] for part, values in parts.items()]
    return ["", *names], rows


def metrics_table(metrics: Mapping[str, Any] | None) -> str:
    """The metrics as an HTML table, "" if there are none."""
    header, rows = metrics_rows(metrics)
    return table([name.replace("_", " ") for name in header], rows) if rows else ""


def metrics_text(metrics: Mapping[str, Any] | None) -> str:
    """The metrics as text, a line for each part."""
    header, rows = metrics_rows(metrics)
    return "\n".join(
        f"{row[0]}: " + ", ".join(f"{name} {value}" for name, value in zip(header[1:], row[1:], strict=True))
        for row in rows
    )


def _number(value: Any) -> str:
    return "--" if value is None else f"{value:.4g}"
