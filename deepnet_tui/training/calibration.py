"""What a run that has ended still corrects, by predictions for examples that its networks have not trained on.

Probabilities are often too sharp or too soft: all pre-activations of the output layer are divided by one temperature T,
so that the log-loss on the internal part is lowest (Guo et al. 2017, arXiv 1706.04599). That is the loss of single
networks; the average of an ensemble is softer than each of them, so it is softened by the root of T only. The
exponential of a predicted logarithm lies below the mean, and is multiplied by one factor, as in Duan's smearing
estimator (Duan 1983, Journal of the American Statistical Association 78). Both are folded into W and b of the output
layer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.arrays import Array
from engine.scores import weigh_classes

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.data.targets.scale import TargetScale
    from engine.training.trainer import Trainer

FEWEST = 50  # examples
MOST = 50_000  # of which a temperature is fitted to
WIDEST = 10.0  # a temperature lies between this and its reciprocal
SMALLEST = 1e-12  # probability
WORTH = 0.01  # share of the log-loss that a temperature must take away
FOR_THE_MEAN = ("regression", "huber")  # losses of numbers whose predictions are to be right in their mean


@dataclass(frozen=True)
class Calibration:
    """What was corrected.

    `kind` is "temperature", whose `value` is T (1 where less than WORTH was to be gained) and which lowered the
    log-loss of `examples` from `before` to `after`, or "smearing", whose `value` is a factor and which moved the mean
    prediction.
    """

    kind: str
    value: float
    before: float
    after: float
    examples: int

    @property
    def sentence(self) -> str:
        """For people."""
        of = f"{self.examples:,} examples that were kept aside"
        if self.kind == "temperature" and self.value == 1.0:
            return f"the probabilities need no calibration: log-loss {self.before:.4g} on {of}"
        if self.kind == "temperature":
            what = f"the probabilities are calibrated (temperature {self.value:.3g})"
            return f"{what}: log-loss {self.after:.4g} instead of {self.before:.4g} on {of}"
        what = f"predictions are multiplied by {self.value:.4g} on their way back from the logarithm"
        return f"{what}: their mean is {self.after:.4g} instead of {self.before:.4g} on {of}"


@dataclass(frozen=True)
class CalibrationByTarget(Calibration):
    """What was corrected for those of several `targets` that are on a logarithmic scale; the rest is of the first."""

    targets: dict[str, Calibration]

    @property
    def sentence(self) -> str:
        """For people."""
        return "; ".join(f"{name}: {found.sentence}" for name, found in self.targets.items())


def calibrate(dataset: Dataset, trainer: Trainer) -> Calibration | None:
    """Correct the output of a run that has ended, once; None if there is nothing to correct it by.

    Probabilities are corrected where `training.calibrate` asks for it, logarithms always, but for losses that predict a
    median or another quantile, which the exponential leaves what it is.
    """
    end = trainer.finished()
    if end is None or end.reason == "diverged" or end.output_scaled or not trainer.training.internal:
        return None
    network = trainer.network
    logarithmic = any(scaling.log for scaling in dataset.scalings) and network.loss_name in FOR_THE_MEAN
    output = network.loss_function.output
    classes = trainer.training.calibrate and network.labels != "numbers" and output in ("sigmoid", "softmax")
    if not (logarithmic or classes):
        return None
    A = trainer.internal_predictions()
    known = np.flatnonzero(np.isfinite(A).all(axis=0))
    if known.size < FEWEST:
        return None
    if logarithmic:
        return _smear(dataset, trainer, A[:, known], known)
    return _cool(dataset, trainer, A, known)


def _smear(dataset: Dataset, trainer: Trainer, A: Array, known: Array) -> Calibration:
    shifts, by_target = np.zeros(len(A)), {}
    for place, (name, scaling) in enumerate(zip(dataset.targets, dataset.scalings, strict=True)):
        if scaling.log:
            shift = smearing_shift(scaling, A[place], scaling.unbounded(dataset.train.Y[place, known]))
            before, after = (float(scaling.values(A[place] + by).mean()) for by in (0.0, shift))
            by_target[name] = Calibration("smearing", math.exp(shift * scaling.scale), before, after, known.size)
            shifts[place] = shift
    found = next(iter(by_target.values()))
    if dataset.further_targets:
        found = CalibrationByTarget("smearing", found.value, found.before, found.after, known.size, by_target)
    trainer.scale_output(1.0, shifts, found.sentence)
    return found


def smearing_shift(scaling: TargetScale, outputs: Array, values: Array) -> float:
    """What must be added to the outputs (m,) so that the mean of their values is the mean of `values` (m,)."""
    low, high = -10.0, 10.0
    goal = float(values.mean())
    for _ in range(60):
        middle = (low + high) / 2
        if float(scaling.values(outputs + middle).mean()) < goal:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _cool(dataset: Dataset, trainer: Trainer, A: Array, known: Array) -> Calibration:
    weight = weigh_classes(trainer.network, trainer.training, dataset.train.Y, None)
    if known.size > MOST:
        known = np.sort(np.random.default_rng(0).permutation(known)[:MOST])
    logs, labels = log_probabilities(A[:, known]), dataset.train.Y[:, known]
    if len(labels) == 1:
        labels = np.concatenate([1.0 - labels, labels])
    weights = np.ones(known.size) if weight is None else weight[known]
    T = temperature(logs, labels, weights)
    if trainer.network.ensemble > 1 and T > 1:
        T = math.sqrt(T)
    before, after = (log_loss(logs / by, labels, weights) for by in (1.0, T))
    if not after < (1.0 - WORTH) * before:
        T, after = 1.0, before
    found = Calibration("temperature", T, before, after, known.size)
    trainer.scale_output(1.0 / T, 0.0, found.sentence)
    return found


def log_probabilities(A: Array) -> Array:
    """The logarithms (classes, m) of the probabilities A (nL, m); of two classes A (1, m) has that of the second."""
    P = np.concatenate([1.0 - A, A]) if len(A) == 1 else A
    return np.asarray(np.log(np.clip(P.astype(np.float64), SMALLEST, 1.0)))


def log_loss(Z: Array, labels: Array, weights: Array) -> float:
    """The weighted mean log-loss of softmax(Z), for Z and one-hot labels (classes, m)."""
    return float(np.average(np.logaddexp.reduce(Z, axis=0) - (Z * labels).sum(axis=0), weights=weights))


def temperature(logs: Array, labels: Array, weights: Array) -> float:
    """The T from 1 / WIDEST to WIDEST for which the log-loss of softmax(logs / T) is lowest.

    The loss is convex in 1 / T, so the sign of its slope says on which side of 1 / T the lowest one lies.
    """
    low, high = -math.log(WIDEST), math.log(WIDEST)
    for _ in range(50):
        middle = (low + high) / 2
        Z = logs * math.exp(middle)
        P = np.exp(Z - np.logaddexp.reduce(Z, axis=0))
        if np.average(((P - labels) * logs).sum(axis=0), weights=weights) < 0:
            low = middle
        else:
            high = middle
    return math.exp(-(low + high) / 2)
