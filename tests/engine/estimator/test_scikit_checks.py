"""scikit-learn's estimator checks, for mini-batches and for L-BFGS. None of them is expected to fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from engine.estimator import DeepNetClassifier, DeepNetRegressor


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks(  # type: ignore[untyped-decorator]
    [
        DeepNetClassifier(max_iter=100),
        DeepNetClassifier(solver="lbfgs", max_iter=100),
        DeepNetRegressor(max_iter=100),
        DeepNetRegressor(solver="lbfgs", max_iter=100),
    ]
)
def test_estimator_checks(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
