"""Whether the network beats its baselines, in plain sentences."""

from __future__ import annotations

from typing import Any

import numpy as np

from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.parts import DatasetPart
from deepnet_tui.evaluate.loss_metrics import loss_metric
from deepnet_tui.evaluate.metrics import actual_values, positive_class
from deepnet_tui.evaluate.part_report import PartReport
from engine.arrays import Array

SIGNIFICANT = 1.96  # standard errors


def verdict(dataset: Dataset, title: str, part: DatasetPart, A: Array, B: Array, report: PartReport) -> tuple[str, ...]:
    """Sentences that compare the network's predictions A with B, those of the linear model, and with a naive one.

    A difference is called chance where it is less than 1.96 of its standard error over the examples: for classes
    those that only one of the two gets right (McNemar, 1947), for a regression the squared errors in pairs, or those of
    the loss that the network was trained with.
    """
    compare = _compare_regression if dataset.labels == "numbers" else _compare_classes
    return compare(dataset, title, part, A, B, report)


def _compare_classes(
    dataset: Dataset, title: str, part: DatasetPart, A: Array, B: Array, report: PartReport
) -> tuple[str, ...]:
    actual, ours, theirs = (_class_numbers(dataset, values) for values in (part.Y, A, B))
    right, linear_right = int((ours == actual).sum()), int((theirs == actual).sum())
    only_ours = int(((ours == actual) & (theirs != actual)).sum())
    only_theirs = int(((ours != actual) & (theirs == actual)).sum())
    first = (
        f"Of {part.m:,} {title} examples the network gets {right:,} right ({right / part.m:.1%}), "
        f"the logistic baseline {linear_right:,} ({linear_right / part.m:.1%})"
    )
    chance = abs(only_ours - only_theirs) < SIGNIFICANT * float(np.sqrt(only_ours + only_theirs))
    first += f": {_difference(right - linear_right, 100 * (right - linear_right) / part.m, chance)}"
    majority = report.naive["accuracy"] or 0.0
    name = dataset.classes[int(_class_numbers(dataset, dataset.train.Y.mean(axis=1, keepdims=True))[0])]
    second = f"Always predicting {name!r} gets {majority:.1%} right."
    positive = positive_class(dataset)
    return (first, second if positive is None else f"{second} F1 is that of {positive!r}.")


def _difference(difference: int, points: float, chance: bool) -> str:
    if not difference:
        return "the same number."
    word = "better" if difference > 0 else "worse"
    text = f"{word} than this baseline by {abs(points):.1f} points"
    return f"{text}, so little that it may be chance." if chance else f"{text}."


def _compare_regression(
    dataset: Dataset, title: str, part: DatasetPart, A: Array, B: Array, report: PartReport
) -> tuple[str, ...]:
    truth = actual_values(dataset, part)
    predicted = [dataset.scaling.values(values[0]) for values in (A, B)]
    own = loss_metric(dataset)
    errors = [] if own is None else [own.errors(truth, values) for values in predicted]
    if own is None or not all(np.isfinite(each).all() for each in errors):
        name, called = "rmse", "RMSE"
        errors = [(values - truth) ** 2 for values in predicted]
    else:
        name, called = own.name, own.sentence
    ours, theirs = (float(np.sqrt(each.mean()) if name == "rmse" else each.mean()) for each in errors)
    paired = errors[0] - errors[1]
    error = float(paired.std()) / float(np.sqrt(max(part.m, 1)))
    first = (
        f"On {part.m:,} {title} examples the network is off by {ours:.4g} ({called}), "
        f"the linear baseline by {theirs:.4g}"
    )
    if ours == theirs or not theirs:
        first += ": as good as each other."
    else:
        first += f": {'better' if ours < theirs else 'worse'} than this baseline by {abs(1 - ours / theirs):.1%}"
        first += ", so little that it may be chance." if abs(float(paired.mean())) < SIGNIFICANT * error else "."
    mean, naive = float(actual_values(dataset, dataset.train).mean()), report.naive[name] or 0.0
    return (first, f"Always predicting the mean, {mean:.4g}, would be off by {naive:.4g}.")


def _class_numbers(dataset: Dataset, values: Array) -> Any:
    """Class numbers (m,) of probabilities (nL, m). Exactly one half is not yet class 1."""
    return (values[0] > 0.5).astype(int) if dataset.labels == "binary" else values.argmax(axis=0)
