"""scikit-learn's estimator checks of the estimators for tables. None of them is expected to fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from deepnet_tui import TableClassifier, TableRegressor

TINY: dict[str, Any] = {
    "hidden": [16],
    "ensemble": 1,
    "iterations": 40,
    "learning_rate": 0.05,
    "preparation": "plain",
    "settings": {"report_every": 40},
}


@parametrize_with_checks([TableClassifier(**TINY), TableRegressor(**TINY)])  # type: ignore[untyped-decorator]
def test_estimator_checks(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
