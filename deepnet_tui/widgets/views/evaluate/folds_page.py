"""The page Folds: the mean and the standard deviation of every metric, beside simpler models on the same folds."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from deepnet_tui.widgets.views.evaluate.folds_job import FOLDS, FoldsJob
from deepnet_tui.widgets.views.evaluate.page import MUTED, PageStyles, metric_text
from deepnet_tui.widgets.views.evaluate.scores import LABEL, NAMES

if TYPE_CHECKING:
    from deepnet_tui.folds.result import FoldsResult, Spread

NUMBER = 19  # width of a mean and its standard deviation


def folds(job: FoldsJob, width: int, styles: PageStyles, key: str) -> list[Text]:
    """The table, and how far it is; `key` starts and stops."""
    said = job.error or _progress(job, key)
    lines = [] if job.result is None or not job.result.folds else _table(job.result, styles)
    return [*lines, *(Text(part, style=MUTED) for part in textwrap.wrap(said, max(20, width)))]


def _table(result: FoldsResult, styles: PageStyles) -> list[Text]:
    names = ("network", "logistic", "majority") if result.classes else ("network", "linear", "mean")
    lines = [Text(f"{'':<{LABEL}}" + "".join(f"{name:>{NUMBER}}" for name in names), style=MUTED, no_wrap=True)]
    columns = (result.metrics, result.linear, result.naive)
    for name in result.metrics:
        line = Text(f"{NAMES[name]:<{LABEL}}", no_wrap=True)
        for place, column in enumerate(columns):
            text = "–" if column is None else _spread(column[name])
            line.append(f"{text:>{NUMBER}}", style=Style() if place else styles.good)
        lines.append(line)
    return lines


def _spread(spread: Spread) -> str:
    return metric_text(spread.mean) + ("" if spread.std is None else f" ± {metric_text(spread.std)}")


def _progress(job: FoldsJob, key: str) -> str:
    result = job.result
    done = 0 if result is None else len(result.folds)
    if job.running:
        return f"{done} of {FOLDS} folds are trained and tested; {key} or Escape stops"
    if result is None or result.interrupted:
        return f"Stopped after {done} of {FOLDS} folds; {key} begins anew"
    return f"Mean ± standard deviation over {result.plan.sentence(bool(result.classes))}"
