"""The sections on how training went and how good the network is."""

from __future__ import annotations

from typing import Any

import numpy as np

from deepnet_tui.common.text import counted, quoted
from deepnet_tui.evaluate.baselines import linear_metrics, naive_metrics
from deepnet_tui.evaluate.metrics import evaluate, positive_class
from deepnet_tui.evaluate.part_report import PartReport, part_report
from deepnet_tui.folds.result import Spread
from deepnet_tui.report.case import ReportCase
from deepnet_tui.report.document import Block, Figure, Paragraph, Section, TableBlock
from deepnet_tui.report.svg.charts import calibration_chart, importance_chart
from deepnet_tui.report.svg.cost_chart import cost_chart
from deepnet_tui.report.words import METRICS, metric
from deepnet_tui.understand.from_dataset import truth_of
from deepnet_tui.understand.importance import drawn_rows, importance

MOST_CLASSES = 30
MOST_ROWS = 2_000  # for importance
Parts = dict[str, dict[str, Any] | None]


def training_section(case: ReportCase) -> Section:
    """The costs over the iterations, and how training ended."""
    record, blocks = case.record, list[Block]()
    picture = cost_chart(case.reports)
    if picture is not None:
        blocks.append(Figure(picture))
    reason = str(record.about.get("reason") or record.state).replace("_", " ")
    seconds = record.about.get("seconds")
    took = f" in {seconds:.3g} seconds" if isinstance(seconds, int | float) else ""
    said = f"{counted(record.iteration, 'iteration')}{took}; it ended: {reason}."
    costs = [("training", record.cost), ("validation", record.validation_cost)]
    said += "".join(f" Final {name} cost {metric(value)}." for name, value in costs if value is not None)
    return Section("Training", [*blocks, Paragraph(said)])


def metrics_of(case: ReportCase) -> Parts:
    """The metrics of every part: measured where data and model are there, else as the run recorded them."""
    if case.dataset is not None and case.model is not None:
        return dict(evaluate(case.dataset, case.model.outputs, case.model.threshold))
    recorded = case.record.about.get("metrics")
    return {name: values for name, values in recorded.items() if isinstance(values, dict)} if recorded else {}


def metrics_section(case: ReportCase, metrics: Parts) -> Section:
    """Every metric of every part beside a linear and a naive model, then the folds."""
    blocks: list[Block] = []
    beside: list[tuple[str, Parts]] = []
    if case.dataset is not None:
        kinds = ("logistic regression", "majority class") if case.dataset.classes else ("linear model", "mean")
        found = (linear_metrics(case.dataset), naive_metrics(case.dataset))
        beside = [(name, dict(values)) for name, values in zip(kinds, found, strict=True) if values is not None]
    known = {part: values for part, values in metrics.items() if values}
    if known:
        names = [name for name in next(iter(known.values())) if name != "targets"]
        rows = []
        for part, values in known.items():
            rows.append((part, "this network", *(metric(values.get(name)) for name in names)))
            for model, others in beside:
                if other := others.get(part):
                    rows.append(("", model, *(metric(other.get(name)) for name in names)))
            for target, own in values.get("targets", {}).items():
                rows.append(("", f"target {target}", *(metric(own.get(name)) for name in names)))
        head = ("part", "model", *(METRICS.get(name, name) for name in names))
        blocks.append(TableBlock(head, tuple(rows), numbers=2))
        positive = positive_class(case.dataset) if case.dataset is not None else None
        if positive is not None:
            blocks.append(Paragraph(f"F1 is that of the class {quoted(positive)}."))
    if case.folds is not None and case.folds.folds:
        result = case.folds
        blocks.append(Paragraph(f"Mean ± standard deviation over {result.plan.sentence(bool(result.classes))}:"))
        columns = [("this network", result.metrics), ("linear", result.linear), ("naive", result.naive)]
        given = [(name, values) for name, values in columns if values]
        table = tuple(
            (METRICS.get(name, name), *(_spread(values[name]) for _, values in given)) for name in result.metrics
        )
        blocks.append(TableBlock(("metric", *(name for name, _ in given)), table))
    return Section("Metrics", blocks)


def details(case: ReportCase) -> tuple[str, PartReport] | None:
    """The part that was held out longest in detail, and its name; of several targets the first."""
    if case.held_out is None or case.model is None or case.dataset is None:
        return None
    name, part = case.held_out
    dataset = case.dataset.first_target()
    A = case.model.outputs(part.X)
    return name, part_report(dataset, getattr(dataset, name), A if dataset is case.dataset else A[:1])


def classes_section(found: tuple[str, PartReport] | None) -> Section:
    """The confusion matrix and every class."""
    if found is None or not found[1].classes:
        return Section("Classes")
    name, report = found
    if len(report.classes) > MOST_CLASSES:
        return Section("Classes", (Paragraph(f"{len(report.classes)} classes are too many to be shown."),))
    names = tuple(entry.name for entry in report.classes)
    counts = report.confusion.astype(int)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    rows = tuple((label, *(f"{count:,}" for count in row)) for label, row in zip(names, counts.tolist(), strict=True))
    scores = tuple(
        (entry.name, metric(entry.precision), metric(entry.recall), metric(entry.f1), f"{entry.support:,}")
        for entry in report.classes
    )
    shades = tuple(tuple(row) for row in share.tolist())
    return Section(
        "Classes",
        (
            Paragraph(f"Confusion matrix of the {name} part: a row for each actual class, a column for what was said."),
            TableBlock(("actual", *names), rows, shades=shades),
            TableBlock(("class", "precision", "recall", "F1", "examples"), scores),
        ),
    )


def calibration_section(found: tuple[str, PartReport] | None) -> Section:
    """The observed frequency for every range of predicted probabilities."""
    if found is None or not found[1].calibration or found[1].calibration_error is None:
        return Section("Calibration")
    name, report = found
    across, up = "confidence", "share that was right"
    if len(report.classes) == 2:
        across, up = "predicted probability", "observed frequency"
    said = f"The {across} and the {up} differ by {report.calibration_error:.3f} on average over the {name} part; "
    said += "larger dots are more rows."
    return Section("Calibration", (Figure(calibration_chart(report.calibration, across, up), said),))


def importance_section(case: ReportCase, repeats: int = 10) -> Section:
    """By how much a score gets worse when a column is shuffled."""
    if case.held_out is None or case.model is None or case.dataset is None:
        return Section("What matters")
    name, part = case.held_out
    if part.m < 2:
        return Section("What matters")
    some = drawn_rows(case.model, part.m, MOST_ROWS)
    found = importance(case.model, np.asarray(part.X[:, some]), truth_of(case.dataset, part)[some], repeats)
    return Section("What matters", (Figure(importance_chart(found), f"{found.sentence} Part: {name}."),))


def _spread(spread: Spread) -> str:
    return metric(spread.mean) + ("" if spread.std is None else f" ± {metric(spread.std)}")
