"""What a network is compared with: a straight line, and predicting the same for every example."""

from __future__ import annotations

import numpy as np

from deepnet_tui.data.dataset import Dataset
from deepnet_tui.evaluate.metrics import Metrics, Predict, actual_values, class_numbers, evaluate
from deepnet_tui.training.calibration import smearing_shift
from engine.arrays import Array

MOST_FOR_BASELINE = 20_000_000  # numbers in X


def linear_metrics(dataset: Dataset) -> dict[str, Metrics | None] | None:
    """The metrics of a logistic or linear regression trained on the same examples; None where that takes too long."""
    return evaluate(dataset, linear_model(dataset)) if dataset.train.X.size <= MOST_FOR_BASELINE else None


def linear_model(dataset: Dataset) -> Predict:
    """A logistic regression, or least squares for a number, fitted on the training part.

    On a logarithmic scale least squares are those of the logarithm, and predictions are right in their mean.
    """
    from sklearn.linear_model import LinearRegression, LogisticRegression

    X = np.asarray(dataset.train.X.T, np.float64)
    if dataset.labels == "numbers":
        lines = [LinearRegression().fit(X, row) for row in dataset.train.Y]
        shifts = [0.0 for _ in lines]
        for place, scaling in enumerate(dataset.scalings):
            if scaling.log:
                actual = actual_values(dataset, dataset.train, place)
                shifts[place] = smearing_shift(scaling, lines[place].predict(X), actual)
        return lambda X: np.stack([line.predict(X.T) + shift for line, shift in zip(lines, shifts, strict=True)])
    model = LogisticRegression(max_iter=1000).fit(X, class_numbers(dataset, dataset.train))
    known = model.classes_

    def predict(X: Array) -> Array:
        P = np.zeros((len(dataset.classes), X.shape[1]))
        P[known] = model.predict_proba(X.T).T
        return P[1:] if dataset.labels == "binary" else P

    return predict


def naive_model(dataset: Dataset) -> Predict:
    """Predicts the same for every example: the class frequencies of the training part, or its mean."""
    mean = dataset.train.Y.mean(axis=1, keepdims=True)
    for place, scaling in enumerate(dataset.scalings):
        if scaling.log:
            mean[place] = scaling.outputs(actual_values(dataset, dataset.train, place).mean())
    return lambda X: np.repeat(mean, X.shape[1], axis=1)


def naive_metrics(dataset: Dataset) -> dict[str, Metrics | None]:
    """The metrics of the best prediction that ignores the features: the majority class, or the mean."""
    return evaluate(dataset, naive_model(dataset))
