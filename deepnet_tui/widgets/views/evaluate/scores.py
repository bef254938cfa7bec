"""The page Scores: every metric of every part, beside the linear and the naive baseline, and the verdict."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from deepnet_tui.evaluate.loss_metrics import loss_metric
from deepnet_tui.evaluate.report import EvaluatedPart, EvaluationReport
from deepnet_tui.widgets.views.evaluate.page import MUTED, PageStyles, metric_text

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset

NAMES = {"accuracy": "accuracy", "log_loss": "log-loss", "roc_auc": "ROC AUC", "f1": "F1"}
NAMES |= {"r2": "R²", "rmse": "RMSE", "mae": "MAE", "share_below": "share below"}
LABEL, NUMBER = 13, 10  # widths


def scores(report: EvaluationReport, shown: EvaluatedPart, width: int, styles: PageStyles) -> list[Text]:
    """The table, then the verdict on the part that is shown."""
    regression = report.case.dataset.labels == "numbers"
    baseline, naive = ("linear", "mean") if regression else ("logistic", "majority")
    widths = [max(NUMBER, len(part.title) + 1) for part in report.parts.values()]
    head = Text(f"{'':<{LABEL}}", style=MUTED, no_wrap=True)
    for part, wide in zip(report.parts.values(), widths, strict=True):
        head.append(f"{part.title:>{wide}}")
    head.append(f" │{baseline:>{NUMBER}}{naive:>{NUMBER}}  {shown.title}")
    lines = [head]
    own = loss_metric(report.case.dataset)
    titles = NAMES | {"f1": _f1(report.case.dataset)} | ({} if own is None else {own.name: own.title})
    for name in shown.report.metrics:
        line = Text(f"{titles[name]:<{LABEL}}", no_wrap=True)
        for part, wide in zip(report.parts.values(), widths, strict=True):
            style = styles.good if part is shown else Style()
            line.append(f"{metric_text(part.report.metrics[name]):>{wide}}", style=style)
        linear = metric_text(shown.linear[name]) if shown.linear else "…"
        line.append(" │", style=MUTED)
        line.append(f"{linear:>{NUMBER}}{metric_text(shown.report.naive[name]):>{NUMBER}}")
        lines.append(line)
    for line in lines:
        line.truncate(max(20, width), overflow="ellipsis")
    sentences = shown.verdict or (f"The {baseline} baseline is being fitted on the same examples …",)
    if report.remark:
        sentences = (report.remark, *sentences)
    if report.case.calibration:
        sentences = (*sentences, f"{report.case.calibration[0].upper()}{report.case.calibration[1:]}.")
    lines += [Text(part) for text in sentences for part in textwrap.wrap(text, max(20, width))]
    return lines


def _f1(dataset: Dataset) -> str:
    """F1 and its class, where there is room for the name."""
    from deepnet_tui.evaluate.metrics import positive_class

    named = f"F1 of {positive_class(dataset)}"
    return named if dataset.labels == "binary" and len(named) < LABEL else NAMES["f1"]
