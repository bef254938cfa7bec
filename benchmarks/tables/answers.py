"""What a learner says about the test rows, and how good that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

LEAST = 1e-15  # a probability of zero counts as this


@dataclass(frozen=True)
class Answers:
    """Predictions of n rows, and the seconds that training took.

    `predicted` is (n,) of labels or numbers; for classes `probabilities` is (n, k), in the order of `classes`.
    """

    seconds: float
    predicted: Any
    classes: Sequence[str] = field(default=())
    probabilities: Any = None


def scores(task: str, answers: Answers, truth: Sequence[str]) -> dict[str, float]:
    """Accuracy and log-loss (nats), or R2 and RMSE, of n rows; `truth` is the text of the target's cells.

    Raises ValueError for another number of predictions.
    """
    if len(answers.predicted) != len(truth):
        raise ValueError(f"{len(answers.predicted)} predictions for {len(truth)} rows")
    if task == "regression":
        y, predicted = np.array([float(cell) for cell in truth]), np.asarray(answers.predicted, float)
        error = float(((y - predicted) ** 2).mean())
        return {"r2": 1 - error / float(y.var()), "rmse": error**0.5}
    truth = [canonical(label) for label in truth]
    place = {canonical(name): column for column, name in enumerate(answers.classes)}
    probabilities = np.asarray(answers.probabilities, float)
    likely = np.array(
        [row[place[label]] if label in place else 0.0 for row, label in zip(probabilities, truth, strict=True)]
    )
    return {
        "accuracy": float(np.mean([canonical(a) == b for a, b in zip(answers.predicted, truth, strict=True)])),
        "log_loss": float(-np.log(np.clip(likely, LEAST, 1)).mean()),
    }


def canonical(label: str) -> str:
    """The same text for labels that differ in spaces around them or in how a number is written: 1 and 1.0."""
    text = str(label).strip()
    try:
        return repr(float(text))
    except ValueError:
        return text
