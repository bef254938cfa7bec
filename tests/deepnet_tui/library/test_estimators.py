"""TableClassifier and TableRegressor on raw data frames, in scikit-learn's company."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

import deepnet_tui as dn
from tests.deepnet_tui.library.tables import customers

TINY: dict[str, Any] = {"hidden": [6], "ensemble": 1, "iterations": 24, "settings": {"report_every": 24}}
FRAME = customers()
X, Y = FRAME.drop(columns="churn"), FRAME["churn"]


def test_raw_frames_go_through_pipelines_searches_and_pickle(tmp_path: Path) -> None:
    estimator = dn.TableClassifier(**TINY, random_state=0)
    scores = cross_val_score(make_pipeline(clone(estimator)), X, Y, cv=2)
    assert np.isfinite(scores).all()
    search = GridSearchCV(estimator, {"learning_rate": [0.001, 0.05]}, cv=2).fit(X, Y)
    best = search.best_estimator_
    assert best.feature_names_in_.tolist() == X.columns.tolist()
    P = best.predict_proba(X)
    assert np.array_equal(P, pickle.loads(pickle.dumps(best)).predict_proba(X))  # noqa: S301  our own
    best.model_.save(tmp_path / "best.npz")
    assert np.array_equal(P, dn.load(tmp_path / "best.npz").predict_proba(X))


@pytest.mark.parametrize(
    "labels", [["yes", "no"], [3, -1], [2.0, 1.0], [True, False], ["10", "9"], [1, "1"], ["", "a"]], ids=str
)
def test_labels_keep_their_type_and_order(labels: list[Any]) -> None:
    y = np.empty(len(Y), dtype=object)
    y[:] = [labels[int(label == "yes")] for label in Y]
    if len({type(label) for label in labels}) == 1:
        y = np.array(y.tolist())
    else:
        with pytest.raises((TypeError, ValueError)):
            dn.TableClassifier(**TINY).fit(X, y)
        return
    found = dn.TableClassifier(**TINY, random_state=0).fit(X, y)
    assert found.classes_.tolist() == sorted(labels)
    assert found.predict(X).dtype == y.dtype
    assert np.array_equal(found.predict(X), found.classes_[found.predict_proba(X).argmax(axis=1)])


def test_a_regressor_learns_from_words_and_dates() -> None:
    y = np.where(FRAME["plan"] == "pro", 10.0, 0.0) + FRAME["months"]
    settings = {**TINY, "iterations": 200, "learning_rate": 0.02}
    found = dn.TableRegressor(**settings, random_state=0).fit(X, y)
    assert found.score(X, y) > 0.8
    assert found.n_features_in_ == X.shape[1]


def test_the_same_seed_gives_the_same_model_and_none_another() -> None:
    one, same, other = (dn.TableClassifier(**TINY, random_state=seed).fit(X, Y).predict_proba(X) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_column_called_target_is_a_column() -> None:
    frame = pd.DataFrame({"target": X["months"], "target_": X["paid"]})
    found = dn.TableClassifier(**TINY, random_state=0).fit(frame, Y)
    assert found.model_.columns == ("target", "target_")


def test_settings_reach_the_training_and_wrong_ones_are_value_errors() -> None:
    settings = {"columns": {"since": {"role": "ignored"}}, "schedule": "cosine"}
    found = dn.TableClassifier(**{**TINY, "settings": settings}, random_state=0).fit(X, Y)
    assert "since" not in found.model_.columns
    assert found.model_.outcome is not None
    assert found.model_.outcome.settings["training"]["schedule"] == "cosine"
    wrong: tuple[dict[str, Any], ...] = ({"iterations": -1}, {"settings": {"colums": {}}})
    for each in wrong:
        with pytest.raises(ValueError, match=r"iterations|colums"):
            dn.TableClassifier(**{**TINY, **each}).fit(X, Y)
