"""The threshold between two classes: a number, or the one that is best on predictions of the training examples."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import quoted
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.evaluate.metrics import positive_number
from deepnet_tui.model import HALF
from engine.arrays import Array

if TYPE_CHECKING:
    from engine.training.trainer import Trainer

FORMS = "a number from 0 to 1, f1, or cost:FP,FN with the costs of a false alarm and of a miss"
FEWEST_DIGITS, MOST_DIGITS = 2, 17
KEPT_ASIDE = "the examples that a network kept aside"
TRAINED_ON = "the examples it was trained on, which flatters it"


@dataclass(frozen=True)
class Rule:
    """How a threshold is chosen: as the number `value`, else by the costs of a false alarm and a miss, else by F1."""

    text: str
    value: float | None = None
    costs: tuple[float, float] | None = None


@dataclass(frozen=True)
class Threshold:
    """The probability of the second class above which it is predicted, and a sentence on how it was chosen."""

    value: float
    by: str
    sentence: str


def parse(text: str) -> Rule:
    """The rule that a text such as 0.3, f1 or cost:1,5 says. Raises InputError for another text."""
    try:
        if text == "f1":
            return Rule(text)
        if text.startswith("cost:"):
            false_alarm, miss = map(float, text.removeprefix("cost:").split(","))
            if min(false_alarm, miss) >= 0 and 0 < false_alarm + miss < math.inf:
                return Rule(text, costs=(false_alarm, miss))
        elif 0.0 <= float(text) <= 1.0:
            return Rule(text, float(text))
    except ValueError:
        pass
    raise InputError(f"the threshold must be {FORMS}, not {quoted(text)}", "threshold")


def check_classes(dataset: Dataset) -> None:
    """Raise InputError for data that are not of two classes."""
    if dataset.labels != "binary":
        what = "is a number" if dataset.labels == "numbers" else f"has {len(dataset.classes)}"
        raise InputError(f"a threshold is for two classes; the target {quoted(dataset.target)} {what}", "threshold")


def choose(rule: Rule, dataset: Dataset, trainer: Trainer, positive: int | None = None) -> Threshold:
    """The threshold for the network as it is now.

    It is sought on the training examples that a network kept aside, if both classes are among them; else on the
    training examples as the network that was trained on them predicts them. `positive` is the number of the positive
    class, None for that of the data.
    """
    if rule.value is not None:
        return Threshold(rule.value, rule.text, f"threshold {rule.value:g}, as given")
    truth = dataset.train.Y[0] > HALF
    positive = (positive_number(dataset) or 0) if positive is None else positive
    P, where = trainer.internal_predictions()[0], KEPT_ASIDE
    if len(np.unique(truth[np.isfinite(P)])) < 2:
        P, where = trainer.predict(dataset.train.X)[0].astype(np.float64), TRAINED_ON
    good = np.isfinite(P)
    value = best_threshold(P[good], truth[good], positive, rule.costs) if good.any() else HALF
    name = quoted(dataset.classes[positive], 20)
    how = f"F1 of {name}"
    if rule.costs is not None:
        how = f"cost {rule.costs[0]:g} for a false alarm of {name} and {rule.costs[1]:g} for a miss"
    return Threshold(value, rule.text, f"threshold {value:g}, by {how} on {where}")


def best_threshold(P: Array, truth: Array, positive: int = 1, costs: tuple[float, float] | None = None) -> float:
    """The threshold with the highest F1 of class `positive`, or with the lowest cost.

    P (m,) are probabilities of class 1, `truth` (m,) says which examples are of class 1, `costs` are those of a false
    alarm and of a miss. Of thresholds that are equally good, the one nearest to one half, with few digits.
    """
    values, places = np.unique(P, return_inverse=True)
    below = {k: np.cumsum(np.bincount(places[truth == bool(k)], minlength=values.size)) for k in (0, 1)}
    low, high = np.concatenate([[0.0], values]), np.concatenate([values, [1.0]])
    ones, zeros = (np.concatenate([[0], below[k]]) for k in (1, 0))  # at or below each threshold, so in class 0
    if positive == 1:
        hits, alarms, misses = ones[-1] - ones, zeros[-1] - zeros, ones
    else:
        hits, alarms, misses = zeros, ones, zeros[-1] - zeros
    if costs is None:
        goodness = 2 * hits / np.maximum(2 * hits + alarms + misses, 1)
    else:
        goodness = -(costs[0] * alarms + costs[1] * misses)
    goodness = np.where((low < high) | (low == 1.0), goodness, -np.inf)
    nearest = np.clip(HALF, low, np.nextafter(high, 0.0))
    equal = np.isclose(goodness, goodness.max(), rtol=1e-12, atol=0.0)
    best = int(np.where(equal, np.abs(nearest - HALF), np.inf).argmin())
    return _short(float(low[best]), float(high[best]))


def _short(low: float, high: float) -> float:
    """A number with few digits from `low` to below `high`, one half or near the middle."""
    middle = HALF if low <= HALF < high else (low + high) / 2
    for digits in range(FEWEST_DIGITS, MOST_DIGITS):
        if low <= (number := round(middle, digits)) < high:
            return number
    return low
