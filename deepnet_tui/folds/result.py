"""What came of the folds: the metrics of each, their mean and spread, and predictions of what was not trained on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from deepnet_tui.evaluate.metrics import Metrics
from deepnet_tui.folds.plan import FoldPlan
from engine.arrays import Array
from engine.training.events import Finished


@dataclass(frozen=True)
class Spread:
    """The mean over the folds that have this metric, and their standard deviation (n - 1); None where too few do."""

    mean: float | None
    std: float | None


@dataclass(frozen=True)
class OutOfFold:
    """What the network of a fold predicts for its test part: of `rows` (m,) of the source, ascending.

    `labels` (m,) are class numbers and `probabilities` (m, classes), or for a number both are None and `values` (m,)
    are in the unit of the target.
    """

    rows: Array
    labels: Array | None
    probabilities: Array | None
    values: Array | None


@dataclass(frozen=True)
class Fold:
    """One fold, counted from 1: how its training ended, and metrics of its test part.

    `linear` are those of a linear model on the same examples, None where that takes too long, `naive` those of the
    majority class or the mean. `trained_on` and `tested_on` count examples.
    """

    number: int
    trained_on: int
    tested_on: int
    end: Finished
    seconds: float
    metrics: Metrics
    linear: Metrics | None
    naive: Metrics
    predictions: OutOfFold
    threshold: float | None = None


@dataclass(frozen=True)
class FoldsResult:
    """The folds that are finished, fewer than the plan has if it was interrupted.

    `positive` is the class that F1 speaks of; `dropped`, `notes` and `warnings` are those of the data of all folds.
    """

    plan: FoldPlan
    source: str
    target: str
    classes: tuple[str, ...]
    folds: tuple[Fold, ...]
    positive: str | None = None
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def interrupted(self) -> bool:
        """Whether folds are missing."""
        return len(self.folds) < self.plan.count

    @property
    def diverged(self) -> tuple[int, ...]:
        """The numbers of the folds whose training diverged."""
        return tuple(fold.number for fold in self.folds if fold.end.reason == "diverged")

    @property
    def metrics(self) -> dict[str, Spread]:
        """Each metric of the network, over the folds."""
        return spreads([fold.metrics for fold in self.folds])

    @property
    def linear(self) -> dict[str, Spread] | None:
        """Each metric of the linear model; None where there is none."""
        found = [fold.linear for fold in self.folds if fold.linear is not None]
        return spreads(found) if found else None

    @property
    def naive(self) -> dict[str, Spread]:
        """Each metric of the majority class or the mean."""
        return spreads([fold.naive for fold in self.folds])


def spreads(metrics: Sequence[Metrics]) -> dict[str, Spread]:
    """The mean and the standard deviation of each metric."""
    found = {}
    for name in metrics[0] if metrics else ():
        values = np.array([value for each in metrics if (value := each[name]) is not None])
        with np.errstate(over="ignore", invalid="ignore"):  # of networks that diverged
            found[name] = Spread(
                float(values.mean()) if len(values) else None, float(values.std(ddof=1)) if len(values) > 1 else None
            )
    return found


def merged(remarks: Sequence[Iterable[str]]) -> tuple[str, ...]:
    """The remarks on every fold, each once; one that is not on all of them begins with the numbers of its folds.

    Remarks that differ in numbers only are the same, and have the numbers of the first fold.
    """
    texts: dict[str, str] = {}
    where: dict[str, list[int]] = {}
    for number, said in enumerate(remarks, 1):
        for remark in said:
            texts.setdefault(gist(remark), remark)
            where.setdefault(gist(remark), []).append(number)
    return tuple(
        text if len(set(where[key])) == len(remarks) else f"{_folds(where[key])}: {text}" for key, text in texts.items()
    )


def gist(remark: str) -> str:
    """The remark without its numbers; those in quotes stay, as they belong to names."""
    return re.sub(r"('[^']*')|\d[\d,.]*", lambda found: found[1] or "#", remark)


def _folds(numbers: Iterable[int]) -> str:
    different = [str(number) for number in dict.fromkeys(numbers)]
    return f"fold{'s' if len(different) > 1 else ''} {', '.join(different)}"
