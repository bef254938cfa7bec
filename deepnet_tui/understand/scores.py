"""The scores that importance is measured by: from outputs and the truth to one number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import listed
from deepnet_tui.model import Model
from engine.arrays import Array

TINY = 1e-15


@dataclass(frozen=True)
class Score:
    """`of(model, A, truth)` is the score of the outputs A (nL, m); `sign` is 1 where more is better, -1 where less is.

    The truth is the numbers of the classes (m,), or the values of the targets (m,), of several (m, targets).
    """

    name: str
    title: str
    sign: int
    of: Callable[[Model, Array, Array], float]

    @property
    def harm(self) -> str:
        """What a shuffled column does to it, as a verb."""
        return "falls" if self.sign > 0 else "rises"


def _probabilities(model: Model, A: Array) -> Array:
    P = model.interpret(A).probabilities
    assert P is not None  # noqa: S101
    P = np.clip(P.astype(np.float64), TINY, 1.0)
    return np.asarray(P / P.sum(axis=1, keepdims=True))


def _log_loss(model: Model, A: Array, truth: Array) -> float:
    P = _probabilities(model, A)
    return float(-np.log(P[np.arange(len(truth)), truth]).mean())


def _accuracy(model: Model, A: Array, truth: Array) -> float:
    labels = model.interpret(A).labels
    assert labels is not None  # noqa: S101
    return float((labels == np.array(model.classes, dtype=object)[truth]).mean())


def _roc_auc(model: Model, A: Array, truth: Array) -> float:
    from sklearn.metrics import roc_auc_score

    P = _probabilities(model, A)
    return float(
        roc_auc_score(truth, P[:, 1]) if len(model.classes) == 2 else roc_auc_score(truth, P, multi_class="ovr")
    )


def _values(model: Model, A: Array) -> Array:
    values = model.interpret(A).values
    assert values is not None  # noqa: S101
    return values


def _r2(model: Model, A: Array, truth: Array) -> float:
    from sklearn.metrics import r2_score

    return float(r2_score(truth, _values(model, A)))


def _rmse(model: Model, A: Array, truth: Array) -> float:
    errors = _values(model, A) - truth
    return float(np.sqrt(np.square(errors).mean(axis=0)).mean())


def _mae(model: Model, A: Array, truth: Array) -> float:
    return float(np.abs(_values(model, A) - truth).mean())


SCORES = {
    score.name: score
    for score in (
        Score("log_loss", "log-loss", -1, _log_loss),
        Score("accuracy", "accuracy", 1, _accuracy),
        Score("roc_auc", "ROC AUC", 1, _roc_auc),
        Score("r2", "R²", 1, _r2),
        Score("rmse", "RMSE", -1, _rmse),
        Score("mae", "MAE", -1, _mae),
    )
}
OF_CLASSES, OF_NUMBERS = ("log_loss", "accuracy", "roc_auc"), ("r2", "rmse", "mae")


def score_named(model: Model, name: str = "") -> Score:
    """The score of this name, "" for the usual one: log-loss for classes, R² for numbers. Raises InputError."""
    names = OF_CLASSES if model.classes else OF_NUMBERS
    if not name:
        return SCORES[names[0]]
    if name not in names:
        raise InputError(f"the score {name!r} does not fit this model; choose one of {listed(names)}", "score")
    return SCORES[name]
