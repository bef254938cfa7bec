"""Importance and dependence agree with scikit-learn's, over raw rows and a model that knows nothing of columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.inspection import partial_dependence, permutation_importance

from deepnet_tui.model import Model
from deepnet_tui.understand.answer import usual_answer
from deepnet_tui.understand.columns import column_named, input_columns
from deepnet_tui.understand.dependence import dependence
from deepnet_tui.understand.importance import importance
from tests.deepnet_tui.understand.models import make, rows_of


class _Classifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    def __init__(self, model: Model) -> None:
        self.model, self.classes_ = model, np.array(model.classes)

    def fit(self, X: Any, y: Any) -> _Classifier:
        return self

    def predict_proba(self, X: Any) -> Any:
        return self.model.predict(X).probabilities

    def predict(self, X: Any) -> Any:
        return np.array(self.model.predict(X).labels.tolist())  # type: ignore[union-attr]


class _Regressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    def __init__(self, model: Model) -> None:
        self.model, self.fitted_ = model, True

    def fit(self, X: Any, y: Any) -> _Regressor:
        return self

    def predict(self, X: Any) -> Any:
        return self.model.predict(X).values


SCORINGS = {
    "log_loss": "neg_log_loss",
    "accuracy": "accuracy",
    "roc_auc": "roc_auc",
    "r2": "r2",
    "rmse": "neg_root_mean_squared_error",
    "mae": "neg_mean_absolute_error",
}
CASES = [
    ("binary", "log_loss"),
    ("binary", "accuracy"),
    ("binary", "roc_auc"),
    ("multiclass", "log_loss"),
    ("regression", "r2"),
    ("log", "rmse"),
    ("several", "mae"),
]


@pytest.mark.parametrize(("task", "score"), CASES)
def test_importance_is_that_of_scikit_learn(task: str, score: str) -> None:
    model, rows = make(task, ("tanh",), ensemble=2, seed=2), pd.DataFrame(rows_of(40, 7))
    random = np.random.RandomState(3)
    truth: Any
    y: Any
    if model.classes:
        truth = random.randint(len(model.classes), size=40)
        estimator, y = _Classifier(model), np.array(model.classes)[truth]
    else:
        truth = y = random.randn(40, 2) if task == "several" else random.randn(40) + 2.0
        estimator = _Regressor(model)
    found = importance(model, model.preparation.apply(rows).X, truth, repeats=3, seed=11, score=score)
    theirs = permutation_importance(estimator, rows, y, n_repeats=3, random_state=11, scoring=SCORINGS[score])
    assert [column.name for column in found.columns] == list(rows)
    ours = np.array([column.losses for column in found.columns])
    np.testing.assert_allclose(ours, theirs.importances, rtol=1e-9, atol=1e-12)
    means = dict(zip(rows, theirs.importances_mean, strict=True))
    assert {column.name: column.mean for column in found.columns} == pytest.approx(means, abs=1e-12)


@pytest.mark.parametrize("task", ["binary", "log"])
def test_dependence_is_that_of_scikit_learn(task: str) -> None:
    model, rows = make(task, seed=5), pd.DataFrame(rows_of(25, 2))
    rows["age"] = np.where(rows.index % 2, 30.0, 52.5)
    answer, columns = usual_answer(model), input_columns(model.preparation)
    estimator = _Classifier(model) if model.classes else _Regressor(model)
    X = model.preparation.apply(rows).X
    for name, words in (("age", None), ("income", None), ("job", ["job"]), ("member", ["member"])):
        found = dependence(answer, column_named(columns, name), X, points=200)
        asked = rows[rows["job"] != "never seen"] if name == "job" else rows
        theirs = partial_dependence(
            estimator,
            rows,
            [name],
            kind="both",
            grid_resolution=200,
            categorical_features=words,
            **({"response_method": "predict_proba"} if model.classes else {}),
        )
        expected = dict(zip(theirs["grid_values"][0], theirs["average"][0], strict=True))
        assert set(found.values) == set(asked[name])
        ours = dict(zip(found.values, found.mean, strict=True))
        assert ours == pytest.approx({value: expected[value] for value in found.values}, abs=1e-9, rel=1e-9)
        place = list(theirs["grid_values"][0]).index(found.values[0])
        np.testing.assert_allclose(found.curves[:, 0], theirs["individual"][0][:, place], rtol=1e-9)


def test_numbers_stand_at_quantiles_and_dates_are_written_as_dates() -> None:
    model, rows = make("regression"), rows_of(300, 4)
    X = model.preparation.apply(model.as_columns(rows)).X
    columns = input_columns(model.preparation)
    income = dependence(usual_answer(model), column_named(columns, "income"), X, points=5)
    values = np.array([row["income"] for row in rows])
    np.testing.assert_allclose(income.values, np.quantile(values, [0, 0.25, 0.5, 0.75, 1], method="nearest"))
    seen = dependence(usual_answer(model), column_named(columns, "seen"), X, points=3)
    assert seen.labels[0] == min(row["seen"] for row in rows)
    assert seen.labels[-1] == max(row["seen"] for row in rows)
    assert income.curves.shape == (30, 5)
