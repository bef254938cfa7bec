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

    X = dataset.train.X.T
    if dataset.labels == "numbers":
        line = LinearRegression().fit(X, dataset.train.Y[0])
        scaling, shift = dataset.scaling, 0.0
        if scaling.log:
            shift = smearing_shift(scaling, line.predict(X), actual_values(dataset, dataset.train))
        return lambda X: np.asarray(line.predict(X.T) + shift)[np.newaxis, :]
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
    if dataset.scaling.log:
        mean[0] = dataset.scaling.outputs(actual_values(dataset, dataset.train).mean())
    return lambda X: np.repeat(mean, X.shape[1], axis=1)


def naive_metrics(dataset: Dataset) -> dict[str, Metrics | None]:
    """The metrics of the best prediction that ignores the features: the majority class, or the mean."""
    return evaluate(dataset, naive_model(dataset))
