"""Whether a target is learned on a logarithmic scale: a cross-validated line on the training part says.

The line is a ridge regression on the prepared inputs; its predictions come back from the logarithm by Duan's smearing
estimator (Duan 1983, Journal of the American Statistical Association 78).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from deepnet_tui.data.targets.scale import TargetScale
from engine.arrays import Array
from engine.compiled import threads

FOLDS = 5
PENALTY = 0.01  # per example, for inputs of about standard size
MOST_ROWS, MOST_INPUTS = 20_000, 1_000
WORK = 4e9  # products of two inputs that may be computed, but for the rows that so many inputs need
FEWEST_ROWS = 50
SKEWED = 0.5  # targets with less skewness are left as they are
BETTER = 0.01  # of R2, by which the logarithm must be better
WIDE = 1e4  # from the 1st to the 99th percentile: R2 says only how well the largest values are met


@dataclass(frozen=True)
class LogarithmCheck:
    """R2 in the unit of the target, cross-validated: of a line on the target, and of one on log(target + shift).

    `wide` says that the target spans so many powers of ten, evenly on the logarithm, that R2 does not decide.
    """

    shift: float
    plain: float
    logarithmic: float
    wide: bool = False

    @property
    def helps(self) -> bool:
        """Whether the logarithm is to be used."""
        return self.wide or self.logarithmic > self.plain + BETTER

    def sentence(self, target: str) -> str:
        """Why the logarithm is used, for people."""
        why = f"an internal check on the training part gives R2 {self.logarithmic:.2f} instead of {self.plain:.2f}"
        if self.wide and not self.logarithmic > self.plain + BETTER:
            why = "in the training part it spans more than four powers of ten"
        return f"{target} is trained on a logarithmic scale: {why}."


def choose_scale(X: Array, y: Array, least: float, target: str) -> tuple[TargetScale, str]:
    """The scale of a target, before it is standardised, and a note on it or "".

    X (n0, m) and y (m,) are the inputs and the values of the training part, `least` is the lowest value of all that
    are known. Predictions are kept within the values of the training part.
    """
    bounded = TargetScale(low=float(y.min()), high=float(y.max()))
    check = check_logarithm(X, y, least)
    if check is None or not check.helps:
        return bounded, ""
    return replace(bounded, log=True, shift=check.shift), check.sentence(target)


def check_logarithm(X: Array, y: Array, least: float) -> LogarithmCheck | None:
    """The check; None for a target that is not skewed or may be negative, and for too few or too large data."""
    if least < 0 or y.size < FEWEST_ROWS or len(X) > MOST_INPUTS or skewness(y) <= SKEWED:
        return None
    count = min(MOST_ROWS, max(int(WORK / len(X) ** 2), 4 * len(X)))
    rows = np.random.default_rng(0).permutation(y.size)[:count]
    shift = 0.0 if least > 0 else float(np.quantile(y[y > 0], 0.1))
    logs = np.log(y[rows] + shift)
    low, high = np.quantile(logs, [0.01, 0.99])
    wide = high - low > np.log(WIDE) and abs(skewness(logs)) < skewness(y) / 2
    with threads.suited_to(0.0):  # one, as in the background others are at work too
        plain, logarithmic = cross_validated_r2(X, y[rows], logs, shift, rows)
    return LogarithmCheck(shift, plain, logarithmic, bool(wide))


def skewness(y: Array) -> float:
    """The third standardised moment; 0 where all values are the same."""
    centred = y - y.mean()
    spread = float(centred.std())
    return float(np.mean((centred / spread) ** 3)) if spread > 0 else 0.0


def cross_validated_r2(X: Array, y: Array, logs: Array, shift: float, rows: Array) -> tuple[float, float]:
    """R2 of predictions for y (k,) from the columns `rows` of X, in random order: on y itself, and from its `logs`."""
    folds = np.arange(y.size) * FOLDS // y.size
    targets = np.stack([y, logs])
    predicted = _ridge_predictions(X, targets, rows, folds)
    plain, retransformed = np.empty(y.size), np.empty(y.size)
    with np.errstate(over="ignore"):
        factors, values = np.exp(logs - predicted[1]), np.exp(predicted[1])
        for fold in range(FOLDS):
            inside, other = folds == fold, folds != fold
            low, high = y[other].min(), y[other].max()
            plain[inside] = np.clip(predicted[0, inside], low, high)
            retransformed[inside] = np.clip(values[inside] * factors[other].mean() - shift, low, high)
    return _r2(y, plain), _r2(y, retransformed)


def _ridge_predictions(X: Array, targets: Array, rows: Array, folds: Array) -> Array:
    """Out-of-fold predictions (2, k) of the targets (2, k), by the normal equations of all but each fold."""
    places = [np.flatnonzero(folds == fold) for fold in range(FOLDS)]
    order = [each[np.argsort(rows[each])] for each in places]  # examples in their order are read much faster
    inputs = [X[:, rows[each]].astype(np.float64, copy=False) for each in order]
    parts = [_moments(inputs[fold], targets[:, order[fold]]) for fold in range(FOLDS)]
    predicted = np.empty_like(targets)
    for fold in range(FOLDS):
        m, sums, target_sums, products, moments = (
            sum(part[place] for other, part in enumerate(parts) if other != fold) for place in range(5)
        )
        centred = products - np.outer(sums, sums) / m
        centred[np.diag_indices_from(centred)] += PENALTY * m
        slopes = np.linalg.solve(centred, moments - np.outer(sums, target_sums) / m)
        intercepts = (target_sums - slopes.T @ sums) / m
        predicted[:, order[fold]] = slopes.T @ inputs[fold] + intercepts[:, None]
    return predicted


def _moments(part: Array, targets: Array) -> tuple[int, Array, Array, Array, Array]:
    return part.shape[1], part.sum(axis=1), targets.sum(axis=1), part @ part.T, part @ targets.T


def _r2(y: Array, predicted: Array) -> float:
    return 1.0 - float(np.square(y - predicted).sum() / np.square(y - y.mean()).sum())
