"""The evaluation report: its numbers against scikit-learn, its sentences against counts."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix, mean_squared_error

from deepnet_tui.evaluate.report import Evaluator
from tests.deepnet_tui.evaluate.trained import trained


def test_a_classification_beside_a_logistic_regression() -> None:
    case, trainer = trained("breast_cancer")
    evaluator = Evaluator()
    assert evaluator.evaluate(case).parts["validation"].linear is None
    evaluator.fit(case.dataset)
    shown = evaluator.evaluate(case).parts["validation"]
    train, held = case.dataset.train, case.dataset.validation
    assert held is not None
    truth = held.Y[0].astype(int)
    line = LogisticRegression(max_iter=1000).fit(train.X.T, train.Y[0].astype(int)).predict(held.X.T)
    ours = (trainer.predict(held.X)[0] > 0.5).astype(int)
    assert shown.linear is not None
    assert shown.linear["accuracy"] == pytest.approx(accuracy_score(truth, line))
    np.testing.assert_array_equal(shown.report.confusion, confusion_matrix(truth, ours))
    right, linear_right = int((ours == truth).sum()), int((line == truth).sum())
    assert f"Of {held.m} validation examples the network gets {right} right" in shown.verdict[0]
    assert f"the logistic baseline {linear_right} (" in shown.verdict[0]
    majority = max(truth.mean(), 1 - truth.mean())
    said = f"Always predicting 'benign' gets {majority:.1%} right. F1 is that of 'malignant'."
    assert shown.verdict[1] == said


def test_a_number_beside_a_straight_line_and_the_mean() -> None:
    case, _ = trained("diabetes")
    evaluator = Evaluator()
    evaluator.fit(case.dataset)
    shown = evaluator.evaluate(case).parts["validation"]
    dataset, held = case.dataset, case.dataset.validation
    assert held is not None
    line = LinearRegression().fit(dataset.train.X.T, dataset.train.Y[0]).predict(held.X.T)
    rmse = float(np.sqrt(mean_squared_error(held.Y[0], line))) * dataset.scaling.scale
    assert shown.linear is not None
    assert shown.linear["rmse"] == pytest.approx(rmse)
    assert f"the linear baseline by {rmse:.4g}" in shown.verdict[0]
    assert f"Always predicting the mean, {dataset.scaling.mean:.4g}" in shown.verdict[1]
    worst = [mistake.loss for mistake in shown.mistakes]
    assert worst == sorted(worst, reverse=True)


def test_a_difference_that_chance_explains_is_called_so() -> None:
    case, _ = trained("moons", 1000)
    evaluator = Evaluator()
    evaluator.fit(case.dataset)
    part = evaluator.evaluate(case).parts["train"]
    assert "better than this baseline" in part.verdict[0]
    assert "chance" not in part.verdict[0], "moons are bent: the line can't keep up"
    evaluator._linear["train"] = evaluator._linear["train"].copy()
    right = case.dataset.train.Y[0] > 0.5
    from engine.predictor import predict

    A = predict(case.network, case.snapshot.parameters, case.dataset.train.X)
    B = A.copy()
    hit = int(np.flatnonzero((A[0] > 0.5) == right)[0])
    B[0, hit] = 1.0 - A[0, hit]
    evaluator._linear["train"] = B
    said = evaluator.evaluate(case).parts["train"].verdict[0]
    assert "better than this baseline by 0.3 points, so little that it may be chance." in said
    evaluator._linear["train"] = A
    assert "the same number." in evaluator.evaluate(case).parts["train"].verdict[0]
